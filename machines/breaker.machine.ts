import { assign, sendTo, setup } from "xstate";
import { actorName } from "./domain/ids.ts";

export interface BreakerInput {
  /** What it watches: `dailyLoss`. */
  readonly rule: string;
  /** What it stops: "desk", an account, a symbol, a strategy. */
  readonly scope: string;
  readonly limit: string;
  /** In words. */
  readonly releasedBy: string;
  /** With a rule of repeated failures: so many within the window open it. */
  readonly failures?: { readonly count: number; readonly windowMs: number };
  /** After this long open it tries again by itself, milliseconds. */
  readonly coolOffMs?: number;
}

export interface BreakerContext extends BreakerInput {
  readonly reason: string | null;
  readonly openedAt: number | null;
  readonly trips: number;
  /** Times of the failures that still count. */
  readonly failed: readonly number[];
}

export type BreakerEvent =
  | { type: "breaker.tripped"; reason: string; at: number }
  | { type: "breaker.failure"; what: string; at: number }
  | { type: "breaker.probe" }
  | { type: "breaker.passed" };

function recent(times: readonly number[], at: number, windowMs: number): readonly number[] {
  return times.filter((time) => time > at - windowMs);
}

/** A circuit breaker: closed while all is well, open while it stops, half-open while it tries. */
export const breakerMachine = setup({
  types: {
    context: {} as BreakerContext,
    events: {} as BreakerEvent,
    input: {} as BreakerInput,
    tags: {} as "halted",
  },
  delays: { coolOff: ({ context }) => context.coolOffMs ?? 0 },
  guards: {
    coolsOff: ({ context }) => context.coolOffMs !== undefined,
    failedTooOften: ({ context: { failures, failed }, event }) =>
      event.type === "breaker.failure" &&
      failures !== undefined &&
      recent(failed, event.at, failures.windowMs).length + 1 >= failures.count,
  },
  actions: {
    countFailure: assign(({ context: { failures, failed }, event }) =>
      event.type === "breaker.failure" && failures !== undefined
        ? { failed: [...recent(failed, event.at, failures.windowMs), event.at] }
        : {},
    ),
    noteFailures: assign(({ context, event }) =>
      event.type === "breaker.failure"
        ? {
            reason:
              context.openedAt === null
                ? `${context.failures?.count ?? 0} failures within a short time, the last: ${event.what}`
                : `failed again on trial: ${event.what}`,
            openedAt: event.at,
            trips: context.trips + 1,
            failed: [],
          }
        : {},
    ),
    note: assign(({ context, event }) =>
      event.type === "breaker.tripped"
        ? { reason: event.reason, openedAt: event.at, trips: context.trips + 1 }
        : {},
    ),
    clear: assign({ reason: null, openedAt: null }),
    brake: sendTo(
      ({ system }) => system.get(actorName.desk),
      ({ context }) => ({
        type: "brake.on",
        at: context.openedAt,
        kind: "breaker",
        scope: context.scope,
        rule: context.rule,
        reason: context.reason,
        releasedBy: context.releasedBy,
      }),
    ),
    release: sendTo(
      ({ system }) => system.get(actorName.desk),
      ({ context }) => ({
        type: "brake.off",
        kind: "breaker",
        scope: context.scope,
        rule: context.rule,
      }),
    ),
    alarmIllegal: sendTo(
      ({ system }) => system.get(actorName.desk),
      ({ context, event }) => ({
        type: "alarm.raised",
        from: actorName.breaker(`${context.rule}/${context.scope}`),
        text: `Breaker cannot take event "${event.type}"`,
      }),
    ),
  },
}).createMachine({
  id: "breaker",
  context: ({ input }) => ({ ...input, reason: null, openedAt: null, trips: 0, failed: [] }),
  initial: "closed",
  on: { "*": { actions: "alarmIllegal" } },
  states: {
    closed: {
      on: {
        "breaker.tripped": { target: "open", actions: ["note", "brake"] },
        "breaker.failure": [
          { guard: "failedTooOften", target: "open", actions: ["noteFailures", "brake"] },
          { actions: "countFailure" },
        ],
        "breaker.probe": {},
        "breaker.passed": {},
      },
    },
    open: {
      tags: "halted",
      description: "Stops new exposure until its rule lets it try again",
      on: {
        "breaker.tripped": {},
        "breaker.failure": {},
        "breaker.probe": { target: "halfOpen", actions: "release" },
        "breaker.passed": {},
      },
      // Without a time to cool off the timer still fires, at once, and must not be taken for illegal.
      after: { coolOff: [{ guard: "coolsOff", target: "halfOpen", actions: "release" }, {}] },
    },
    halfOpen: {
      description: "Trades again; the next trip opens it at once, a day without one closes it",
      on: {
        "breaker.tripped": { target: "open", actions: ["note", "brake"] },
        "breaker.failure": { target: "open", actions: ["noteFailures", "brake"] },
        "breaker.probe": {},
        "breaker.passed": { target: "closed", actions: "clear" },
      },
      after: { coolOff: [{ guard: "coolsOff", target: "closed", actions: "clear" }, {}] },
    },
  },
});
