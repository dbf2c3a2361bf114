import type { SymbolName } from "../../../machines/domain/ids.ts";
import type { Instrument } from "../../../machines/domain/instrument.ts";
import type { BookLevel } from "../matching/mod.ts";
import { CoinbaseSession } from "./coinbase-session.ts";
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
  type WirePrint,
} from "./live-market.ts";
import { MarketStream } from "./market-stream.ts";
import { readPart } from "./read-part.ts";
import { TickScale } from "./tick-scale.ts";
import {
  type Fields,
  flawed,
  listOf,
  quantityOf,
  sideOf,
  textIn,
  textOf,
  WireFlaw,
  wholeOf,
} from "./wire-message.ts";

export interface CoinbaseMarketOptions extends LiveMarketOptions {
  /** A JWT for each subscription; without one the channels are less reliable, says the venue. */
  readonly jwt?: () => string;
}

const channelNames: Readonly<Record<MarketChannel, string>> = {
  book: "level2",
  print: "market_trades",
  quote: "ticker",
};

interface CoinbaseLane {
  readonly symbol: SymbolName;
  readonly product: string;
  readonly scale: TickScale;
  readonly book: DepthBook;
}

class CoinbaseMarketProtocol implements MarketProtocol {
  /** Heartbeats come every second. */
  readonly ping = null;
  /** The connection's sequence counts every message, so trade ids need not be counted too. */
  readonly countsPrints = false;
  readonly #lanes: readonly CoinbaseLane[];
  readonly #session: CoinbaseSession;
  #link: Link | null = null;

  constructor(
    private readonly sink: MarketSink,
    instruments: readonly Instrument[],
    jwt: (() => string) | null,
    private readonly levelsShown: number,
  ) {
    this.#lanes = instruments.map(({ symbol, tick }) => ({
      symbol,
      product: symbol.replace("/", "-"),
      scale: new TickScale(tick),
      book: new DepthBook(),
    }));
    const options = {
      jwt,
      channels: marketChannels.map((channel) => channelNames[channel]),
      products: this.#lanes.map(({ product }) => product),
    };
    this.#session = new CoinbaseSession(
      options,
      () => sink.counters,
      (cause) => this.#gap(cause),
    );
  }

  opened(link: Link): void {
    this.#link = link;
    for (const { book } of this.#lanes) book.lose();
    this.#session.opened(link);
  }

  resubscribe(symbol: SymbolName, channel: MarketChannel): void {
    const product = symbol.replace("/", "-");
    for (const type of ["unsubscribe", "subscribe"] as const) {
      this.#link?.send(this.#session.request(type, channelNames[channel], [product]));
    }
  }

  received(text: string, link: Link): void {
    try {
      const message = this.#session.read(text, link);
      if (message === null) return;
      const { channel, events } = message;
      for (const event of events) {
        if (channel === "l2_data") this.#book(event);
        else if (channel === "market_trades") this.#trades(event);
        else if (channel === "ticker") this.#quotes(event);
      }
    } catch (error) {
      if (!(error instanceof WireFlaw)) throw error;
      this.sink.malformed(error.message);
      // Nothing says which book it was of, so none is to be trusted.
      link.fail(`message ${error.message}`);
    }
  }

  #gap(cause: string): void {
    this.sink.counters.gaps += 1;
    this.sink.trouble("gap", null, cause);
  }

  /**
   * The lanes that a product's news is for: a market in USDC is served from the one in USD, under
   * that one's name. Source: Coinbase, "WebSocket Channels".
   */
  #lanesOf(product: string): readonly CoinbaseLane[] {
    return this.#lanes.filter((lane) => {
      return lane.product === product || lane.product === `${product}C`;
    });
  }

  #book(event: Fields): void {
    const isSnapshot = typeOf(event) === "snapshot";
    for (const lane of this.#lanesOf(textOf(event, "product_id"))) {
      const { book, symbol } = lane;
      // Between the loss and the next snapshot the old subscription still speaks.
      if (!isSnapshot && !book.isKnown) continue;
      readPart(this.sink, symbol, "book", () => this.#levels(lane, event, isSnapshot));
    }
  }

  #levels({ book, symbol, scale }: CoinbaseLane, event: Fields, isSnapshot: boolean): void {
    if (isSnapshot) book.begin();
    try {
      for (const update of listOf(event, "updates")) {
        const ticks = scale.ticks(textOf(update, "price_level"));
        const quantity = quantityOf(update, "new_quantity");
        (isBid(update) ? book.bids : book.asks).set({ ticks, quantity });
      }
    } catch (error) {
      book.lose();
      throw error;
    }
    if (book.isCrossed) {
      book.lose();
      this.sink.lost(symbol, "book", "its best bid is not below its best ask");
      return;
    }
    const { bids, asks } = book.top(this.levelsShown);
    this.sink.book(symbol, bids, asks);
  }

  #trades(event: Fields): void {
    const bySymbol = new Map<SymbolName, WirePrint[]>();
    for (const trade of listOf(event, "trades")) {
      for (const { symbol, scale } of this.#lanesOf(textOf(trade, "product_id"))) {
        readPart(this.sink, symbol, "print", () => {
          const prints = bySymbol.get(symbol) ?? [];
          prints.push(printOf(scale, trade));
          bySymbol.set(symbol, prints);
        });
      }
    }
    for (const [symbol, prints] of bySymbol) {
      prints.sort((a, b) => a.tradeId - b.tradeId);
      this.sink.prints(symbol, prints, typeOf(event) === "snapshot");
    }
  }

  #quotes(event: Fields): void {
    for (const ticker of listOf(event, "tickers")) {
      const product = textIn(ticker, "product_id");
      // The venue sends empty tickers now and then.
      if (product === null || textIn(ticker, "best_bid") === null) continue;
      for (const { symbol, scale } of this.#lanesOf(product)) {
        const touch = (side: string): BookLevel => ({
          ticks: scale.ticks(textOf(ticker, side)),
          quantity: quantityOf(ticker, `${side}_quantity`),
        });
        readPart(this.sink, symbol, "quote", () =>
          this.sink.quote(symbol, touch("best_bid"), touch("best_ask")),
        );
      }
    }
  }
}

function typeOf(event: Fields): "snapshot" | "update" {
  const type = textOf(event, "type");
  if (type === "snapshot" || type === "update") return type;
  throw flawed("type", type, "snapshot or update");
}

function printOf(scale: TickScale, trade: Fields): WirePrint {
  return {
    tradeId: wholeOf(trade, "trade_id"),
    ticks: scale.ticks(textOf(trade, "price")),
    quantity: quantityOf(trade, "size"),
    // The venue tells the side of the one who had been waiting in the book.
    isBuy: sideOf(trade, "side") === "sell",
  };
}

function isBid(update: Fields): boolean {
  const side = textOf(update, "side");
  if (side === "bid") return true;
  if (side === "offer" || side === "ask") return false;
  throw flawed("side", side, "bid or offer");
}

/**
 * Coinbase Advanced's market data: `level2`, `market_trades` and `ticker`, kept open by
 * `heartbeats`. Source: Coinbase's documentation of the Advanced Trade WebSocket.
 */
export function coinbaseLiveMarket(options: CoinbaseMarketOptions): LiveMarket {
  const { instruments, jwt = null, market } = options;
  const { levelsShown } = { ...defaultLiveMarketLimits, ...market };
  return new MarketStream(
    options,
    (sink) => new CoinbaseMarketProtocol(sink, instruments, jwt, levelsShown),
  );
}
