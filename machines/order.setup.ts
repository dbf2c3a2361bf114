import { assign, or, raise, sendTo, setup, stateIn } from "xstate";
import {
  add,
  compare,
  isPositive,
  maximum,
  multiply,
  subtract,
  sum,
  zero,
} from "./domain/decimal.ts";
import { effect } from "./domain/effect.ts";
import { actorName } from "./domain/ids.ts";
import { addsExposure, isTerminal, type VenueOrder } from "./domain/order.ts";
import { formerFilled, formerIn, withFormer } from "./order.chase.ts";
import {
  type AmendInput,
  type CancelInput,
  differ,
  type Ended,
  isToBeReplaced,
  type LookUpInput,
  type OrderContext,
  type OrderEvent,
  type OrderInput,
  type SubmitInput,
} from "./order.types.ts";

function says(event: OrderEvent, ...states: readonly VenueOrder["state"][]): boolean {
  return "order" in event && states.includes(event.order.state);
}

/** Where the fate of what was asked is not known. */
const doubts = ["submitting.unknown", "amending.unknown", "canceling.unknown", "checking"] as const;

/** What a claimed order had filled before it was claimed is its own, and nobody's to book. */
function withBefore(context: OrderContext, event: OrderEvent): Partial<OrderContext> {
  if (!("before" in event) || event.before === undefined) return {};
  const { filled, before = zero } = context;
  return { before: event.before, filled: add(filled, subtract(event.before, before)) };
}

/** Cancels that may be sent again at once after a proof that they did not happen. */
const cancelsAtOnce = 3;

/** The most that may fill: whatever was asked for may have landed, and unsaid. */
const due = (context: OrderContext) =>
  add(formerFilled(context), maximum(context.live.quantity, context.atMost));

const fillsTrail = ({ reported, filled }: OrderContext) => compare(reported, filled) > 0;

