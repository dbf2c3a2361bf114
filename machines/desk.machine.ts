import { assign, enqueueActions, setup, stopChild } from "xstate";
import type { AccountInput } from "./account.machine.ts";
import type { BreakerInput } from "./breaker.machine.ts";
import type { Brake, BrakeKind } from "./domain/brake.ts";
import { effect } from "./domain/effect.ts";
import { type ActorKind, accountOfActor, actorName } from "./domain/ids.ts";
import type { FeedInput } from "./feed.machine.ts";
import type { JobInput } from "./job.machine.ts";
import type { OrderInput } from "./order.types.ts";
import type { IntentWanted } from "./position.types.ts";
import type { ReconcilerInput } from "./reconciler.machine.ts";
import type { PositionPlan, ScannerInput } from "./scanner.machine.ts";
import {
  afterFailedRestart,
  afterFault,
  afterRestart,
  type ChildRecord,
  type SupervisionLimits,
  unblemished,
} from "./supervision.ts";

export interface DeskInput {
  readonly feeds: readonly FeedInput[];
  readonly scanners: readonly ScannerInput[];
  readonly accounts: readonly AccountInput[];
  readonly reconcilers: readonly ReconcilerInput[];
  readonly breakers: readonly BreakerInput[];
  readonly supervision: Readonly<Record<ActorKind, SupervisionLimits>>;
}

export interface DeskContext {
  readonly brakes: readonly Brake[];
  readonly brakesSet: number;
  readonly alarms: number;
  readonly lastAlarm: string | null;
  /** Limits by kind of child. */
  readonly supervision: Readonly<Record<ActorKind, SupervisionLimits>>;
  /** Children with faults that still count, by name. */
  readonly children: Readonly<Record<string, ChildRecord>>;
  /** Jobs that were ever started; absent before the first. */
  readonly jobs?: number;
}

export type DeskEvent =
  | { type: "actor.revive"; name: string; kind: ActorKind }
  | { type: "actor.rebuild"; name: string; kind: ActorKind; input: unknown }
  | { type: "actor.finished"; name: string }
  | { type: "position.open"; plan: PositionPlan }
  | { type: "order.place"; intent: IntentWanted }
  | { type: "order.claim"; input: OrderInput }
  | { type: "job.start"; input: JobInput }
  | {
      type: "brake.on";
      kind: BrakeKind;
      scope: string;
      rule?: string;
      reason: string;
      releasedBy: string;
      at: number;
    }
  | { type: "brake.off"; kind: BrakeKind; scope: string; rule?: string; brakeId?: string }
  | { type: "child.faulted"; name: string; kind: ActorKind; error: string; at: number }
  | { type: "child.restart"; name: string; kind: ActorKind; at: number }
  | { type: "child.restartFailed"; name: string; kind: ActorKind; error: string; at: number }
  | { type: "alarm.raised"; from: string; text: string };

const child = effect<unknown>();

const givenUpPrefix = "supervision/";

/** One brake of a kind, rule and scope at a time; setting it again changes nothing. */
function brakeId(event: { kind: BrakeKind; scope: string; rule?: string }): string {
  return [event.kind, event.rule, event.scope].filter((part) => part !== undefined).join("/");
}

/** Of a kind that the ledger's root does not know yet, those of the root itself. */
function limitsOf({ supervision }: DeskContext, kind: ActorKind): SupervisionLimits {
  return supervision[kind] ?? supervision.desk;
}

/**
 * The root: it owns every other durable actor, one for one, starts them, opens positions and
 * orders, buries the finished, and keeps the brakes, which outlive every restart (P8).
 */
