import type { Reply } from "../../../actors/order/ports.ts";
import type { Instrument } from "../../../machines/domain/instrument.ts";
import type { Candle } from "../../../machines/domain/market.ts";
import type { BinanceDepth, CandleHistory, PolledMarket } from "../streams/mod.ts";
import { TickScale } from "../streams/tick-scale.ts";
import type { CcxtVenueId } from "./assumptions.ts";
import { BinanceusProtocol } from "./binanceus-protocol.ts";
import { classify } from "./classification.ts";
import { CoinbaseProtocol } from "./coinbase-protocol.ts";
import { MalformedReply } from "./faults.ts";
import { KrakenProtocol } from "./kraken-protocol.ts";
import { MarketList } from "./market-list.ts";
import type { CcxtVenueOptions } from "./options.ts";
import type { Market } from "./protocol.ts";
import { type PublicDialect, publicDialects, type WrittenBar } from "./public-dialects.ts";
import { amountOf } from "./reading.ts";
import { Wire } from "./wire.ts";

export interface PublicMarketOptions
  extends Pick<CcxtVenueOptions, "symbols" | "urls" | "clock" | "timeoutMs" | "onNotice"> {
  readonly venue: CcxtVenueId;
}

const minuteMs = 60_000;
const levelsAsked = 25;
/** The book that a stream of changes is joined to has to reach as far as the changes do. */
const depthAsked = 1_000;
/** Bars in which 15 minutes are 120 times in minutes, as the longest of the standard frames takes. */
const historyBars = 2_000;

/** A venue's public market over REST: rules of symbols, past candles, the book now. No keys. */
export class PublicMarket {
  readonly venue: CcxtVenueId;
  readonly #symbols: readonly string[];
  readonly #wire: Wire;
  readonly #dialect: PublicDialect;
  readonly #markets: MarketList;

  constructor({ venue, ...options }: PublicMarketOptions) {
    this.venue = venue;
    this.#symbols = options.symbols;
    this.#dialect = publicDialects[venue];
    this.#wire = new Wire({ ...options, at: { venue, account: "public" }, keys: null });
    const protocols = {
      kraken: KrakenProtocol,
      coinbase: CoinbaseProtocol,
      binanceus: BinanceusProtocol,
    };
    this.#markets = new MarketList(() => protocol.markets());
    const protocol = new protocols[venue](this.#wire, this.#markets);
  }

  /** Lengths of bars that a venue keeps a history of, milliseconds. */
  static timeframesOf(venue: CcxtVenueId): readonly number[] {
    return [...publicDialects[venue].intervals.keys()].map((minutes) => minutes * minuteMs);
  }

  /** Bars of the past that a venue tells at once. */
  static barsMost(venue: CcxtVenueId): number {
    return publicDialects[venue].barsMost;
  }

  /** Rules of the symbols, in their order; refused where the venue does not list one. */
  async instruments(): Promise<Reply<readonly Instrument[]>> {
    try {
      await this.#markets.reload();
    } catch (error) {
      return classify(this.venue, error);
    }
    const missing = this.#symbols.filter((symbol) => this.#markets.marketOf(symbol) === null);
    if (missing.length > 0) {
      const text = `${this.venue} does not list ${missing.join(", ")}`;
      return { type: "refused", code: "unsupported", text };
    }
    const value = this.#symbols.map((symbol) => this.#of(symbol).instrument);
    return { type: "confirmed", value };
  }

  /**
   * Closed bars from an open time on, or from the oldest that the venue tells at once; of one that
   * tells any time, in as many requests as 2,000 bars take.
   *
   * @throws what the venue or the way to it did wrong; RangeError for a length that it has not
   */
  async candles(symbol: string, since: number, timeframeMs: number): Promise<CandleHistory> {
    const { barsMost, tellsPast } = this.#dialect;
    const now = this.#lastOpen(timeframeMs);
    const bars = tellsPast ? Math.max(barsMost, historyBars) : barsMost;
    const from = Math.max(since, now - (bars - 1) * timeframeMs);
    const candles: Candle[] = [];
    for (let start = from; ; start += barsMost * timeframeMs) {
      const last = Math.min(now, start + barsMost * timeframeMs);
      const page = await this.#bars(symbol, timeframeMs, { from: start, last });
      candles.push(...page.candles);
      if (last === now) return { from, until: page.until, candles };
    }
  }

  /**
   * As many closed bars from an open time on as the venue tells at once, however long ago that is.
   * Where it tells only its newest bars, they are what comes: `from` says where they begin.
   *
   * @throws {RangeError} for a length of bars that it has not
   */
  async past(symbol: string, since: number, timeframeMs: number): Promise<Reply<CandleHistory>> {
    const { barsMost, tellsPast } = this.#dialect;
    this.#intervalOf(timeframeMs);
    const now = this.#lastOpen(timeframeMs);
    const oldest = now - (barsMost - 1) * timeframeMs;
    const from = tellsPast ? since : Math.max(since, oldest);
    const last = Math.min(now, from + barsMost * timeframeMs);
    if (from >= now) return { type: "confirmed", value: { from, until: from, candles: [] } };
    try {
      const history = await this.#bars(symbol, timeframeMs, { from, last });
      // Of a stretch that ended long ago all is told: what is not there had no trade.
      const until = last < now ? last : history.until;
      return { type: "confirmed", value: { ...history, until } };
    } catch (error) {
      return classify(this.venue, error);
    }
  }

  #lastOpen(timeframeMs: number): number {
    return Math.floor(this.#wire.clock.now() / timeframeMs) * timeframeMs;
  }

  #intervalOf(timeframeMs: number): string {
    const { intervals } = this.#dialect;
    const interval = intervals.get(timeframeMs / minuteMs);
    if (interval !== undefined) return interval;
    const wanted = [...intervals.keys()].join(", ");
    throw new RangeError(
      `Cannot read candles of ${timeframeMs / minuteMs} minutes: ${this.venue} has ${wanted}`,
    );
  }

