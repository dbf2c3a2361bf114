import type { CcxtVenueId } from "./assumptions.ts";
import { MalformedReply } from "./faults.ts";
import { resultOf } from "./kraken-reading.ts";
import type { Market } from "./protocol.ts";
import { type Fields, fieldsOf, listOf, textOf } from "./reading.ts";
import type { Wire } from "./wire.ts";

/** A bar as its venue wrote it. */
export interface WrittenBar {
  /** Unix milliseconds. */
  readonly openedAt: number;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
}

/** Which bars are asked for: those that open at `from` or later and have closed. */
export interface BarsWanted {
  /** The length of a bar, in the venue's word for it. */
  readonly interval: string;
  readonly timeframeMs: number;
  readonly from: number;
  /** Open time of the bar under way. */
  readonly last: number;
}

export interface WrittenBars {
  readonly bars: readonly WrittenBar[];
  /** A bar that closes by then and is not among them had no trade. */
  readonly until: number;
}

/** A book as its venue wrote it, best level first: price and quantity. */
export interface WrittenBook {
  readonly bids: readonly (readonly [price: string, quantity: string])[];
  readonly asks: readonly (readonly [price: string, quantity: string])[];
  /** Number of the last change in it, where the venue counts them. */
  readonly updateId: number | null;
}

/** How a venue is asked for its public market. Methods throw what the venue or the way did wrong. */
export interface PublicDialect {
  /** Length of bars that there is a history of, minutes, and what the venue calls them. */
  readonly intervals: ReadonlyMap<number, string>;
  /** Bars that it tells in one answer. */
  readonly barsMost: number;
  /** Whether it tells bars of any time, or only its newest ones. */
  readonly tellsPast: boolean;
  bars(wire: Wire, market: Market, wanted: BarsWanted): Promise<WrittenBars>;
  book(wire: Wire, market: Market, levels: number): Promise<WrittenBook>;
}

type Parameters = Readonly<Record<string, string>>;

function ask(wire: Wire, api: string | readonly string[], path: string, parameters: Parameters) {
  return wire.public({ path, api, method: "GET", parameters: () => parameters });
}

function textAt(row: readonly unknown[], index: number, what: string): string {
  return textOf({ [what]: row[index] }, what);
}

function timeAt(row: readonly unknown[], index: number, unitMs: number): number {
  const at = Number(textAt(row, index, "time")) * unitMs;
  if (Number.isSafeInteger(at) && at > 0) return at;
  throw new MalformedReply(`Cannot read time of a bar: was "${row[index]}"`);
}

/** Kraken and Binance.US write a bar as a row: time, open, high, low, close. */
function rowOf(value: unknown, unitMs: number, volumeAt: number): WrittenBar {
  const row = listOf(value, "bar");
  const [open, high, low, close] = [1, 2, 3, 4].map((index) => textAt(row, index, "price"));
  const prices = { open, high, low, close } as Pick<WrittenBar, "open" | "high" | "low" | "close">;
  return { openedAt: timeAt(row, 0, unitMs), ...prices, volume: textAt(row, volumeAt, "volume") };
}

function pairsOf(side: unknown): WrittenBook["bids"] {
  return listOf(side, "side of the book").map((level) => {
    const row = listOf(level, "level");
    return [textAt(row, 0, "price"), textAt(row, 1, "quantity")] as const;
  });
}

/** The one entry of a reply that is filed under the market's name, whichever of its names that is. */
function onlyEntry(result: Fields, besides: readonly string[]): unknown {
  const names = Object.keys(result).filter((name) => !besides.includes(name));
  if (names.length === 1) return result[names[0] as string];
  throw new MalformedReply(`Cannot read reply: it is of ${names.length} markets, wanted one`);
}

/** Source: Kraken REST `OHLC` (its last bar is the one under way) and `Depth`. */
const kraken: PublicDialect = {
  intervals: new Map([1, 5, 15, 30, 60, 240, 1_440].map((each) => [each, String(each)])),
  barsMost: 720,
  tellsPast: false,
  async bars(wire, { id }, { interval, from, timeframeMs }) {
    // What opens at "since" itself is left out.
    const since = String(Math.floor((from - timeframeMs) / 1_000));
    const reply = await ask(wire, "public", "OHLC", { pair: id, interval, since });
    const rows = listOf(onlyEntry(resultOf(reply), ["last"]), "bars");
    const bars = rows.map((row) => rowOf(row, 1_000, 6));
    const until = bars.at(-1)?.openedAt;
    if (until === undefined) throw new MalformedReply("Cannot read bars: none in the reply");
    return { bars, until };
  },
  async book(wire, { id }, levels) {
    const reply = await ask(wire, "public", "Depth", { pair: id, count: String(levels) });
    const { bids, asks } = fieldsOf(onlyEntry(resultOf(reply), []), "book");
    return { bids: pairsOf(bids), asks: pairsOf(asks), updateId: null };
  },
};

