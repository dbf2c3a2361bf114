import type { CcxtVenueId } from "./assumptions.ts";
import { NotSent } from "./faults.ts";

interface Listed {
  /** Without these the request is not what it looks like: an order without our id, say. */
  readonly needs: readonly string[];
  readonly takes: readonly string[];
}

const nothing: Listed = { needs: [], takes: [] };

/**
 * Every private request that may leave, with every parameter it may carry. Unknown parameters pass
 * through ccxt in silence, and a misspelt stop price turns a stop into a plain order: so what is
 * not listed here is not sent. Withdrawals and transfers are not listed.
 */
const whitelist: Readonly<Record<CcxtVenueId, Readonly<Record<string, Listed>>>> = {
  kraken: {
    "POST AddOrder": {
      needs: ["pair", "type", "ordertype", "volume", "cl_ord_id", "oflags", "deadline"],
      takes: ["price", "price2", "timeinforce", "expiretm", "validate"],
    },
    "POST AmendOrder": {
      needs: ["order_qty", "deadline"],
      takes: ["txid", "cl_ord_id", "limit_price", "trigger_price", "post_only"],
    },
    "POST CancelOrder": { needs: [], takes: ["txid", "cl_ord_id"] },
    "POST CancelAllOrdersAfter": { needs: ["timeout"], takes: [] },
    "POST OpenOrders": { needs: [], takes: ["cl_ord_id"] },
    "POST ClosedOrders": { needs: ["consolidate_taker"], takes: ["cl_ord_id", "ofs"] },
    "POST QueryOrders": { needs: ["txid", "consolidate_taker"], takes: ["trades"] },
    "POST QueryTrades": { needs: ["txid"], takes: [] },
    "POST TradesHistory": { needs: ["start", "consolidate_taker"], takes: ["ofs"] },
    "POST BalanceEx": nothing,
    "POST Ledgers": { needs: ["start"], takes: ["ofs"] },
    "POST GetApiKeyInfo": nothing,
    "POST GetWebSocketsToken": nothing,
  },
  coinbase: {
    "POST brokerage/orders": {
      needs: ["client_order_id", "product_id", "side", "order_configuration"],
      takes: [],
    },
    "POST brokerage/orders/preview": {
      needs: ["product_id", "side", "order_configuration"],
      takes: [],
    },
    "POST brokerage/orders/batch_cancel": { needs: ["order_ids"], takes: [] },
    "GET brokerage/orders/historical/batch": {
      needs: ["limit"],
      takes: ["order_status", "product_ids", "start_date", "cursor"],
    },
    "GET brokerage/orders/historical/{order_id}": { needs: ["order_id"], takes: [] },
    "GET brokerage/orders/historical/fills": {
      needs: ["limit"],
      takes: ["order_ids", "start_sequence_timestamp", "cursor"],
    },
    "GET brokerage/accounts": { needs: ["limit"], takes: ["cursor"] },
    "GET accounts/{account_id}/transactions": {
      needs: ["account_id", "limit"],
      takes: ["starting_after"],
    },
    "GET brokerage/key_permissions": nothing,
    "GET brokerage/transaction_summary": { needs: [], takes: ["product_type"] },
  },
  binanceus: {
    "POST order": {
      needs: ["symbol", "side", "type", "quantity", "newClientOrderId", "recvWindow"],
      takes: ["price", "stopPrice", "timeInForce", "newOrderRespType"],
    },
    "POST order/test": {
      needs: ["symbol", "side", "type", "quantity", "newClientOrderId", "recvWindow"],
      takes: ["price", "stopPrice", "timeInForce"],
    },
    "DELETE order": {
      needs: ["symbol", "recvWindow"],
      takes: ["orderId", "origClientOrderId"],
    },
    "GET order": { needs: ["symbol", "recvWindow"], takes: ["orderId", "origClientOrderId"] },
    "GET openOrders": { needs: ["recvWindow"], takes: ["symbol"] },
    "GET allOrders": {
      needs: ["symbol", "limit", "recvWindow"],
      takes: ["startTime", "orderId"],
    },
    "GET myTrades": {
      needs: ["symbol", "limit", "recvWindow"],
      takes: ["orderId", "startTime", "fromId"],
    },
    "GET account": { needs: ["recvWindow"], takes: [] },
    "GET system/status": nothing,
  },
};

/** Lets through what is listed, and nothing else. @throws {NotSent} naming what is not. */
export function assertListed(
  venue: CcxtVenueId,
  method: string,
  path: string,
  parameters: Readonly<Record<string, unknown>>,
): void {
  const listed = whitelist[venue][`${method} ${path}`];
  if (listed === undefined) {
    throw new NotSent(
      `Cannot send ${method} "${path}" to ${venue}: it is not listed`,
      "unsupported",
    );
  }
  const { needs, takes } = listed;
  const given = Object.keys(parameters);
  const unlisted = given.filter((key) => !needs.includes(key) && !takes.includes(key));
  if (unlisted.length > 0) {
    throw new NotSent(
      `Cannot send ${method} "${path}" to ${venue}: parameters ${quoted(unlisted)} are not listed`,
      "unsupported",
    );
  }
  const missing = needs.filter((key) => parameters[key] === undefined);
  if (missing.length > 0) {
    throw new NotSent(
      `Cannot send ${method} "${path}" to ${venue}: parameters ${quoted(missing)} are missing`,
      "unsupported",
    );
  }
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
