/**
 * One lane: its candles with what was decided and traded on them, its position and orders, the
 * votes at a bar, and the order book. Prices of candles are whole ticks; other prices are exact.
 */
import { z } from "zod";
import { decisionCodes } from "../../machines/domain/decision.ts";
import { exitReasons } from "../../machines/domain/position.ts";
import { decimalText, time } from "./desk.ts";
import type { RouteTable } from "./route.ts";

const direction = z.union([z.literal(-1), z.literal(0), z.literal(1)]);
/** Null where it is not known. */
const measure = z.number().nullable();
const frame = z.string().regex(/^[1-9]\d{0,3}[smhd]$/);

/** The first closed gate, with what it saw and wanted. */
export const gateView = z.object({
  name: z.string(),
  value: z.string(),
  limit: z.string(),
  words: z.string(),
});

export const decisionView = z.object({
  /** Of its journal record. */
  seq: z.number(),
  at: time,
  code: z.enum(decisionCodes),
  words: z.string(),
  gate: gateView.nullable(),
});

export const voteView = z.object({
  strategy: z.string(),
  direction,
  /** Null where it failed. */
  strength: measure,
  /** As it is counted: with regime and performance. */
  weight: z.number(),
  words: z.string(),
});

export const frameView = z.object({
  frame,
  frameMs: z.number(),
  isWarm: z.boolean(),
  regime: z.string(),
  score: measure,
  votes: z.array(voteView),
});

/** What the timeframes came to together. */
export const evaluationView = z.object({
  leaning: direction,
  confidence: measure,
  frames: z.array(frameView),
  gates: z.array(
    z.object({
      name: z.string(),
      value: z.string(),
      limit: z.string(),
      isOpen: z.boolean(),
      words: z.string(),
    }),
  ),
});

export const candleView = z.object({
  openedAt: time,
  ...{ open: z.number(), high: z.number(), low: z.number(), close: z.number() },
  /** Base coin. */
  volume: z.number(),
  /** Base bars in it; fewer than the frame has where some are missing or still to come. */
  bars: z.number(),
  isClosed: z.boolean(),
  /** What was decided on its last base bar: the record's number, its code and the closed gate. */
  seq: z.number(),
  code: z.enum(decisionCodes).nullable(),
  gate: z.object({ name: z.string(), value: z.string(), limit: z.string() }).nullable(),
});

export const fillView = z.object({
  tradeId: z.string(),
  at: time,
  side: z.enum(["buy", "sell"]),
  price: decimalText,
  quantity: decimalText,
  fee: decimalText,
  feeCoin: z.string(),
  role: z.enum(["entry", "stop", "exit", "foreign"]),
  intentId: z.string(),
  positionId: z.string(),
});

/** The levels of one position over time. */
export const levelsView = z.object({
  positionId: z.string(),
  openedAt: time,
  /** Null while it is held. */
  closedAt: time.nullable(),
  /** What was paid on average; null before the first fill. */
  entry: decimalText.nullable(),
  /** Null without one, or where its beginning is not at hand. */
  target: decimalText.nullable(),
  /** The stop from each of these moments on, as its actor had it; the first is its initial stop. */
  stops: z.array(z.object({ at: time, seq: z.number(), price: decimalText })),
  /** Whether the stops are all there, from the first. */
  isWhole: z.boolean(),
  exitReason: z.enum(exitReasons).nullable(),
  realizedPnl: decimalText.nullable(),
});

export const laneChartView = z.object({
  lane: z.string(),
  /** The lane's scanner. */
  scanner: z.string(),
  symbol: z.string(),
  account: z.string(),
  base: z.string(),
  quote: z.string(),
  tick: decimalText,
  frame,
  frameMs: z.number(),
  baseMs: z.number(),
  /** Those that can be asked for; `votes` in those that strategies vote in. */
  frames: z.array(z.object({ frame, frameMs: z.number(), votes: z.boolean() })),
  candles: z.array(candleView),
  fills: z.array(fillView),
  levels: z.array(levelsView),
  /** Whether there are older candles than these, to be asked for by `until`. */
  hasOlder: z.boolean(),
  /** Whether there are newer ones. */
  hasNewer: z.boolean(),
  /** Why there are fewer candles than were asked for; null where there are not. */
  cut: z.string().nullable(),
  /** The last journal record that it takes account of. */
  seq: z.number(),
});

const terms = z.object({
  quantity: decimalText,
  price: decimalText.nullable(),
  stopPrice: decimalText.nullable(),
});

