/**
 * Looks unasked at an order that works: an entry that fills while its reports are lost is exposed
 * (P6), and a stop or an exit that did has closed what the desk believes to hold.
 */
export const watch = {
  initial: "unset",
  states: {
    unset: { always: { guard: "isWatched", target: "running" } },
    running: {
      always: { guard: "hasEnded", target: "over" },
      after: { workingCheck: { target: "running", reenter: true, actions: "look" } },
    },
    over: {},
  },
} as const;

/** Ends what rested for as long as its intent allows. */
export const patience = {
  initial: "unset",
  states: {
    unset: { always: { guard: "hasPatience", target: "running" } },
    running: { after: { patience: { target: "over", actions: "wantCancel" } } },
    over: {},
  },
} as const;
