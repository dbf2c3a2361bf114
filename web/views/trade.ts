import type { LaneView } from "../../actors/desk/mod.ts";
import { add, type Decimal, multiply, subtract, zero } from "../../machines/domain/decimal.ts";
import { priceOfTicks } from "../../machines/domain/instrument.ts";
import { timeframeMs } from "../../machines/domain/market.ts";
import { type Handlers, type ReplyOf, RouteError } from "../api/route.ts";
import type { tradeRoutes } from "../api/trade.ts";
import type { PanelOptions } from "../server/ports.ts";
import { candlesOf } from "./candles.ts";
import { tapeOf } from "./journal-tape.ts";
import { averageOf, fillsWithin, levelsWithin, pathOf, positionsWithin } from "./lane-trades.ts";
import { laneWindow } from "./lane-window.ts";
import { decisionView, evaluationView, frameText, pastEvaluation } from "./lane-words.ts";

type Routes = typeof tradeRoutes;
type Reply<Key extends keyof Routes> = ReplyOf<Routes[Key]>;

/** Frames that are offered beside those that vote. */
const usualFrames = ["1m", "5m", "15m", "30m", "1h", "4h", "1d"].map(timeframeMs);
/** Base bars that make up one reply, at most. */
const barsMost = 30_000;

/** One lane: its chart, its position and orders, its votes and its book. */
export function tradeViews(options: PanelOptions): Handlers<Routes> {
  const { desk, lanes: port } = options;
  const tape = tapeOf(options);
  const laneOf = (lane: string): LaneView => {
    const lanes = desk.lanes();
    const found = lanes.find((each) => each.lane === lane);
    if (found) return found;
    const known = lanes.map((each) => each.lane).join(", ");
    throw new RouteError(404, `Cannot show lane "${lane}": wanted one of ${known}`);
  };
  return {
    "GET /api/v1/lanes": () => ({
      lanes: desk.lanes().map(({ lane, instrument, account, positions }) => ({
        ...{ lane, symbol: instrument.symbol, account },
        isHeld: positions.some(({ tags }) => !tags.includes("over")),
      })),
    }),
    "GET /api/v1/lanes/:lane": async ({ params }) => {
      const view = laneOf(params.lane);
      const { at } = desk.status();
      const latest = await tape.latest(view.lane);
      return { ...laneState(view), at, decision: latest && decisionView(latest) };
    },
    "GET /api/v1/lanes/:lane/chart": ({ params, query }) =>
      laneChart(options, laneOf(params.lane), query),
    "GET /api/v1/lanes/:lane/votes/:seq": async ({ params }) => {
      const view = laneOf(params.lane);
      const seq = Number(params.seq);
      if (!Number.isSafeInteger(seq) || seq < 1) {
        throw new RouteError(400, `Cannot judge record "${params.seq}": wanted its number`);
      }
      const told = await port.explain(view.lane, seq);
      if ("unknown" in told) {
        const none = { at: null, decision: null, evaluation: null, isSame: null };
        return { seq, ...none, unknown: told.unknown };
      }
      const { at, recorded, again, isSame } = told;
      const { code, gate } = recorded;
      return {
        ...{ seq, at, evaluation: pastEvaluation(told) },
        decision: decisionView({ seq, at, code, gate, bar: null }),
        isSame: again.decision === null ? null : isSame,
        unknown: again.lacks,
      };
    },
    "GET /api/v1/lanes/:lane/book": ({ params, query }) =>
      laneBook(options, laneOf(params.lane), query.levels),
  };
}

/** Frames that a lane's bars can be put together to. */
function framesOf({ baseMs, frames }: LaneView) {
  const lengths = [...new Set([...frames, ...usualFrames])]
    .filter((length) => length >= baseMs && length % baseMs === 0)
    .sort((a, b) => a - b);
  return lengths.map((frameMs) => ({
    ...{ frame: frameText(frameMs), frameMs },
    votes: frames.includes(frameMs),
  }));
}

