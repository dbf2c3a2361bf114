/**
 * How our orders fill. Everything that the engine decides about prices is here.
 *
 * The market is fed as points. Between two points the price passes through every tick between
 * them, in a straight line over time; a point marked `gap` (each candle's open) is jumped to.
 * A candle is open, low, high, close: a stop below is met before a target above.
 *
 * | order | when | price | as |
 * | --- | --- | --- | --- |
 * | market | on arrival | the path's price then, plus slippage | taker |
 * | market, rest | at each following point | the point's price, plus slippage | taker |
 * | limit, marketable on arrival | on arrival | as market, never beyond its limit | taker |
 * | limit, resting | traded through by one tick; a touch is not enough | its limit | maker |
 * | limit, resting, gap through | at the gap's point | the point's better price | maker |
 * | stop | touched or passed | the stop, or a gap's worse price, plus slippage | taker |
 * | stop, past it on arrival | on arrival | the path's price then, plus slippage | taker |
 * | stopLimit | touched or passed | from there on a limit that arrives at that price | either |
 * | postOnly | marketable on arrival | none: refused, or canceled if accepted before | |
 * | ioc | on arrival (stops: when triggered) | as above; what is left expires | taker |
 * | gtd | at its time, before the point that comes then | none: expires | |
 *
 * Arrival is acceptance plus latency: an order that becomes active between two points meets the
 * price that the line has then, rounded to the tick against the order. One that is active when a
 * gap comes meets the gap's price. Slippage is `slippageTicks` plus `slippageShare` of the price;
 * where `spreadTicks` is set, half of it comes first.
 * Orders fill in the order in which the path meets them, then in order of acceptance, and share
 * the point's volume; what finds none waits for the next point. A fill is dated by its point.
 *
 * With a book for a feed, orders meet the market at its next update after arrival:
 *
 * | order | when | price | as |
 * | --- | --- | --- | --- |
 * | market, triggered stop | each update | level by level, sizes as shown | taker |
 * | limit, crossing on arrival | that update | level by level up to its limit | taker |
 * | limit, resting | opposite touch at or beyond it, sizes as shown | its limit | maker |
 * | limit, resting | a print beyond it by a tick, up to the print's quantity | its limit | maker |
 * | stop, stopLimit | opposite touch or a print at or beyond it | then as above | either |
 *
 * No queue is kept. Our fills leave the book as it is, but one update's sizes are used once.
 */
import type { Side } from "../../../machines/domain/order.ts";
import type { EngineOrder } from "./rows.ts";
import type { MatchingSettings } from "./settings.ts";

/** Where the price went: from one point to the next. Prices in whole ticks, times in Unix ms. */
export interface Path {
  readonly from: number;
  readonly to: number;
  readonly fromAt: number;
  readonly at: number;
  readonly gap: boolean;
}

/** What the path does to an order next, and at which of its prices. */
export type Meeting =
  | { readonly type: "trigger"; readonly ticks: number }
  /** Takes at `ticks`, before slippage. */
  | { readonly type: "take"; readonly ticks: number }
  /** Was traded through at `ticks`, and fills at `price`. */
  | { readonly type: "make"; readonly ticks: number; readonly price: number }
  | { readonly type: "expire"; readonly ticks: number }
  | { readonly type: "refuse"; readonly ticks: number };

/** The price that the path has at a time, rounded to the tick against the side. */
export function priceAt(path: Path, time: number, side: Side): number {
  if (path.gap || time >= path.at) return path.to;
  if (time <= path.fromAt) return path.from;
  const share = (time - path.fromAt) / (path.at - path.fromAt);
  const exact = path.from + (path.to - path.from) * share;
  return side === "buy" ? Math.ceil(exact) : Math.floor(exact);
}

export function isWaitingStop(order: EngineOrder): boolean {
  return (order.type === "stop" || order.type === "stopLimit") && !order.triggered;
}

