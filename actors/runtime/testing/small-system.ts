/** An actor system of small machines on a real ledger file, to be stopped and started again. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EventObject } from "xstate";
import { Ledger } from "../../../adapters/store/ledger.ts";
import type { ActorKind } from "../../../machines/domain/ids.ts";
import type { LedgerChange } from "../../../machines/domain/ledger.ts";
import { VirtualClock } from "../clock.ts";
import type { EffectHandler } from "../effects.ts";
import type { MachineKind, SystemOptions } from "../options.ts";
import type {
  CommitBatch,
  JournalRecord,
  RuntimeStore,
  StateChange,
  Stored,
  StoredActor,
} from "../ports.ts";
import { ActorSystem } from "../system.ts";
import type { Turn, TurnInput } from "../turn.ts";
import {
  askerMachine,
  carelessMachine,
  counterMachine,
  rootMachine,
  type Start,
  waiterMachine,
  walkerMachine,
} from "./small-machines.ts";

export const smallKinds: Record<ActorKind, MachineKind> = {
  desk: { machine: rootMachine, version: 1 },
  feed: { machine: counterMachine, version: 1 },
  breaker: { machine: counterMachine, version: 1 },
  job: { machine: counterMachine, version: 1 },
  position: { machine: walkerMachine, version: 1 },
  account: { machine: walkerMachine, version: 1 },
  scanner: { machine: waiterMachine, version: 1 },
  order: { machine: askerMachine, version: 1 },
  reconciler: { machine: carelessMachine, version: 1 },
};

/** The real store, seen through: what was committed when, and told to fail. */
export class WatchedStore implements RuntimeStore {
  readonly batches: CommitBatch[] = [];
  failWith: Error | null = null;

  constructor(
    private readonly inner: RuntimeStore,
    private readonly log: string[],
  ) {}

  load(): Stored {
    return this.inner.load();
  }

  commit(batch: CommitBatch): void {
    if (this.failWith) throw this.failWith;
    this.inner.commit(batch);
    this.batches.push(batch);
    this.log.push(`commit ${batch.records.map(({ seq }) => seq).join(",")}`);
  }

  archivedActor(name: string): StoredActor | null {
    return this.inner.archivedActor(name);
  }

  stateOf(space: string): ReadonlyMap<string, unknown> {
    return this.inner.stateOf(space);
  }

  recordsAfter(kinds: readonly string[], seq: number): Iterable<JournalRecord> {
    return this.inner.recordsAfter(kinds, seq);
  }
}

export interface SmallOptions {
  readonly path?: string;
  readonly starts?: readonly Start[];
  readonly effects?: Readonly<Record<string, EffectHandler>>;
  readonly groupLimit?: number;
  readonly at?: number;
  readonly kinds?: Partial<Record<ActorKind, MachineKind>>;
  readonly admit?: SystemOptions["admit"];
  readonly outside?: () => StateChange[];
  readonly makeAnew?: NonNullable<SystemOptions["makeAnew"]>;
}

/** Content of a journal record, as far as the tests look at it. */
export interface Content {
  readonly kind: string;
  readonly transitions?: readonly Record<string, unknown>[];
  readonly undone?: unknown;
  readonly deadLetters?: readonly unknown[];
  readonly input: unknown;
}

export const noon = Date.UTC(2026, 0, 1, 12);

/** One life of a desk of small machines: from opening its file to closing it. */
export class SmallSystem implements Disposable {
  readonly log: string[] = [];
  readonly turns: Turn[] = [];
  readonly clock: VirtualClock;
  readonly ledger: Ledger;
  readonly store: WatchedStore;
  readonly system: ActorSystem;
  readonly resumed: boolean;
  /** What the start could not take over: names, with why. */
  readonly setAside: readonly (readonly [name: string, error: string])[];
  private readonly options: SystemOptions;

  constructor(options: SmallOptions = {}) {
    this.ledger = new Ledger(options.path ?? ":memory:");
    this.store = new WatchedStore(this.ledger, this.log);
    this.clock = new VirtualClock(options.at ?? noon);
    this.options = this.systemOptions(options);
    this.system = new ActorSystem(this.options);
    const { resumed, setAside } = this.system.start();
    this.resumed = resumed;
    this.setAside = setAside.map(({ actor, error }) => [actor.name, error]);
  }

