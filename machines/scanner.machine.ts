import { assign, sendTo, setup } from "xstate";
import { actorName, type LaneName, type SymbolName, type VenueAccount } from "./domain/ids.ts";
import type { PositionInput } from "./position.types.ts";

export interface ScannerInput {
  readonly at: VenueAccount;
  readonly symbol: SymbolName;
  /** Of a strategy book's own; absent where the symbol has one scanner. */
  readonly lane?: LaneName;
  /** Pause after a position closed before the next may be opened, milliseconds. */
  readonly coolDownMs: number;
  /** What the ledger knows of it, when its actor is made anew. */
  readonly recovered?: { readonly opened: number; readonly positionId: string | null };
}

export interface ScannerContext extends ScannerInput {
  /** Positions opened so far; numbers the next one. */
  readonly opened: number;
  readonly positionId: string | null;
}

/** What the account's actor reserves for, and the desk opens. */
export type PositionPlan = PositionInput;

export type ScannerEvent =
  | { type: "decision.trade"; plan: PositionPlan }
  | { type: "decision.exit" }
  | { type: "scanner.configured"; coolDownMs: number }
  | { type: "position.closed"; positionId: string };

/**
 * One lane on one account. What to do is decided by the gates over the bar's evaluation; the
 * machine keeps what must not be done twice: one position at a time, and a pause after each.
 */
export const scannerMachine = setup({
  types: {
    context: {} as ScannerContext,
    events: {} as ScannerEvent,
    input: {} as ScannerInput,
    tags: {} as "scanning" | "engaged" | "coolingDown",
  },
  delays: { coolDown: ({ context }) => context.coolDownMs },
  guards: {
    isEngaged: ({ context }) => context.positionId !== null,
    isCurrent: ({ context, event }) =>
      event.type === "position.closed" && event.positionId === context.positionId,
  },
  actions: {
    engage: assign(({ context, event }) => ({
      opened: context.opened + 1,
      positionId: event.type === "decision.trade" ? event.plan.positionId : null,
    })),
    openPosition: sendTo(
      ({ system }) => system.get(actorName.desk),
      ({ event }) => ({
        type: "position.open",
        plan: event.type === "decision.trade" ? event.plan : null,
      }),
    ),
    exitPosition: sendTo(
      ({ context, system }) => system.get(actorName.position(context.positionId ?? "")),
      () => ({ type: "exit.wanted", reason: "signal" }),
    ),
    configure: assign(({ context, event }) => ({
      coolDownMs: event.type === "scanner.configured" ? event.coolDownMs : context.coolDownMs,
    })),
    disengage: assign({ positionId: null }),
    alarmIllegal: sendTo(
      ({ system }) => system.get(actorName.desk),
      ({ context, event }) => ({
        type: "alarm.raised",
        from: actorName.scanner(context.at, context.lane ?? context.symbol),
        text: `Scanner cannot take event "${event.type}"`,
      }),
    ),
  },
}).createMachine({
  id: "scanner",
  context: ({ input }) => ({ ...input, opened: 0, positionId: null, ...input.recovered }),
  initial: "scanning",
  on: {
    "position.closed": {},
    "scanner.configured": { actions: "configure" },
    "*": { actions: "alarmIllegal" },
  },
  states: {
    scanning: {
      tags: "scanning",
      always: { guard: "isEngaged", target: "engaged" },
      on: { "decision.trade": { target: "engaged", actions: ["engage", "openPosition"] } },
    },
    engaged: {
      tags: "engaged",
      description: "Its position lives",
      on: {
        "decision.exit": { actions: "exitPosition" },
        "position.closed": {
          guard: "isCurrent",
          target: "coolingDown",
          actions: "disengage",
        },
      },
    },
    coolingDown: {
      tags: "coolingDown",
      after: { coolDown: "scanning" },
    },
  },
});
