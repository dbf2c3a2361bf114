import { machineKinds, nodesOf } from "../../actors/desk/mod.ts";
import { type ActorKind, actorKinds } from "../../machines/domain/ids.ts";
import type { machineRoutes } from "../api/machines.ts";
import { type Handlers, RouteError } from "../api/route.ts";
import type { PanelOptions } from "../server/ports.ts";
import { kindOfName } from "./actor-words.ts";
import { Charts } from "./charts.ts";
import { entryView } from "./journal.ts";
import { AskedPast } from "./machine-past.ts";
import { Moments } from "./moments.ts";
import { Replays } from "./replays.ts";
import { messagesMost, sequenceOf } from "./sequences.ts";
import { whatIf } from "./what-if.ts";

/** Equal parts that a timeline has at most. */
const partsMost = 200;

type MachineHandlers = Handlers<typeof machineRoutes>;

/** The parts that the handlers share. */
interface Views {
  readonly options: PanelOptions;
  readonly past: AskedPast;
  readonly charts: Charts;
  readonly replays: Replays;
  readonly moments: Moments;
}

/** The visualiser, and the journal. */
export function machineViews(options: PanelOptions): MachineHandlers {
  const { desk, ledger, machines } = options;
  const plain = (value: unknown) => machines.plain(value);
  const past = new AskedPast(machines.past);
  const replays = new Replays(plain);
  const views: Views = {
    ...{ options, past, replays, charts: new Charts(machines.layOut) },
    moments: new Moments({
      ...{ inspection: desk.inspection, past, replays, plain },
      mode: () => desk.status().mode,
      record: (seq) => ledger.journal.record(seq),
    }),
  };
  return { ...chartViews(views), ...actorViews(views), ...journalViews(views), ...doing(views) };
}

function chartViews({ options, charts }: Views) {
  return {
    "GET /api/v1/machines": () => {
      const live = Map.groupBy(options.desk.inspection.actors(), ({ kind }) => kind);
      return {
        machines: actorKinds.map((kind) => ({
          kind,
          states: [...nodesOf(machineKinds[kind].machine.root)].length,
          live: live.get(kind)?.length ?? 0,
        })),
      };
    },
    "GET /api/v1/machines/:kind": ({ params: { kind } }) => {
      const known = actorKinds.find((each) => each === kind);
      if (known === undefined) {
        const wanted = actorKinds.join(", ");
        throw new RouteError(404, `Cannot show machine "${kind}": wanted one of ${wanted}`);
      }
      return charts.chart(known);
    },
  } satisfies Partial<MachineHandlers>;
}

function actorViews({ options, past, moments, replays }: Views) {
  return {
    "GET /api/v1/actors": async ({ query }) => {
      const { ledger, text = "", archived, limit } = query;
      const isOwn = await moments.isOwn(ledger);
      const { answer: extent, indexed } = await past.ask(ledger, "extent");
      const seq = extent.last?.seq ?? 0;
      if (archived === "no" && isOwn) {
        return { ...moments.live(text, limit), seq: options.desk.inspection.seq, indexed };
      }
      const { answer: stored } = await past.ask(ledger, "stored");
      if (archived === "no") {
        const rows = moments.storedRows(stored, text);
        return { actors: rows.slice(0, limit), more: rows.length > limit, seq, indexed };
      }
      const live = stored.map(({ name }) => name);
      const { answer: lives } = await past.ask(ledger, "lives", text, live, limit + 1);
      const actors = await moments.archivedRows(ledger, lives.slice(0, limit));
      return { actors, more: lives.length > limit, seq, indexed };
    },
    "GET /api/v1/actors/:name": ({ params: { name }, query: { seq, ledger } }) =>
      moments.moment(name, seq, ledger),
    "GET /api/v1/actors/:name/steps": async ({ params: { name }, query }) => {
      const { ledger, before, after, limit } = query;
      const kind = requireActor(name);
      const range = { before, after, most: limit };
      const { answer, indexed } = await past.ask(ledger, "steps", name, range);
      const { start, steps, more } = answer;
      return { steps: replays.steps(kind, start, steps), more, indexed };
    },
    "GET /api/v1/sequences/:correlation": async ({ params: { correlation }, query }) => {
      const asked = past.ask(query.ledger, "correlated", correlation, messagesMost);
      const { answer, indexed } = await asked;
      const { actors, messages, isCut } = sequenceOf(correlation, answer.records);
      return { correlation, actors, messages, isCut: isCut || answer.isCut, indexed };
    },
  } satisfies Partial<MachineHandlers>;
}

function journalViews({ options, past }: Views) {
  return {
    "GET /api/v1/ledgers": async () => ({ ledgers: [...(await past.ledgers())] }),
    "GET /api/v1/timeline": async ({ query: { ledger, actor } }) => {
      const { answer: extent } = await past.ask(ledger, "extent");
      const { answer: parts, indexed } = await past.ask(ledger, "parts", actor, partsMost);
      return { ...extent, parts: [...parts], indexed };
    },
    "GET /api/v1/moment": async ({ query: { ledger, at } }) => {
      const { answer } = await past.ask(ledger, "seqAt", at);
      if (!answer) throw new RouteError(404, "Cannot find a record: none is as old as that");
      return answer;
    },
    "GET /api/v1/journal": async ({ query: { ledger, limit, ...filter } }) => {
      const { answer, indexed } = await past.ask(ledger, "search", filter, limit);
      return { entries: answer.entries.map(entryView), more: answer.more, indexed };
    },
    "GET /api/v1/journal/:seq": async ({ params: { seq }, query }) => {
      const number = /^\d{1,15}$/.test(seq) ? Number(seq) : Number.NaN;
      if (Number.isNaN(number)) throw new RouteError(400, `Cannot show record "${seq}": no number`);
      const { answer } = await past.ask(query.ledger, "record", number);
      if (!answer) throw new RouteError(404, `Cannot show record ${seq}: it is not in the journal`);
      const { record, entry, previous, next } = answer;
      const content = options.machines.plain(JSON.parse(record.content));
      return { entry: entryView(entry), content, hash: record.hash, previous, next };
    },
  } satisfies Partial<MachineHandlers>;
}

function doing({ options, moments, replays }: Views) {
  return {
    "POST /api/v1/what-if": async ({ body: { ledger, actor, seq, event } }) =>
      whatIf(replays, await moments.found(actor, seq, ledger), event),
    "POST /api/v1/actors/:name/send": async ({ params: { name }, body, who }) => {
      const { event, reason, expectedSeq, idempotencyKey } = body;
      const seen = options.desk.inspection.actor(name);
      if (seen?.status === "live" && seen.seq !== expectedSeq) {
        const text = `"${name}" was changed by record ${seen.seq} since you saw it`;
        throw new RouteError(409, `Cannot send: ${text}`, { seq: seen.seq });
      }
      return options.obey({
        ...{ name: "send", who: who.name, role: who.role, target: name, reason },
        // Two operators may draw the same key.
        idempotencyKey: `${who.name}:${idempotencyKey}`,
        details: { event: JSON.stringify(event), expectedSeq: String(expectedSeq) },
      });
    },
  } satisfies Partial<MachineHandlers>;
}

function requireActor(name: string): ActorKind {
  const kind = kindOfName(name);
  if (kind === null) throw new RouteError(404, `Cannot show "${name}": no actor has such a name`);
  return kind;
}
