import { assign, sendTo, setup } from "xstate";
import type { Decimal } from "./domain/decimal.ts";
import { accountKey, actorName, type VenueAccount } from "./domain/ids.ts";

export interface AccountInput {
  readonly at: VenueAccount;
}

export interface AccountContext extends AccountInput {
  readonly reconciledAt: number | null;
  readonly differences: readonly string[];
  /** Entries that were booked because of what the venue says, not of a fill. */
  readonly adjusted?: number;
}

/** What was booked that no fill explains. */
export interface AdjustmentTold {
  readonly entryId: string;
  readonly coin: string;
  /** Signed: what the account has more of. */
  readonly amount: Decimal;
  readonly cause: string;
}

export type AccountEvent =
  | { type: "account.reconciled"; at: number }
  | { type: "account.mismatched"; differences: readonly string[]; at: number }
  | { type: "account.adjusted"; adjustments: readonly AdjustmentTold[] }
  | { type: "account.restarted" }
  | { type: "account.poisoned"; text: string; at: number };

/**
 * One account at one venue: whether what the ledger says of it has been proved against the venue.
 * Until then, and while it differs, it takes no new exposure (the cold-start gate).
 */
export const accountMachine = setup({
  types: {
    context: {} as AccountContext,
    events: {} as AccountEvent,
    input: {} as AccountInput,
    tags: {} as "gated" | "trading" | "halted",
  },
  actions: {
    remember: assign(({ event }) =>
      event.type === "account.reconciled" ? { reconciledAt: event.at, differences: [] } : {},
    ),
    note: assign(({ event }) =>
      event.type === "account.mismatched" ? { differences: event.differences } : {},
    ),
    countAdjusted: assign(({ context, event }) =>
      event.type === "account.adjusted"
        ? { adjusted: (context.adjusted ?? 0) + event.adjustments.length }
        : {},
    ),
    brakeMismatch: sendTo(
      ({ system }) => system.get(actorName.desk),
      ({ context, event }) => ({
        type: "brake.on",
        at: "at" in event ? event.at : 0,
        kind: "mismatch",
        scope: accountKey(context.at),
        reason: `ledger and venue differ: ${context.differences.join("; ")}`,
        releasedBy: 'a reconciliation that matches; "novactor reconcile show" says what settles it',
      }),
    ),
    releaseMismatch: sendTo(
      ({ system }) => system.get(actorName.desk),
      ({ context }) => ({ type: "brake.off", kind: "mismatch", scope: accountKey(context.at) }),
    ),
    brakePoison: sendTo(
      ({ system }) => system.get(actorName.desk),
      ({ context, event }) => ({
        type: "brake.on",
        at: "at" in event ? event.at : 0,
        kind: "poison",
        scope: accountKey(context.at),
        reason: event.type === "account.poisoned" ? event.text : "",
        releasedBy: "the operator, once the cause is known",
      }),
    ),
    alarmIllegal: sendTo(
      ({ system }) => system.get(actorName.desk),
      ({ context, event }) => ({
        type: "alarm.raised",
        from: actorName.account(context.at),
        text: `Account cannot take event "${event.type}"`,
      }),
    ),
  },
}).createMachine({
  id: "account",
  context: ({ input }) => ({ ...input, reconciledAt: null, differences: [] }),
  initial: "gated",
  on: {
    "account.restarted": ".gated",
    "account.adjusted": { actions: "countAdjusted" },
    "account.poisoned": { actions: "brakePoison" },
    "*": { actions: "alarmIllegal" },
  },
  states: {
    gated: {
      tags: "gated",
      description: "Not reconciled since the start: no new exposure",
      on: {
        "account.reconciled": { target: "trading", actions: ["remember", "releaseMismatch"] },
        "account.mismatched": { target: "mismatched", actions: ["note", "brakeMismatch"] },
      },
    },
    trading: {
      tags: "trading",
      on: {
        "account.reconciled": { actions: "remember" },
        "account.mismatched": { target: "mismatched", actions: ["note", "brakeMismatch"] },
      },
    },
    mismatched: {
      tags: "halted",
      description: "Ledger and venue differ: no new exposure until they agree",
      on: {
        "account.reconciled": { target: "trading", actions: ["remember", "releaseMismatch"] },
        "account.mismatched": { actions: "note" },
      },
    },
  },
});
