/**
 * The few calls of the older API, version 2, that unmodified clients make beside those of Advanced
 * Trade: time, coins, rates, and balances.
 */
import {
  decimal,
  divide,
  fromFloat,
  isZero,
  subtract,
} from "../../../../machines/domain/decimal.ts";
import type { LedgerEntry } from "../account.ts";
import { rfc3339 } from "../clock.ts";
import { accountIdOf, holdingsOf } from "./account-rest.ts";
import type { Call, CallContext } from "./call.ts";
import { isFiat, nameOfCoin } from "./names.ts";
import { failed, reply } from "./reply.ts";

export const time: Call = ({ venue }) => {
  const { told } = venue.exchange.clock;
  const iso = `${new Date(told).toISOString().slice(0, 19)}Z`;
  return reply({ data: { iso, epoch: Math.floor(told / 1_000) } });
};

export const currencies: Call = ({ venue }) =>
  reply({
    data: venue.products.coins
      .filter(isFiat)
      .map((id) => ({ id, name: nameOfCoin(id), min_size: "0.01" })),
  });

export const cryptoCurrencies: Call = ({ venue }) =>
  reply({
    data: venue.products.coins
      .filter((coin) => !isFiat(coin))
      .map((code) => ({
        asset_id: accountIdOf(venue.seed, code),
        code,
        name: nameOfCoin(code),
        color: "#000000",
        sort_index: 100,
        exponent: 8,
        type: "crypto",
        address_regex: "",
      })),
  });

/** What a dollar is in each coin that there is a market for. */
export const exchangeRates: Call = ({ venue }) => {
  const rates = venue.products.all
    .filter(({ instrument }) => instrument.quote === "USD")
    .map(({ symbol, instrument }) => {
      const price = fromFloat(venue.exchange.market(symbol).price * Number(instrument.tick), 8);
      return [
        instrument.base,
        isZero(price) ? price : divide(decimal(1), price, 16, "nearest"),
      ] as const;
    });
  return reply({ data: { currency: "USD", rates: Object.fromEntries([...rates, ["USD", "1"]]) } });
};

/** Whole balances, holds included: this version knows no holds. */
export const accounts: Call = (context: CallContext) => {
  const data = holdingsOf(context).map(({ coin, total }) => ({
    id: accountIdOf(context.venue.seed, coin),
    name: `${coin} Wallet`,
    primary: false,
    type: isFiat(coin) ? "fiat" : "wallet",
    currency: { code: coin, name: nameOfCoin(coin) },
    balance: { amount: total, currency: coin },
    created_at: "2021-05-31T09:59:59Z",
    updated_at: "2021-05-31T09:59:59Z",
    resource: "account",
  }));
  const pagination = { ending_before: null, starting_after: null, limit: 250, order: "desc" };
  return reply({ pagination: { ...pagination, previous_uri: null, next_uri: null }, data });
};

/** What moved one coin, newest first: fills of orders too, as the venue has them there. */
export const transactions: Call = (context: CallContext) => {
  const { venue, request, gap } = context;
  const holding = holdingsOf(context).find(({ coin }) => accountIdOf(venue.seed, coin) === gap);
  if (holding === undefined) return failed("not_found", "Not found");
  const { coin } = holding;
  const limit = Math.min(Number(request.query.get("limit") ?? 25), 100);
  const all = venue.exchange.account.ledger.filter((entry) => entry.coin === coin).reverse();
  const after = request.query.get("starting_after");
  const start = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
  const page = all.slice(start, start + limit);
  const data = page.map((entry) => ({
    id: entry.id,
    type: typeOf(entry),
    status: "completed",
    amount: { amount: subtract(entry.amount, entry.fee), currency: coin },
    created_at: rfc3339(entry.at + venue.exchange.clock.skewMs),
    resource: "transaction",
    resource_path: `/v2/accounts/${gap}/transactions/${entry.id}`,
  }));
  const pagination = { ending_before: null, starting_after: after, limit, order: "desc" };
  return reply({ pagination: { ...pagination, previous_uri: null, next_uri: null }, data });
};

function typeOf({ type, coin }: LedgerEntry): string {
  if (type === "trade") return "advanced_trade_fill";
  if (isFiat(coin)) return type === "deposit" ? "fiat_deposit" : "fiat_withdrawal";
  return type === "deposit" ? "receive" : "send";
}
