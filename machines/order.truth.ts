/** What answers, reports and fills of an order lead to, whichever state it is in. */

/** What a fill does: it is booked and told. Whether it completes the order is judged after it. */
export const onFill = {
  "order.fill": { target: "#order.live.held.partial", actions: ["bookFill", "tellFill"] },
} as const;

export const tellOpened = { type: "tell", params: { type: "order.opened" } } as const;

/** What is said of an order that another one of this intent took the place of. */
const ofFormer = [
  { guard: "formerLivesOn", actions: ["learnFormer", "countIllegal", "alarmAlive"] },
  { guard: "isOfFormer", actions: "learnFormer" },
] as const;

/** Replies and reports that carry the order as the venue has it, and what they may change. */
export function onTruth(...further: readonly ("triggered" | "open")[]) {
  const transitions = [
    ...ofFormer,
    { guard: "isReplaced", target: "#order.live.held.new" },
    { guard: "isReplacing", actions: "learn" },
    { guard: "saysCanceled", target: "#order.live.held.canceled", actions: "learn" },
    { guard: "saysExpired", target: "#order.live.held.expired", actions: "learn" },
    { guard: "saysRejected", target: "#order.live.held.rejected", actions: "learn" },
    ...further.map((state) => ({
      guard: state === "open" ? ("saysOpen" as const) : ("saysTriggered" as const),
      target: `#order.live.held.${state}` as const,
      actions: "learn" as const,
    })),
    { actions: "learn" },
  ] as const;
  return sameFor(transitions);
}

function sameFor<const T>(transitions: T) {
  return {
    "submit.confirmed": transitions,
    "lookUp.found": transitions,
    "amend.confirmed": transitions,
    "cancel.confirmed": transitions,
    "venue.order": transitions,
  };
}

/** An order that came to its end at the venue: only fills, and how much filled, still count. */
export const late = {
  // What was proved to be over and lives on is a proof gone wrong.
  ...sameFor([
    ...ofFormer,
    { guard: "livesOn", actions: ["learnFilled", "countIllegal", "alarmAlive"] },
    { actions: "learnFilled" },
  ] as const),
  "order.fill": { actions: ["bookFill", "tellFill"] },
} as const;
