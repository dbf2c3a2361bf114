import type { Decimal } from "../../machines/domain/decimal.ts";
import { quoted } from "./candle-row.ts";

/** A price and the quantity that stands there now, as written; "0" is a level that is gone. */
export type WrittenLevel = readonly [price: string, quantity: Decimal];

interface Received {
  /** The receiver's clock, Unix milliseconds, and the nanoseconds beyond. */
  readonly receivedMs: number;
  readonly receivedNs: number;
  /** As the venue writes it, such as "BTCUSDT". */
  readonly symbol: string;
}

/** Changed levels of the book, absolute, for the updates `firstId` to `lastId`. */
export interface DepthMessage extends Received {
  readonly type: "depth";
  /** When the venue sent it, by its clock, Unix milliseconds. */
  readonly eventAt: number;
  readonly firstId: number;
  readonly lastId: number;
  readonly bids: readonly WrittenLevel[];
  readonly asks: readonly WrittenLevel[];
}

/** Both touches after update `updateId`. The venue sends one whenever a touch changes. */
export interface TickerMessage extends Received {
  readonly type: "ticker";
  readonly updateId: number;
  readonly bid: WrittenLevel;
  readonly ask: WrittenLevel;
}

export interface PrintMessage extends Received {
  readonly type: "print";
  readonly eventAt: number;
  /** Rises by one with each print of the symbol. */
  readonly tradeId: number;
  readonly price: string;
  readonly quantity: Decimal;
  /** Whether the buyer took, and the seller had been waiting in the book. */
  readonly isBuy: boolean;
}

export type RecordedMessage = DepthMessage | TickerMessage | PrintMessage;

const lineForm = /^(\d{13})(\d{6}) (?=\{)/;
const amountForm = /^(?:0|[1-9]\d{0,14})(?:\.\d{1,18})?$/;
const dayMs = 86_400_000;

type Fields = Readonly<Record<string, unknown>>;

/** What is wrong with the line, for whoever knows which line it is. */
class Flaw extends Error {}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shownValue(value: unknown): string {
  return typeof value === "string" ? quoted(value) : JSON.stringify(value).slice(0, 80);
}

function flawed(name: string, value: unknown, wanted: string): Flaw {
  const found = value === undefined ? `no ${name}` : `${name} ${shownValue(value)}`;
  return new Flaw(`has ${found}, wanted ${wanted}`);
}

/** Drops the zeros at the end, which venues write to a fixed width: the canonical decimal. */
export function canonicalAmount(text: string): Decimal {
  if (!text.includes(".")) return text as Decimal;
  let end = text.length;
  while (text.charCodeAt(end - 1) === 48) end -= 1;
  if (text.charCodeAt(end - 1) === 46) end -= 1;
  // The form is checked: digits without a needless zero in front, so this is canonical.
  return text.slice(0, end) as Decimal;
}

function amount(name: string, value: unknown, isZeroAllowed: boolean): Decimal {
  if (typeof value === "string" && amountForm.test(value)) {
    const read = canonicalAmount(value);
    if (isZeroAllowed || read !== "0") return read;
  }
  throw flawed(name, value, `a decimal ${isZeroAllowed ? "from 0 up" : "above 0"} in quotes`);
}

function whole(name: string, value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw flawed(name, value, "a whole number");
}

function flag(name: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw flawed(name, value, "true or false");
}

function levels(name: string, value: unknown): WrittenLevel[] {
  if (!Array.isArray(value)) throw flawed(name, value, "a list of levels");
  return value.map((level: unknown) => {
    if (!Array.isArray(level) || level.length !== 2)
      throw flawed(name, level, "price and quantity");
    return [
      amount(`price in "${name}"`, level[0], false),
      amount(`quantity in "${name}"`, level[1], true),
    ];
  });
}

function eventTime(data: Fields, receivedMs: number): number {
  const eventAt = whole("event time E", data.E);
  if (Math.abs(eventAt - receivedMs) <= dayMs) return eventAt;
  throw flawed(
    "event time E",
    eventAt,
    `Unix milliseconds within a day of receipt at ${receivedMs}`,
  );
}

function depthOf(received: Received, data: Fields): DepthMessage {
  const firstId = whole("first update id U", data.U);
  const lastId = whole("last update id u", data.u);
  if (lastId < firstId) throw flawed("last update id u", lastId, `${firstId} or above`);
  const eventAt = eventTime(data, received.receivedMs);
  const bids = levels("b", data.b);
  return {
    ...received,
    type: "depth",
    eventAt,
    firstId,
    lastId,
    bids,
    asks: levels("a", data.a),
  };
}

function tickerOf(received: Received, data: Fields): TickerMessage {
  return {
    ...received,
    type: "ticker",
    updateId: whole("update id u", data.u),
    bid: [amount("best bid b", data.b, false), amount("quantity B", data.B, false)],
    ask: [amount("best ask a", data.a, false), amount("quantity A", data.A, false)],
  };
}

function printOf(received: Received, data: Fields): PrintMessage {
  return {
    ...received,
    type: "print",
    eventAt: eventTime(data, received.receivedMs),
    tradeId: whole("trade id t", data.t),
    price: amount("price p", data.p, false),
    quantity: amount("quantity q", data.q, false),
    isBuy: !flag("maker side m", data.m),
  };
}

const readers: Readonly<Record<string, (received: Received, data: Fields) => RecordedMessage>> = {
  bookTicker: tickerOf,
  depth: depthOf,
  "depth@100ms": depthOf,
  trade: printOf,
};

function messageOf(text: string): RecordedMessage {
  const match = lineForm.exec(text);
  if (match === null) {
    throw new Flaw(`is ${quoted(text)}, wanted nanoseconds of receipt, a space and the message`);
  }
  let message: unknown;
  try {
    message = JSON.parse(text.slice(20));
  } catch {
    throw new Flaw(`holds ${quoted(text.slice(20))}, wanted whole JSON`);
  }
  const fields = isFields(message) ? message : {};
  const { stream, data } = fields;
  if (typeof stream !== "string" || !isFields(data)) {
    throw new Flaw(`holds ${quoted(text.slice(20))}, wanted an object with "stream" and "data"`);
  }
  const symbol = data.s;
  if (typeof symbol !== "string" || !/^[A-Z0-9]{2,20}$/.test(symbol)) {
    throw flawed("symbol s", symbol, "capital letters and digits");
  }
  const at = stream.indexOf("@");
  const reader =
    stream.slice(0, at) === symbol.toLowerCase() ? readers[stream.slice(at + 1)] : null;
  if (!reader) {
    const known = Object.keys(readers).map((name) => `${symbol.toLowerCase()}@${name}`);
    throw flawed("stream", stream, known.join(", "));
  }
  const [, milliseconds, nanoseconds] = match;
  const received = { receivedMs: Number(milliseconds), receivedNs: Number(nanoseconds), symbol };
  return reader(received, data);
}

/** One line of a recording; or, as text, what is wrong with it. */
export function readRecordedMessage(text: string): RecordedMessage | string {
  try {
    return messageOf(text);
  } catch (error) {
    if (error instanceof Flaw) return error.message;
    throw error;
  }
}
