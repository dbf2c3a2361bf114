import type { SymbolName } from "../../../machines/domain/ids.ts";
import type { Instrument } from "../../../machines/domain/instrument.ts";
import { type RecordedMessage, readRecordedMessage } from "../../market/mod.ts";
import type { BookLevel } from "../matching/mod.ts";
import type { Link } from "./connection.ts";
import { DepthBook } from "./depth-book.ts";
import {
  defaultLiveMarketLimits,
  type LiveMarket,
  type LiveMarketOptions,
  type MarketChannel,
  type MarketProtocol,
  type MarketSink,
  marketChannels,
} from "./live-market.ts";
import { MarketStream } from "./market-stream.ts";
import { readPart } from "./read-part.ts";
import { TickScale } from "./tick-scale.ts";
import { type StreamTimers, systemTimers } from "./timers.ts";
import { flawed, isFields, quantityOf, readWireMessage, WireFlaw } from "./wire-message.ts";

/** A reply of `GET /api/v3/depth`: the numbers as written. */
export interface BinanceDepth {
  readonly lastUpdateId: number;
  readonly bids: readonly (readonly [price: string, quantity: string])[];
  readonly asks: readonly (readonly [price: string, quantity: string])[];
}

export interface BinanceMarketOptions extends LiveMarketOptions {
  /** Reads a book's snapshot by REST. Rejects where the venue does not answer soundly. */
  readonly depth: (symbol: SymbolName) => Promise<BinanceDepth>;
}

type DepthMessage = Extract<RecordedMessage, { readonly type: "depth" }>;

/** Changes kept while a snapshot is under way: some minutes of them. */
const bufferedMax = 5_000;

const streamNames: Readonly<Record<MarketChannel, string>> = {
  book: "depth@100ms",
  print: "trade",
  quote: "bookTicker",
};

interface BinanceLane {
  readonly symbol: SymbolName;
  readonly scale: TickScale;
  readonly book: DepthBook;
  /** The last change that is in the book. */
  depthId: number;
  readonly buffered: DepthMessage[];
  isAsking: boolean;
}

class BinanceMarketProtocol implements MarketProtocol {
  readonly countsPrints = true;
  readonly #lanes: ReadonlyMap<string, BinanceLane>;
  #link: Link | null = null;
  #requests = 0;
  #subscription = 0;

