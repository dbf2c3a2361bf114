/** Coinbase's private REST calls that read the account. */
import { subtract, zero } from "../../../../machines/domain/decimal.ts";
import type { OrderVersion } from "../account.ts";
import { rfc3339 } from "../clock.ts";
import { asOf, type Call, type CallContext, paged, timeIn } from "./call.ts";
import { uuidOf } from "./ids.ts";
import { isFiat } from "./names.ts";
import { fillJson, orderJson, portfolioIdOf, sideText, statusText } from "./order-json.ts";
import { failed, invalid, reply } from "./reply.ts";

/** When the account was opened. */
const openedAt = "2021-05-31T09:59:59.000Z";

/** Totals of every coin that is traded here or held, in order of the alphabet. */
export function holdingsOf({ venue: { exchange, products } }: CallContext) {
  const balances = new Map(exchange.balances().map((balance) => [balance.coin, balance]));
  const coins = [...new Set([...products.coins, ...balances.keys()])].sort();
  return coins.map((coin) => balances.get(coin) ?? { coin, total: zero, held: zero });
}

export function accountIdOf(seed: string, coin: string): string {
  return uuidOf(seed, "O", "account", coin);
}

function accountsJson(context: CallContext) {
  const { seed, exchange } = context.venue;
  return holdingsOf(context).map(({ coin, total, held }) => ({
    uuid: accountIdOf(seed, coin),
    name: `${coin} Wallet`,
    currency: coin,
    available_balance: { value: subtract(total, held), currency: coin },
    default: true,
    active: true,
    created_at: openedAt,
    updated_at: rfc3339(exchange.clock.told),
    deleted_at: null,
    type: isFiat(coin) ? "ACCOUNT_TYPE_FIAT" : "ACCOUNT_TYPE_CRYPTO",
    ready: true,
    hold: { value: held, currency: coin },
    retail_portfolio_id: portfolioIdOf(seed),
    platform: "ACCOUNT_PLATFORM_CONSUMER",
  }));
}

export const listAccounts: Call = (context) => {
  const terms = { usual: 49, most: 250, nameOf: ({ uuid }: { uuid: string }) => uuid };
  const page = paged(accountsJson(context), context, terms);
  if (page === null) return invalid("invalid limit or cursor");
  const { items: accounts, cursor } = page;
  return reply({ accounts, has_next: cursor !== "", cursor, size: accounts.length });
};

export const getAccount: Call = (context) => {
  const account = accountsJson(context).find(({ uuid }) => uuid === context.gap);
  return account === undefined ? failed("NOT_FOUND", "account not found") : reply({ account });
};

/** Whether an order is among those that a list is asked for. */
function isAskedFor(order: OrderVersion, { venue, request: { query } }: CallContext): boolean {
  const among = (names: readonly string[], value: string) => {
    const wanted = names.flatMap((name) => query.getAll(name));
    return wanted.length === 0 || wanted.includes(value);
  };
  return (
    among(["order_ids"], order.orderId) &&
    among(["product_ids", "product_id"], venue.products.of(order.symbol).id) &&
    among(["order_status"], statusText(order)) &&
    among(["order_side"], sideText(order.side))
  );
}

/** Newest first. */
export const listOrders: Call = (context) => {
  const { venue, trading, request } = context;
  const statuses = request.query.getAll("order_status");
  if (statuses.includes("OPEN") && statuses.length > 1) {
    return invalid("order_status OPEN cannot be paired with others");
  }
  const [from, to] = [timeIn(context, "start_date"), timeIn(context, "end_date")];
  if (Number.isNaN(from) || Number.isNaN(to)) return invalid("invalid start_date or end_date");
  const chosen = venue.exchange.account
    .ordersAsOf(asOf(context))
    .filter(({ createdAt }) => createdAt >= (from ?? 0) && (to === null || createdAt < to))
    .filter((order) => isAskedFor(order, context))
    .reverse();
  const terms = { usual: 100, most: 1_000, nameOf: ({ orderId }: OrderVersion) => orderId };
  const page = paged(chosen, context, terms);
  if (page === null) return invalid("invalid limit or cursor");
  const { items, cursor } = page;
  const orders = items.map((order) => orderJson(venue, trading, order));
  return reply({ orders, sequence: "0", has_next: cursor !== "", cursor });
};

export const getOrder: Call = (context) => {
  const { venue, trading, gap } = context;
  const order = venue.exchange.account
    .ordersAsOf(asOf(context))
    .find(({ orderId }) => orderId === gap);
  if (order === undefined) return failed("NOT_FOUND", "order with this orderID was not found");
  return reply({ order: orderJson(venue, trading, order) });
};

/** Newest first. */
export const listFills: Call = (context) => {
  const { venue, trading, request } = context;
  const { query } = request;
  const from = timeIn(context, "start_sequence_timestamp");
  const to = timeIn(context, "end_sequence_timestamp");
  if (Number.isNaN(from) || Number.isNaN(to)) return invalid("invalid sequence timestamp");
  const among = (names: readonly string[], value: string) => {
    const wanted = names.flatMap((name) => query.getAll(name));
    return wanted.length === 0 || wanted.includes(value);
  };
  const chosen = venue.exchange.account
    .tradesAsOf(asOf(context))
    .filter(({ at }) => at >= (from ?? 0) && (to === null || at < to))
    .filter(
      ({ order, tradeId }) =>
        among(["order_ids", "order_id"], order.orderId) &&
        among(["trade_ids"], tradeId) &&
        among(["product_ids", "product_id"], venue.products.of(order.symbol).id),
    )
    .reverse();
  const terms = { usual: 100, most: 1_000, nameOf: ({ tradeId }: { tradeId: string }) => tradeId };
  const page = paged(chosen, context, terms);
  if (page === null) return invalid("invalid limit or cursor");
  const fills = page.items.map((trade) => fillJson(venue, trading, trade));
  return reply({ fills, cursor: page.cursor });
};

export const keyPermissions: Call = ({ venue, key }) =>
  reply({
    can_view: key?.permissions.includes("view") ?? false,
    can_trade: key?.permissions.includes("trade") ?? false,
    can_transfer: key?.permissions.includes("transfer") ?? false,
    portfolio_uuid: portfolioIdOf(venue.seed),
    portfolio_type: "DEFAULT",
  });

/** Fees are those of the first product: a tier is the account's, not a product's. */
export const transactionSummary: Call = ({ venue }) => {
  const rule = venue.products.all[0]?.instrument;
  const none = 0;
  return reply({
    total_volume: none,
    total_fees: none,
    fee_tier: {
      pricing_tier: "Intro 1",
      usd_from: "0",
      usd_to: "1000",
      taker_fee_rate: rule?.takerFee ?? zero,
      maker_fee_rate: rule?.makerFee ?? zero,
      aop_from: "",
      aop_to: "",
    },
    margin_rate: null,
    goods_and_services_tax: null,
    advanced_trade_only_volume: none,
    advanced_trade_only_fees: none,
    coinbase_pro_volume: none,
    coinbase_pro_fees: none,
    total_balance: "",
    has_promo_fee: false,
  });
};

export const listPortfolios: Call = ({ venue }) => {
  const uuid = portfolioIdOf(venue.seed);
  return reply({ portfolios: [{ name: "Default", uuid, type: "DEFAULT", deleted: false }] });
};
