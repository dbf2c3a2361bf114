import { assign, sendTo, setup } from "xstate";
import { actorName, type SymbolName } from "./domain/ids.ts";

export interface FeedInput {
  readonly symbol: SymbolName;
  readonly timeframeMs: number;
  /** Whose prices they are, where the desk trades in several markets. */
  readonly market?: string;
}

export interface FeedContext extends FeedInput {
  readonly firstBarAt: number | null;
  /** Candles that the source left out. */
  readonly missed: number;
  readonly gaps: number;
}

export type FeedEvent =
  | { type: "feed.opened"; at: number }
  | { type: "feed.gap"; missed: number }
  | { type: "feed.ended" };

/** One symbol's market data, as far as it changes decisions: it came, it left bars out, it ended. */
export const feedMachine = setup({
  types: {
    context: {} as FeedContext,
    events: {} as FeedEvent,
    input: {} as FeedInput,
    tags: {} as "live",
  },
  actions: {
    noteFirst: assign(({ event }) =>
      event.type === "feed.opened" ? { firstBarAt: event.at } : {},
    ),
    noteGap: assign(({ context, event }) =>
      event.type === "feed.gap"
        ? { missed: context.missed + event.missed, gaps: context.gaps + 1 }
        : {},
    ),
    alarmIllegal: sendTo(
      ({ system }) => system.get(actorName.desk),
      ({ context, event }) => ({
        type: "alarm.raised",
        from: actorName.feed(context.symbol, context.market),
        text: `Feed cannot take event "${event.type}"`,
      }),
    ),
  },
}).createMachine({
  id: "feed",
  context: ({ input }) => ({ ...input, firstBarAt: null, missed: 0, gaps: 0 }),
  initial: "waiting",
  on: { "*": { actions: "alarmIllegal" } },
  states: {
    waiting: { on: { "feed.opened": { target: "live", actions: "noteFirst" } } },
    live: {
      tags: "live",
      on: { "feed.gap": { actions: "noteGap" }, "feed.ended": "ended" },
    },
    ended: { on: { "feed.opened": { target: "live" } } },
  },
});
