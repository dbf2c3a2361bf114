/** Kraken's private channels: what happens to orders and balances, as messages. */
import { type Decimal, multiply } from "../../../../machines/domain/decimal.ts";
import type { Balance } from "../../../../machines/domain/ledger.ts";
import type { AccountEvent, AccountTrade, LedgerEntry, OrderVersion } from "../account.ts";
import { rfc3339 } from "../clock.ts";
import { averagePrice, bare } from "./numbers.ts";
import { orderTypeNames, reasonOf } from "./order-json.ts";

/** Trades that a snapshot holds at most. */
export const snapshotTrades = 50;

type OrderEvent = Exclude<AccountEvent, { readonly type: "ledger" }>;

const number = (value: Decimal) => bare(value);

/** What every execution message says of its order. */
function common(order: OrderVersion, at: number) {
  return {
    timestamp: rfc3339(at),
    order_id: order.orderId,
    ...(order.clientOrderId === null ? {} : { cl_ord_id: order.clientOrderId }),
    order_userref: order.userref ?? 0,
  };
}

function totals(order: OrderVersion) {
  return {
    cum_qty: number(order.filled),
    cum_cost: number(order.cost),
    fee_usd_equiv: number(order.fee),
    avg_price: number(averagePrice(order.cost, order.filled, 10)),
  };
}

function wholeOrder(order: OrderVersion, skewMs: number) {
  const stop = order.stopPrice;
  return {
    symbol: order.symbol,
    side: order.side,
    order_type: orderTypeNames[order.type],
    order_qty: number(order.quantity),
    ...(order.price === null
      ? {}
      : { limit_price_type: "static", limit_price: number(order.price) }),
    ...(stop === null
      ? {}
      : {
          stop_price: number(stop),
          triggers: {
            reference: "last",
            price: number(stop),
            price_type: "static",
            status: order.state === "triggered" ? "triggered" : "untriggered",
          },
        }),
    time_in_force: order.timeInForce.toUpperCase(),
    ...(order.expiresAt === null ? {} : { expire_time: rfc3339(order.expiresAt + skewMs) }),
    post_only: order.postOnly,
    fee_ccy_pref: "fciq",
  };
}

function statusOf(order: OrderVersion): string {
  if (order.state === "open" || order.state === "triggered") return "new";
  return order.state === "partial" ? "partially_filled" : order.state;
}

/** A living order in a snapshot. */
export function openExecution(order: OrderVersion, skewMs: number): unknown {
  return {
    ...common(order, order.changedAt + skewMs),
    ...wholeOrder(order, skewMs),
    ...totals(order),
    exec_type: "new",
    order_status: statusOf(order),
  };
}

/** A trade. That it says `partially_filled` of the last one too is Kraken's way. */
export function tradeExecution(trade: AccountTrade, skewMs: number): unknown {
  const { order, price, quantity, fee, feeCoin, liquidity } = trade;
  return {
    ...common(order, trade.at + skewMs),
    symbol: order.symbol,
    side: order.side,
    order_type: orderTypeNames[order.type],
    order_qty: number(order.quantity),
    exec_id: trade.tradeId,
    exec_type: "trade",
    order_status: "partially_filled",
    trade_id: trade.number,
    last_qty: number(quantity),
    last_price: number(price),
    cost: number(multiply(price, quantity)),
    liquidity_ind: liquidity === "maker" ? "m" : "t",
    fees: [{ asset: feeCoin, qty: number(fee) }],
    ...totals(order),
  };
}

/** The messages that an event makes, each the data of its own message. */
export function executionsOf(event: OrderEvent, skewMs: number): readonly unknown[] {
  const { order } = event;
  const short = common(order, order.changedAt + skewMs);
  const reason = reasonOf(order);
  switch (event.type) {
    case "accepted": {
      const pending = { exec_type: "pending_new", order_status: "pending_new" };
      return [
        { ...short, ...wholeOrder(order, skewMs), ...totals(order), ...pending },
        { ...short, exec_type: "new", order_status: "new" },
      ];
    }
    case "trade":
      return [tradeExecution(event.trade, skewMs)];
    case "amended":
      return [
        {
          ...short,
          ...wholeOrder(order, skewMs),
          ...totals(order),
          exec_type: "amended",
          order_status: statusOf(order),
          amended: true,
          reason: "User requested",
        },
      ];
    case "triggered":
      return [
        {
          ...short,
          ...wholeOrder(order, skewMs),
          exec_type: "status",
          order_status: "new",
          reason: "Stop triggered",
        },
      ];
    case "filled":
      return [{ ...short, ...totals(order), exec_type: "filled", order_status: "filled" }];
    default:
      return [
        {
          ...short,
          ...totals(order),
          exec_type: event.type,
          order_status: event.type,
          ...(reason === null ? {} : { cancel_reason: reason, reason }),
        },
      ];
  }
}

export function balanceSnapshot(balances: readonly Balance[]): unknown {
  return balances.map(({ coin, total }) => ({
    asset: coin,
    asset_class: "currency",
    balance: number(total),
    wallets: [{ type: "spot", id: "main", balance: number(total) }],
  }));
}

export function balanceUpdate(entry: LedgerEntry, skewMs: number): unknown {
  return [
    {
      asset: entry.coin,
      asset_class: "currency",
      amount: number(entry.amount),
      balance: number(entry.balance),
      fee: number(entry.fee),
      ledger_id: entry.id,
      ref_id: entry.reference,
      timestamp: rfc3339(entry.at + skewMs),
      type: entry.type,
      subtype: "",
      category: entry.type,
      wallet_type: "spot",
      wallet_id: "main",
    },
  ];
}