async function laneChart(
  options: PanelOptions,
  view: LaneView,
  asked: {
    readonly frame?: string | undefined;
    readonly until?: number | undefined;
    readonly count: number;
  },
): Promise<Reply<"GET /api/v1/lanes/:lane/chart">> {
  const { lane, instrument, account, baseMs } = view;
  const frames = framesOf(view);
  const chosen =
    asked.frame === undefined ? frames[0] : frames.find((each) => each.frame === asked.frame);
  if (!chosen) {
    const known = frames.map(({ frame }) => frame).join(", ");
    throw new RouteError(400, `Cannot show frame "${asked.frame}": wanted one of ${known}`);
  }
  const { frame, frameMs } = chosen;
  const factor = frameMs / baseMs;
  const until = asked.until ?? Number.POSITIVE_INFINITY;
  const tape = tapeOf(options);
  const seq = tape.head;
  // One frame more, for the first is left out where its beginning is not among the bars.
  const count = Math.min((asked.count + 1) * factor, barsMost);
  const trades = (from: number, to: number) => positionsWithin(options.ledger, view, from, to);
  const prefix = `${pathOf(view)}/`;
  const window = await laneWindow(tape, { lane, prefix, until, count }, (from) =>
    trades(from, until).map(({ positionId }) => positionId),
  );
  const made = candlesOf(window.bars, baseMs, frameMs);
  const candles = made.slice(-asked.count);
  const from = candles[0]?.openedAt ?? until;
  const last = candles.at(-1);
  const newest = window.bars.at(-1)?.bar.openedAt;
  const hasNewer = view.lastClosedAt !== null && (newest ?? 0) + baseMs < view.lastClosedAt;
  const to = hasNewer && last ? last.openedAt + frameMs - 1 : Number.POSITIVE_INFINITY;
  const positions = trades(from, to);
  const isShort = window.isCut || (count === barsMost && made.length < asked.count);
  return {
    ...{ lane, symbol: instrument.symbol, account, base: instrument.base, quote: instrument.quote },
    ...{ tick: instrument.tick, frame, frameMs, baseMs, frames, candles, hasNewer, seq },
    scanner: view.scanner.actor,
    fills: fillsWithin(options.ledger, positions, from, to),
    levels: levelsWithin(positions, window.levels, to),
    hasOlder: window.hasOlder || made.length > candles.length,
    cut: isShort ? "so many records lie between its bars that it was left at that" : null,
  };
}

function laneState(view: LaneView): Omit<Reply<"GET /api/v1/lanes/:lane">, "at" | "decision"> {
  const { lane, instrument, account, price, lastClosedAt, scanner } = view;
  return {
    ...{ lane, symbol: instrument.symbol, account, base: instrument.base, quote: instrument.quote },
    ...{ tick: instrument.tick, price, lastClosedAt, scanner },
    evaluation: evaluationView(view),
    positions: view.positions.map((each) => positionView(each, price)),
    orders: view.orders.map(orderView),
  };
}

function positionView(
  { row, ...position }: LaneView["positions"][number],
  price: Decimal | null,
): Reply<"GET /api/v1/lanes/:lane">["positions"][number] {
  const { tags, quantity } = position;
  return {
    ...position,
    tags: [...tags],
    votedBy: [...position.votedBy],
    averagePrice: row && averageOf(row),
    openPnl:
      row && price !== null && quantity !== zero
        ? subtract(multiply(quantity, price), row.cost)
        : null,
    openedAt: row?.openedAt ?? null,
    isOver: tags.includes("over"),
  };
}

function orderView({
  intent,
  tags,
  ...order
}: LaneView["orders"][number]): Reply<"GET /api/v1/lanes/:lane">["orders"][number] {
  const { intentId, positionId, role, side, type, createdAt } = intent;
  const standing = tags.includes("unknown")
    ? "unknown"
    : tags.includes("inFlight")
      ? "inFlight"
      : tags.includes("over") || tags.includes("finished")
        ? "over"
        : "working";
  return { ...{ intentId, positionId, role, side, type, createdAt, standing }, ...order };
}

function laneBook(
  { lanes }: PanelOptions,
  { instrument, market }: LaneView,
  levels: number,
): Reply<"GET /api/v1/lanes/:lane/book"> {
  const { symbol, base, quote } = instrument;
  const none = { symbol, base, quote, book: null };
  if (!lanes.hasBook(market)) {
    return { ...none, source: "this market is told in candles alone: it has no order book" };
  }
  const book = lanes.book(symbol, market);
  if (!book) return { ...none, source: "the order book is not known at the moment" };
  const side = (told: typeof book.bids) => {
    let total: Decimal = zero;
    return told.slice(0, levels).map(({ ticks, quantity }) => {
      total = add(total, quantity);
      return { price: priceOfTicks(instrument, ticks), quantity, total };
    });
  };
  const [bids, asks] = [side(book.bids), side(book.asks)];
  const [bid, ask] = [bids[0]?.price, asks[0]?.price];
  const spread = bid && ask ? subtract(ask, bid) : null;
  const spreadShare =
    spread && bid && ask ? (2 * Number(spread)) / (Number(bid) + Number(ask)) : null;
  const shown = { at: book.at, bids, asks, spread, spreadShare };
  return { symbol, base, quote, book: shown, source: "as the market last told it" };
}
