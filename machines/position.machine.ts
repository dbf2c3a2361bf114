import { zero } from "./domain/decimal.ts";
import { positionSetup } from "./position.setup.ts";

/** However what is left is held: nothing worth a stop, or wanted no more. */
const leaving = [
  { guard: "isFlat", target: "closing" },
  { guard: "isDust", target: "closing" },
  { guard: "wantsExit", target: "switching" },
] as const;
const protect = ["beginStop", "placeStop"] as const;
const resize = ["askStop", "amendStop"] as const;

/** A stop that ends while it is needed has failed, unless it ended by filling. */
const onEnded = {
  "order.ended": [
    { guard: "isEntry", actions: "entryEnds" },
    { guard: "isTooSmall", actions: ["noteTooSmall", "stopEnds", "exitEnds"] },
    {
      guard: "mayPassLater",
      target: "#position.unprotected",
      actions: ["stopEnds", "countFailure", "alarmUnprotected"],
    },
    { guard: "isFailedStop", actions: ["stopEnds", "countFailure"] },
    { guard: "isStop", actions: "stopEnds" },
    { guard: "isExit", actions: "exitEnds" },
  ],
} as const;

/** Without a stop at the venue, the desk's own level is all there is. */
const onLevels = {
  "level.raised": { actions: "raiseStop" },
  "level.crossed": { actions: "exitThroughStop" },
} as const;

/**
 * One position, spot and long only: what its fills bought, protected by a stop that rests at the
 * venue from its first fill to its end (P6). It asks the desk for orders and never sends one itself.
 */
export const positionMachine = positionSetup.createMachine({
  id: "position",
  options: { maxIterations: 100 },
  context: ({ input }) => ({
    ...input,
    quantity: zero,
    entryEnded: false,
    initialStop: input.stopPrice,
    stop: null,
    stopNumber: 0,
    exit: null,
    exitNumber: 0,
    exitReason: null,
    exitHeld: false,
    failures: 0,
    illegal: 0,
    ...input.recovered,
  }),
  initial: "opening",
  on: {
    "order.filled": [
      // What is being stopped out is not to be bought any more.
      { guard: "isStop", actions: ["bookFill", "cancelEntry"] },
      { actions: "bookFill" },
    ],
    "order.opened": [{ guard: "isStop", actions: "stopRests" }, {}],
    "order.amended": [{ guard: "isStop", actions: "stopRests" }, {}],
    "order.ended": [
      { guard: "isEntry", actions: "entryEnds" },
      { guard: "isTooSmall", actions: ["noteTooSmall", "stopEnds", "exitEnds"] },
      { guard: "isStop", actions: "stopEnds" },
      { guard: "isExit", actions: "exitEnds" },
    ],
    "level.raised": {},
    "level.crossed": {},
    "exit.wanted": { actions: "wantExit" },
    "exit.retry": { actions: "releaseExit" },
    "entry.abandon": { actions: "cancelEntry" },
    "*": { actions: ["countIllegal", "alarmIllegal"] },
  },
  states: {
    opening: {
      tags: "exposed",
      description: "The entry works, nothing is bought yet",
      entry: "placeEntry",
      always: [
        { guard: "isHeld", target: "protecting" },
        { guard: "neverOpened", target: "closed" },
      ],
      on: { "exit.wanted": { actions: ["wantExit", "cancelEntry"] } },
    },
    protecting: {
      tags: ["exposed", "unprotected"],
      description: "Bought, and no stop is known to rest at the venue for all of it",
      always: [
        ...leaving,
        { guard: "goesBare", target: "bare" },
        { guard: "failedTooOften", target: "switching", actions: "exitUnprotected" },
        { guard: "cannotStop", target: "unprotectable" },
        { guard: "stopMissing", actions: protect },
        { guard: "stopStuck", target: "replacing" },
        { guard: "stopOutdated", actions: resize },
        { guard: "stopCovers", target: "open" },
      ],
      on: onEnded,
    },
    unprotected: {
      tags: ["exposed", "unprotected", "watched"],
      description: "No stop was taken: tried again after a pause, the desk watches its level",
      always: [
        ...leaving,
        { guard: "failedTooOften", target: "switching", actions: "exitUnprotected" },
      ],
      on: onLevels,
      after: { stopRetry: "protecting" },
    },
    unprotectable: {
      tags: ["exposed", "unprotected", "watched"],
      description: "Too little for a stop: the desk watches its level and sells at market",
      always: [...leaving, { guard: "stopMissing", target: "protecting" }],
      on: onLevels,
    },
    bare: {
      tags: ["exposed", "unprotected"],
      description: "Held without a stop, as a run for research asked for: sold by its signal alone",
      always: [...leaving],
    },
    open: {
      tags: ["exposed", "protected", "watched"],
      description: "A stop rests at the venue for all that is held",
      always: [
        ...leaving,
        { guard: "stopMissing", target: "protecting" },
        { guard: "stopStuck", target: "replacing" },
        { guard: "stopOutdated", actions: resize },
        { guard: "stopFallsShort", target: "protecting" },
      ],
      on: { ...onEnded, ...onLevels },
    },
    replacing: {
      tags: ["exposed", "unprotected"],
      description: "The venue does not amend the stop: it is cancelled, and a new one placed",
      entry: "cancelStop",
      always: { guard: "hasNoStop", target: "protecting" },
    },
    switching: {
      tags: ["exposed", "unprotected"],
      description: "From stop to exit: the entry's rest and the stop are cancelled first",
      entry: ["cancelEntry", "cancelStop"],
      always: { guard: "allElseEnded", target: "closing" },
    },
    closing: {
      tags: ["exposed", "unprotected"],
      description: "Selling what is left, each try when the last one's fate is known",
      entry: ["forgetFailures", "cancelEntry", "cancelStop"],
      initial: "selling",
      always: { guard: "isOver", target: "closed" },
      states: {
        selling: {
          always: [
            // Made anew from the ledger while its exit worked.
            { guard: "exitWorks", target: "working" },
            { guard: "failedTooOften", target: "stranded" },
            { guard: "exitDue", target: "working", actions: ["beginExit", "placeExit"] },
          ],
        },
        working: { always: { guard: "exitEnded", target: "selling" } },
        stranded: {
          description: "Exits failed: after a pause the stop goes back, and later the exit",
          entry: "alarmStranded",
          after: {
            strandedRetry: { target: "#position.protecting", actions: ["holdExit", "retryExit"] },
          },
        },
      },
    },
    closed: {
      tags: "over",
      description: "Nothing held, nothing resting; a late fill opens it again",
      entry: ["nameReason", "tellClosed"],
      always: { guard: "isHeldAgain", target: "protecting", actions: "forgetExit" },
      after: { settleWindow: "settled" },
    },
    settled: {
      tags: ["finished", "over"],
      always: { guard: "isHeldAgain", target: "protecting", actions: "forgetExit" },
    },
  },
});
