import {
  type ActorNow,
  actorStored,
  type DeskMode,
  type Inspection,
  maySendByHand,
} from "../../actors/desk/mod.ts";
import type { ActorKind } from "../../machines/domain/ids.ts";
import type { PastLife } from "../../machines/domain/past.ts";
import type { PastState } from "../../machines/domain/transition.ts";
import type { ActorRow, MomentView } from "../api/machines.ts";
import { RouteError } from "../api/route.ts";
import type { Indexed, PastMoment, StoredActor } from "../server/machine-ports.ts";
import type { JournalRow } from "../server/ports.ts";
import { activeIds, correlationOf, kindOfName, stateWords, timerViews } from "./actor-words.ts";
import type { AskedPast } from "./machine-past.ts";
import type { Replays } from "./replays.ts";

interface MomentParts {
  readonly inspection: Inspection;
  readonly mode: () => DeskMode;
  readonly past: AskedPast;
  readonly replays: Replays;
  readonly record: (seq: number) => JournalRow | null;
  readonly plain: (value: unknown) => unknown;
}

/** An actor in one state, wherever that was found. */
export interface Found {
  readonly name: string;
  readonly kind: ActorKind;
  readonly state: PastState;
}

const nothing: PastLife = { name: "", first: 0, last: 0, steps: 0 };

/** Actors as they are, and as they stood after any record. */
export class Moments {
  constructor(private readonly parts: MomentParts) {}

  /** @throws {RouteError} 404 where the actor was not there */
  async moment(name: string, seq: number | undefined, ledger?: string): Promise<MomentView> {
    const kind = requireKind(name);
    const isOwn = await this.isOwn(ledger);
    if (seq === undefined && isOwn) {
      const now = this.parts.inspection.actor(name);
      if (now) return this.present(now);
    }
    const { answer, indexed } = await this.parts.past.ask(ledger, "moment", name, seq);
    if (!answer) throw new RouteError(404, this.notThere(name, seq, indexed));
    const isLast = answer.seq >= answer.life.last;
    return this.fromPast(kind, answer, indexed, isLast && isOwn);
  }

  /** The state that "what if" begins with. @throws {RouteError} 404 where the actor was not there */
  async found(name: string, seq: number | undefined, ledger?: string): Promise<Found> {
    const kind = requireKind(name);
    if (seq === undefined && (await this.isOwn(ledger))) {
      const now = this.parts.inspection.actor(name);
      if (now) return { name, kind, state: stateOf(now) };
    }
    const { answer, indexed } = await this.parts.past.ask(ledger, "moment", name, seq);
    if (!answer) throw new RouteError(404, this.notThere(name, seq, indexed));
    return { name, kind, state: answer.state };
  }

  /** Live actors of the desk, by name. */
  live(text: string, limit: number): { readonly actors: ActorRow[]; readonly more: boolean } {
    const found = this.parts.inspection.actors().filter(({ name }) => matches(name, text));
    return {
      actors: found.slice(0, limit).map((each) => this.row(each)),
      more: found.length > limit,
    };
  }

  /** Actors that a ledger has stored as live ones. */
  storedRows(stored: readonly StoredActor[], text: string): ActorRow[] {
    return stored
      .filter(({ name }) => matches(name, text) && kindOfName(name) !== null)
      .map((each) => {
        const actor = actorStored(each, "live");
        return { ...this.row(actor), at: null };
      });
  }

  /** Actors that came to their end, as the journal has them. */
  async archivedRows(ledger: string | undefined, lives: readonly PastLife[]): Promise<ActorRow[]> {
    const rows = lives.map(async ({ name, last }): Promise<ActorRow[]> => {
      const kind = kindOfName(name);
      if (kind === null) return [];
      const { answer } = await this.parts.past.ask(ledger, "moment", name, last);
      if (!answer) return [];
      const { state, at } = answer;
      return [
        {
          ...{
            name,
            kind,
            parent: parentOf(name),
            correlation: correlationOf(name, state.context),
          },
          ...{ state: stateWords(state.value), tags: this.parts.replays.tags(kind, state) },
          ...{ status: "archived", restarts: 0, faults: 0, supervision: "up", waiting: 0 },
          ...{ timers: [], seq: last, at },
        },
      ];
    });
    return (await Promise.all(rows)).flat();
  }

  async isOwn(ledger: string | undefined): Promise<boolean> {
    if (ledger === undefined) return true;
    const ledgers = await this.parts.past.ledgers();
    return ledgers.some(({ name, isOwn }) => name === ledger && isOwn);
  }