/** Whether it now acts as a limit order; the others take whatever the price is. */
export function isLimit(order: EngineOrder): boolean {
  return order.priceTicks !== null;
}

/** Whether a buy at this price or below, or a sell at or above, meets the market price. */
export function isMarketable(side: Side, limit: number, market: number): boolean {
  return side === "buy" ? market <= limit : market >= limit;
}

/** Whether the market price touches or has passed the stop. */
export function isStopTouched(side: Side, stop: number, market: number): boolean {
  return side === "buy" ? market >= stop : market <= stop;
}

/** Whole ticks from the path's price, which is the middle, to either touch. */
export function halfSpread({ spreadTicks = 0 }: Pick<MatchingSettings, "spreadTicks">): number {
  return Math.ceil(spreadTicks / 2);
}

/** The price of taking where the path stands at `ticks`: slipped, but never beyond the limit. */
export function takingPrice(order: EngineOrder, ticks: number, settings: MatchingSettings): number {
  const { slippageTicks, slippageShare } = settings;
  const slip = halfSpread(settings) + slippageTicks + Math.ceil(ticks * slippageShare);
  if (order.side === "buy") {
    const slipped = ticks + slip;
    return order.priceTicks === null ? slipped : Math.min(slipped, order.priceTicks);
  }
  const slipped = Math.max(1, ticks - slip);
  return order.priceTicks === null ? slipped : Math.max(slipped, order.priceTicks);
}

/**
 * The path's price at which an order without limit was filled, by what it paid: the nearest one,
 * where rounding lets two come to the same.
 */
export function slippedFrom(
  side: Side,
  paid: number,
  settings: Pick<MatchingSettings, "slippageTicks" | "slippageShare" | "spreadTicks">,
): number {
  const { slippageShare } = settings;
  const slippageTicks = settings.slippageTicks + halfSpread(settings);
  const slip = (ticks: number) => slippageTicks + Math.ceil(ticks * slippageShare);
  if (side === "buy") {
    let ticks = Math.floor((paid - slippageTicks) / (1 + slippageShare));
    while (ticks + slip(ticks) > paid) ticks -= 1;
    return ticks;
  }
  let ticks = paid + slippageTicks;
  while (ticks - slip(ticks) < paid) ticks += Math.max(1, paid - (ticks - slip(ticks)));
  return ticks;
}

/**
 * What the rest of the path, from the price `position` on, does first to an order.
 *
 * @param fresh whether the order meets the market for the first time, or was just triggered.
 */
export function nextMeeting(
  order: EngineOrder,
  path: Path,
  position: number,
  fresh: boolean,
): Meeting | null {
  if (isWaitingStop(order)) return stopMeeting(order, path, position);
  if (!isLimit(order)) return { type: "take", ticks: fresh ? position : path.to };
  if (fresh) {
    const limit = order.priceTicks ?? 0;
    if (isMarketable(order.side, limit, position)) {
      return { type: order.postOnly ? "refuse" : "take", ticks: position };
    }
    if (order.timeInForce === "ioc") return { type: "expire", ticks: position };
  }
  return restingMeeting(order, path, position);
}

function stopMeeting(order: EngineOrder, path: Path, position: number): Meeting | null {
  const stop = order.stopTicks ?? 0;
  if (isStopTouched(order.side, stop, position)) return { type: "trigger", ticks: position };
  if (isStopTouched(order.side, stop, path.to)) return { type: "trigger", ticks: stop };
  return null;
}

function restingMeeting(order: EngineOrder, path: Path, position: number): Meeting | null {
  const limit = order.priceTicks ?? 0;
  const through = order.side === "buy" ? limit - 1 : limit + 1;
  if (isMarketable(order.side, through, position)) {
    return { type: "make", ticks: position, price: path.gap ? position : limit };
  }
  if (isMarketable(order.side, through, path.to)) {
    return { type: "make", ticks: through, price: limit };
  }
  return null;
}
