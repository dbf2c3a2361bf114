/** Small machines that do one thing each, to see what the actor system makes of it. */
import { assign, enqueueActions, raise, sendTo, setup, stopChild } from "xstate";
import { effect } from "../../../machines/domain/effect.ts";
import type { ActorKind } from "../../../machines/domain/ids.ts";

export interface RootContext {
  readonly alarms: number;
}

export interface Start {
  readonly kind: ActorKind;
  readonly name: string;
  readonly input: unknown;
}

export type RootEvent =
  | ({ type: "make" } & Start)
  | { type: "make.guarded"; kind: ActorKind; name: string; input: unknown }
  | { type: "actor.revive"; name: string; kind: ActorKind }
  | { type: "actor.restart"; name: string; kind: ActorKind }
  | { type: "actor.rebuild"; name: string; kind: ActorKind; input: unknown }
  | { type: "actor.finished"; name: string }
  | { type: "stop.then"; name: string; to: string; event: { type: string } }
  | { type: "alarm.raised" };

const child = effect<unknown>();

/** The root: makes, revives and buries the others, as the desk does. */
export const rootMachine = setup({
  types: {
    context: {} as RootContext,
    events: {} as RootEvent,
    input: {} as { readonly starts: readonly Start[] },
  },
  actors: {
    feed: child,
    scanner: child,
    order: child,
    position: child,
    account: child,
    reconciler: child,
    breaker: child,
    job: child,
  },
  guards: { mayMake: () => true },
  actions: {
    startAll: enqueueActions(({ event, enqueue }) => {
      const { input } = event as unknown as { input: { starts: readonly Start[] } };
      for (const { kind, name, input: own } of input.starts) {
        if (kind !== "desk") enqueue.spawnChild(kind, { id: name, input: own });
      }
    }),
    make: enqueueActions(({ event, enqueue }) => {
      if (event.type !== "make" && event.type !== "make.guarded") return;
      if (event.kind === "desk") return;
      enqueue.spawnChild(event.kind, { id: event.name, input: event.input });
    }),
    revive: enqueueActions(({ event, enqueue }) => {
      if (event.type !== "actor.revive" || event.kind === "desk") return;
      enqueue.spawnChild(event.kind, { id: event.name, input: {} });
    }),
    restart: enqueueActions(({ event, enqueue }) => {
      if (event.type !== "actor.restart" || event.kind === "desk") return;
      enqueue.stopChild(event.name);
      enqueue.spawnChild(event.kind, { id: event.name, input: {} });
    }),
    rebuild: enqueueActions(({ event, enqueue }) => {
      if (event.type !== "actor.rebuild" || event.kind === "desk") return;
      enqueue.stopChild(event.name);
      enqueue.spawnChild(event.kind, { id: event.name, input: event.input });
    }),
    bury: stopChild(({ event }) => ("name" in event ? event.name : "")),
    passOn: sendTo(
      ({ system, event }) => system.get(event.type === "stop.then" ? event.to : ""),
      ({ event }) => (event.type === "stop.then" ? event.event : event),
    ),
    countAlarm: assign(({ context }) => ({ alarms: context.alarms + 1 })),
  },
}).createMachine({
  id: "root",
  context: { alarms: 0 },
  entry: "startAll",
  on: {
    make: { actions: "make" },
    "make.guarded": { guard: "mayMake", actions: "make" },
    "actor.revive": { actions: "revive" },
    "actor.restart": { actions: "restart" },
    "actor.rebuild": { actions: "rebuild" },
    "actor.finished": { actions: "bury" },
    "stop.then": { actions: ["bury", "passOn"] },
    "alarm.raised": { actions: "countAlarm" },
  },
});

export interface CounterInput {
  readonly count: number;
  /** Throws while its context is made. */
  readonly stillborn?: true;
}

export type CounterEvent =
  | { type: "add"; by: number }
  | { type: "alarm" }
  | { type: "finish" }
  | { type: "throw.guard" }
  | { type: "throw.assign" }
  | { type: "throw.entry" };

function fail(where: string): never {
  throw new RangeError(`thrown in ${where}`);
}

