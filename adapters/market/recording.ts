import type { MarketSource, SourceSymbol } from "../../actors/market/ports.ts";
import type { Decimal } from "../../machines/domain/decimal.ts";
import { coinsOf, type SymbolName } from "../../machines/domain/ids.ts";
import { timeframeMs } from "../../machines/domain/market.ts";
import { RecordingError } from "./recording-error.ts";
import { type RecordingScan, scanRecording } from "./recording-scan.ts";

/** Quote coins that a venue's own symbol may end in, the longer ones first. */
const quoteCoins = ["FDUSD", "USDT", "USDC", "TUSD", "BUSD", "USD", "EUR", "BTC", "ETH", "BNB"];

/** Clocks of recordings that differ by more were not one receiver's. */
const skewSpreadMax = 250;

export interface RecordingRequest {
  readonly path: string;
  /** Such as "BTC/USDT"; null to tell it from the stream's name. */
  readonly symbol: SymbolName | null;
}

export interface RecordedSymbol extends SourceSymbol {
  readonly lot: Decimal;
}

/** Recordings that were read through once and found in order. */
export interface Recordings extends MarketSource {
  readonly symbols: readonly RecordedSymbol[];
  /** One for each file, in the order of {@link MarketSource.symbols}. */
  readonly scans: readonly RecordingScan[];
  readonly timeframeMs: number;
  /** Added to the receiver's times for the venue's clock, which is the one that the market has. */
  readonly skewMs: number;
  /** By the venue's clock, Unix milliseconds: when the first message was received. */
  readonly startAt: number;
}

/** `BTCUSDT` as `BTC/USDT`; null if it does not end in a quote coin that is known. */
export function symbolOfVenue(venueSymbol: string): SymbolName | null {
  const quote = quoteCoins.find((coin) => venueSymbol.endsWith(coin) && venueSymbol !== coin);
  return quote === undefined ? null : `${venueSymbol.slice(0, -quote.length)}/${quote}`;
}

function symbolOf({ path, symbol }: RecordingRequest, { venueSymbol }: RecordingScan): SymbolName {
  if (symbol === null) {
    const told = symbolOfVenue(venueSymbol);
    if (told !== null) return told;
    const text = `it is of ${venueSymbol}, wanted a known quote coin, or the symbol beside the file`;
    throw new RecordingError(path, null, text);
  }
  const { base, quote } = coinsOf(symbol);
  if (base + quote === venueSymbol) return symbol;
  throw new RecordingError(path, null, `it is of ${venueSymbol}, wanted ${symbol}`);
}

/** One skew for all: with one each, their order of receipt would not be kept. */
function commonSkew(scans: readonly RecordingScan[]): number {
  const skews = scans.map(({ skewMs }) => skewMs);
  const least = Math.min(...skews);
  const most = Math.max(...skews);
  if (most - least <= skewSpreadMax) return most;
  throw new RangeError(
    `Cannot play recordings together: their clocks are ${least} to ${most} ms behind the venue's, ` +
      `wanted within ${skewSpreadMax} ms of each other, as of one receiver`,
  );
}

function timeText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/**
 * Reads recordings of Binance spot streams (`bookTicker`, `depth` or `depth@100ms`, `trade`): one
 * symbol a file, plain or gzipped, each line the receiver's time in nanoseconds, a space and the
 * venue's JSON. Every line is checked before any is used; memory does not grow with the files.
 *
 * Times of the market are those of receipt, set to the venue's clock by the measured skew.
 * Tick and lot are the finest steps in a recording's prices and quantities.
 *
 * @param timeframe of the candles made of the prints, such as "1s".
 * @throws {RecordingError} at the first line that cannot be used, or if the symbol is another.
 * @throws {RangeError} if there is no file, a symbol comes twice, the clocks differ, or a symbol or
 * the timeframe is not of its form.
 */
export async function readRecordings(
  requests: readonly RecordingRequest[],
  timeframe: string,
): Promise<Recordings> {
  if (requests.length === 0) throw new RangeError("Cannot play recordings: wanted at least one");
  const stepMs = timeframeMs(timeframe);
  const scans: RecordingScan[] = [];
  // One after the other, so that no more than one file is in the works.
  for (const { path } of requests) scans.push(await scanRecording(path));
  const skewMs = commonSkew(scans);
  const identity: Record<string, string | number> = { kind: "recordings", skewMs };
  const symbols = requests.map((request, index): RecordedSymbol => {
    const { tick, lot, sha256 } = scans[index] as RecordingScan;
    const symbol = symbolOf(request, scans[index] as RecordingScan);
    if (`${symbol} sha256` in identity) {
      throw new RangeError(`Cannot play recordings: ${symbol} comes twice, wanted it once`);
    }
    identity[`${symbol} sha256`] = sha256;
    identity[`${symbol} timeframeMs`] = stepMs;
    return { symbol, timeframeMs: stepMs, tick, lot };
  });
  const startAt = skewMs + Math.min(...scans.map(({ firstMs }) => firstMs));
  const endAt = skewMs + Math.max(...scans.map(({ lastMs }) => lastMs));
  const names = symbols.map(({ symbol }, index) => `${symbol} from ${requests[index]?.path}`);
  return {
    description: `Binance spot, ${names.join(", ")}, ${timeText(startAt)} to ${timeText(endAt)}`,
    symbols,
    identity,
    length: null,
    scans,
    timeframeMs: stepMs,
    skewMs,
    startAt,
  };
}
