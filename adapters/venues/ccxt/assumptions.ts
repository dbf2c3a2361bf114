import type { VenueAssumptions } from "../../../actors/order/ports.ts";
import { type Decimal, decimal } from "../../../machines/domain/decimal.ts";

/** The venues that are reached through ccxt, as ccxt names them. */
export const ccxtVenueIds = ["kraken", "coinbase", "binanceus"] as const;
export type CcxtVenueId = (typeof ccxtVenueIds)[number];

/** Whether a venue of the configuration is one of these. */
export function isCcxtVenueId(name: string): name is CcxtVenueId {
  return ccxtVenueIds.some((id) => id === name);
}

/** What the desk takes for granted of a venue reached through ccxt, beyond the port's own. */
export interface CcxtAssumptions extends VenueAssumptions {
  /** Kraken: the engine is asked to refuse an order that reaches it later than this. */
  readonly deadlineMs: number;
  /** Binance.US: the venue refuses a request that reaches it later than this. */
  readonly recvWindowMs: number;
  /** How far the venue's clock and ours may lie apart. */
  readonly clockSkewMs: number;
  /** `stop` where the venue has a stop that sells at market; else a stop-limit at a distance. */
  readonly stops: "stop" | "stopLimit";
  /** Share of the stop price between it and the limit, where stops are stop-limits. */
  readonly stopLimitDistance: string;
  /** What an order does whose client id was used before. */
  readonly repeatedClientId: "secondOrder" | "oldOrder";
  /** Shares of the notional, where the venue did not tell them. */
  readonly makerFee: string;
  readonly takerFee: string;
}

/** One assumption in words: where its value comes from, and where the desk would see it fail. */
export interface AssumptionNote {
  readonly name: keyof CcxtAssumptions;
  readonly source: string;
  readonly noticedBy: string;
}

const shared = {
  deadlineMs: 10_000,
  recvWindowMs: 5_000,
  clockSkewMs: 2_000,
  stopLimitDistance: "0.01",
} as const;

function fiatSteps(step: string): Readonly<Record<string, Decimal>> {
  const coins = ["USD", "EUR", "GBP", "CAD", "AUD", "CHF", "JPY"];
  return Object.fromEntries(coins.map((coin) => [coin, decimal(step)]));
}

/** The values, by venue. A caller may override any of them for a stand-in. */
export const assumptions: Readonly<Record<CcxtVenueId, CcxtAssumptions>> = {
  kraken: {
    ...shared,
    latestAcceptMs: 60_000,
    readLagMs: 2_000,
    amends: true,
    stops: "stop",
    repeatedClientId: "secondOrder",
    balanceSteps: { ...fiatSteps("0.0001"), "*": decimal("0.00000001") },
    makerFee: "0.0025",
    takerFee: "0.004",
  },
  coinbase: {
    ...shared,
    latestAcceptMs: 125_000,
    readLagMs: 5_000,
    amends: false,
    stops: "stopLimit",
    repeatedClientId: "oldOrder",
    makerFee: "0.006",
    takerFee: "0.012",
  },
  binanceus: {
    ...shared,
    latestAcceptMs: 10_000,
    readLagMs: 10_000,
    amends: false,
    stops: "stopLimit",
    repeatedClientId: "secondOrder",
    balanceSteps: { "*": decimal("0.00000001") },
    makerFee: "0.004",
    takerFee: "0.006",
  },
};

const late =
  "an order or a fill seen that was proved absent: a brake on the account, by report, look or read";
const stale = "a look-up that contradicts the stream, or a reconciliation mismatch";

