import { decimalPlaces } from "../../../machines/domain/decimal.ts";
import type { SymbolName } from "../../../machines/domain/ids.ts";
import type { Instrument } from "../../../machines/domain/instrument.ts";
import type { BookLevel } from "../matching/mod.ts";
import type { Link } from "./connection.ts";
import { DepthBook, type DepthLevel } from "./depth-book.ts";
import { krakenChecksum, levelsChecked } from "./kraken-checksum.ts";
import {
  defaultLiveMarketLimits,
  type LiveMarket,
  type LiveMarketOptions,
  type MarketChannel,
  type MarketProtocol,
  type MarketSink,
  marketChannels,
  type WirePrint,
} from "./live-market.ts";
import { MarketStream } from "./market-stream.ts";
import { readPart } from "./read-part.ts";
import { TickScale } from "./tick-scale.ts";
import {
  type Fields,
  flawed,
  isFields,
  listOf,
  quantityOf,
  readWireMessage,
  sideOf,
  textIn,
  textOf,
  WireFlaw,
  wholeOf,
} from "./wire-message.ts";

/** Levels that Kraken offers to subscribe to. */
export type KrakenDepth = 10 | 25 | 100 | 500 | 1000;

export interface KrakenMarketOptions extends LiveMarketOptions {
  readonly depth?: KrakenDepth;
}

const channelNames: Readonly<Record<MarketChannel, string>> = {
  book: "book",
  print: "trade",
  quote: "ticker",
};

/** Requests whose channel is remembered, of one connection. */
const askedMax = 1_000;

interface KrakenLane {
  readonly symbol: SymbolName;
  readonly scale: TickScale;
  readonly places: { readonly price: number; readonly quantity: number };
  readonly book: DepthBook<DepthLevel>;
}

class KrakenMarketProtocol implements MarketProtocol {
  readonly countsPrints = true;
  readonly #lanes: ReadonlyMap<string, KrakenLane>;
  /** `channel symbol` of subscriptions not yet answered. */
  readonly #waiting = new Set<string>();
  #standing = 0;
  /** What was asked for under a request's number: a refusal does not say which channel it is of. */
  readonly #asked = new Map<number, MarketChannel>();
  #link: Link | null = null;
  #requests = 0;