/** Counts, in one of two states by guard; throws where it is told to. */
export const counterMachine = setup({
  types: {
    context: {} as { readonly count: number },
    events: {} as CounterEvent,
    input: {} as CounterInput,
    tags: {} as "finished",
  },
  guards: {
    staysSmall: ({ context, event }) => context.count + (event.type === "add" ? event.by : 0) < 10,
    throwing: () => fail("guard"),
  },
  actions: {
    add: assign(({ context, event }) => ({
      count: context.count + (event.type === "add" ? event.by : 1),
    })),
    throwing: assign(() => fail("action")),
    alarm: sendTo(({ system }) => system.get("desk"), { type: "alarm.raised" }),
    nag: raise({ type: "alarm" }, { delay: 1_000, id: "nag" }),
  },
}).createMachine({
  id: "counter",
  context: ({ input }) => (input.stillborn ? fail("context") : { count: input.count }),
  initial: "small",
  on: {
    alarm: { actions: "alarm" },
    finish: ".over",
    "throw.guard": { guard: "throwing", actions: "add" },
    "throw.assign": { actions: ["add", "alarm", "nag", "throwing"] },
    "throw.entry": ".broken",
  },
  states: {
    small: {
      on: {
        add: [
          { guard: "staysSmall", actions: "add" },
          { target: "large", actions: "add" },
        ],
      },
    },
    large: { on: { add: { actions: "add" } } },
    broken: { entry: ["alarm", "throwing"] },
    over: { tags: "finished", on: { add: { target: "over", reenter: true, actions: "add" } } },
  },
});

/** What a walker does before it passes the walk on. */
export const walkActs = [
  "count",
  "timer",
  "ask",
  "spawn",
  "throwGuard",
  "throwAssign",
  "throwEntry",
  "throwAlways",
] as const;
export type WalkAct = (typeof walkActs)[number];

export interface WalkStep {
  readonly to: string;
  readonly act: WalkAct;
}
export type WalkEvent =
  | { type: "walk"; act: WalkAct; rest: readonly WalkStep[] }
  | { type: "nagged" }
  | { type: "asked"; answer: number };

/** Acts, then passes the walk on to the next: a cascade of any length and content. */
export const walkerMachine = setup({
  types: {
    context: {} as { readonly name: string; readonly walks: number; readonly children: number },
    events: {} as WalkEvent,
    input: {} as { readonly name: string },
  },
  actors: { ask: effect<{ question: number }>() },
  guards: {
    counts: ({ event }) => event.type === "walk" && event.act === "count",
    setsTimer: ({ event }) => event.type === "walk" && event.act === "timer",
    asks: ({ event }) => event.type === "walk" && event.act === "ask",
    spawns: ({ event }) => event.type === "walk" && event.act === "spawn",
    throwsInAssign: ({ event }) => event.type === "walk" && event.act === "throwAssign",
    throwsInEntry: ({ event }) => event.type === "walk" && event.act === "throwEntry",
    throwsInAlways: ({ event }) => event.type === "walk" && event.act === "throwAlways",
    throwing: ({ event }) =>
      event.type === "walk" && event.act === "throwGuard" ? fail("guard") : false,
    throwingAlways: () => fail("always"),
  },
  actions: {
    step: assign(({ context }) => ({ walks: context.walks + 1 })),
    throwing: assign(() => fail("action")),
    nag: raise({ type: "nagged" }, { delay: 1_000, id: "nag" }),
    spawn: sendTo(
      ({ system }) => system.get("desk"),
      ({ context }) => ({
        type: "make",
        kind: "feed",
        name: `feed:${context.name}/${context.children + 1}`,
        input: { count: 0 },
      }),
    ),
    countChild: assign(({ context }) => ({ children: context.children + 1 })),
    passOn: enqueueActions(({ event, enqueue, system }) => {
      if (event.type !== "walk") return;
      const [next, ...rest] = event.rest;
      if (!next) return;
      const walk: WalkEvent = { type: "walk", act: next.act, rest };
      enqueue.sendTo(system.get(next.to), () => walk);
    }),
  },
}).createMachine({
  id: "walker",
  context: ({ input }) => ({ name: input.name, walks: 0, children: 0 }),
  initial: "idle",
  on: {
    walk: [
      { guard: "throwing" },
      { guard: "counts", actions: ["step", "passOn"] },
      { guard: "setsTimer", actions: ["step", "nag", "passOn"] },
      { guard: "asks", target: ".asking", actions: ["step", "passOn"], reenter: true },
      { guard: "spawns", actions: ["step", "spawn", "countChild", "passOn"] },
      { guard: "throwsInAssign", actions: ["step", "nag", "spawn", "passOn", "throwing"] },
      { guard: "throwsInEntry", target: ".broken", actions: ["step", "passOn"] },
      { guard: "throwsInAlways", target: ".unstable", actions: ["step", "passOn"] },
    ],
    nagged: { actions: "step" },
  },
  states: {
    idle: {},
    asking: {
      invoke: {
        src: "ask",
        id: "ask",
        input: ({ context }) => ({ question: context.walks }),
        onError: "idle",
      },
      on: { asked: { target: "idle", actions: "step" } },
    },
    broken: { entry: ["nag", "throwing"] },
    unstable: { always: { guard: "throwingAlways", target: "idle" } },
  },
});

