import {
  type Decimal,
  isPositive,
  isZero,
  minimum,
  subtract,
} from "../../../machines/domain/decimal.ts";
import type { Side } from "../../../machines/domain/order.ts";
import { arrive, endOrder, execute, remaining, trigger } from "./execution.ts";
import { isLimit, isMarketable, isStopTouched, isWaitingStop } from "./fill-rules.ts";
import type { EngineOrder } from "./rows.ts";
import type { EngineState, Market } from "./state.ts";

/** A price level of the book: whole ticks, and the size shown there in base coin. */
export interface BookLevel {
  readonly ticks: number;
  readonly quantity: Decimal;
}

/** Both sides of a book, best level first. */
export interface BookUpdate {
  readonly at: number;
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

/** An execution of others, as the market data tells it. */
export interface MarketPrint {
  readonly at: number;
  readonly ticks: number;
  readonly quantity: Decimal;
}

interface OpenLevel {
  readonly ticks: number;
  left: Decimal;
}

/** What orders of each side can take: a book as it was told, less what was taken of it since. */
export type OpenBook = Readonly<Record<Side, OpenLevel[]>>;

export function openBook({ bids, asks }: BookUpdate): OpenBook {
  const open = (levels: readonly BookLevel[]): OpenLevel[] =>
    levels.map(({ ticks, quantity }) => ({ ticks, left: quantity }));
  return { buy: open(asks), sell: open(bids) };
}

/** Matches a symbol's orders against a book, in order of acceptance. */
export function matchBook(state: EngineState, market: Market, book: OpenBook, now: number): void {
  for (const order of [...market.working.values()]) {
    if (order.activeAt > now) continue;
    meetBook(state, market, order, book[order.side], now);
  }
}

function meetBook(
  state: EngineState,
  market: Market,
  working: EngineOrder,
  levels: OpenLevel[],
  now: number,
): void {
  let fresh = !working.arrived;
  let order = fresh ? arrive(state, working) : working;
  const touch = levels[0]?.ticks ?? null;
  if (isWaitingStop(order)) {
    if (touch === null || !isStopTouched(order.side, order.stopTicks ?? 0, touch)) return;
    order = trigger(state, order, now);
    fresh = true;
  }
  const takes = fresh || !isLimit(order);
  if (order.postOnly && fresh && touch !== null && reaches(order, touch)) {
    endOrder(state, order, "canceled", "would take liquidity", now);
    return;
  }
  for (const level of levels) {
    if (order.ended !== null || !reaches(order, level.ticks)) break;
    const ticks = takes ? level.ticks : (order.priceTicks ?? level.ticks);
    order = useLevel(state, market, order, level, { ticks, takes, now });
  }
  if (order.timeInForce === "ioc" && order.ended === null) {
    endOrder(state, order, "expired", "found no more to take at once", now);
  }
}

function reaches(order: EngineOrder, ticks: number): boolean {
  return order.priceTicks === null || isMarketable(order.side, order.priceTicks, ticks);
}

function useLevel(
  state: EngineState,
  market: Market,
  order: EngineOrder,
  level: OpenLevel,
  how: { readonly ticks: number; readonly takes: boolean; readonly now: number },
): EngineOrder {
  const quantity = minimum(remaining(order), level.left);
  if (!isPositive(quantity)) return order;
  const liquidity = how.takes ? "taker" : "maker";
  const after = execute(state, market, order, {
    ticks: how.ticks,
    quantity,
    liquidity,
    now: how.now,
  });
  level.left = subtract(level.left, subtract(after.filled, order.filled));
  return after;
}

/** Matches resting orders against a print that traded through them, and triggers stops. */
export function matchPrint(state: EngineState, market: Market, print: MarketPrint): void {
  let left = print.quantity;
  for (const order of [...market.working.values()]) {
    if (!order.arrived) continue;
    if (isWaitingStop(order)) {
      // What it then takes, it takes from a book: back to not having met the market.
      if (isStopTouched(order.side, order.stopTicks ?? 0, print.ticks)) {
        state.putOrder({ ...trigger(state, order, print.at), arrived: false });
      }
      continue;
    }
    const limit = order.priceTicks;
    if (limit === null || isZero(left)) continue;
    const through = order.side === "buy" ? limit - 1 : limit + 1;
    if (!isMarketable(order.side, through, print.ticks)) continue;
    const after = execute(state, market, order, {
      ticks: limit,
      quantity: minimum(remaining(order), left),
      liquidity: "maker",
      now: print.at,
    });
    left = subtract(left, subtract(after.filled, order.filled));
  }
}
