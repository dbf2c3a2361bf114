/** The visualiser's and the journal's views of a desk that has traded among faults. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { machineKinds } from "../../actors/desk/mod.ts";
import { ledgerHead } from "../../adapters/store/ledger-head.ts";
import { LedgerReader } from "../../adapters/store/reader.ts";
import { askOf, type MachineAsk, refusal } from "../testing/machine-asking.fixture.ts";
import { type TradedDesk, tradedDesk } from "../testing/traded-desk.fixture.ts";
import { machineViews } from "./machines.ts";

let traded: TradedDesk;
let views: ReturnType<typeof machineViews>;

beforeAll(async () => {
  traded = await tradedDesk({ hours: 14, faults: "rough" });
  views = machineViews(traded.panel);
});
afterAll(() => traded[Symbol.asyncDispose]());

const ask: MachineAsk = (key, given) => askOf(views)(key, given);

const moment = (name: string, query: object = {}) =>
  ask("GET /api/v1/actors/:name", { params: { name }, query });

async function anOrder() {
  const query = { archived: "yes", text: "order:", limit: 50 };
  const { actors } = await ask("GET /api/v1/actors", { query });
  const entry = actors.find(({ name }) => name.endsWith("/entry"));
  if (!entry) throw new Error("No order came to its end");
  return entry;
}

/** Whatever must not change by looking: the books, the journal, and what actors are. */
function world(): unknown {
  const { desk, reader } = traded.parts;
  desk.commit();
  const actors = desk.inspection.actors().map(({ name, value, seq }) => ({ name, value, seq }));
  return { books: ledgerHead(reader), head: reader.head(), actors };
}

describe("machines", () => {
  test("all kinds are listed, with how many of each live", async () => {
    const { machines } = await ask("GET /api/v1/machines");
    expect(machines.map(({ kind }) => kind)).toEqual(Object.keys(machineKinds) as never);
    expect(machines.find(({ kind }) => kind === "feed")).toEqual({
      ...{ kind: "feed", states: 4, live: 5 },
    });
  });

  test("a chart has the states and edges that moments and steps name", async () => {
    const chart = await ask("GET /api/v1/machines/:kind", { params: { kind: "order" } });
    const states = new Set(chart.nodes.map(({ id }) => id));
    const edges = new Set(chart.edges.map(({ id }) => id));
    const { name } = await anOrder();
    const { steps } = await ask("GET /api/v1/actors/:name/steps", { params: { name } });
    expect(steps.length).toBeGreaterThan(3);
    for (const step of steps) {
      for (const id of [...step.from, ...step.to]) expect(states.has(id)).toBe(true);
      for (const id of step.edges) expect(edges.has(id)).toBe(true);
    }
    const { active, next } = await moment(name);
    for (const id of active) expect(states.has(id)).toBe(true);
    for (const { id } of next.flatMap((each) => each.edges)) expect(edges.has(id)).toBe(true);
  });

  test("an unknown kind is refused in words", async () => {
    const refused = await refusal(ask("GET /api/v1/machines/:kind", { params: { kind: "x" } }));
    expect([refused.status, refused.message]).toEqual([
      404,
      `Cannot show machine "x": wanted one of ${Object.keys(machineKinds).join(", ")}`,
    ]);
  });
});