  /** One input: an event to an actor. */
  send(actor: string, event: EventObject, book?: (turn: Turn) => void): Turn {
    const input: TurnInput = { kind: "test", subject: actor, payload: event };
    return this.system.turn(input, () => this.system.send(actor, event), book);
  }

  walk(first: string, act: string, ...rest: readonly (readonly [string, string])[]): Turn {
    const steps = rest.map(([to, each]) => ({ to, act: each }));
    return this.send(first, { type: "walk", act, rest: steps } as EventObject);
  }

  make(kind: ActorKind, name: string, input: unknown): Turn {
    return this.send("desk", { type: "make", kind, name, input } as EventObject);
  }

  /** Tries to set up a system like this one with an effect that nobody does. */
  without(effect: string): void {
    const { [effect]: _, ...effects } = this.options.effects;
    new ActorSystem({ ...this.options, effects });
  }

  /** State and context of every live actor. */
  states(): Record<string, unknown> {
    const found: Record<string, unknown> = {};
    for (const [name, { value, context, children }] of this.system.actors()) {
      found[name] = { value, context, children: Object.keys(children).sort() };
    }
    return found;
  }

  timers(): string[] {
    const timers: string[] = [];
    for (const [name] of this.system.actors()) {
      for (const { id, deadline } of this.system.timers.of(name)) {
        timers.push(`${name} ${id} ${deadline - noon}`);
      }
    }
    return timers.sort();
  }

  /** Fires all timers that are due until a time, in their own time. */
  passTo(time: number): void {
    for (let next = this.system.timers.next(); next && next.deadline <= time; ) {
      this.clock.advanceTo(Math.max(next.deadline, this.clock.now()));
      this.system.fireTimer();
      next = this.system.timers.next();
    }
    this.clock.advanceTo(time);
  }

  /** The newest journal record, committed or not, is committed and read back. */
  lastContent(): Content {
    this.system.commit();
    const record = this.store.batches.at(-1)?.records.at(-1);
    if (!record) throw new RangeError("Cannot read last record: nothing was committed");
    return JSON.parse(record.content) as Content;
  }

  [Symbol.dispose](): void {
    this.ledger.close();
  }

  private systemOptions(options: SmallOptions): SystemOptions {
    const given: Record<string, EffectHandler> = {
      ask: async () => ({ type: "asked", answer: 42 }) as EventObject,
    };
    const effects: Record<string, EffectHandler> = {};
    for (const [src, handler] of Object.entries({ ...given, ...options.effects })) {
      effects[src] = (input, context) => {
        this.log.push(`${src} of ${context.owner}${context.again ? " again" : ""}`);
        return handler(input, context);
      };
    }
    return {
      kinds: { ...smallKinds, ...options.kinds },
      rootInput: { starts: options.starts ?? [] },
      store: this.store,
      clock: this.clock,
      effects,
      project: () => [],
      outside: options.outside ?? (() => []),
      admit:
        options.admit ??
        (({ owner }, event) => ({
          correlation: null,
          act: () => this.system.send(owner, event),
        })),
      onTurn: (turn) => {
        this.turns.push(turn);
        this.log.push(`turn ${turn.input.kind} ${turn.input.subject}`);
      },
      onCommit: () => this.log.push("committed"),
      reached: () => {},
      groupLimit: options.groupLimit ?? 1_000,
      complete: (_kind, input) => input,
      ...(options.makeAnew && { makeAnew: options.makeAnew }),
    };
  }
}

/** A posting of so much, to be booked. */
export function posting(amount: number): LedgerChange {
  const row = {
    entryId: `test/${amount}`,
    line: 0,
    at: { venue: "paper", account: "main" },
    account: "asset",
    coin: "USD",
    amount: String(amount),
    time: noon,
    cause: "test",
  };
  return { table: "postings", row } as LedgerChange;
}

/** A folder for one test's ledger files, gone when the test is. */
export class TestFolder implements Disposable {
  private readonly path = mkdtempSync(join(tmpdir(), "novactor-runtime-"));

  file(name: string): string {
    return join(this.path, name);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
