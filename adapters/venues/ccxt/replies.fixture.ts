/** Sound replies of each venue for one order of ours, and for none. */
import type { CcxtVenueId } from "./assumptions.ts";
import type { ScriptedServer } from "./scripted-server.fixture.ts";
import { limitBuy } from "./venues.fixture.ts";

const { clientOrderId } = limitBuy;

export const krakenOrder = {
  userref: 0,
  cl_ord_id: clientOrderId,
  status: "open",
  opentm: 1_700_000_000.1234,
  starttm: 0,
  expiretm: 0,
  descr: {
    pair: "XBTUSD",
    type: "buy",
    ordertype: "limit",
    price: "50000.1",
    price2: "0",
    order: "buy 0.01000000 XBTUSD @ limit 50000.1",
  },
  vol: "0.01000000",
  vol_exec: "0.00000000",
  cost: "0.00000",
  fee: "0.00000",
  price: "0.00000",
  stopprice: "0.00000",
  limitprice: "0.00000",
  oflags: "fciq",
};

export const krakenTrade = {
  ordertxid: "OABC",
  pair: "XXBTZUSD",
  time: 1_700_000_001.5,
  type: "buy",
  ordertype: "limit",
  price: "50000.10000",
  cost: "500.00100",
  fee: "1.25000",
  vol: "0.01000000",
  maker: true,
};

export const coinbaseOrder = {
  order_id: "OABC",
  product_id: "BTC-USD",
  order_configuration: {
    limit_limit_gtc: { base_size: "0.01", limit_price: "50000.1", post_only: false },
  },
  side: "BUY",
  client_order_id: clientOrderId,
  status: "OPEN",
  created_time: "2023-11-14T22:13:20.123456Z",
  filled_size: "0",
  number_of_fills: "0",
  trigger_status: "INVALID_ORDER_TYPE",
  reject_reason: "REJECT_REASON_UNSPECIFIED",
  reject_message: "",
  cancel_message: "",
  last_fill_time: null,
};

export const coinbaseFill = {
  entry_id: "E1",
  trade_id: "T1",
  order_id: "OABC",
  trade_time: "2023-11-14T22:13:21.500Z",
  trade_type: "FILL",
  price: "50000.1",
  size: "0.01",
  commission: "1.25",
  product_id: "BTC-USD",
  liquidity_indicator: "MAKER",
  size_in_quote: false,
  side: "BUY",
};

export const binanceOrder = {
  symbol: "BTCUSD",
  orderId: 7,
  orderListId: -1,
  clientOrderId,
  price: "50000.10000000",
  origQty: "0.01000000",
  executedQty: "0.00000000",
  cummulativeQuoteQty: "0.00000000",
  status: "NEW",
  timeInForce: "GTC",
  type: "LIMIT",
  side: "BUY",
  stopPrice: "0.00000000",
  time: 1_700_000_000_123,
  updateTime: 1_700_000_000_123,
  isWorking: true,
};

export const binanceTrade = {
  symbol: "BTCUSD",
  id: 56,
  orderId: 7,
  price: "50000.10000000",
  qty: "0.01000000",
  commission: "0.00001000",
  commissionAsset: "BNB",
  time: 1_700_000_001_500,
  isBuyer: true,
  isMaker: true,
};

const krakenPath = "/0/private";
const coinbasePath = "/api/v3/brokerage";

/** Every private endpoint of a venue, answering soundly; no order known. */
export function answerSoundly(venue: CcxtVenueId, server: ScriptedServer): void {
  const scripts: Readonly<Record<CcxtVenueId, Readonly<Record<string, unknown>>>> = {
    kraken: {
      [`${krakenPath}/AddOrder`]: { error: [], result: { descr: { order: "x" }, txid: ["OABC"] } },
      [`${krakenPath}/AmendOrder`]: { error: [], result: { amend_id: "TABC" } },
      [`${krakenPath}/CancelOrder`]: { error: [], result: { count: 1 } },
      [`${krakenPath}/OpenOrders`]: { error: [], result: { open: {} } },
      [`${krakenPath}/ClosedOrders`]: { error: [], result: { closed: {}, count: 0 } },
      [`${krakenPath}/QueryOrders`]: { error: [], result: { OABC: krakenOrder } },
      [`${krakenPath}/QueryTrades`]: { error: [], result: { T1: krakenTrade } },
      [`${krakenPath}/TradesHistory`]: { error: [], result: { trades: {}, count: 0 } },
      [`${krakenPath}/BalanceEx`]: {
        error: [],
        result: { XXBT: { balance: "1.5000000000", hold_trade: "0.5000000000" } },
      },
    },
    coinbase: {
      [`${coinbasePath}/orders`]: {
        success: true,
        success_response: {
          order_id: "OABC",
          product_id: "BTC-USD",
          side: "BUY",
          client_order_id: clientOrderId,
        },
      },
      [`${coinbasePath}/orders/batch_cancel`]: { results: [{ success: true, order_id: "OABC" }] },
      [`${coinbasePath}/orders/historical/batch`]: { orders: [], has_next: false, cursor: "" },
      [`${coinbasePath}/orders/historical/OABC`]: { order: coinbaseOrder },
      [`${coinbasePath}/orders/historical/fills`]: { fills: [], cursor: "" },
      [`${coinbasePath}/accounts`]: {
        accounts: [
          {
            currency: "BTC",
            available_balance: { value: "1", currency: "BTC" },
            hold: { value: "0.5", currency: "BTC" },
          },
        ],
        has_next: false,
        cursor: "",
      },
    },
    binanceus: {
      "/api/v3/order": binanceOrder,
      "/api/v3/openOrders": [],
      "/api/v3/allOrders": [],
      "/api/v3/myTrades": [],
    },
  };
  for (const [path, body] of Object.entries(scripts[venue])) server.on(path, { body });
}
