import { type Decimal, fromFloat, isPositive } from "../../../../machines/domain/decimal.ts";
import { quickShare } from "../draws.ts";

/** One level of a published book: whole ticks, base coin. */
export interface LadderLevel {
  readonly ticks: number;
  readonly quantity: Decimal;
}

/** Both sides of a published book, best first. */
export interface Ladder {
  readonly bids: readonly LadderLevel[];
  readonly asks: readonly LadderLevel[];
}

export interface LadderShape {
  readonly seed: string;
  readonly symbol: string;
  /** Base coin that a usual level holds. */
  readonly usual: number;
  /** Whole ticks from the price to either touch: what taking costs. */
  readonly spread: number;
}

/** Levels on each side. */
export const ladderLevels = 100;

/**
 * A plausible book around a price: the touches stand as far from it as taking costs, the other
 * levels on a grid of their own, so that a small move of the price changes few of them. What a
 * level holds is drawn once for each price.
 */
export function ladderAt(price: number, shape: LadderShape): Ladder {
  const step = Math.max(1, Math.round(price * 0.00005));
  const level = (ticks: number, side: string): LadderLevel => {
    const drawn = shape.usual * (0.1 + 1.9 * quickShare(shape.seed, shape.symbol, side, ticks));
    const quantity = fromFloat(drawn, 8);
    return { ticks, quantity: isPositive(quantity) ? quantity : fromFloat(1e-8, 8) };
  };
  const bids: LadderLevel[] = [];
  const asks: LadderLevel[] = [];
  const bid = price - shape.spread;
  const ask = price + shape.spread;
  if (bid >= 1) bids.push(level(bid, "bid"));
  asks.push(level(ask, "ask"));
  let below = Math.floor((bid - 1) / step) * step;
  let above = Math.ceil((ask + 1) / step) * step;
  while (bids.length < ladderLevels && below >= 1) {
    bids.push(level(below, "bid"));
    below -= step;
  }
  while (asks.length < ladderLevels) {
    asks.push(level(above, "ask"));
    above += step;
  }
  return { bids, asks };
}
