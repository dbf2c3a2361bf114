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
}

export interface BreakerContext extends BreakerInput {
  readonly reason: string | null;
  readonly openedAt: number | null;
  readonly trips: number;
}

export type BreakerEvent =
  | { type: "breaker.tripped"; reason: string; at: number }
  | { type: "breaker.probe" }
  | { type: "breaker.passed" };

/** A circuit breaker: closed while all is well, open while it stops, half-open while it tries. */
export const breakerMachine = setup({
  types: {
    context: {} as BreakerContext,
    events: {} as BreakerEvent,
    input: {} as BreakerInput,
    tags: {} as "halted",
  },
  actions: {
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
  context: ({ input }) => ({ ...input, reason: null, openedAt: null, trips: 0 }),
  initial: "closed",
  on: { "*": { actions: "alarmIllegal" } },
  states: {
    closed: {
      on: {
        "breaker.tripped": { target: "open", actions: ["note", "brake"] },
        "breaker.probe": {},
        "breaker.passed": {},
      },
    },
    open: {
      tags: "halted",
      description: "Stops new exposure until its rule lets it try again",
      on: {
        "breaker.tripped": {},
        "breaker.probe": { target: "halfOpen", actions: "release" },
        "breaker.passed": {},
      },
    },
    halfOpen: {
      description: "Trades again; the next trip opens it at once, a day without one closes it",
      on: {
        "breaker.tripped": { target: "open", actions: ["note", "brake"] },
        "breaker.probe": {},
        "breaker.passed": { target: "closed", actions: "clear" },
      },
    },
  },
});