describe("actors", () => {
  test("the live ones are told as they are durable", async () => {
    const { actors, seq, more } = await ask("GET /api/v1/actors");
    const { desk, reader } = traded.parts;
    expect(more).toBe(false);
    expect(seq).toBe(reader.head().seq);
    const stored = new Map(reader.actors().map((actor) => [actor.name, actor]));
    expect(actors.map(({ name }) => name)).toEqual([...stored.keys()].sort());
    for (const actor of actors) {
      expect(actor.seq).toBe(stored.get(actor.name)?.seq ?? -1);
      expect(actor.timers).toHaveLength(stored.get(actor.name)?.timers.length ?? -1);
    }
    const account = actors.find(({ kind }) => kind === "account");
    expect(account).toMatchObject({ state: "trading", tags: ["trading"], parent: "desk" });
    expect(desk.inspection.seq).toBe(seq);
  });

  test("those that came to their end are found by a part of their name", async () => {
    const { name, correlation } = await anOrder();
    expect(name).toBe(`order:${correlation}/entry`);
    const query = { archived: "yes", text: name.toUpperCase() };
    const { actors } = await ask("GET /api/v1/actors", { query });
    expect(actors.map((each) => each.name)).toEqual([name]);
    expect(actors[0]).toMatchObject({ status: "archived", state: "settled" });
  });

  test("each is the same whether it is taken from the desk or folded from the journal", async () => {
    const { actors, seq } = await ask("GET /api/v1/actors");
    for (const { name } of actors) {
      const now = await moment(name);
      const then = await moment(name, { seq });
      expect([name, now.notes]).toEqual([name, []]);
      expect([name, then.context, then.active]).toEqual([name, now.context, now.active]);
      expect([name, now.tags, now.timers]).toEqual([name, then.tags, then.timers]);
      expect(now.last).toEqual(then.last);
    }
  });

  test("every transition of the run that was not ignored is explained by its edges", async () => {
    const unexplained: string[] = [];
    let explained = 0;
    let guards = 0;
    for (const archived of ["yes", "no"]) {
      const query = { archived, limit: 2_000 };
      const { actors } = await ask("GET /api/v1/actors", { query });
      for (const { name } of actors) {
        for (let after = 0, more = true; more; ) {
          const page = { after, limit: 500 };
          const reply = await ask("GET /api/v1/actors/:name/steps", {
            ...{ params: { name }, query: page },
          });
          for (const step of reply.steps) {
            const isMade = step.from.length === 0;
            if (isMade || step.isIgnored) continue;
            if (step.edges.length === 0) unexplained.push(`${step.seq} ${name} ${step.event.type}`);
            else explained += 1;
            guards += step.guards.length;
            expect(step.guards.filter(({ saw }) => saw === null)).toEqual([]);
          }
          more = reply.more;
          after = reply.steps.at(-1)?.seq ?? 0;
        }
      }
    }
    expect(unexplained).toEqual([]);
    expect(explained).toBeGreaterThan(500);
    expect(guards).toBeGreaterThan(2_000);
  });

  test("an order can be followed from NEW over PARTIAL to its end, with what guards saw", async () => {
    const { name } = await anOrder();
    const { steps } = await ask("GET /api/v1/actors/:name/steps", { params: { name } });
    const filled = steps.find(({ to }) => to.includes("order.live.held.partial"));
    expect(filled?.from).toContain("order.live.held.open");
    const told = filled?.guards.find(({ name: guard }) => guard === "isFilled");
    expect(told?.passed).toBe(false);
    expect(Object.keys(told?.saw ?? {})).toContain("context.filled");
    const before = await moment(name, { seq: (filled?.seq ?? 0) - 1 });
    const after = await moment(name, { seq: filled?.seq ?? 0 });
    expect(before.active).toContain("order.live.held.open");
    expect(after.active).toContain("order.live.held.partial");
    expect(after.isLive).toBe(false);
    const { filled: was } = before.context as { filled: string };
    const { filled: is } = after.context as { filled: string };
    expect(filled?.changed.filled).toEqual({ before: was, after: is });
  });

  test.each([
    ["a name that is no actor's", "nobody", {}, 404, "no actor has such a name"],
    ["an actor that never was", "order:x/1/entry", {}, 404, "it was not there"],
    ["an actor before it was made", "", { seq: 2 }, 404, "it was not there at record 2"],
    ["a ledger that is not listed", "desk", { ledger: "../etc/x.db" }, 404, "none of the listed"],
  ])("refuses %s", async (_, name, query, status, words) => {
    const asked = name === "" ? (await anOrder()).name : name;
    const refused = await refusal(moment(asked, query));
    expect(refused.status).toBe(status as never);
    expect(refused.message).toContain(words);
  });
});

