import type { Exchange } from "ccxt";
import {
  ArgumentsRequired,
  AuthenticationError,
  BadRequest,
  NotSupported,
} from "ccxt/js/src/base/errors.js";
import type { Reply } from "../../../actors/order/ports.ts";
import { nearest } from "../../../config/nearest.ts";
import { fromFloat } from "../../../machines/domain/decimal.ts";
import { timeframeMs, timeframeText } from "../../../machines/domain/market.ts";
import { systemVenueClock, type VenueClock } from "./clock.ts";

export interface AnyVenueOptions {
  /** As ccxt names it, such as `bitstamp`. */
  readonly venue: string;
  /** In place of scheme and host of every address that ccxt has of it. */
  readonly rest?: string;
  readonly clock?: VenueClock;
}

/** What a venue told of a stretch, each candle as its line of CSV by open time, Unix milliseconds. */
export interface WrittenHistory {
  readonly from: number;
  readonly until: number;
  readonly rows: ReadonlyMap<number, string>;
}

/** Candles that an empty reply speaks of, where ccxt does not know how many a venue tells at once. */
const barsUnknown = 100;
/** The newest candles may not be told yet: that there are none is not believed of these. */
const barsLate = 2;
/** Floats from text come back as written in so many digits, and no candle file has more. */
const digitsMost = 15;
const placesMost = 30;
const textMost = 300;

/** Ids of a few venues may be meant. */
const nearMost = 8;

type Constructor = new (configuration: object) => Exchange;

/**
 * Past candles of any venue that ccxt has, by ccxt's own unified reading and at its own rate: for
 * venues that the desk does not trade at. No keys.
 */
export class AnyVenue {
  readonly venue: string;
  readonly #exchange: Exchange;
  readonly #clock: VenueClock;
  /** Open time of the oldest candle that was told: later than this, none means no trade. */
  #oldest = Number.POSITIVE_INFINITY;

  private constructor(exchange: Exchange, { venue, clock = systemVenueClock }: AnyVenueOptions) {
    this.venue = venue;
    this.#exchange = exchange;
    this.#clock = clock;
  }

  /** Loads ccxt, which takes a moment. @throws {RangeError} for a venue without candles, or none */
  static async open(options: AnyVenueOptions): Promise<AnyVenue> {
    const { venue, rest } = options;
    const { default: ccxt } = await import("ccxt");
    const ids: readonly string[] = ccxt.exchanges;
    if (!ids.includes(venue)) throw unknownVenue(venue, ids);
    const constructors = ccxt as unknown as Readonly<Record<string, Constructor>>;
    const exchange = new (constructors[venue] as Constructor)({ enableRateLimit: true });
    if (exchange.has.fetchOHLCV !== true) {
      throw new RangeError(`Cannot fetch candles at "${venue}": it tells none, says ccxt`);
    }
    const base = rest?.replace(/\/+$/, "");
    if (base !== undefined) exchange.urls.api = movedTo(base, exchange.urls.api);
    return new AnyVenue(exchange, options);
  }

