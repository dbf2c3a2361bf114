import { zero } from "./domain/decimal.ts";
import { books } from "./order.books.ts";
import { formerOf, presentTerms } from "./order.chase.ts";
import { onDeclared, onSettled } from "./order.declared.ts";
import { orderSetup } from "./order.setup.ts";
import { late, onFill, onTruth, tellOpened } from "./order.truth.ts";
import {
  amendInput,
  cancelInput,
  type Ended,
  type LookUpInput,
  lookUpInput,
  type OrderContext,
  submitInput,
} from "./order.types.ts";
import { patience, watch } from "./order.waits.ts";

/** The order is proved over, with what it filled: the next attempt goes for the rest. */
const onReplaced = {
  guard: "isReplaced",
  target: "#order.live.asked.submitting.sent",
  actions: "beginReplacement",
} as const;

/** Made anew from the ledger, it goes on from where the ledger left it. */
const recoveredAs = (["filled", "canceled", "expired", "rejected", "denied"] as const).map(
  (ended) => ({ guard: { type: "recoveredAs", params: { ended } }, target: ended }) as const,
);

const terminal = (as: Ended) =>
  ({ tags: "over", entry: { type: "end", params: { as } }, on: late }) as const;

/** Asking until an answer is sound; what each answer means is up to the request in doubt. */
function unknown<const On>(doubt: LookUpInput["doubt"], on: On) {
  return {
    tags: ["unknown", "exposed"],
    description: "Fate not known: asked for until it is proved, never guessed (P2)",
    initial: "looking",
    on: { ...on, ...onSettled },
    states: {
      looking: {
        invoke: {
          src: "lookUp",
          id: "lookUp",
          input: ({ context }: { context: OrderContext }) => lookUpInput(context, doubt),
          onError: { target: "waiting", actions: "countLookUp" },
        },
        on: {
          "lookUp.unclear": { target: "waiting", actions: "countLookUp" },
          // Absent, yet heard of meanwhile: one of the two is stale, so neither proves anything.
          "lookUp.absent": { guard: "isKnown", target: "waiting", actions: "countLookUp" },
        },
      },
      waiting: { after: { lookUpRetry: "looking" } },
    },
  } as const;
}

/**
 * One intent's life. Region `held`: what the venue holds. Region `asked`: what is asked of it.
 * Region `books`: whether all fills that the venue speaks of are booked. Region `watch`: when an
 * entry is looked at unasked. Region `patience`: how long the desk lets it rest. A terminal order
 * stays for a settle window; late fills are legal.
 */
