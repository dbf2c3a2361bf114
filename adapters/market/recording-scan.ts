import { type Decimal, decimal } from "../../machines/domain/decimal.ts";
import { ClockSkew } from "./clock-skew.ts";
import { RecordingError } from "./recording-error.ts";
import { RecordingLines } from "./recording-lines.ts";
import {
  type RecordedMessage,
  readRecordedMessage,
  type WrittenLevel,
} from "./recording-message.ts";

/** What one pass over a recording tells, before anything of it is used. */
export interface RecordingScan {
  readonly path: string;
  /** SHA-256 of the decompressed bytes, 64 hexadecimal digits. */
  readonly sha256: string;
  /** As the venue writes it, such as "BTCUSDT". */
  readonly venueSymbol: string;
  readonly messages: number;
  /** By the receiver's clock, Unix milliseconds. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** The finest step of any price. */
  readonly tick: Decimal;
  /**
   * The finest step of any print's quantity; of any quantity, if nothing was printed. Books can
   * hold finer sizes, left over from when the venue's lot was another.
   */
  readonly lot: Decimal;
  /** See {@link ClockSkew}. */
  readonly skewMs: number;
  readonly medianSkewMs: number;
}

function placesOf(text: string): number {
  const point = text.indexOf(".");
  return point < 0 ? 0 : text.length - point - 1;
}

function stepOf(places: number): Decimal {
  return decimal(places === 0 ? 1 : `0.${"1".padStart(places, "0")}`);
}

/** Prices and quantities of a message. */
function amountsOf(message: RecordedMessage): readonly WrittenLevel[] {
  if (message.type === "print") return [[message.price, message.quantity]];
  if (message.type === "ticker") return [message.bid, message.ask];
  return [...message.bids, ...message.asks];
}

class Scan {
  readonly skew = new ClockSkew();
  first: RecordedMessage | null = null;
  last: RecordedMessage | null = null;
  messages = 0;
  pricePlaces = 0;
  quantityPlaces = 0;
  printPlaces: number | null = null;

  /** What is wrong with a message after those before it, or null. */
  take(message: RecordedMessage): string | null {
    const { first, last } = this;
    if (first !== null && message.symbol !== first.symbol) {
      return `is of ${message.symbol}, wanted ${first.symbol} as on line 1`;
    }
    if (last !== null && isBefore(message, last)) {
      return "was received before the line above it, wanted lines in the order of receipt";
    }
    this.first ??= message;
    this.last = message;
    this.messages += 1;
    if (message.type !== "ticker") {
      this.skew.add(message.eventAt, message.receivedMs + message.receivedNs / 1e6);
    }
    if (message.type === "print") {
      this.printPlaces = Math.max(this.printPlaces ?? 0, placesOf(message.quantity));
    }
    for (const [price, quantity] of amountsOf(message)) {
      this.pricePlaces = Math.max(this.pricePlaces, placesOf(price));
      this.quantityPlaces = Math.max(this.quantityPlaces, placesOf(quantity));
    }
    return null;
  }
}

/** Whether `a` was received strictly before `b`. */
export function isBefore(a: RecordedMessage, b: RecordedMessage): boolean {
  if (a.receivedMs !== b.receivedMs) return a.receivedMs < b.receivedMs;
  return a.receivedNs < b.receivedNs;
}

/**
 * Reads a recording once, from beginning to end, piece by piece.
 *
 * @throws {RecordingError} at the first line that is not as it should be: not of the form, of
 * another symbol than the first, or received before the one above it.
 */
export async function scanRecording(path: string): Promise<RecordingScan> {
  const hasher = new Bun.CryptoHasher("sha256");
  const lines = new RecordingLines(path, (bytes) => hasher.update(bytes));
  const scan = new Scan();
  try {
    for (;;) {
      if (lines.isDry) await lines.fill();
      const text = lines.next();
      if (text === null) break;
      const message = readRecordedMessage(text);
      const flaw = typeof message === "string" ? message : scan.take(message);
      if (flaw !== null) throw new RecordingError(path, lines.line, flaw);
    }
  } finally {
    await lines.close();
  }
  const { first, last, messages, pricePlaces, quantityPlaces, printPlaces, skew } = scan;
  if (first === null || last === null) {
    throw new RecordingError(path, null, "it is empty, wanted messages");
  }
  const { skewMs, medianMs: medianSkewMs } = skew;
  if (skewMs === null || medianSkewMs === null) {
    const text = "no message tells the venue's time, wanted the depth or the trade stream too";
    throw new RecordingError(path, null, text);
  }
  return {
    path,
    sha256: hasher.digest("hex"),
    venueSymbol: first.symbol,
    messages,
    firstMs: first.receivedMs,
    lastMs: last.receivedMs,
    tick: stepOf(pricePlaces),
    lot: stepOf(printPlaces ?? quantityPlaces),
    skewMs,
    medianSkewMs,
  };
}
