import { lookUpInput, type OrderContext } from "./order.types.ts";

/** Whether all fills that the venue speaks of are booked; the end is told once they are. */
export const books = {
  initial: "complete",
  states: {
    complete: {
      always: [
        { guard: "fillsTrail", target: "behind" },
        {
          guard: "isOver",
          target: "told",
          actions: { type: "tell", params: { type: "order.ended" } },
        },
      ],
    },
    behind: {
      tags: "exposed",
      description: "The venue speaks of fills that are not booked yet",
      initial: "waiting",
      always: { guard: "fillsComplete", target: "complete" },
      states: {
        waiting: { after: { fillGrace: "fetching" } },
        fetching: {
          invoke: {
            src: "fetchFills",
            id: "fetchFills",
            input: ({ context }: { context: OrderContext }) => lookUpInput(context, "order"),
            onError: "waiting",
          },
          on: {
            "fills.fetched": { target: "waiting", actions: "learnBefore" },
            "fills.unclear": "waiting",
          },
        },
      },
    },
    told: {
      always: { guard: "fillsTrail", target: "behind" },
      after: {
        settleWindow: [
          { guard: "nothingAsked", target: "#order.settled" },
          { target: "told", reenter: true },
        ],
      },
    },
  },
} as const;
