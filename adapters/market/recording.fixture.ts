/** Writes recordings like those of a real venue out of a generated market, for any machine. */
import { decimal, fromFloat, fromSteps } from "../../machines/domain/decimal.ts";
import type { Book, BookLevel } from "./book.ts";
import { generatorSource } from "./generator.ts";

export interface SyntheticRecording {
  /** Such as "BTC/USDT". */
  readonly symbol: string;
  readonly startPrice: string;
  readonly seconds: number;
  readonly seed: number;
  /** How far the venue's clock is ahead of the receiver's, milliseconds. */
  readonly skewMs: number;
}

/** By the venue's clock: when the first candle of the market opens. */
export const syntheticStart = Date.parse("2024-08-09T00:00:00Z");

const tick = decimal("0.01");

/** Each seventh second has no print. */
const quietEvery = 7;

/** The quickest message takes this long, the slowest nine more, milliseconds. */
export const latencyMin = 2;

interface Line {
  readonly receivedAt: number;
  readonly stream: string;
  readonly data: object;
}

/** With eight places, as venues write them. */
const price = (ticks: number) => Number(fromSteps(ticks, tick)).toFixed(8);
const amount = (quantity: number) => `${fromFloat(quantity, 5)}`;
const written = (levels: readonly BookLevel[]) =>
  levels.map(([ticks, quantity]) => [price(ticks), amount(quantity)] as const);

/** Levels that are new or of another size, and those that are gone. */
function changed(before: readonly BookLevel[], after: readonly BookLevel[]) {
  const now = new Map(written(after));
  const then = new Map(written(before));
  const gone = [...then.keys()].filter((key) => !now.has(key)).map((key) => [key, "0.00000000"]);
  return [...gone, ...[...now].filter(([key, quantity]) => then.get(key) !== quantity)];
}

/** The lines of a recording, in the order of receipt. */
export function syntheticLines(wanted: SyntheticRecording): string[] {
  const { symbol, startPrice, seconds, seed, skewMs } = wanted;
  const source = generatorSource({
    seed,
    symbols: [{ symbol, startPrice: decimal(startPrice), tick, dailyTurnover: 1_000_000_000 }],
    timeframeMs: 1_000,
    startAt: syntheticStart,
    dailyVolatility: 0.25,
    bookLevels: 8,
  });
  const name = symbol.replace("/", "");
  const lines: Line[] = [];
  const send = (stream: string, sentAt: number, salt: number, data: object) => {
    const latency = latencyMin + (salt % 10);
    const receivedAt = sentAt + latency - skewMs;
    lines.push({
      receivedAt,
      stream: `${name.toLowerCase()}@${stream}`,
      data: { ...data, s: name },
    });
  };
  const cursor = source.cursor(symbol, 0);
  let before: Book = { at: 0, bids: [], asks: [] };
  let id = 1_000;
  let tradeId = 500;
  for (let second = 0; second < seconds; second += 1) {
    const candle = cursor.next();
    if (candle === null) break;
    const path = [candle.open, candle.low, candle.high, candle.close];
    for (const [point, ticks] of path.entries()) {
      const at = candle.openedAt + 50 + point * 250;
      const book = source.bookAt(symbol, second, { at, ticks });
      const [[bid, bidSize], [ask, askSize]] = [book.bids[0], book.asks[0]] as [
        BookLevel,
        BookLevel,
      ];
      if (second % quietEvery !== 3) {
        tradeId += 1;
        const quantity = fromFloat(Math.max(0.00001, candle.volume / 4), 5);
        send("trade", at, 7 * second + point, {
          ...{ e: "trade", E: at, t: tradeId, p: price(ticks), q: quantity, T: at },
          ...{ m: ticks === bid, M: true },
        });
      }
      const ids = { U: id + 1, u: id + 3 };
      id += 3;
      send("bookTicker", at + 20, 3 * second + point, {
        ...{ u: id, b: price(bid), B: amount(bidSize), a: price(ask), A: amount(askSize) },
      });
      // Sometimes so late that the next ticker comes first, as on real lines.
      const delay = second % 11 === 5 ? 275 : 60;
      send("depth@100ms", at + delay, 5 * second + point, {
        ...{ e: "depthUpdate", E: at + delay, ...ids },
        ...{ b: changed(before.bids, book.bids), a: changed(before.asks, book.asks) },
      });
      before = book;
    }
  }
  lines.sort((a, b) => a.receivedAt - b.receivedAt);
  return lines.map(({ receivedAt, stream, data }, index) => {
    const nanoseconds = String(index % 1_000_000).padStart(6, "0");
    return `${receivedAt}${nanoseconds} ${JSON.stringify({ stream, data })}`;
  });
}

/** Writes a recording, gzipped if the path says so. */
export async function writeRecording(path: string, wanted: SyntheticRecording): Promise<string> {
  const text = `${syntheticLines(wanted).join("\n")}\n`;
  await Bun.write(path, path.endsWith(".gz") ? Bun.gzipSync(text) : text);
  return path;
}

/** The real recordings of Binance spot, five minutes each; not on every machine. */
export const realRecordings = ["btcusdt", "ethusdt"].map(
  (name) =>
    new URL(`../../../shared/data/binance-spot-${name}-2024-08-09.jsonl.gz`, import.meta.url)
      .pathname,
);