export const deskMachine = setup({
  types: {
    context: {} as DeskContext,
    events: {} as DeskEvent,
    input: {} as DeskInput,
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
  actions: {
    openPosition: enqueueActions(({ event, enqueue }) => {
      if (event.type !== "position.open") return;
      const id = actorName.position(event.plan.positionId);
      enqueue.spawnChild("position", { id, input: event.plan });
    }),
    placeOrder: enqueueActions(({ event, enqueue }) => {
      if (event.type !== "order.place") return;
      const id = actorName.order(event.intent.intentId);
      enqueue.spawnChild("order", { id, input: { intent: event.intent } });
    }),
    claimOrder: enqueueActions(({ event, enqueue }) => {
      if (event.type !== "order.claim") return;
      const id = actorName.order(event.input.intent.intentId);
      enqueue.spawnChild("order", { id, input: event.input });
    }),
    startJob: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== "job.start") return;
      enqueue.assign({ jobs: (context.jobs ?? 0) + 1 });
      enqueue.spawnChild("job", { id: actorName.job(event.input.jobId), input: event.input });
    }),
    revive: enqueueActions(({ event, enqueue }) => {
      if (event.type !== "actor.revive" || event.kind === "desk") return;
      enqueue.spawnChild(event.kind, { id: event.name, input: {} });
    }),
    rebuild: enqueueActions(({ event, enqueue }) => {
      if (event.type !== "actor.rebuild" || event.kind === "desk") return;
      enqueue.stopChild(event.name);
      enqueue.spawnChild(event.kind, { id: event.name, input: event.input });
    }),
    bury: stopChild(({ event }) => (event.type === "actor.finished" ? event.name : "")),
    forgetChild: assign(({ context, event }) => {
      if (event.type !== "actor.finished" || !(event.name in context.children)) return {};
      const { [event.name]: _, ...children } = context.children;
      return { children };
    }),
    judgeFault: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== "child.faulted" && event.type !== "child.restartFailed") return;
      const { type, name, kind, at, error } = event;
      if (kind === "desk") return;
      const before = context.children[name] ?? unblemished;
      const judge = type === "child.faulted" ? afterFault : afterFailedRestart;
      const { record, verdict } = judge(name, before, limitsOf(context, kind), at);
      enqueue.assign({ children: { ...context.children, [name]: record } });
      if (verdict.type === "restart") {
        const { delayMs } = verdict;
        enqueue.raise(
          { type: "child.restart", name, kind, at: at + delayMs },
          { delay: delayMs, id: `restart/${name}` },
        );
      }
      if (verdict.type !== "giveUp") return;
      enqueue.raise({
        type: "brake.on",
        kind: "supervision",
        rule: name,
        scope: accountOfActor(name) ?? "desk",
        reason: `"${name}" was restarted ${record.restarts.length} times and still fails: ${error}`,
        releasedBy: "brake release, once the cause is known",
        at,
      });
      enqueue.raise({ type: "alarm.raised", from: name, text: `Child is given up: ${error}` });
    }),
    restartChild: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== "child.restart" || event.kind === "desk") return;
      const { name, kind, at } = event;
      const before = context.children[name];
      // It may have come to its end while it waited.
      if (!before) return;
      enqueue.assign({ children: { ...context.children, [name]: afterRestart(before, at) } });
      enqueue.stopChild(name);
      enqueue.spawnChild(kind, { id: name, input: {} });
    }),
    setBrake: assign(({ context, event }) => {
      if (event.type !== "brake.on") return {};
      const id = brakeId(event);
      if (context.brakes.some((brake) => brake.brakeId === id)) return {};
      const { kind, scope, reason, releasedBy, at } = event;
      const brake: Brake = { brakeId: id, kind, scope, reason, since: at, releasedBy };
      return { brakes: [...context.brakes, brake], brakesSet: context.brakesSet + 1 };
    }),
    releaseBrake: assign(({ context, event }) => {
      if (event.type !== "brake.off") return {};
      const id = event.brakeId ?? brakeId(event);
      const brakes = context.brakes.filter((brake) => brake.brakeId !== id);
      if (brakes.length === context.brakes.length) return {};
      if (!id.startsWith(givenUpPrefix)) return { brakes };
      // A child that was given up gets another chance when its brake is released.
      const name = id.slice(givenUpPrefix.length, -(event.scope.length + 1));
      if (!(name in context.children)) return { brakes };
      return { brakes, children: { ...context.children, [name]: unblemished } };
    }),
    noteIllegal: assign(({ context, event }) => ({
      alarms: context.alarms + 1,
      lastAlarm: `${actorName.desk}: Desk cannot take event "${event.type}"`,
    })),
    noteAlarm: assign(({ context, event }) =>
      event.type === "alarm.raised"
        ? { alarms: context.alarms + 1, lastAlarm: `${event.from}: ${event.text}` }
        : {},
    ),
    startAll: enqueueActions(({ event, enqueue }) => {
      const { input } = event as unknown as { input: DeskInput };
      for (const each of input.feeds) {
        enqueue.spawnChild("feed", { id: actorName.feed(each.symbol, each.market), input: each });
      }
      for (const each of input.accounts) {
        enqueue.spawnChild("account", { id: actorName.account(each.at), input: each });
      }
      for (const each of input.breakers) {
        const id = actorName.breaker(`${each.rule}/${each.scope}`);
        enqueue.spawnChild("breaker", { id, input: each });
      }
      for (const each of input.scanners) {
        const id = actorName.scanner(each.at, each.lane ?? each.symbol);
        enqueue.spawnChild("scanner", { id, input: each });
      }
      for (const each of input.reconcilers) {
        enqueue.spawnChild("reconciler", { id: actorName.reconciler(each.at), input: each });
      }
    }),
  },
}).createMachine({
  id: "desk",
  context: ({ input }) => ({
    brakes: [],
    brakesSet: 0,
    alarms: 0,
    lastAlarm: null,
    supervision: input.supervision,
    children: {},
  }),
  entry: "startAll",
  // An error of a child that nobody handles would take the root down.
  on: { "*": { actions: "noteIllegal" } },
  initial: "running",
  states: {
    running: {
      on: {
        "actor.revive": { actions: "revive" },
        "actor.rebuild": { actions: "rebuild" },
        "actor.finished": { actions: ["bury", "forgetChild"] },
        "child.faulted": { actions: "judgeFault" },
        "child.restart": { actions: "restartChild" },
        "child.restartFailed": { actions: "judgeFault" },
        "position.open": { actions: "openPosition" },
        "order.place": { actions: "placeOrder" },
        "order.claim": { actions: "claimOrder" },
        "job.start": { actions: "startJob" },
        "brake.on": { actions: "setBrake" },
        "brake.off": { actions: "releaseBrake" },
        "alarm.raised": { actions: "noteAlarm" },
      },
    },
  },
});