  /** Lengths of bars that it has and a candle store can hold, milliseconds. */
  get timeframes(): readonly number[] {
    return [...this.#names().keys()];
  }

  /** Reads which symbols it lists; refused where this is none of them. */
  async lists(symbol: string): Promise<Reply<string>> {
    try {
      await this.#exchange.loadMarkets();
    } catch (error) {
      return replyTo(error);
    }
    if (this.#exchange.markets?.[symbol] !== undefined) return { type: "confirmed", value: symbol };
    const text = `${this.venue} does not list ${symbol}`;
    return { type: "refused", code: "unsupported", text };
  }

  /**
   * Closed candles from an open time on, as many as it tells at once. Venues differ in what they
   * tell of a time before their oldest candle: `from` is that candle's open until it is known that
   * the venue's past reaches further back.
   *
   * @throws {RangeError} for a length of candles that it has not
   */
  async past(symbol: string, since: number, lengthMs: number): Promise<Reply<WrittenHistory>> {
    const name = this.#names().get(lengthMs);
    if (name === undefined) {
      throw new RangeError(`Cannot read candles of ${timeframeText(lengthMs)} at ${this.venue}`);
    }
    const present = Math.floor(this.#clock.now() / lengthMs) * lengthMs;
    const value = { from: since, until: since, rows: new Map<number, string>() };
    if (since >= present) return { type: "confirmed", value };
    const limit: number | undefined = this.#exchange.features?.spot?.fetchOHLCV?.limit;
    try {
      const bars = await this.#exchange.fetchOHLCV(symbol, name, since, limit);
      const told = bars
        .map((bar) => barOf(bar, this.venue))
        .filter(({ openedAt }) => openedAt >= since)
        .sort((a, b) => a.openedAt - b.openedAt);
      const astray = told.find(({ openedAt }) => openedAt % lengthMs !== 0);
      if (astray) return this.#offGrid(astray.openedAt, name);
      const first = told[0];
      const reachesBack = this.#oldest < since || first?.openedAt === since;
      if (first === undefined) {
        const end = Math.min(
          since + (limit ?? barsUnknown) * lengthMs,
          present - barsLate * lengthMs,
        );
        const until = Math.max(since, end);
        return { type: "confirmed", value: { ...value, from: reachesBack ? since : until, until } };
      }
      this.#oldest = Math.min(this.#oldest, first.openedAt);
      const until = Math.min(present, (told.at(-1) ?? first).openedAt + lengthMs);
      const closed = told.filter(({ openedAt }) => openedAt < present);
      const rows = new Map(closed.map(({ openedAt, row }) => [openedAt, row]));
      const from = reachesBack ? since : Math.min(first.openedAt, until);
      return { type: "confirmed", value: { from, until, rows } };
    } catch (error) {
      return replyTo(error);
    }
  }

  /** ccxt's name of each length, by milliseconds; weeks and months are of no candle file. */
  #names(): Map<number, string> {
    const names = Object.keys(this.#exchange.timeframes ?? {});
    const fit = names.filter((name) => /^[1-9]\d{0,3}[smhd]$/.test(name));
    return new Map(fit.map((name) => [timeframeMs(name), name]));
  }

  #offGrid(openedAt: number, name: string): Reply<never> {
    const at = new Date(openedAt).toISOString();
    const text = `${this.venue} opens a candle of ${name} at ${at}, wanted a multiple of it in UTC`;
    return { type: "refused", code: "unsupported", text };
  }
}

function unknownVenue(venue: string, ids: readonly string[]): RangeError {
  const start = venue.slice(0, 4).toLowerCase();
  const meant = nearest(venue, ids);
  const near = ids.filter((id) => id.startsWith(start) || id === meant);
  const said = near.slice(0, nearMost).map((id) => `"${id}"`);
  const hint = said.length > 0 ? `, near it are ${said.join(", ")}` : `, it has ${ids.length}`;
  return new RangeError(`Cannot fetch from "${venue}": ccxt has no such venue${hint}`);
}

/** The same addresses, in whatever depth, with another scheme and host. */
function movedTo<T>(base: string, addresses: T): T {
  if (typeof addresses === "string") return addresses.replace(/^\w+:\/\/[^/]+/, base) as T;
  if (typeof addresses !== "object" || addresses === null) return addresses;
  const moved = Object.entries(addresses).map(([name, each]) => [name, movedTo(base, each)]);
  return Object.fromEntries(moved) as T;
}

/** One bar as ccxt reads it: open time, open, high, low, close, volume. @throws {RangeError} */
function barOf(bar: readonly unknown[], venue: string) {
  const [openedAt, open, high, low, close, volume] = bar.map((each) =>
    typeof each === "number" ? each : Number.NaN,
  );
  const numbers = [openedAt, open, high, low, close, volume];
  const isOfNumbers = numbers.every((each): each is number => Number.isFinite(each));
  const [at, first, highest, lowest, last, amount] = numbers as number[];
  const isCandle =
    isOfNumbers &&
    Number.isSafeInteger(at) &&
    (lowest as number) > 0 &&
    (lowest as number) <= Math.min(first as number, last as number) &&
    (highest as number) >= Math.max(first as number, last as number) &&
    (amount as number) >= 0;
  if (!isCandle) throw new RangeError(`Cannot read a bar of ${venue}: was [${bar.join(", ")}]`);
  // As decimals: a float of little volume is written with an exponent, which no candle file has.
  const written = [first, highest, lowest, last, amount].map((each) =>
    fromFloat(Number((each as number).toPrecision(digitsMost)), placesMost),
  );
  return { openedAt: at as number, row: [at, ...written].join(",") };
}

/** Final where asking again cannot help; all else may pass. */
function replyTo(error: unknown): Reply<never> {
  if (!(error instanceof Error)) return { type: "unknown", cause: String(error) };
  const text = `${error.name}: ${error.message}`.slice(0, textMost);
  const isFinal = [BadRequest, NotSupported, ArgumentsRequired, AuthenticationError].some(
    (each) => error instanceof each,
  );
  return isFinal
    ? { type: "refused", code: "unsupported", text }
    : { type: "unknown", cause: text };
}