export const orderMachine = orderSetup.createMachine({
  id: "order",
  options: { maxIterations: 100 },
  context: ({ input }) => ({
    ...input,
    attempts: input.recovered?.attempts ?? [
      {
        number: 1,
        clientOrderId: input.clientOrderId,
        quantity: input.intent.quantity,
        price: input.intent.price,
        sentAt: input.intent.createdAt,
      },
    ],
    venueOrderId: input.recovered?.venueOrderId ?? null,
    live: presentTerms(input),
    wanted: null,
    atMost: presentTerms(input).quantity,
    former: formerOf(input),
    doubtSince: input.recovered?.at ?? input.intent.createdAt,
    learnedAt: 0,
    filled: input.recovered?.filled ?? zero,
    filledFor: input.recovered?.filledFor ?? zero,
    reported: input.recovered?.filled ?? zero,
    cancelReason: null,
    cancelsInVain: 0,
    lookUps: 0,
    ended: null,
    reason: null,
    illegal: 0,
    lastIllegal: null,
  }),
  initial: "live",
  on: { "*": { actions: ["countIllegal", "alarmIllegal"] } },
  states: {
    live: {
      type: "parallel",
      on: {
        "order.cancel": { actions: "wantCancel" },
        "order.amend": { actions: "wantAmend" },
        "order.reprice": [{ guard: "mayReprice", actions: "wantReprice" }, {}],
        // The doubt is settled by whatever is under way.
        "order.doubt": {},
        // The fills that the answer brought were booked first and may have ended the fetching.
        "fills.fetched": {},
      },
      states: {
        held: {
          initial: "new",
          states: {
            new: {
              description: "Nothing is known to rest at the venue",
              always: [...recoveredAs, { guard: "hasFilled", target: "partial" }],
              on: {
                ...onTruth("triggered", "open"),
                ...onDeclared,
                "order.fill": {
                  target: "partial",
                  actions: [tellOpened, "bookFill", "tellFill"],
                },
                "submit.denied": { target: "denied", actions: "endDenied" },
                "submit.refused": { target: "rejected", actions: "endRefused" },
                "lookUp.absent": [
                  { guard: "isKnown" },
                  { guard: "mayTryAgain" },
                  { guard: "wasCanceled", target: "canceled", actions: "endNeverPlaced" },
                  { target: "rejected", actions: "endNeverPlaced" },
                ],
              },
            },
            open: {
              tags: "exposed",
              description: "Rests at the venue, nothing filled",
              entry: tellOpened,
              on: { ...onTruth("triggered"), ...onFill, ...onDeclared },
            },
            triggered: {
              tags: "exposed",
              description: "Its stop price was touched",
              entry: tellOpened,
              on: { ...onTruth(), ...onFill, ...onDeclared },
            },
            partial: {
              tags: "exposed",
              description: "Filled in part; the rest may still fill",
              always: { guard: "isFilled", target: "filled" },
              on: {
                ...onTruth(),
                ...onFill,
                ...onDeclared,
                // What replaces an order filled in part may come to nothing: its fills stay.
                "submit.denied": {
                  guard: "isReplacement",
                  target: "canceled",
                  actions: "endDenied",
                },
                "submit.refused": {
                  guard: "isReplacement",
                  target: "canceled",
                  actions: "endRefused",
                },
                "lookUp.absent": [
                  { guard: "isKnown" },
                  { guard: "mayTryAgain" },
                  { target: "canceled", actions: "endNeverPlaced" },
                ],
              },
            },
            filled: terminal("filled"),
            canceled: {
              ...terminal("canceled"),
              description: "Cancelled; a fill that crossed the cancel is still booked",
            },
            expired: terminal("expired"),
            rejected: terminal("rejected"),
            denied: {
              ...terminal("denied"),
              description: "A brake kept it from leaving the process (P7)",
            },
          },
        },
        asked: {
          initial: "submitting",
          states: {
            none: {
              always: [
                { guard: "wantsCancel", target: "canceling" },
                { guard: "wantsReplacement", target: "canceling" },
                { guard: "wantsAmend", target: "amending" },
              ],
              on: { "order.doubt": { target: "checking", actions: "doubt" } },
            },
            submitting: {
              initial: "sent",
              states: {
                sent: {
                  tags: ["inFlight", "exposed"],
                  description: "Sent, or about to be: its answer is waited for",
                  always: [
                    { guard: "isRecoveredOver", target: "#order.live.asked.none" },
                    { guard: "isRecoveredKnown", target: "#order.live.asked.checking" },
                    { guard: "isRecovered", target: "unknown" },
                  ],
                  invoke: {
                    src: "submit",
                    id: "submit",
                    input: ({ context }) => submitInput(context),
                    onError: { target: "unknown", actions: "doubt" },
                  },
                  on: {
                    "submit.confirmed": "#order.live.asked.none",
                    "submit.refused": "#order.live.asked.none",
                    "submit.denied": "#order.live.asked.none",
                    "submit.unknown": { target: "unknown", actions: "doubt" },
                  },
                },
                unknown: unknown("submit", {
                  "lookUp.found": "#order.live.asked.none",
                  "lookUp.absent": [
                    {
                      guard: "mayTryAgain",
                      target: "#order.live.asked.submitting.sent",
                      actions: "beginAttempt",
                    },
                    { target: "#order.live.asked.none" },
                  ],
                }),
              },
            },
            amending: {
              initial: "sent",
              states: {
                sent: {
                  tags: ["inFlight", "exposed"],
                  description: "The amendment is sent; either terms may be live",
                  invoke: {
                    src: "amend",
                    id: "amend",
                    input: ({ context }) => amendInput(context),
                    onError: { target: "unknown", actions: "doubt" },
                  },
                  on: {
                    "amend.confirmed": {
                      target: "#order.live.asked.none",
                      actions: { type: "tell", params: { type: "order.amended" } },
                    },
                    "amend.denied": { target: "#order.live.asked.none", actions: "wantNothing" },
                    "amend.refused": [
                      {
                        guard: "mustReplace",
                        target: "#order.live.asked.none",
                        actions: "replaceInstead",
                      },
                      { target: "#order.live.asked.checking", actions: "wantNothing" },
                    ],
                    "amend.unknown": { target: "unknown", actions: "doubt" },
                  },
                },
                unknown: unknown("amend", {
                  "lookUp.found": [
                    {
                      guard: "saysWanted",
                      target: "#order.live.asked.none",
                      actions: { type: "tell", params: { type: "order.amended" } },
                    },
                    // Proved not to have happened: it is still wanted, and asked again at once.
                    { target: "#order.live.asked.none" },
                  ],
                }),
              },
            },
            canceling: {
              initial: "sent",
              states: {
                sent: {
                  tags: ["inFlight", "exposed"],
                  description: "The cancel is sent; it may fill until it is proved over",
                  invoke: {
                    src: "cancel",
                    id: "cancel",
                    input: ({ context }) => cancelInput(context),
                    onError: { target: "unknown", actions: "doubt" },
                  },
                  on: {
                    "cancel.confirmed": [
                      onReplaced,
                      { guard: "saysOver", target: "#order.live.asked.none" },
                      { target: "unknown" },
                    ],
                    "cancel.refused": { target: "unknown", actions: "doubt" },
                    "cancel.unknown": { target: "unknown", actions: "doubt" },
                  },
                },
                unknown: unknown("cancel", {
                  "lookUp.found": [
                    onReplaced,
                    { guard: "saysOver", target: "#order.live.asked.none" },
                    {
                      guard: "mayCancelAtOnce",
                      target: "#order.live.asked.canceling.sent",
                      actions: "countCancel",
                    },
                    { target: "#order.live.asked.canceling.resting", actions: "countCancel" },
                  ],
                }),
                resting: {
                  tags: "exposed",
                  description: "Proved still live, again and again: asked anew after a pause",
                  always: { guard: "hasEnded", target: "#order.live.asked.none" },
                  after: { lookUpRetry: "sent" },
                },
              },
            },
            checking: {
              ...unknown("order", {
                "lookUp.found": {
                  target: "#order.live.asked.none",
                  actions: { type: "tell", params: { type: "order.amended" } },
                },
              }),
              // No request is in doubt here: an exit does not wait for a look that may hang.
              always: { guard: "wantsCancel", target: "canceling" },
            },
          },
        },
        books,
        watch,
        patience,
      },
    },
    settled: {
      tags: ["finished", "over"],
      description: "To be archived; a late fill revives it for as long as it takes to book",
      on: {
        "order.fill": { target: "settled", reenter: true, actions: ["bookFill", "tellFill"] },
        "venue.order": {},
        "order.cancel": {},
        "order.amend": {},
        "order.reprice": {},
        "order.doubt": {},
      },
    },
  },
});
