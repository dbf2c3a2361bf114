/** The rows of the engine's state space: plain data, replaced whole, never changed in place. */
import type { Decimal } from "../../../machines/domain/decimal.ts";
import type { Fill } from "../../../machines/domain/fill.ts";
import type { TimeInForce, VenueOrder } from "../../../machines/domain/order.ts";

export const rowPrefix = {
  orders: "orders/",
  trades: "trades/",
  balances: "balances/",
  markets: "markets/",
  outbox: "outbox/",
} as const;
export const countersKey = "counters";

/** Ids are the numbers in which orders were accepted and trades made. */
export const orderId = (sequence: number): string => `O${sequence}`;
export const tradeId = (sequence: number): string => `T${sequence}`;
export const numberOf = (id: string): number => Number(id.slice(1));

/** `orders/<venueOrderId>`: an order with what the engine must know to go on matching it. */
export interface EngineOrder extends VenueOrder {
  /** Order of acceptance, and of matching where the path meets two orders at one price. */
  readonly sequence: number;
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  readonly expiresAt: number | null;
  readonly priceTicks: number | null;
  readonly stopTicks: number | null;
  /** From when on it meets the market. */
  readonly activeAt: number;
  /** Whether it has met the market since it was accepted or last amended. */
  readonly arrived: boolean;
  readonly triggered: boolean;
  /** What one unit of base coin holds: quote coin for a buy, one unit of base for a sell. */
  readonly holdPerUnit: Decimal;
  readonly held: Decimal;
  /** Order of ending; null while it lives. */
  readonly ended: number | null;
}

/** `trades/<tradeId>`. */
export interface TradeRow extends Fill {
  readonly sequence: number;
}

/** `balances/<coin>`. */
export interface BalanceRow {
  readonly total: Decimal;
  readonly held: Decimal;
}

/** `markets/<symbol>`: where the price last stood, in whole ticks. */
export interface MarketRow {
  readonly bid: number;
  readonly ask: number;
  readonly at: number;
}

/** `counters`. */
export interface CountersRow {
  readonly orders: number;
  readonly trades: number;
  readonly ended: number;
  readonly reports: number;
  /** Reports dropped because nobody took them. */
  readonly reportsDropped: number;
}

/** What the venue tells of an order: without what only the engine needs. */
export function toVenueOrder(order: EngineOrder): VenueOrder {
  return {
    venueOrderId: order.venueOrderId,
    clientOrderId: order.clientOrderId,
    symbol: order.symbol,
    side: order.side,
    type: order.type,
    quantity: order.quantity,
    price: order.price,
    stopPrice: order.stopPrice,
    state: order.state,
    filled: order.filled,
    reason: order.reason,
    createdAt: order.createdAt,
    updatedAt: order.updatedAt,
  };
}

export function toFill(trade: TradeRow): Fill {
  return {
    tradeId: trade.tradeId,
    venueOrderId: trade.venueOrderId,
    clientOrderId: trade.clientOrderId,
    symbol: trade.symbol,
    side: trade.side,
    price: trade.price,
    quantity: trade.quantity,
    fee: trade.fee,
    feeCoin: trade.feeCoin,
    liquidity: trade.liquidity,
    at: trade.at,
  };
}