  /** Closed bars of `[from, last)`. */
  async #bars(
    symbol: string,
    timeframeMs: number,
    { from, last }: { readonly from: number; readonly last: number },
  ): Promise<CandleHistory> {
    const interval = this.#intervalOf(timeframeMs);
    await this.#markets.loaded();
    const market = this.#of(symbol);
    const wanted = { interval, timeframeMs, from, last };
    const { bars, until } = await this.#dialect.bars(this.#wire, market, wanted);
    const scale = new TickScale(market.instrument.tick);
    const candles = bars
      .filter(({ openedAt }) => openedAt >= from && openedAt + timeframeMs <= until)
      .sort((a, b) => a.openedAt - b.openedAt)
      .map((bar) => candleOf(bar, symbol, timeframeMs, scale));
    return { from, until, candles };
  }

  /** The best levels of the book now. @throws what the venue or the way to it did wrong */
  async poll(symbol: string): Promise<PolledMarket> {
    const { bids, asks } = await this.#book(symbol, levelsAsked);
    const scale = new TickScale(this.#of(symbol).instrument.tick);
    const levels = (side: typeof bids) =>
      side.map(([price, quantity]) => ({
        ticks: scale.ticks(price),
        quantity: amountOf({ quantity }, "quantity"),
      }));
    return { bids: levels(bids), asks: levels(asks) };
  }

  /** The whole book with the number of its last change: Binance.US only. @throws as `poll` */
  async depth(symbol: string): Promise<BinanceDepth> {
    const { updateId, bids, asks } = await this.#book(symbol, depthAsked);
    if (updateId === null) throw new MalformedReply(`${this.venue} does not number its books`);
    return { lastUpdateId: updateId, bids, asks };
  }

  async #book(symbol: string, levels: number) {
    await this.#markets.loaded();
    return await this.#dialect.book(this.#wire, this.#of(symbol), levels);
  }

  #of(symbol: string): Market {
    const market = this.#markets.marketOf(symbol);
    if (market) return market;
    throw new RangeError(`Cannot read market "${symbol}": ${this.venue} does not list it`);
  }
}

function candleOf(
  { openedAt, open, high, low, close, volume }: WrittenBar,
  symbol: string,
  timeframeMs: number,
  scale: TickScale,
): Candle {
  const [first, last] = [scale.ticks(open), scale.ticks(close)];
  const [highest, lowest] = [scale.ticks(high), scale.ticks(low)];
  const amount = Number(volume);
  if (!(amount >= 0)) throw new MalformedReply(`Cannot read volume of a bar: was "${volume}"`);
  if (lowest > Math.min(first, last) || highest < Math.max(first, last)) {
    const prices = [open, high, low, close].join(", ");
    throw new MalformedReply(`Cannot read bar: open, high, low and close are ${prices}`);
  }
  const prices = { open: first, high: highest, low: lowest, close: last };
  return { symbol, openedAt, timeframeMs, ...prices, volume: amount };
}
