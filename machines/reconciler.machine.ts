import { assign, sendTo, setup } from "xstate";
import { effect } from "./domain/effect.ts";
import { actorName, type VenueAccount } from "./domain/ids.ts";

export interface ReconcilerInput {
  readonly at: VenueAccount;
  /** Between two reconciliations that matched, milliseconds. */
  readonly intervalMs: number;
  /**
   * Before reading again what differed or could not be read, milliseconds: twice as long with each
   * further reading in vain, up to a minute or the interval.
   */
  readonly retryMs: number;
  /** Readings in a row that must differ before it is called a mismatch. */
  readonly patience: number;
}

export interface ReadInput {
  readonly at: VenueAccount;
  /** Coins whose difference lasted: what moved them is asked for too. */
  readonly coins?: readonly string[];
}

export interface ReconcilerContext extends ReconcilerInput {
  readonly runs: number;
  /** Readings in a row that differed. */
  readonly differed: number;
  readonly differences: readonly string[];
  /** Readings in a row that were not sound. */
  readonly unreadable: number;
  /** Why the last reading failed; null once one was sound. */
  readonly cause?: string | null;
  /** Asked for while a reading was under way: what it was asked for may not be in that one. */
  readonly again?: boolean;
  /** Coins that differed in the last reading. */
  readonly coins?: readonly string[];
  /** Readings in a row that did not match, since one was last asked for. */
  readonly inVain?: number;
}

export type ReconcilerEvent =
  | { type: "reconcile.now" }
  | { type: "reconcile.matched"; at: number }
  | {
      type: "reconcile.differed";
      differences: readonly string[];
      coins: readonly string[];
      /** No wait could make it right: it is a mismatch at once. */
      isCertain: boolean;
      at: number;
    }
  | { type: "reconcile.unreadable"; cause: string };

/** Longer, and ten readings in vain would take longer than the breaker of failures looks back. */
const longestRetryMs = 60_000;

/** The pauses begin anew; nothing changes where they had not begun. */
function hurried({ inVain = 0 }: ReconcilerContext): Partial<ReconcilerContext> {
  return inVain > 0 ? { inVain: 0 } : {};
}

/**
 * Compares ledger and venue, at start as the gate and then for ever. A reading that failed says
 * nothing (P3); a difference counts once it lasted, for fills may be on their way.
 */
export const reconcilerMachine = setup({
  types: {
    context: {} as ReconcilerContext,
    events: {} as ReconcilerEvent,
    input: {} as ReconcilerInput,
    tags: {} as "inFlight",
  },
  actors: { readAccount: effect<ReadInput>() },
  delays: {
    interval: ({ context }) => context.intervalMs,
    // A venue counts what it is asked, and orders need room in the same counter.
    retry: ({ context: { retryMs, intervalMs, inVain = 1 } }) =>
      Math.max(retryMs, Math.min(intervalMs, longestRetryMs, retryMs * 2 ** (inVain - 1))),
  },
  guards: {
    hasLasted: ({ context, event }) =>
      context.differed + 1 >= context.patience ||
      (event.type === "reconcile.differed" && event.isCertain),
    isAskedAgain: ({ context }) => context.again === true,
  },
  actions: {
    noteMatch: assign(({ context }) => ({
      runs: context.runs + 1,
      differed: 0,
      differences: [],
      coins: [],
      unreadable: 0,
      cause: null,
      ...hurried(context),
    })),
    noteDifference: assign(({ context, event }) => ({
      runs: context.runs + 1,
      differed: context.differed + 1,
      differences: event.type === "reconcile.differed" ? event.differences : [],
      coins: event.type === "reconcile.differed" ? event.coins : [],
      unreadable: 0,
      cause: null,
      inVain: (context.inVain ?? 0) + 1,
    })),
    noteAsked: assign(({ context }) => ({ again: true, ...hurried(context) })),
    hurry: assign(({ context }) => hurried(context)),
    clearAsked: assign(({ context }) => (context.again ? { again: false } : {})),
    noteUnreadable: assign(({ context, event }) => ({
      unreadable: context.unreadable + 1,
      inVain: (context.inVain ?? 0) + 1,
      cause: event.type === "reconcile.unreadable" ? event.cause : "its reading failed",
    })),
    tellMatched: sendTo(
      ({ context, system }) => system.get(actorName.account(context.at)),
      ({ event }) => ({
        type: "account.reconciled",
        at: event.type === "reconcile.matched" ? event.at : 0,
      }),
    ),
    tellMismatch: sendTo(
      ({ context, system }) => system.get(actorName.account(context.at)),
      ({ event }) => ({
        type: "account.mismatched",
        differences: event.type === "reconcile.differed" ? event.differences : [],
        at: "at" in event ? event.at : 0,
      }),
    ),
    alarmIllegal: sendTo(
      ({ system }) => system.get(actorName.desk),
      ({ context, event }) => ({
        type: "alarm.raised",
        from: actorName.reconciler(context.at),
        text: `Reconciler cannot take event "${event.type}"`,
      }),
    ),
  },
}).createMachine({
  id: "reconciler",
  context: ({ input }) => ({ ...input, runs: 0, differed: 0, differences: [], unreadable: 0 }),
  initial: "reading",
  on: {
    "reconcile.now": { target: ".reading", actions: "hurry" },
    "*": { actions: "alarmIllegal" },
  },
  states: {
    reading: {
      tags: "inFlight",
      entry: "clearAsked",
      invoke: {
        src: "readAccount",
        id: "readAccount",
        input: ({ context: { at, coins = [], differed, patience } }) =>
          coins.length > 0 && differed + 1 >= patience ? { at, coins } : { at },
        onError: { target: "retrying", actions: "noteUnreadable" },
      },
      on: {
        "reconcile.now": { actions: "noteAsked" },
        "reconcile.matched": [
          {
            guard: "isAskedAgain",
            target: "reading",
            reenter: true,
            actions: ["noteMatch", "tellMatched"],
          },
          { target: "resting", actions: ["noteMatch", "tellMatched"] },
        ],
        "reconcile.differed": [
          {
            guard: "hasLasted",
            target: "retrying",
            actions: ["noteDifference", "tellMismatch"],
          },
          { target: "retrying", actions: "noteDifference" },
        ],
        "reconcile.unreadable": { target: "retrying", actions: "noteUnreadable" },
      },
    },
    resting: { after: { interval: "reading" } },
    retrying: { after: { retry: "reading" } },
  },
});
