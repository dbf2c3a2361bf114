import type { Decimal } from "../../../machines/domain/decimal.ts";
import type { OrderRequest } from "../../../machines/domain/order.ts";
import type { CcxtAssumptions } from "./assumptions.ts";
import { NotSent } from "./faults.ts";
import type { Market } from "./protocol.ts";
import { limitOfStop } from "./stop-limit.ts";

/** What a new order is sent. @throws {NotSent} for what the venue has no words for. */
export function newOrder(
  market: Market,
  request: OrderRequest,
  { stopLimitDistance, recvWindowMs }: CcxtAssumptions,
): Readonly<Record<string, string>> {
  const { side, quantity, clientOrderId } = request;
  return {
    symbol: market.id,
    side: side === "buy" ? "BUY" : "SELL",
    ...termsOf(market, request, stopLimitDistance),
    quantity,
    newClientOrderId: clientOrderId,
    recvWindow: String(recvWindowMs),
  };
}

function termsOf(
  { instrument }: Market,
  request: OrderRequest,
  distance: string,
): Readonly<Record<string, string>> {
  const { type, side, timeInForce, postOnly } = request;
  if (timeInForce === "gtd" || (postOnly && (type !== "limit" || timeInForce === "ioc"))) {
    return refuse(request);
  }
  const timeOf = timeInForce === "ioc" ? "IOC" : "GTC";
  switch (type) {
    case "market":
      return { type: "MARKET" };
    case "limit": {
      const price = wanted(request.price, request);
      return postOnly
        ? { type: "LIMIT_MAKER", price }
        : { type: "LIMIT", price, timeInForce: timeOf };
    }
    case "stop":
    case "stopLimit": {
      if (timeInForce === "ioc") return refuse(request);
      const stopPrice = wanted(request.stopPrice, request);
      const price =
        type === "stop"
          ? limitOfStop(side, stopPrice, distance, instrument.tick)
          : wanted(request.price, request);
      return { type: "STOP_LOSS_LIMIT", price, stopPrice, timeInForce: timeOf };
    }
  }
}

function wanted(value: Decimal | null, request: OrderRequest): Decimal {
  return value ?? refuse(request);
}

function refuse({ type, timeInForce, postOnly }: OrderRequest): never {
  const kind = `${postOnly ? "post-only " : ""}${timeInForce} ${type}`;
  throw new NotSent(`Cannot send a ${kind} order with these terms to binanceus`, "unsupported");
}