describe("what if", () => {
  const whatIf = (body: object) => ask("POST /api/v1/what-if", { body });

  test("says what an event would do, and does nothing of it", async () => {
    const before = world();
    const event = { type: "brake.on", kind: "halt", scope: "desk", reason: "", at: 1 };
    const said = await whatIf({ actor: "desk", event });
    expect(said).toMatchObject({
      isIgnored: false,
      error: null,
      edges: ["desk.running|brake.on|0"],
    });
    expect(said.changed.brakesSet).toEqual({ before: 0, after: 1 });
    const reconciler = await whatIf({
      ...{ actor: "reconciler:paper:main", event: { type: "reconcile.now" } },
    });
    expect(reconciler.to).toContain("reconciler.reading");
    expect(reconciler.wants).toContain("asks for readAccount");
    expect(world()).toEqual(before);
  });

  test("begins with any past moment, and comes to what then happened", async () => {
    const before = world();
    const { name } = await anOrder();
    const { steps } = await ask("GET /api/v1/actors/:name/steps", { params: { name } });
    for (const { seq, index, from, event, to, edges, isIgnored } of steps) {
      if (from.length === 0 || index > 0) continue;
      const said = await whatIf({ actor: name, seq: seq - 1, event });
      expect({ ...said, isIgnored }).toMatchObject({ from, to, edges, error: null, isIgnored });
    }
    expect(world()).toEqual(before);
  });

  test("calls an event illegal that nothing hears, and tells what a machine throws", async () => {
    const before = world();
    const illegal = await whatIf({ actor: "account:paper:main", event: { type: "no.such" } });
    expect(illegal.wants).toEqual(["sends alarm.raised to desk"]);
    const { name } = await anOrder();
    const { steps } = await ask("GET /api/v1/actors/:name/steps", { params: { name } });
    const seq = steps.find(({ to }) => to.includes("order.live.held.open"))?.seq;
    const broken = await whatIf({ actor: name, seq, event: { type: "order.fill" } });
    expect(broken.error).toStartWith("TypeError: ");
    expect(broken.to).toEqual(broken.from);
    expect(world()).toEqual(before);
  });

  test.each([
    { type: "order.fill", fill: { quantity: "x" } },
    { type: "__proto__" },
    { type: "*" },
    { type: "xstate.init" },
    { type: "xstate.stop" },
    { type: "" },
    { type: "order.amend", wanted: [[[]]] },
  ])("answers any event in words: %j", async (event) => {
    const before = world();
    for (const actor of ["desk", "scanner:paper:main/BTC/USD", (await anOrder()).name]) {
      await whatIf({ actor, event });
    }
    expect(world()).toEqual(before);
  });
});

describe("sequences", () => {
  test("a position's story goes from signal to its end, each message after its cause", async () => {
    const { correlation } = await anOrder();
    const params = { correlation: correlation ?? "" };
    const { actors, messages, isCut } = await ask("GET /api/v1/sequences/:correlation", { params });
    expect(isCut).toBe(false);
    expect(messages[0]).toMatchObject({ event: "decision.trade", from: null });
    expect(actors.slice(0, 4)).toEqual([
      ...[messages[0]?.to ?? "", "desk", `position:${correlation}`, `order:${correlation}/entry`],
    ]);
    for (const [index, { from, seq }] of messages.entries()) {
      if (from === null) continue;
      const earlier = messages.slice(0, index).filter((each) => each.seq === seq);
      expect(earlier.some(({ to }) => to === from)).toBe(true);
    }
    const others = messages.filter(({ to }) => /^(order|position):/.test(to));
    expect(others.filter(({ to }) => !to.includes(`${correlation}`))).toEqual([]);
    expect(messages.map(({ event }) => event)).toContain("submit.confirmed");
  });

  test("a position that nobody knows has none", async () => {
    const params = { correlation: "paper:main/BTC/USD/999" };
    expect(await ask("GET /api/v1/sequences/:correlation", { params })).toMatchObject({
      ...{ actors: [], messages: [], isCut: false },
    });
  });
});