  private row(actor: ActorNow): ActorRow {
    const { name, kind, value, context, tags, status, timers, waiting, supervision, seq } = actor;
    return {
      ...{ name, kind, parent: parentOf(name), correlation: correlationOf(name, context) },
      ...{ state: stateWords(value), status, seq, waiting: waiting.length },
      tags: tags.length > 0 ? [...tags] : this.parts.replays.tags(kind, stateOf(actor)),
      restarts: supervision.restarts.length,
      faults: supervision.faults.length,
      supervision: supervision.state,
      timers: timerViews(timers),
      at: this.parts.record(seq)?.at ?? null,
    };
  }

  /** An actor as it is now, from the desk itself; its life from the journal, as far as that is read. */
  private async present(now: ActorNow): Promise<MomentView> {
    const { inspection, past, replays, plain, record, mode } = this.parts;
    const { name, kind, tags, timers, waiting, seq: changedSeq } = now;
    const state = stateOf(now);
    const { seq } = inspection;
    const { answer, indexed } = await past.ask(undefined, "moment", name);
    const life = answer?.life ?? { ...nothing, first: changedSeq, last: changedSeq };
    const mayBeSent = now.status === "live" && mode() === "paper";
    return {
      ...{ name, kind, seq, changedSeq, at: record(seq)?.at ?? 0, isLive: now.status === "live" },
      active: activeIds(kind, state.value),
      tags: tags.length > 0 ? [...tags] : replays.tags(kind, state),
      context: plain(state.context),
      timers: timerViews(timers),
      waiting: waiting.map(({ src }) => src),
      next: replays.next(kind, state, (event) => mayBeSent && maySendByHand(kind, event)),
      last: answer ? replays.step(kind, answer.before, answer.last) : null,
      ...{ first: life.first, latest: life.last, steps: life.steps },
      notes: notesOf(state, answer, indexed),
      indexed,
    };
  }

  private fromPast(
    kind: ActorKind,
    moment: PastMoment,
    indexed: Indexed,
    isPresent: boolean,
  ): MomentView {
    const { replays, plain, inspection } = this.parts;
    const { life, seq, at, last, before, stored } = moment;
    const now = isPresent ? inspection.actor(life.name) : null;
    const actor = now ?? (stored && actorStored(stored.actor, stored.isLive ? "live" : "archived"));
    const state = actor ? stateOf(actor) : moment.state;
    return {
      ...{ name: life.name, kind, seq, changedSeq: last.seq, at },
      isLive: actor?.status === "live" && isPresent,
      active: activeIds(kind, state.value),
      tags: replays.tags(kind, state),
      context: plain(state.context),
      timers: timerViews(actor?.timers ?? []),
      waiting: actor ? actor.waiting.map(({ src }) => src) : [],
      next: replays.next(kind, state, () => false),
      last: replays.step(kind, before, last),
      ...{ first: life.first, latest: life.last, steps: life.steps },
      notes: actor ? notesOf(state, moment, indexed) : behindNote(indexed),
      indexed,
    };
  }

  private notThere(name: string, seq: number | undefined, indexed: Indexed): string {
    const when = seq === undefined ? "" : ` at record ${seq}`;
    const behind = behindNote(indexed).map((note) => `: ${note}`);
    return `Cannot show "${name}": it was not there${when}${behind.join("")}`;
  }
}

function requireKind(name: string): ActorKind {
  const kind = kindOfName(name);
  if (kind === null) throw new RouteError(404, `Cannot show "${name}": no actor has such a name`);
  return kind;
}

function stateOf({ value, context }: Pick<ActorNow, "value" | "context">): PastState {
  return { value, context: (context ?? {}) as PastState["context"] };
}

/** The root owns every other actor. */
const parentOf = (name: string): string | null => (name === "desk" ? null : "desk");

const matches = (name: string, text: string): boolean =>
  name.toLowerCase().includes(text.toLowerCase());

function behindNote({ seq, of }: Indexed): string[] {
  return seq < of ? [`the journal is read as far as record ${seq} of ${of}`] : [];
}

/** What of an actor did not come about by what the journal says: a migration writes no record. */
function notesOf(state: PastState, moment: PastMoment | null, indexed: Indexed): string[] {
  const notes = behindNote(indexed);
  if (!moment || notes.length > 0) return notes;
  const keys = new Set([...Object.keys(state.context), ...Object.keys(moment.state.context)]);
  const asPlain = (value: unknown) => JSON.parse(JSON.stringify(value ?? null));
  const differing = [...keys].filter(
    (key) => !Bun.deepEquals(asPlain(state.context[key]), asPlain(moment.state.context[key])),
  );
  if (differing.length === 0) return notes;
  const text = `differs from what the journal says in ${differing.join(", ")}: it was taken over by another version, or changed since`;
  return [...notes, text];
}