/** Why each value is what it is. Kept whole by the type: a test compares it with the values. */
export const assumptionNotes: Readonly<Record<CcxtVenueId, readonly AssumptionNote[]>> = {
  kraken: [
    {
      name: "latestAcceptMs",
      source:
        "documented range of `deadline`, up to 60 s; ours is 10 s, but that the engine honours " +
        "it is from memory, so the whole range is waited for",
      noticedBy: late,
    },
    {
      name: "readLagMs",
      source: "not documented; orders were seen in OpenOrders within a second",
      noticedBy: stale,
    },
    {
      name: "amends",
      source: "documentation of AmendOrder: ids, fills and, where possible, queue stay",
      noticedBy: "a refused amend: the order is looked up and shows its old terms",
    },
    {
      name: "deadlineMs",
      source: "documentation of add_order: 500 ms to 60 s",
      noticedBy: "refusals `EOrder:Deadline elapsed` with a clock that is right",
    },
    { name: "clockSkewMs", source: "ours to choose", noticedBy: "serverTime() in the doctor" },
    {
      name: "stops",
      source: "documentation of AddOrder: ordertype stop-loss",
      noticedBy: "an order told back with another type than was asked for",
    },
    {
      name: "repeatedClientId",
      source: "documentation: cl_ord_id is unique among open orders only",
      noticedBy: "a look-up that finds two orders under one id stays unclear",
    },
    {
      name: "balanceSteps",
      source: "documentation of Assets: decimals of record keeping, 4 for fiat, 8 or 10 for coins",
      noticedBy: "a difference larger than the step: a reconciliation mismatch",
    },
    {
      name: "makerFee",
      source: "AssetPairs, first tier; the account's own may be lower",
      noticedBy: "fees of fills, which are what is booked",
    },
    { name: "takerFee", source: "as makerFee", noticedBy: "as makerFee" },
  ],
  coinbase: [
    {
      name: "latestAcceptMs",
      source: "the JWT of a request is valid for 120 s, and the clocks may differ",
      noticedBy: late,
    },
    {
      name: "readLagMs",
      source: "not documented; a margin over what users report",
      noticedBy: stale,
    },
    {
      name: "amends",
      source: "documentation of Edit Order: limit orders good till cancelled only, so not used",
      noticedBy: "nothing is asked, so nothing fails",
    },
    { name: "clockSkewMs", source: "ours to choose", noticedBy: "serverTime() in the doctor" },
    {
      name: "stops",
      source: "documentation of Create Order: stop_limit_stop_limit only",
      noticedBy: "an order told back with another type than was asked for",
    },
    {
      name: "stopLimitDistance",
      source: "ours to choose: a gap wider than it leaves the stop resting",
      noticedBy: "a stop that triggered and did not fill: the position starts its exit",
    },
    {
      name: "repeatedClientId",
      source: "documentation is silent on the answer; the id is meant to stop duplicates",
      noticedBy: "a look-up that finds two orders under one id stays unclear",
    },
    {
      name: "makerFee",
      source: "highest published tier, where transaction_summary did not answer",
      noticedBy: "fees of fills, which are what is booked",
    },
    { name: "takerFee", source: "as makerFee", noticedBy: "as makerFee" },
  ],
  binanceus: [
    {
      name: "latestAcceptMs",
      source: "recvWindow of 5 s from our timestamp, doubled for the difference of the clocks",
      noticedBy: late,
    },
    {
      name: "readLagMs",
      source: "documentation: orders are looked up in a database behind the matching engine",
      noticedBy: stale,
    },
    {
      name: "amends",
      source: "exchangeInfo says amendAllowed: false; cancelReplace is not an amend",
      noticedBy: "nothing is asked, so nothing fails",
    },
    {
      name: "recvWindowMs",
      source: "documentation: up to 60,000",
      noticedBy: "answers -1021 with a clock that is right",
    },
    { name: "clockSkewMs", source: "ours to choose", noticedBy: "serverTime() in the doctor" },
    {
      name: "stops",
      source: "documentation: STOP_LOSS_LIMIT is offered on every symbol, STOP_LOSS is not",
      noticedBy: "an order told back with another type than was asked for",
    },
    {
      name: "stopLimitDistance",
      source: "ours to choose: a gap wider than it leaves the stop resting",
      noticedBy: "a stop that triggered and did not fill: the position starts its exit",
    },
    {
      name: "repeatedClientId",
      source: "documentation: accepted again once the earlier order is filled",
      noticedBy: "a look-up that finds two orders under one id stays unclear",
    },
    {
      name: "balanceSteps",
      source: "exchangeInfo: baseAssetPrecision and quoteAssetPrecision of 8 on every symbol",
      noticedBy: "a difference larger than the step: a reconciliation mismatch",
    },
    {
      name: "makerFee",
      source: "highest published tier, where the account did not tell",
      noticedBy: "fees of fills, which are what is booked",
    },
    { name: "takerFee", source: "as makerFee", noticedBy: "as makerFee" },
  ],
};
