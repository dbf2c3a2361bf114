/** Round trips: what is open, what was closed, what they came to, and one trade's whole story. */
import { z } from "zod";
import { exitReasons } from "../../machines/domain/position.ts";
import { decimalText, time } from "./desk.ts";
import type { RouteTable } from "./route.ts";

/** Which round trips, by when they ended; what is left out is not asked for. */
const filter = {
  /** Of that day, UTC: `2026-01-31`. */
  day: z.iso.date().optional(),
  account: z.string().max(100).optional(),
  symbol: z.string().max(50).optional(),
  strategy: z.string().max(50).optional(),
  exit: z.enum(exitReasons).optional(),
};

export const tradeSortings = ["closed", "opened", "duration", "pnl", "share", "fees"] as const;
export const tradeGroups = ["symbol", "strategy", "exit", "day", "weekday", "hour"] as const;

/** What every round trip has. Prices and money in `quote`, quantities in the base coin. */
const trip = {
  positionId: z.string(),
  /** Of the lane's positions, from 1. */
  number: z.number(),
  lane: z.string(),
  symbol: z.string(),
  account: z.string(),
  quote: z.string(),
};

export const tradeRow = z.object({
  ...trip,
  quantity: decimalText,
  /** Averages over the fills; null where nothing was sold. */
  entryPrice: decimalText,
  exitPrice: decimalText.nullable(),
  openedAt: time,
  closedAt: time,
  /** Realised, after fees. */
  pnl: decimalText,
  /** Of what was paid for it. */
  share: z.number(),
  fees: decimalText,
  exitReason: z.enum(exitReasons).nullable(),
  /** Null where an older ledger did not keep it. */
  votedBy: z.array(z.string()).nullable(),
});

/** A position that is not over. */
export const openTradeRow = z.object({
  ...trip,
  /** Its machine's state: `opening`, `open`, `closing.stranded`. */
  state: z.string(),
  quantity: decimalText,
  /** Null before its first fill. */
  entryPrice: decimalText.nullable(),
  openedAt: time.nullable(),
  lastPrice: decimalText.nullable(),
  /** What a sale at the last price would bring, fees of the sale left out; null if not known. */
  pnl: decimalText.nullable(),
  share: z.number().nullable(),
  stopPrice: decimalText,
  /** As the venue confirmed it; null while none is known to rest there. */
  restingStop: decimalText.nullable(),
  targetPrice: decimalText.nullable(),
  votedBy: z.array(z.string()),
  /** Why the command would be refused; null where it would be obeyed. */
  exitRefused: z.string().nullable(),
  abandonRefused: z.string().nullable(),
});

export const tradeSum = z.object({
  group: z.string(),
  quote: z.string(),
  trades: z.number(),
  wins: z.number(),
  pnl: decimalText,
  fees: decimalText,
  /** Of what was paid for them. */
  share: z.number(),
});

/** One thing that happened in a trade's life. */
const storyStep = z.object({
  seq: z.number(),
  at: time,
  kind: z.enum(["decision", "command", "order", "fill", "stop", "position"]),
  /** Whose transition it was; null for a decision of no actor. */
  actor: z.string().nullable(),
  title: z.string(),
  text: z.string(),
});

const posting = z.object({
  account: z.string(),
  coin: z.string(),
  amount: decimalText,
});

const storyFill = z.object({
  tradeId: z.string(),
  at: time,
  price: decimalText,
  quantity: decimalText,
  fee: decimalText,
  feeCoin: z.string(),
  liquidity: z.enum(["maker", "taker"]),
  postings: z.array(posting),
});