describe("the journal", () => {
  test("is listed newest first, and each record shown whole", async () => {
    const head = traded.parts.reader.head().seq;
    const { entries, more } = await ask("GET /api/v1/journal", { query: { limit: 3 } });
    expect(entries.map(({ seq }) => seq)).toEqual([head, head - 1, head - 2]);
    expect(more).toBe(true);
    const params = { seq: String(head - 1) };
    const shown = await ask("GET /api/v1/journal/:seq", { params });
    const record = traded.parts.reader.journal.record(head - 1);
    expect(shown).toMatchObject({ hash: record?.hash, previous: head - 2, next: head });
    expect(shown.entry).toEqual(entries[1] as never);
    expect(shown.content).toEqual(JSON.parse(record?.content ?? ""));
  });

  test.each([
    ["0", 404],
    ["999999999", 404],
    ["x", 400],
    ["-1", 400],
    ["1e3", 400],
  ])("has no record %p", async (seq, status) => {
    const refused = await refusal(ask("GET /api/v1/journal/:seq", { params: { seq } }));
    expect(refused.status).toBe(status as never);
  });

  test("has a timeline from its first record to its last", async () => {
    const head = traded.parts.reader.head().seq;
    const { first, last, parts, indexed } = await ask("GET /api/v1/timeline");
    expect([first?.seq, last?.seq, indexed]).toEqual([1, head, { seq: head, of: head }]);
    expect(parts.reduce((sum, { records }) => sum + records, 0)).toBe(head);
    const at = last?.at ?? 0;
    expect(await ask("GET /api/v1/moment", { query: { at } })).toEqual({ seq: head, at });
    const refused = await refusal(ask("GET /api/v1/moment", { query: { at: 5 } }));
    expect(refused.status).toBe(404);
  });
});

describe("sending by hand", () => {
  let keys = 0;
  const send = (name: string, event: object, expectedSeq: number) => {
    keys += 1;
    const body = {
      event,
      reason: "to be sure",
      expectedSeq,
      idempotencyKey: `send-by-hand-${keys}xx`,
    };
    return ask("POST /api/v1/actors/:name/send", { params: { name }, body });
  };

  test("reaches the desk as a command of who asked, and only what may be sent is offered", async () => {
    const name = "reconciler:paper:main";
    const { changedSeq, next } = await moment(name);
    expect(next.filter(({ maySend }) => maySend).map(({ event }) => event)).toEqual([
      "reconcile.now",
    ]);
    const answer = await send(name, { type: "reconcile.now" }, changedSeq);
    expect(answer).toEqual({ done: true, text: `sent "reconcile.now" to "${name}"` });
    const { entries } = await ask("GET /api/v1/journal", { query: { kind: "command" } });
    const params = { seq: String(entries[0]?.seq) };
    const { content } = await ask("GET /api/v1/journal/:seq", { params });
    expect(content).toMatchObject({ input: { name: "send", who: "ada", reason: "to be sure" } });
  });

  test("refuses what was seen too long ago, and leaves no trace of it", async () => {
    const before = world();
    const refused = await refusal(send("reconciler:paper:main", { type: "reconcile.now" }, 1));
    expect([refused.status, world()]).toEqual([409, before]);
  });

  test("tells what the desk refuses in its own words", async () => {
    const { changedSeq } = await moment("desk");
    const answer = await send("desk", { type: "brake.off" }, changedSeq);
    expect(answer.done).toBe(false);
    expect(answer.text).toContain("takes nothing by hand");
  });
});

describe("other ledgers", () => {
  test("a run beside the desk's own is seen in the same views, and not opened for writing", async () => {
    const { ledgerFile, folder, parts } = traded;
    parts.desk.commit();
    const copy = join(folder, "yesterday.db");
    {
      using reader = new LedgerReader(ledgerFile);
      // Whole, its log included.
      reader.head();
      copyFileSync(ledgerFile, copy);
      copyFileSync(`${ledgerFile}-wal`, `${copy}-wal`);
    }
    const { ledgers } = await ask("GET /api/v1/ledgers");
    expect(ledgers.map(({ name, isOwn }) => [name, isOwn])).toEqual([
      ["desk.db", true],
      ["yesterday.db", false],
    ]);
    const ledger = "yesterday.db";
    const { actors } = await ask("GET /api/v1/actors", { query: { ledger } });
    const own = await ask("GET /api/v1/actors");
    expect(actors.map(({ name }) => name).sort()).toEqual(own.actors.map(({ name }) => name));
    const { name } = await anOrder();
    expect(await moment(name, { ledger, seq: 3_000 }).catch(() => null)).toEqual(
      await moment(name, { seq: 3_000 }).catch(() => null),
    );
    const past = await moment("account:paper:main", { ledger });
    expect(past.isLive).toBe(false);
    expect(past.active).toContain("account.trading");
    expect(past.next.some(({ maySend }) => maySend)).toBe(false);
  });
});
