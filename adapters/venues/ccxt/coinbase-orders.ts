import type { Decimal } from "../../../machines/domain/decimal.ts";
import type { OrderRequest } from "../../../machines/domain/order.ts";
import type { CcxtAssumptions } from "./assumptions.ts";
import { NotSent } from "./faults.ts";
import type { Market } from "./protocol.ts";
import { limitOfStop } from "./stop-limit.ts";

/** What Create Order is sent beside the client id. @throws {NotSent} for what has no words. */
export function createOrder(
  market: Market,
  request: OrderRequest,
  { stopLimitDistance }: CcxtAssumptions,
): Readonly<Record<string, unknown>> {
  return {
    product_id: market.id,
    side: request.side === "buy" ? "BUY" : "SELL",
    order_configuration: configurationOf(market, request, stopLimitDistance),
  };
}

function configurationOf(
  { instrument }: Market,
  request: OrderRequest,
  distance: string,
): Readonly<Record<string, unknown>> {
  const { type, side, quantity, timeInForce, postOnly } = request;
  const base_size = quantity;
  if (postOnly && (type !== "limit" || timeInForce === "ioc")) refuse(request);
  switch (type) {
    case "market":
      return { market_market_ioc: { base_size } };
    case "limit": {
      const limit_price = wanted(request.price, request);
      if (timeInForce === "ioc") return { sor_limit_ioc: { base_size, limit_price } };
      const terms = { base_size, limit_price, post_only: postOnly };
      if (timeInForce === "gtc") return { limit_limit_gtc: terms };
      return { limit_limit_gtd: { ...terms, end_time: endOf(request) } };
    }
    case "stop":
    case "stopLimit": {
      const stop_price = wanted(request.stopPrice, request);
      const limit_price =
        type === "stop"
          ? limitOfStop(side, stop_price, distance, instrument.tick)
          : wanted(request.price, request);
      // Named outright: left to ccxt, a sell with a trigger price becomes a take-profit.
      const stop_direction =
        side === "sell" ? "STOP_DIRECTION_STOP_DOWN" : "STOP_DIRECTION_STOP_UP";
      const terms = { base_size, limit_price, stop_price, stop_direction };
      if (timeInForce === "ioc") return refuse(request);
      if (timeInForce === "gtc") return { stop_limit_stop_limit_gtc: terms };
      return { stop_limit_stop_limit_gtd: { ...terms, end_time: endOf(request) } };
    }
  }
}

function wanted(value: Decimal | null, request: OrderRequest): Decimal {
  return value ?? refuse(request);
}

function endOf(request: OrderRequest): string {
  if (request.expiresAt === null) return refuse(request);
  return new Date(Math.floor(request.expiresAt / 1000) * 1000).toISOString();
}

function refuse({ type, timeInForce, postOnly }: OrderRequest): never {
  const kind = `${postOnly ? "post-only " : ""}${timeInForce} ${type}`;
  throw new NotSent(`Cannot send a ${kind} order with these terms to coinbase`, "unsupported");
}