/** What the order machine is made of: its delays, guards and actions by name. */
export const orderSetup = setup({
  types: {
    context: {} as OrderContext,
    events: {} as OrderEvent,
    input: {} as OrderInput,
    tags: {} as "inFlight" | "unknown" | "exposed" | "over" | "finished",
  },
  actors: {
    submit: effect<SubmitInput>(),
    amend: effect<AmendInput>(),
    cancel: effect<CancelInput>(),
    lookUp: effect<LookUpInput>(),
    fetchFills: effect<LookUpInput>(),
  },
  delays: {
    patience: ({ context }) => context.intent.patienceMs ?? 0,
    settleWindow: ({ context }) => context.settings.settleMs,
    fillGrace: ({ context }) => context.settings.fillGraceMs,
    workingCheck: ({ context: { intent, settings } }) =>
      intent.role === "stop"
        ? (settings.restingCheckMs ?? settings.workingCheckMs)
        : settings.workingCheckMs,
    lookUpRetry: ({ context }) =>
      Math.min(context.settings.lookUpRetryMs * 2 ** Math.min(context.lookUps, 10), 30_000),
  },
  guards: {
    saysOpen: ({ event }) => says(event, "open", "partial"),
    saysTriggered: ({ event }) => says(event, "triggered"),
    saysCanceled: ({ event }) => says(event, "canceled"),
    saysExpired: ({ event }) => says(event, "expired"),
    saysRejected: ({ event }) => says(event, "rejected"),
    saysOver: ({ event }) => "order" in event && isTerminal(event.order.state),
    saysWanted: ({ context: { wanted }, event }) =>
      wanted !== null && "order" in event && !differ(wanted, event.order),
    mayCancelAtOnce: ({ context }) => context.cancelsInVain < cancelsAtOnce,
    livesOn: ({ context, event }) =>
      "order" in event &&
      context.ended !== "filled" &&
      !isTerminal(event.order.state) &&
      event.order.updatedAt > context.learnedAt,
    isKnown: ({ context }) => context.venueOrderId !== null,
    isFilled: ({ context }) => compare(context.filled, due(context)) >= 0,
    isOfFormer: ({ context, event }) =>
      "order" in event && formerIn(context, event.order) !== undefined,
    formerLivesOn: ({ context, event }) => {
      const former = "order" in event ? formerIn(context, event.order) : undefined;
      if (!former || !("order" in event) || isTerminal(event.order.state)) return false;
      return event.order.updatedAt > former.endedAt && former.endedAt > 0;
    },
    mayReprice: ({ context }) => {
      const { intent, ended, cancelReason, venueOrderId, replacement, type } = context;
      const isResting = ended === null && venueOrderId !== null && cancelReason === null;
      return addsExposure(intent.role) && isResting && !replacement && type === undefined;
    },
    wantsReplacement: ({ context }) =>
      isToBeReplaced(context) &&
      context.ended === null &&
      compare(context.reported, due(context)) < 0,
    isReplacing: ({ context, event }) => isToBeReplaced(context) && says(event, "canceled"),
    // Ended by the answer of the cancel that was to end it, which brings the next attempt's id.
    isReplaced: ({ context, event }) =>
      isToBeReplaced(context) &&
      says(event, "canceled") &&
      "next" in event &&
      event.next !== undefined &&
      "order" in event &&
      compare(event.order.filled, context.live.quantity) < 0,
    isReplacement: ({ context: { former = [], venueOrderId } }) =>
      former.length > 0 && venueOrderId === null,
    mustReplace: ({ context: { intent, wanted, cancelReason }, event }) =>
      event.type === "amend.refused" &&
      event.code === "unsupported" &&
      addsExposure(intent.role) &&
      wanted !== null &&
      cancelReason === null,
    isWatched: ({ context: { intent, settings } }) =>
      addsExposure(intent.role) || settings.restingCheckMs !== undefined,
    hasEnded: ({ context }) => context.ended !== null,
    // A new attempt after a recovery is sent like any other.
    isRecovered: ({ context: { recovered, attempts } }) =>
      recovered !== undefined && attempts.length === recovered.attempts.length,
    isRecoveredKnown: ({ context: { recovered } }) => (recovered?.venueOrderId ?? null) !== null,
    isRecoveredOver: ({ context: { recovered } }) => (recovered?.ended ?? null) !== null,
    recoveredAs: ({ context: { recovered } }, params: { readonly ended: Ended }) =>
      recovered?.ended === params.ended,
    hasFilled: ({ context }) => isPositive(context.filled),
    hasPatience: ({ context }) => context.intent.patienceMs !== null,
    // What the venue calls filled is left to its fills: there is nothing to cancel any more.
    wantsCancel: ({ context }) =>
      context.cancelReason !== null &&
      context.ended === null &&
      compare(context.reported, due(context)) < 0,
    wantsAmend: ({ context: { wanted, live, ended, venueOrderId } }) =>
      wanted !== null && ended === null && venueOrderId !== null && differ(wanted, live),
    mayTryAgain: ({ context }) =>
      context.cancelReason === null &&
      context.ended === null &&
      context.venueOrderId === null &&
      context.attempts.length - (context.former?.length ?? 0) < context.settings.maxAttempts,
    fillsTrail: ({ context }) => fillsTrail(context),
    fillsComplete: ({ context }) => !fillsTrail(context),
    wasCanceled: ({ context }) => context.cancelReason !== null,
    nothingAsked: stateIn("#order.live.asked.none"),
    isInDoubt: or(doubts.map((asked) => stateIn(`#order.live.asked.${asked}`))),
    isOver: ({ context }) => context.ended !== null && !fillsTrail(context),
  },
  actions: {
    learn: assign(({ context, event }) => {
      if (!("order" in event)) return {};
      const { venueOrderId, quantity, price, stopPrice, filled, reason, updatedAt } = event.order;
      // A report may come late and be older than what is known of the terms.
      const reported = add(formerFilled(context), filled);
      const isOld = updatedAt < context.learnedAt || compare(reported, context.reported) < 0;
      const terms = isOld ? context.live : { quantity, price, stopPrice };
      const isDone = says(event, "filled");
      return {
        ...withBefore(context, event),
        venueOrderId,
        // However much it was meant to be: this is all that it filled, and nothing changes it now.
        live: isDone ? { ...terms, quantity: filled } : terms,
        atMost: isDone ? filled : context.atMost,
        wanted: isDone ? null : context.wanted,
        learnedAt: isDone ? Number.MAX_SAFE_INTEGER : Math.max(context.learnedAt, updatedAt),
        reported: maximum(context.reported, reported),
        reason: reason ?? context.reason,
      };
    }),
    learnFilled: assign(({ context, event }) =>
      "order" in event
        ? { reported: maximum(context.reported, add(formerFilled(context), event.order.filled)) }
        : {},
    ),
    learnFormer: assign(({ context, event }) => {
      const former = "order" in event ? formerIn(context, event.order) : undefined;
      if (!former || !("order" in event)) return {};
      const { filled, venueOrderId } = event.order;
      const more = subtract(maximum(filled, former.filled), former.filled);
      const known = { ...former, venueOrderId, filled: add(former.filled, more) };
      return { ...withFormer(context, known), reported: add(context.reported, more) };
    }),
    learnBefore: assign(({ context, event }) => withBefore(context, event)),
    declareAbsent: assign(({ event }) =>
      event.type === "order.absent"
        ? { declared: { by: event.by, at: event.at }, reason: `declared absent ${event.by}` }
        : {},
    ),
    nameAtVenue: assign(({ event }) =>
      event.type === "order.placed" ? { named: event.venueOrderId, lookUps: 0 } : {},
    ),
    end: assign((_, params: { readonly as: Ended }) => ({ ended: params.as, wanted: null })),
    endDenied: assign(({ event }) => ({
      ended: "denied" as const,
      reason: event.type === "submit.denied" ? event.reason : null,
    })),
    endRefused: assign(({ event }) => ({
      ended: "rejected" as const,
      reason: event.type === "submit.refused" ? `${event.code}: ${event.text}` : null,
      ...(event.type === "submit.refused" ? { refusal: event.code } : {}),
    })),
    endNeverPlaced: assign(({ context }) => ({
      ended: context.cancelReason === null ? ("rejected" as const) : ("canceled" as const),
      reason: context.cancelReason ?? "proved never placed",
    })),
    bookFill: assign(({ context, event }) => {
      if (event.type !== "order.fill") return {};
      const { quantity, price, venueOrderId, clientOrderId } = event.fill;
      const former = formerIn(context, { venueOrderId, clientOrderId });
      const totals = {
        filled: add(context.filled, quantity),
        filledFor: add(context.filledFor, multiply(quantity, price)),
      };
      if (former) {
        const booked = add(former.booked, quantity);
        return { ...totals, ...withFormer(context, { ...former, booked }) };
      }
      return {
        ...totals,
        venueOrderId: context.venueOrderId ?? venueOrderId,
      };
    }),
    tellFill: sendTo(
      ({ context, system }) => system.get(actorName.position(context.intent.positionId)),
      ({ context: { intent }, event }) => ({
        type: "order.filled",
        intentId: intent.intentId,
        role: intent.role,
        ...(event.type === "order.fill"
          ? { quantity: event.fill.quantity, fee: event.fill.fee, feeCoin: event.fill.feeCoin }
          : { quantity: zero, fee: zero, feeCoin: intent.symbol }),
      }),
    ),
    tell: sendTo(
      ({ context, system }) => system.get(actorName.position(context.intent.positionId)),
      (
        { context },
        params: { readonly type: "order.opened" | "order.amended" | "order.ended" },
      ) => ({
        type: params.type,
        intentId: context.intent.intentId,
        role: context.intent.role,
        live: context.live,
        wanted: context.wanted,
        filled: context.filled,
        ended: context.ended,
        reason: context.reason,
        refusal: context.refusal ?? null,
      }),
    ),
    beginAttempt: assign(({ context, event }) => {
      if (event.type !== "lookUp.absent") return {};
      const { clientOrderId, at } = event;
      const number = context.attempts.length + 1;
      const { quantity, price } = context.live;
      return {
        clientOrderId,
        attempts: [...context.attempts, { number, clientOrderId, quantity, price, sentAt: at }],
        doubtSince: at,
        lookUps: 0,
      };
    }),
    beginReplacement: assign(({ context, event }) => {
      if (!("next" in event) || event.next === undefined) return {};
      const { intent, attempts, former = [], clientOrderId, venueOrderId } = context;
      const { order, next } = event;
      const booked = subtract(context.filled, sum(former.map((each) => each.booked)));
      const ended = { clientOrderId, venueOrderId, filled: order.filled, booked };
      const all = [...former, { ...ended, endedAt: order.updatedAt }];
      const filled = formerFilled({ former: all });
      const price = context.replacement?.price ?? null;
      const quantity = subtract(intent.quantity, filled);
      const attempt = { number: attempts.length + 1, quantity, price, sentAt: next.at };
      return {
        attempts: [...attempts, { ...attempt, clientOrderId: next.clientOrderId }],
        clientOrderId: next.clientOrderId,
        venueOrderId: null,
        former: all,
        replacement: null,
        ...(price === null ? { type: "market" as const } : {}),
        live: { ...context.live, quantity, price },
        wanted: null,
        atMost: quantity,
        learnedAt: 0,
        reported: maximum(context.reported, filled),
        doubtSince: next.at,
        lookUps: 0,
        cancelsInVain: 0,
      };
    }),
    wantReprice: assign(({ context, event }) => {
      if (event.type !== "order.reprice") return {};
      const repriced = { count: (context.repriced?.count ?? 0) + 1, at: event.at };
      const terms = { ...context.live, price: event.price };
      return event.price === null || context.amendsNot
        ? { repriced, replacement: terms, wanted: null }
        : { repriced, wanted: terms };
    }),
    replaceInstead: assign(({ context }) => ({
      replacement: context.wanted,
      wanted: null,
      amendsNot: true as const,
    })),
    wantCancel: assign(({ context, event }) => ({
      cancelReason:
        context.cancelReason ?? (event.type === "order.cancel" ? event.reason : "patience"),
    })),
    wantAmend: assign(({ context, event }) => ({
      wanted: event.type === "order.amend" ? event.wanted : context.wanted,
      atMost:
        event.type === "order.amend"
          ? maximum(context.atMost, event.wanted.quantity)
          : context.atMost,
    })),
    look: raise(({ context }) => ({ type: "order.doubt", since: context.doubtSince })),
    wantNothing: assign({ wanted: null }),
    doubt: assign(({ context, event }) => ({
      doubtSince: "since" in event ? event.since : context.doubtSince,
      lookUps: 0,
    })),
    countCancel: assign(({ context }) => ({ cancelsInVain: context.cancelsInVain + 1 })),
    countLookUp: assign(({ context }) => ({ lookUps: context.lookUps + 1 })),
    countIllegal: assign(({ context, event }) => ({
      illegal: context.illegal + 1,
      lastIllegal: event.type,
    })),
    alarmIllegal: sendTo(
      ({ system }) => system.get(actorName.desk),
      ({ context, event }) => ({
        type: "alarm.raised",
        from: actorName.order(context.intent.intentId),
        text: `Order cannot take event "${event.type}"`,
      }),
    ),
    alarmAlive: sendTo(
      ({ system }) => system.get(actorName.desk),
      ({ context }) => ({
        type: "alarm.raised",
        from: actorName.order(context.intent.intentId),
        text: `Order is live at the venue, but was proved ${context.ended ?? "replaced"}`,
      }),
    ),
  },
});