export const positionView = z.object({
  positionId: z.string(),
  actor: z.string(),
  state: z.string(),
  tags: z.array(z.string()),
  quantity: decimalText,
  entryPrice: decimalText.nullable(),
  averagePrice: decimalText.nullable(),
  initialStop: decimalText,
  stopPrice: decimalText,
  restingStop: terms.nullable(),
  targetPrice: decimalText.nullable(),
  /** At the last price, fees of the exit left out; quote coin. Null before the first fill. */
  openPnl: decimalText.nullable(),
  exitReason: z.enum(exitReasons).nullable(),
  votedBy: z.array(z.string()),
  openedAt: time.nullable(),
  /** The journal record that last changed it. */
  seq: z.number(),
  /** Why it cannot be left now, or its entry not be given up; null where it can. */
  exitRefused: z.string().nullable(),
  abandonRefused: z.string().nullable(),
  /** Whether it is closed, and only waits for what may come late. */
  isOver: z.boolean(),
});

export const orderView = z.object({
  intentId: z.string(),
  positionId: z.string(),
  actor: z.string(),
  role: z.enum(["entry", "stop", "exit", "foreign"]),
  side: z.enum(["buy", "sell"]),
  type: z.string(),
  state: z.string(),
  /** `unknown` is a fate that nobody knows, `inFlight` an answer that is waited for. */
  standing: z.enum(["unknown", "inFlight", "working", "over"]),
  live: terms,
  wanted: terms.nullable(),
  filled: decimalText,
  clientOrderId: z.string(),
  venueOrderId: z.string().nullable(),
  attempts: z.number(),
  lookUps: z.number(),
  doubtSince: time.nullable(),
  reason: z.string().nullable(),
  createdAt: time,
});

export const laneStateView = z.object({
  lane: z.string(),
  symbol: z.string(),
  account: z.string(),
  base: z.string(),
  quote: z.string(),
  tick: decimalText,
  /** The desk's time. */
  at: time,
  price: decimalText.nullable(),
  lastClosedAt: time.nullable(),
  scanner: z.object({ actor: z.string(), state: z.string(), until: time.nullable() }),
  decision: decisionView.nullable(),
  evaluation: evaluationView.nullable(),
  positions: z.array(positionView),
  orders: z.array(orderView),
});

/** The votes at a past bar; or why they are not known. */
export const votesView = z.object({
  seq: z.number(),
  at: time.nullable(),
  decision: decisionView.nullable(),
  evaluation: evaluationView.nullable(),
  /** Whether the bar judged again came to the decision that was made; null where it was not. */
  isSame: z.boolean().nullable(),
  /** Why there is no evaluation, or what was not kept for a judgement; null where all is there. */
  unknown: z.string().nullable(),
});

const level = z.object({ price: decimalText, quantity: decimalText, total: decimalText });

export const bookView = z.object({
  symbol: z.string(),
  base: z.string(),
  quote: z.string(),
  /** Null where the market comes without a book, or none is known now. */
  book: z
    .object({
      /** When it was like that, by the desk's time. */
      at: time,
      /** Best first; `total` is what stands up to there. */
      bids: z.array(level),
      asks: z.array(level),
      spread: decimalText.nullable(),
      spreadShare: measure,
    })
    .nullable(),
  /** Where it comes from, or why there is none. */
  source: z.string(),
});

export const laneList = z.object({
  lanes: z.array(
    z.object({ lane: z.string(), symbol: z.string(), account: z.string(), isHeld: z.boolean() }),
  ),
});

export const tradeRoutes = {
  "GET /api/v1/lanes": {
    role: "view",
    summary: "List the lanes that the desk trades",
    changes: "nothing",
    reply: laneList,
  },
  "GET /api/v1/lanes/:lane": {
    role: "view",
    summary: "Show a lane's position, orders and last evaluation",
    changes: "nothing",
    reply: laneStateView,
  },
  "GET /api/v1/lanes/:lane/chart": {
    role: "view",
    summary: "Show a lane's candles with what was decided, traded and protected on them",
    changes: "nothing",
    query: z.strictObject({
      /** The base unless given. */
      frame: frame.optional(),
      /** Only candles that opened before this time, Unix milliseconds. */
      until: z.coerce.number().int().positive().optional(),
      count: z.coerce.number().int().min(1).max(1_000).default(400),
    }),
    reply: laneChartView,
  },
  "GET /api/v1/lanes/:lane/votes/:seq": {
    role: "view",
    summary: "Judge one past evaluation of a lane again, and show its votes",
    changes: "nothing",
    reply: votesView,
  },
  "GET /api/v1/lanes/:lane/book": {
    role: "view",
    summary: "Show the order book of a lane's symbol as it was last told",
    changes: "nothing",
    query: z.strictObject({ levels: z.coerce.number().int().min(1).max(50).default(20) }),
    reply: bookView,
  },
} as const satisfies RouteTable;