  constructor(
    private readonly sink: MarketSink,
    private readonly options: BinanceMarketOptions,
    private readonly timers: StreamTimers,
    private readonly levelsShown: number,
  ) {
    this.#lanes = new Map(
      options.instruments.map(({ symbol, tick }: Instrument) => {
        const scale = new TickScale(tick);
        const state = { depthId: 0, buffered: [], isAsking: false };
        return [symbol.replace("/", ""), { symbol, scale, book: new DepthBook(), ...state }];
      }),
    );
  }

  /** Any answer is a sign of life; the venue's own pings do not reach the page. */
  readonly ping = (): string => this.#request("LIST_SUBSCRIPTIONS");

  opened(link: Link): void {
    this.#link = link;
    for (const lane of this.#lanes.values()) forget(lane);
    const names = marketChannels.flatMap((channel) =>
      [...this.#lanes.keys()].map((name) => streamName(name, channel)),
    );
    link.send(this.#request("SUBSCRIBE", names));
    this.#subscription = this.#requests;
  }

  resubscribe(symbol: SymbolName, channel: MarketChannel): void {
    const name = symbol.replace("/", "");
    const lane = this.#lanes.get(name);
    if (!lane || this.#link === null) return;
    if (channel === "book" && lane.book.isKnown) forget(lane);
    if (channel === "book") this.#ask(lane, this.#link);
    else {
      const names = [streamName(name, channel)];
      for (const method of ["UNSUBSCRIBE", "SUBSCRIBE"]) {
        this.#link.send(this.#request(method, names));
      }
    }
  }

  received(text: string, link: Link): void {
    try {
      if (text.includes('"stream"')) this.#told(text, link);
      else this.#answered(text, link);
    } catch (error) {
      if (!(error instanceof WireFlaw)) throw error;
      this.sink.malformed(error.message);
      link.fail(`message ${error.message}`);
    }
  }

  #request(method: string, params?: readonly string[]): string {
    this.#requests += 1;
    return JSON.stringify({ method, params, id: this.#requests });
  }

  #answered(text: string, link: Link): void {
    const message = readWireMessage(text);
    const { error } = message;
    if (isFields(error) || message.code !== undefined) {
      const reason = isFields(error) ? error.msg : message.msg;
      link.fail(`subscription refused: "${String(reason).slice(0, 200)}"`);
      return;
    }
    if (message.id !== String(this.#subscription)) return;
    if (message.result !== null) throw flawed("result", message.result, "null");
    link.ready();
    // Changes come from here on, so a snapshot taken now can be joined to them.
    for (const lane of this.#lanes.values()) this.#ask(lane, link);
  }

  #told(text: string, link: Link): void {
    // The very form of a recording's line, and so its very reader.
    const received = String(Math.floor(this.timers.now())).padStart(13, "0");
    const message = readRecordedMessage(`${received}000000 ${text}`);
    if (typeof message === "string") throw new WireFlaw(message);
    const lane = this.#lanes.get(message.symbol);
    if (!lane) return;
    readPart(this.sink, lane.symbol, channelOf(message), () => this.#read(lane, message, link));
  }

  #read(lane: BinanceLane, message: RecordedMessage, link: Link): void {
    const { symbol, scale } = lane;
    if (message.type === "depth") this.#depth(lane, message, link);
    else if (message.type === "print") {
      const { tradeId, quantity, isBuy } = message;
      const print = { tradeId, ticks: scale.ticks(message.price), quantity, isBuy };
      this.sink.prints(symbol, [print], false);
    } else {
      const touch = ([price, quantity]: RecordedTouch): BookLevel => {
        return { ticks: scale.ticks(price), quantity };
      };
      this.sink.quote(symbol, touch(message.bid), touch(message.ask));
    }
  }

  #depth(lane: BinanceLane, message: DepthMessage, link: Link): void {
    const { book, buffered } = lane;
    if (!book.isKnown) {
      buffered.push(message);
      if (buffered.length > bufferedMax) buffered.shift();
      return;
    }
    if (message.firstId > lane.depthId + 1) {
      const cause = `change ${message.firstId} came, wanted ${lane.depthId + 1}`;
      this.#lose(lane, cause);
      buffered.push(message);
      return;
    }
    if (!this.#apply(lane, message)) return;
    this.#tell(lane, link);
  }

  /** False for a change that is in the book already. */
  #apply(lane: BinanceLane, message: DepthMessage): boolean {
    if (message.lastId <= lane.depthId) return false;
    const { book, scale } = lane;
    try {
      for (const side of ["bids", "asks"] as const) {
        for (const [price, quantity] of message[side]) {
          book[side].set({ ticks: scale.ticks(price), quantity });
        }
      }
    } catch (error) {
      forget(lane);
      throw error;
    }
    lane.depthId = message.lastId;
    return true;
  }

  #tell(lane: BinanceLane, link: Link): void {
    if (!link.isCurrent) return;
    const { book, symbol } = lane;
    if (book.isCrossed) {
      this.#lose(lane, "its best bid is not below its best ask");
      return;
    }
    const { bids, asks } = book.top(this.levelsShown);
    this.sink.book(symbol, bids, asks);
  }

  #lose(lane: BinanceLane, cause: string): void {
    forget(lane);
    this.sink.lost(lane.symbol, "book", cause);
  }

  #ask(lane: BinanceLane, link: Link): void {
    if (lane.isAsking) return;
    lane.isAsking = true;
    this.options.depth(lane.symbol).then(
      (depth) => {
        lane.isAsking = false;
        // Of a connection that is gone: its changes are, too.
        if (link.isCurrent) this.#join(lane, depth, link);
        else if (this.#link?.isCurrent) this.#ask(lane, this.#link);
      },
      (error: unknown) => {
        lane.isAsking = false;
        if (!this.#link?.isCurrent) return;
        const reason = error instanceof Error ? error.message : String(error);
        this.sink.lost(lane.symbol, "book", `Cannot read its snapshot: ${reason}`);
      },
    );
  }

  /** Joins the changes that came meanwhile to a snapshot. Source: Binance, "local order book". */
  #join(lane: BinanceLane, depth: BinanceDepth, link: Link): void {
    const { book, buffered } = lane;
    const fresh = buffered.filter(({ lastId }) => lastId > depth.lastUpdateId);
    try {
      const first = fresh[0]?.firstId ?? depth.lastUpdateId + 1;
      if (first > depth.lastUpdateId + 1) {
        const snapshot = `snapshot ${depth.lastUpdateId}`;
        throw new WireFlaw(`has ${snapshot}, wanted ${first - 1} or newer`);
      }
      book.begin();
      for (const side of ["bids", "asks"] as const) {
        for (const level of depth[side]) book[side].set(levelOf(lane.scale, level));
      }
      lane.depthId = depth.lastUpdateId;
      buffered.length = 0;
      for (const message of fresh) {
        if (message.firstId > lane.depthId + 1) {
          throw new WireFlaw(`has change ${message.firstId}, wanted ${lane.depthId + 1}`);
        }
        this.#apply(lane, message);
      }
    } catch (error) {
      if (!(error instanceof WireFlaw)) throw error;
      this.#lose(lane, `it ${error.message}`);
      return;
    }
    this.#tell(lane, link);
  }
}

type RecordedTouch = Extract<RecordedMessage, { readonly type: "ticker" }>["bid"];

function channelOf({ type }: RecordedMessage): MarketChannel {
  if (type === "print") return "print";
  return type === "depth" ? "book" : "quote";
}

function forget(lane: BinanceLane): void {
  lane.book.lose();
  lane.buffered.length = 0;
}

function levelOf(scale: TickScale, [price, quantity]: readonly [string, string]): BookLevel {
  return { ticks: scale.ticks(price), quantity: quantityOf({ quantity }, "quantity") };
}

function streamName(name: string, channel: MarketChannel): string {
  return `${name.toLowerCase()}@${streamNames[channel]}`;
}

/**
 * Binance.US's market data: `depth` chained by `U` and `u` onto a snapshot of REST, `trade` and
 * `bookTicker`, of the combined stream (`wss://stream.binance.us:9443/stream`). Its private streams
 * are not used (VENUES.md, part 2, "Streams"). Source: Binance's "Web Socket Streams".
 */
export function binanceLiveMarket(options: BinanceMarketOptions): LiveMarket {
  const { market, timers = systemTimers } = options;
  const { levelsShown } = { ...defaultLiveMarketLimits, ...market };
  return new MarketStream(
    options,
    (sink) => new BinanceMarketProtocol(sink, options, timers, levelsShown),
  );
}