const coinbaseApi = ["v3", "public"] as const;

/** Source: Coinbase Advanced `Get Public Product Candles` and `Get Public Product Book`. */
const coinbase: PublicDialect = {
  intervals: new Map([
    [1, "ONE_MINUTE"],
    [5, "FIVE_MINUTE"],
    [15, "FIFTEEN_MINUTE"],
    [30, "THIRTY_MINUTE"],
    [60, "ONE_HOUR"],
    [120, "TWO_HOUR"],
    [360, "SIX_HOUR"],
    [1_440, "ONE_DAY"],
  ]),
  barsMost: 300,
  tellsPast: true,
  async bars(wire, { id }, { interval, from, last, timeframeMs }) {
    const path = "brokerage/market/products/{product_id}/candles";
    const reply = await ask(wire, coinbaseApi, path, {
      product_id: id,
      granularity: interval,
      start: String(from / 1_000),
      end: String(last / 1_000 - 1),
    });
    const candles = listOf(fieldsOf(reply, "reply").candles, '"candles"');
    const bars = candles.map((each): WrittenBar => {
      const fields = fieldsOf(each, "bar");
      const at = (key: string) => textOf(fields, key);
      const [open, high, low, close] = [at("open"), at("high"), at("low"), at("close")];
      const prices = { open, high, low, close };
      return { openedAt: timeAt([at("start")], 0, 1_000), ...prices, volume: at("volume") };
    });
    // A bar of no trade is left out, and so is one that is late: only what lies before another is known.
    const newest = Math.max(from - timeframeMs, ...bars.map(({ openedAt }) => openedAt));
    return { bars, until: newest + timeframeMs };
  },
  async book(wire, { id }, levels) {
    const path = "brokerage/market/product_book";
    const reply = await ask(wire, coinbaseApi, path, { product_id: id, limit: String(levels) });
    const book = fieldsOf(fieldsOf(reply, "reply").pricebook, '"pricebook"');
    const side = (name: string) =>
      listOf(book[name], `"${name}"`).map((level) => {
        const fields = fieldsOf(level, "level");
        return [textOf(fields, "price"), textOf(fields, "size")] as const;
      });
    return { bids: side("bids"), asks: side("asks"), updateId: null };
  },
};

const binanceIntervals = "1m 3m 5m 15m 30m 1h 2h 4h 6h 8h 12h 1d".split(" ");
const binanceMinutes = [1, 3, 5, 15, 30, 60, 120, 240, 360, 480, 720, 1_440];

/** Source: Binance.US `klines` and `depth`. */
const binanceus: PublicDialect = {
  intervals: new Map(binanceMinutes.map((each, index) => [each, binanceIntervals[index] ?? ""])),
  barsMost: 1_000,
  tellsPast: true,
  async bars(wire, { id }, { interval, from, last, timeframeMs }) {
    const reply = await ask(wire, "public", "klines", {
      symbol: id,
      interval,
      startTime: String(from),
      limit: "1000",
    });
    const bars = listOf(reply, "bars").map((row) => rowOf(row, 1, 5));
    const newest = Math.max(from - timeframeMs, ...bars.map(({ openedAt }) => openedAt));
    return { bars, until: Math.min(last, newest + timeframeMs) };
  },
  async book(wire, { id }, levels) {
    const reply = await ask(wire, "public", "depth", { symbol: id, limit: String(levels) });
    const { bids, asks, lastUpdateId } = fieldsOf(reply, "reply");
    const updateId = Number(textOf({ lastUpdateId }, "lastUpdateId"));
    return { bids: pairsOf(bids), asks: pairsOf(asks), updateId };
  },
};

export const publicDialects: Readonly<Record<CcxtVenueId, PublicDialect>> = {
  kraken,
  coinbase,
  binanceus,
};