  constructor(
    private readonly sink: MarketSink,
    instruments: readonly Instrument[],
    private readonly depth: KrakenDepth,
    private readonly levelsShown: number,
  ) {
    this.#lanes = new Map(
      instruments.map(({ symbol, tick, lot }) => {
        const scale = new TickScale(tick);
        const places = { price: scale.places, quantity: decimalPlaces(lot) };
        return [symbol, { symbol, scale, places, book: new DepthBook<DepthLevel>() }];
      }),
    );
  }

  readonly ping = (): string => this.#request("ping");

  opened(link: Link): void {
    this.#link = link;
    this.#waiting.clear();
    this.#asked.clear();
    this.#standing = 0;
    const symbols = [...this.#lanes.keys()];
    for (const { book } of this.#lanes.values()) book.lose();
    for (const channel of marketChannels) {
      for (const symbol of symbols) this.#waiting.add(`${channelNames[channel]} ${symbol}`);
      link.send(this.#request("subscribe", this.#params(channel, symbols)));
      this.#asked.set(this.#requests, channel);
    }
  }

  resubscribe(symbol: SymbolName, channel: MarketChannel): void {
    const { snapshot, event_trigger, ...params } = this.#params(channel, [symbol]);
    this.#link?.send(this.#request("unsubscribe", params));
    this.#link?.send(this.#request("subscribe", { ...params, snapshot, event_trigger }));
    this.#asked.set(this.#requests, channel);
    if (this.#asked.size > askedMax) this.#asked.delete(this.#asked.keys().next().value ?? 0);
  }

  received(text: string, link: Link): void {
    try {
      const message = readWireMessage(text);
      if (message.method !== undefined) this.#answered(message, link);
      else this.#told(message);
    } catch (error) {
      if (!(error instanceof WireFlaw)) throw error;
      this.sink.malformed(error.message);
      // Nothing says which book it was of, so none is to be trusted.
      link.fail(`message ${error.message}`);
    }
  }

  #request(method: string, params?: Fields): string {
    this.#requests += 1;
    return JSON.stringify({ method, params, req_id: this.#requests });
  }

  #params(channel: MarketChannel, symbol: readonly string[]) {
    return {
      channel: channelNames[channel],
      symbol,
      snapshot: true,
      event_trigger: channel === "quote" ? "bbo" : undefined,
      depth: channel === "book" ? this.depth : undefined,
    };
  }

  #answered(message: Fields, link: Link): void {
    if (message.method !== "subscribe") return;
    const { result } = message;
    if (message.success !== true) {
      this.#refused(message, link);
      return;
    }
    if (!isFields(result)) throw flawed("result", result, "an object");
    const key = `${textOf(result, "channel")} ${textOf(result, "symbol")}`;
    if (this.#waiting.delete(key)) this.#standing += 1;
    if (this.#waiting.size === 0) link.ready();
  }

  /** One without a symbol, or of something that was never asked for, is of everything. */
  #refused(message: Fields, link: Link): void {
    const reason = textIn(message, "error") ?? "no reason";
    const symbol = textIn(message, "symbol");
    const request = textIn(message, "req_id");
    const channel = request === null ? undefined : this.#asked.get(Number(request));
    if (symbol === null || channel === undefined || !this.#lanes.has(symbol)) {
      link.fail(`subscription refused: "${reason}"`);
      return;
    }
    this.#waiting.delete(`${channelNames[channel]} ${symbol}`);
    this.sink.refused(symbol, channel, reason);
    if (this.#waiting.size > 0) return;
    if (this.#standing > 0) link.ready();
    else link.fail(`subscription refused: "${reason}"`);
  }

  #told(message: Fields): void {
    const channel = textOf(message, "channel");
    if (channel === "book") {
      this.#each(message, "book", (lane, item, type) => this.#book(lane, item, type));
    } else if (channel === "trade") this.#trades(message);
    else if (channel === "ticker") this.#each(message, "quote", this.#quote);
    else if (channel === "status") this.#status(message);
  }

  #each(
    message: Fields,
    channel: MarketChannel,
    read: (lane: KrakenLane, item: Fields, type: "snapshot" | "update") => void,
  ): void {
    const type = typeOf(message);
    for (const item of listOf(message, "data")) {
      const lane = this.#lanes.get(textOf(item, "symbol"));
      if (lane) readPart(this.sink, lane.symbol, channel, () => read(lane, item, type));
    }
  }

  #book(lane: KrakenLane, item: Fields, type: "snapshot" | "update"): void {
    const { book, symbol } = lane;
    if (type === "snapshot") book.begin();
    // Between the loss and the next snapshot the old subscription still speaks.
    else if (!book.isKnown) return;
    let changes: ReturnType<typeof changesOf>;
    try {
      changes = changesOf(lane, item);
    } catch (error) {
      book.lose();
      throw error;
    }
    for (const level of changes.bids) book.bids.set(level);
    for (const level of changes.asks) book.asks.set(level);
    book.truncate(this.depth);
    const problem = this.#problem(lane, changes.checksum);
    if (problem !== null) {
      book.lose();
      this.sink.lost(symbol, "book", problem);
      return;
    }
    const { bids, asks } = book.top(this.levelsShown);
    this.sink.book(symbol, bids, asks);
  }

  #problem({ book, places }: KrakenLane, wanted: number): string | null {
    const [asks, bids] = [book.asks.top(levelsChecked), book.bids.top(levelsChecked)];
    const checksum = krakenChecksum(asks, bids, null);
    // A sender may leave out the zeros at the end, which the checksum is over all the same.
    if (checksum !== wanted && krakenChecksum(asks, bids, places) !== wanted) {
      return `its checksum is ${checksum}, wanted ${wanted}`;
    }
    return book.isCrossed ? "its best bid is not below its best ask" : null;
  }

  /** Prints of one message, by symbol, oldest first. */
  #trades(message: Fields): void {
    const bySymbol = new Map<KrakenLane, WirePrint[]>();
    this.#each(message, "print", (lane, item) => {
      const prints = bySymbol.get(lane) ?? [];
      prints.push(printOf(lane, item));
      bySymbol.set(lane, prints);
    });
    for (const [{ symbol }, prints] of bySymbol) {
      prints.sort((a, b) => a.tradeId - b.tradeId);
      this.sink.prints(symbol, prints, typeOf(message) === "snapshot");
    }
  }

  #quote = (lane: KrakenLane, item: Fields): void => {
    const touch = (price: string, quantity: string): BookLevel => ({
      ticks: lane.scale.ticks(textOf(item, price)),
      quantity: quantityOf(item, quantity),
    });
    this.sink.quote(lane.symbol, touch("bid", "bid_qty"), touch("ask", "ask_qty"));
  };

  #status(message: Fields): void {
    for (const item of listOf(message, "data")) {
      const system = textIn(item, "system");
      if (system === null || system === "online") continue;
      this.sink.trouble("venueStatus", null, `Kraken says that it is "${system}"`);
    }
  }
}

function typeOf(message: Fields): "snapshot" | "update" {
  const type = textOf(message, "type");
  if (type === "snapshot" || type === "update") return type;
  throw flawed("type", type, "snapshot or update");
}

/** Read as a whole before any of it is applied. */
function changesOf(lane: KrakenLane, item: Fields) {
  const [bids, asks] = [levelsOf(lane, item, "bids"), levelsOf(lane, item, "asks")];
  return { bids, asks, checksum: wholeOf(item, "checksum") };
}

function levelsOf(lane: KrakenLane, item: Fields, side: "bids" | "asks"): DepthLevel[] {
  return listOf(item, side).map((level) => {
    const writtenPrice = textOf(level, "price");
    return {
      ticks: lane.scale.ticks(writtenPrice),
      quantity: quantityOf(level, "qty"),
      writtenPrice,
      writtenQuantity: textOf(level, "qty"),
    };
  });
}

function printOf(lane: KrakenLane, item: Fields): WirePrint {
  return {
    tradeId: wholeOf(item, "trade_id"),
    ticks: lane.scale.ticks(textOf(item, "price")),
    quantity: quantityOf(item, "qty"),
    isBuy: sideOf(item, "side") === "buy",
  };
}

/**
 * Kraken's public WebSocket v2: `book` with its checksum, `trade` and `ticker`. Source: Kraken's
 * documentation of WebSocket v2.
 */
export function krakenLiveMarket(options: KrakenMarketOptions): LiveMarket {
  const { instruments, depth = 100, market } = options;
  const { levelsShown } = { ...defaultLiveMarketLimits, ...market };
  return new MarketStream(
    options,
    (sink) => new KrakenMarketProtocol(sink, instruments, depth, levelsShown),
  );
}