export interface WaiterInput {
  readonly waitMs: number;
}

/** Waits, rings, rests: one `after` in one state, another in the next. */
export const waiterMachine = setup({
  types: {
    context: {} as { readonly waitMs: number; readonly rings: number },
    events: {} as { type: "wait" } | { type: "leave" } | { type: "finish" },
    input: {} as WaiterInput,
    tags: {} as "finished",
  },
  delays: { wait: ({ context }) => context.waitMs, rest: 500 },
  actions: { ring: assign(({ context }) => ({ rings: context.rings + 1 })) },
}).createMachine({
  id: "waiter",
  context: ({ input }) => ({ waitMs: input.waitMs, rings: 0 }),
  initial: "idle",
  on: { finish: ".over" },
  states: {
    idle: { on: { wait: "waiting" } },
    waiting: {
      on: { leave: "idle", wait: { target: "waiting", reenter: true } },
      after: { wait: { target: "resting", actions: "ring" } },
    },
    resting: { after: { rest: "idle" } },
    // Not over yet for its timer: what is archived keeps it.
    over: { tags: "finished", on: { leave: "idle" }, after: { wait: { actions: "ring" } } },
  },
});

export type AskerEvent = { type: "ask" } | { type: "leave" } | { type: "asked"; answer: number };

/** Asks something outside; takes the answer, the failure, or leaves before either. */
export const askerMachine = setup({
  types: {
    context: {} as { readonly asks: number; readonly answers: readonly number[] },
    events: {} as AskerEvent,
    input: {} as Record<string, never>,
  },
  actors: { ask: effect<{ question: number }>() },
  actions: {
    count: assign(({ context }) => ({ asks: context.asks + 1 })),
    keep: assign(({ context, event }) =>
      event.type === "asked" ? { answers: [...context.answers, event.answer] } : {},
    ),
  },
}).createMachine({
  id: "asker",
  context: { asks: 0, answers: [] },
  initial: "idle",
  states: {
    idle: { on: { ask: { target: "asking", actions: "count" } } },
    asking: {
      invoke: {
        src: "ask",
        id: "ask",
        input: ({ context }) => ({ question: context.asks }),
        onError: "failed",
      },
      on: {
        asked: { target: "idle", actions: "keep" },
        ask: { target: "asking", actions: "count", reenter: true },
        leave: "idle",
      },
    },
    failed: { on: { ask: { target: "asking", actions: "count" } } },
  },
});

/** Has no `onError`, which no machine of the desk may leave out. */
export const carelessMachine = setup({
  types: { events: {} as { type: "ask" } },
  actors: { ask: effect<Record<string, never>>() },
}).createMachine({
  id: "careless",
  initial: "idle",
  states: {
    idle: { on: { ask: "asking" } },
    asking: { invoke: { src: "ask", id: "ask", input: {} } },
  },
});
