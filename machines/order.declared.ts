/** What the operator's word does to an order's machine: it counts only while the fate is not known. */

/** In region `held`: what is called absent ends. */
export const onDeclared = {
  "order.absent": {
    guard: "isInDoubt",
    target: "#order.live.held.canceled",
    actions: "declareAbsent",
  },
} as const;

/** In a state `unknown` of region `asked`: nothing is asked any more, or it is looked up anew. */
export const onSettled = {
  "order.absent": "#order.live.asked.none",
  "order.placed": { target: ".looking", actions: "nameAtVenue" },
} as const;