const storyOrder = z.object({
  intentId: z.string(),
  role: z.string(),
  side: z.enum(["buy", "sell"]),
  type: z.string(),
  quantity: decimalText,
  price: decimalText.nullable(),
  stopPrice: decimalText.nullable(),
  state: z.string(),
  filled: decimalText,
  venueOrderId: z.string().nullable(),
  reason: z.string().nullable(),
  createdAt: time,
  attempts: z.array(
    z.object({
      number: z.number(),
      clientOrderId: z.string(),
      quantity: decimalText,
      price: decimalText.nullable(),
      sentAt: time,
    }),
  ),
  /** What the venue held of it, with the record that said so. */
  states: z.array(z.object({ state: z.string(), at: time, seq: z.number() })),
  fills: z.array(storyFill),
});

export const tradeStory = z.object({
  ...trip,
  state: z.string(),
  /** Null before the first fill. */
  result: z
    .object({
      quantity: decimalText,
      held: decimalText,
      entryPrice: decimalText.nullable(),
      exitPrice: decimalText.nullable(),
      openedAt: time,
      closedAt: time.nullable(),
      pnl: decimalText,
      share: z.number(),
      fees: decimalText,
      exitReason: z.enum(exitReasons).nullable(),
    })
    .nullable(),
  /** The signal; null where its record is no longer in the journal. */
  decision: z
    .object({
      seq: z.number(),
      at: time,
      votedBy: z.array(z.string()),
      quantity: decimalText,
      price: decimalText.nullable(),
      stopPrice: decimalText,
      targetPrice: decimalText.nullable(),
      /** What its gates were told of the desk. */
      gates: z.array(z.object({ name: z.string(), value: z.string() })),
    })
    .nullable(),
  votedBy: z.array(z.string()).nullable(),
  orders: z.array(storyOrder),
  steps: z.array(storyStep),
  /** Whether the journal still has all of it: older records are in archives. */
  isWhole: z.boolean(),
  /** Sums over all of the trade's entries, by coin and ledger account; each coin's come to zero. */
  postings: z.array(posting.extend({ isBalanced: z.boolean() })),
  exitRefused: z.string().nullable(),
  abandonRefused: z.string().nullable(),
});

const paged = {
  sort: z.enum(tradeSortings).default("closed"),
  direction: z.enum(["up", "down"]).default("down"),
  /** As the page before gave it. */
  after: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
};

export const tradesRoutes = {
  "GET /api/v1/trades": {
    role: "view",
    summary: "List closed round trips",
    changes: "nothing",
    query: z.strictObject({ ...filter, ...paged }),
    reply: z.object({ rows: z.array(tradeRow), next: z.string().nullable() }),
  },
  "GET /api/v1/trade-sums": {
    role: "view",
    summary: "Add up closed round trips, whole and by what they have in common",
    changes: "nothing",
    query: z.strictObject({ ...filter, group: z.enum(tradeGroups).default("symbol") }),
    reply: z.object({
      /** One a quote coin. */
      totals: z.array(tradeSum),
      groups: z.array(tradeSum),
      /** Whether a trade counts in several groups, which then come to more than the whole. */
      isOverlapping: z.boolean(),
      choices: z.object({
        symbols: z.array(z.string()),
        accounts: z.array(z.string()),
        strategies: z.array(z.string()),
      }),
    }),
  },
  "GET /api/v1/trades.csv": {
    role: "view",
    summary: "Export all closed round trips that match, as CSV",
    changes: "nothing",
    query: z.strictObject(filter),
    reply: z.string(),
    media: "text/csv; charset=utf-8",
    isStreamed: true,
  },
  "GET /api/v1/trades.json": {
    role: "view",
    summary: "Export all closed round trips that match, as a JSON list",
    changes: "nothing",
    query: z.strictObject(filter),
    reply: z.string(),
    media: "application/json",
    isStreamed: true,
  },
  "GET /api/v1/open-trades": {
    role: "view",
    summary: "List positions that are not over",
    changes: "nothing",
    reply: z.object({ rows: z.array(openTradeRow) }),
  },
  "GET /api/v1/trades/:positionId": {
    role: "view",
    summary: "Tell one trade's story from signal to ledger",
    changes: "nothing",
    reply: tradeStory,
  },
} as const satisfies RouteTable;
