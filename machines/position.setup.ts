import { assign, type EventObject, enqueueActions, raise, sendTo, setup } from "xstate";
import { add, compare, isPositive, isZero, maximum, subtract, zero } from "./domain/decimal.ts";
import { actorName } from "./domain/ids.ts";
import { differ } from "./order.types.ts";
import {
  canSell,
  canStop,
  exitEnded,
  isSmall,
  type PositionContext,
  type PositionEvent,
  type PositionInput,
  sellable,
  sellIntent,
  stopEnded,
  stopTerms,
} from "./position.types.ts";

const covered = (context: PositionContext): boolean => {
  const { stop } = context;
  if (!stop || stop.ended || stop.live === null) return false;
  const open = subtract(stop.live.quantity, stop.filled);
  return compare(open, sellable(context)) >= 0;
};

/** Refusals that no time cures: the same stop is refused the same way again. */
const lastingRefusals: readonly string[] = ["offGrid", "unsupported", "duplicateClientOrderId"];

const isDone = (context: PositionContext) => isZero(context.quantity) || !canSell(context);

/** What the position machine is made of: its delays, guards and actions by name. */
export const positionSetup = setup({
  types: {
    context: {} as PositionContext,
    events: {} as PositionEvent,
    input: {} as PositionInput,
    tags: {} as "exposed" | "protected" | "unprotected" | "watched" | "over" | "finished",
  },
  delays: {
    settleWindow: ({ context }) => context.settings.settleMs,
    stopRetry: ({ context: { settings, failures } }) =>
      Math.min((settings.stopRetryMs ?? 1_000) * 2 ** Math.max(0, failures - 1), 30_000),
    strandedRetry: ({ context }) => context.settings.strandedRetryMs,
  },
  guards: {
    isEntry: ({ event }) => "role" in event && event.role === "entry",
    isStop: ({ event }) => "role" in event && event.role === "stop",
    isFailedStop: ({ context, event }) =>
      event.type === "order.ended" &&
      event.intentId === context.stop?.intentId &&
      event.ended !== "filled",
    // Placed anew at once what the venue dropped; after a pause what it does not take.
    mayPassLater: ({ context, event }) =>
      event.type === "order.ended" &&
      event.intentId === context.stop?.intentId &&
      event.ended !== "filled" &&
      !lastingRefusals.includes(event.refusal ?? "") &&
      (event.ended === "rejected" || context.failures > 0),
    isTooSmall: ({ context, event }) =>
      event.type === "order.ended" &&
      event.refusal === "belowMinimum" &&
      [context.stop?.intentId, context.exit?.intentId].includes(event.intentId) &&
      isSmall(context),
    isExit: ({ event }) => "role" in event && event.role === "exit",
    isHeld: ({ context }) => isPositive(context.quantity),
    isHeldAgain: ({ context }) => canSell(context),
    neverOpened: ({ context }) => context.entryEnded && isZero(context.quantity),
    isFlat: ({ context }) => isZero(context.quantity),
    isDust: ({ context }) => context.entryEnded && !canSell(context),
    wantsExit: ({ context }) => context.exitReason !== null && !context.exitHeld,
    hasNoStop: ({ context }) => stopEnded(context),
    stopStuck: ({ context }) => context.stop?.stuck === true && canStop(context),
    stopMissing: ({ context }) => stopEnded(context) && canStop(context),
    cannotStop: ({ context }) => stopEnded(context) && !canStop(context),
    stopCovers: ({ context }) => covered(context),
    stopFallsShort: ({ context }) => !covered(context),
    stopOutdated: ({ context }) =>
      context.stop !== null &&
      !context.stop.ended &&
      canStop(context) &&
      differ(context.stop.asked, stopTerms(context)),
    goesBare: ({ context }) => context.settings.protects === false,
    failedTooOften: ({ context }) => context.failures >= context.settings.maxFailures,
    allElseEnded: ({ context }) => context.entryEnded && stopEnded(context),
    exitDue: ({ context }) => context.entryEnded && stopEnded(context) && canSell(context),
    exitEnded: ({ context }) => exitEnded(context),
    exitWorks: ({ context }) => !exitEnded(context),
    isOver: ({ context }) =>
      isDone(context) && context.entryEnded && stopEnded(context) && exitEnded(context),
  },
  actions: {
    bookFill: assign(({ context, event }) => {
      if (event.type !== "order.filled") return {};
      const bought = event.role === "entry" ? event.quantity : subtract(zero, event.quantity);
      const fee = event.feeCoin === context.instrument.base ? event.fee : zero;
      const { stop } = context;
      return {
        quantity: subtract(add(context.quantity, bought), fee),
        stop:
          stop && event.intentId === stop.intentId
            ? { ...stop, filled: add(stop.filled, event.quantity) }
            : stop,
      };
    }),
    placeEntry: enqueueActions(({ context: { entry, recovered }, enqueue, system }) => {
      // The entry of a position that is made anew was placed long ago.
      if (recovered !== undefined) return;
      const event = { type: "order.place", intent: entry } as EventObject;
      enqueue.sendTo(system.get(actorName.desk), event);
    }),
    beginStop: assign(({ context }) => ({
      stopNumber: context.stopNumber + 1,
      stop: {
        intentId: sellIntent(context, "stop", context.stopNumber + 1).intentId,
        asked: stopTerms({ ...context, stop: null }),
        live: null,
        filled: zero,
        stuck: false,
        ended: false,
      },
    })),
    placeStop: sendTo(
      ({ system }) => system.get(actorName.desk),
      ({ context }) => ({
        type: "order.place",
        intent: sellIntent(context, "stop", context.stopNumber),
      }),
    ),
    // Asked in vain only if the order wants nothing more: another amendment may be under way.
    stopRests: assign(({ context, event }) => {
      const { stop } = context;
      if (!("live" in event) || event.intentId !== stop?.intentId) return {};
      const { type, live, wanted } = event;
      // Tighter than the desk knows only after a recovery: a stop is never loosened.
      const stopPrice = maximum(context.stopPrice, live.stopPrice ?? zero);
      const asked = stopPrice === context.stopPrice ? stop.asked : { ...stop.asked, stopPrice };
      const stuck = type === "order.amended" && wanted === null && differ(live, asked);
      return {
        stopPrice,
        stop: { ...stop, asked, live, stuck },
        failures: type === "order.amended" && !stuck ? 0 : context.failures,
      };
    }),
    askStop: assign(({ context }) => ({
      stop: context.stop ? { ...context.stop, asked: stopTerms(context) } : null,
    })),
    amendStop: sendTo(
      ({ context, system }) => system.get(actorName.order(context.stop?.intentId ?? "")),
      ({ context }) => ({ type: "order.amend", wanted: stopTerms(context) }),
    ),
    cancelStop: sendTo(
      ({ context, system }) => system.get(actorName.order(context.stop?.intentId ?? "")),
      () => ({ type: "order.cancel", reason: "position closes" }),
    ),
    cancelEntry: sendTo(
      ({ context, system }) => system.get(actorName.order(context.entry.intentId)),
      ({ event }) => ({
        type: "order.cancel",
        reason: "reason" in event ? `position: ${event.reason}` : "position closes",
      }),
    ),
    entryEnds: assign({ entryEnded: true }),
    stopEnds: assign(({ context, event }) => {
      const { stop } = context;
      if (event.type !== "order.ended" || event.intentId !== stop?.intentId) return {};
      return { stop: { ...stop, ended: true } };
    }),
    exitEnds: assign(({ context, event }) => {
      const { exit } = context;
      if (event.type !== "order.ended" || event.intentId !== exit?.intentId) return {};
      const inVain = isPositive(context.quantity) && canSell(context);
      return {
        exit: { ...exit, ended: true },
        failures: inVain ? context.failures + 1 : context.failures,
      };
    }),
    noteTooSmall: assign(({ context, event }) => {
      const quantity = sellable(context);
      // What cannot even be sold needs no stop.
      const exit =
        "role" in event && event.role === "exit" ? quantity : (context.tooSmall?.exit ?? zero);
      return { tooSmall: { stop: quantity, exit } };
    }),
    alarmUnprotected: sendTo(
      ({ system }) => system.get(actorName.desk),
      ({ context: { positionId, failures, instrument, quantity }, event }) => ({
        type: "alarm.raised",
        from: actorName.position(positionId),
        text:
          `No stop rests for ${quantity} ${instrument.base}, tried ${failures} times, ` +
          `tried again after a pause: ${("reason" in event && event.reason) || "it ended"}`,
      }),
    ),
    raiseStop: assign(({ context, event }) => ({
      stopPrice:
        event.type === "level.raised"
          ? maximum(context.stopPrice, event.stopPrice)
          : context.stopPrice,
    })),
    wantExit: assign(({ context, event }) => ({
      exitReason: context.exitReason ?? (event.type === "exit.wanted" ? event.reason : null),
      exitHeld: false,
    })),
    exitThroughStop: assign(({ context }) => ({
      exitReason: context.exitReason ?? ("gapThroughStop" as const),
      exitHeld: false,
    })),
    exitUnprotected: assign(({ context }) => ({
      exitReason: context.exitReason ?? ("protectionFailed" as const),
      exitHeld: false,
    })),
    beginExit: assign(({ context }) => ({
      exitNumber: context.exitNumber + 1,
      exit: {
        intentId: sellIntent(context, "exit", context.exitNumber + 1).intentId,
        ended: false,
      },
    })),
    placeExit: sendTo(
      ({ system }) => system.get(actorName.desk),
      ({ context }) => ({
        type: "order.place",
        intent: sellIntent(context, "exit", context.exitNumber),
      }),
    ),
    forgetExit: assign({ exitReason: null, exitHeld: false, failures: 0 }),
    // Held back until the stop had its time, never forgotten.
    holdExit: assign({ exitHeld: true, failures: 0 }),
    retryExit: raise({ type: "exit.retry" }, { delay: "strandedRetry", id: "retryExit" }),
    releaseExit: assign({ exitHeld: false }),
    countFailure: assign(({ context }) => ({ failures: context.failures + 1 })),
    forgetFailures: assign({ failures: 0 }),
    // Sold by the stop alone: the stop's own reason, moved or not.
    nameReason: assign(({ context }) => ({
      exitReason:
        context.exitReason ??
        (context.stopPrice === context.initialStop ? ("stop" as const) : ("trail" as const)),
    })),
    tellClosed: sendTo(
      ({ context, system }) =>
        system.get(actorName.scanner(context.at, context.lane ?? context.symbol)),
      ({ context }) => ({ type: "position.closed", positionId: context.positionId }),
    ),
    alarmStranded: sendTo(
      ({ system }) => system.get(actorName.desk),
      ({ context }) => ({
        type: "alarm.raised",
        from: actorName.position(context.positionId),
        text: `Cannot sell ${context.quantity} ${context.instrument.base}: exits failed, the stop goes back`,
      }),
    ),
    countIllegal: assign(({ context }) => ({ illegal: context.illegal + 1 })),
    alarmIllegal: sendTo(
      ({ system }) => system.get(actorName.desk),
      ({ context, event }) => ({
        type: "alarm.raised",
        from: actorName.position(context.positionId),
        text: `Position cannot take event "${event.type}"`,
      }),
    ),
  },
});
