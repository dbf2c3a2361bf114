/** Looks at a working entry unasked: what fills while its reports are lost is exposed (P6). */
export const watch = {
  initial: "unset",
  states: {
    unset: { always: { guard: "isEntry", target: "running" } },
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
