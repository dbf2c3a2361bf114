/** What the engine's tests share: an instrument, a short way to write orders, and a market. */
import { decimal, toNumber } from "../../../machines/domain/decimal.ts";
import type { Fill, VenueReport } from "../../../machines/domain/fill.ts";
import type { Instrument } from "../../../machines/domain/instrument.ts";
import type { OrderRequest, VenueOrder } from "../../../machines/domain/order.ts";
import type { KeyedChange } from "./change-log.ts";
import { type Answer, MatchingEngine } from "./engine.ts";
import type { MatchingSettings } from "./settings.ts";

export const symbol = "BTC/USD";

/** A tick that is not 1, so that ticks and prices cannot be taken for each other. */
export const instrument: Instrument = {
  venue: "paper",
  symbol,
  base: "BTC",
  quote: "USD",
  tick: decimal("0.5"),
  lot: decimal("0.001"),
  minQuantity: decimal("0.01"),
  minNotional: decimal("5"),
  makerFee: decimal("0.001"),
  takerFee: decimal("0.002"),
};

export const opening = { BTC: decimal("10"), USD: decimal("10000") };

/** A price on the grid as whole ticks. */
export function ticks(price: number): number {
  return Math.round(price / toNumber(instrument.tick));
}

export function engineWith(settings: Partial<MatchingSettings> = {}): MatchingEngine {
  return new MatchingEngine({
    instruments: [instrument],
    balances: opening,
    settings: { slippageTicks: 0, volumeShare: null, ...settings },
  });
}

interface OrderWords {
  readonly id?: string;
  readonly symbol?: string;
  readonly price?: string;
  readonly stop?: string;
  readonly ioc?: boolean;
  readonly postOnly?: boolean;
  readonly expiresAt?: number;
}

/** `order("buy", "limit", "1", { price: "95" })`. */
export function order(
  side: OrderRequest["side"],
  type: OrderRequest["type"],
  quantity: string,
  words: OrderWords = {},
): OrderRequest {
  const expiresAt = words.expiresAt ?? null;
  return {
    clientOrderId: words.id ?? "a",
    symbol: words.symbol ?? symbol,
    side,
    type,
    quantity: decimal(quantity),
    price: words.price === undefined ? null : decimal(words.price),
    stopPrice: words.stop === undefined ? null : decimal(words.stop),
    timeInForce: words.ioc ? "ioc" : expiresAt === null ? "gtc" : "gtd",
    postOnly: words.postOnly ?? false,
    expiresAt,
  };
}

/** A market that moves a second with each point. */
export class Tape {
  readonly #engine: MatchingEngine;
  #at: number;

  constructor(engine: MatchingEngine, at = 0) {
    this.#engine = engine;
    this.#at = at;
  }

  get at(): number {
    return this.#at;
  }

  /** Moves through the prices in between. */
  to(price: number, volume: number | null = null): void {
    this.#at += 1_000;
    this.#engine.tick(symbol, { at: this.#at, ticks: ticks(price), gap: false, volume });
  }

  /** Jumps, as at a candle's open. */
  gap(price: number, volume: number | null = null): void {
    this.#at += 1_000;
    this.#engine.tick(symbol, { at: this.#at, ticks: ticks(price), gap: true, volume });
  }
}

/** `0.5 @ 95 maker`. */
export function told({ quantity, price, liquidity }: Fill): string {
  return `${quantity} @ ${price} ${liquidity}`;
}

export function confirmedOrder(answer: Answer<VenueOrder>): VenueOrder {
  if (answer.type === "confirmed") return answer.value;
  throw new RangeError(`Cannot go on: the engine refused with "${answer.text}"`);
}

export function allReports(engine: MatchingEngine): VenueReport[] {
  const reports: VenueReport[] = [];
  for (let report = engine.takeReport(); report !== null; report = engine.takeReport()) {
    reports.push(report);
  }
  return reports;
}

/** Applies changes to rows, as a store would, by value. */
export function keep(rows: Map<string, unknown>, changes: readonly KeyedChange[]): void {
  for (const { key, value } of structuredClone(changes)) {
    if (value === null) rows.delete(key);
    else rows.set(key, value);
  }
}

/** One row of a fill-rule table: an order accepted while the price stands at 100. */
export interface FillRow {
  readonly name: string;
  readonly request: OrderRequest;
  readonly settings?: Partial<MatchingSettings>;
  readonly market: (tape: Tape) => void;
  readonly state: string;
  readonly fills: readonly string[];
}

/** What became of the row's order. */
export function outcome({ request, settings, market }: FillRow): Pick<FillRow, "state" | "fills"> {
  const engine = engineWith(settings);
  const tape = new Tape(engine);
  tape.gap(100);
  confirmedOrder(engine.submit(request, tape.at));
  market(tape);
  const { orders, fills } = engine.orderByClientId("a", tape.at);
  return { state: String(orders[0]?.state), fills: fills.map(told) };
}

export const buy = (type: OrderRequest["type"], words: OrderWords = {}) =>
  order("buy", type, "1", words);
export const sell = (type: OrderRequest["type"], words: OrderWords = {}) =>
  order("sell", type, "1", words);
/** The price moves through these, one after the other. */
export const through =
  (...prices: number[]) =>
  (tape: Tape) => {
    for (const price of prices) tape.to(price);
  };

/** An engine, the price standing at 100. */
export function started(settings: Partial<MatchingSettings> = {}): {
  engine: MatchingEngine;
  tape: Tape;
} {
  const engine = engineWith(settings);
  const tape = new Tape(engine);
  tape.gap(100);
  return { engine, tape };
}
