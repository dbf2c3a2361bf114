import type { SymbolName } from "../../../machines/domain/ids.ts";
import type { Instrument } from "../../../machines/domain/instrument.ts";
import type { Candle } from "../../../machines/domain/market.ts";
import type { BookLevel } from "../matching/mod.ts";
import { Connection, type ConnectionStatus, defaultConnectionLimits } from "./connection.ts";
import { LiveBars } from "./live-bars.ts";
import {
  defaultLiveMarketLimits,
  type LiveMarket,
  type LiveMarketEvent,
  type LiveMarketLimits,
  type LiveMarketOptions,
  type MarketChannel,
  type MarketProtocol,
  type MarketSink,
  type PolledMarket,
  type TroubleKind,
  type WirePrint,
} from "./live-market.ts";
import { MarketLane } from "./market-lane.ts";
import { RestPolling } from "./rest-polling.ts";
import { type StreamTimers, systemTimers } from "./timers.ts";

/** Joins a venue's protocol, a connection, bars and polling into a live market. */
export class MarketStream implements LiveMarket {
  readonly instruments: readonly Instrument[];
  readonly #timers: StreamTimers;
  readonly #limits: LiveMarketLimits;
  readonly #connection: Connection;
  readonly #protocol: MarketProtocol;
  readonly #lanes: ReadonlyMap<SymbolName, MarketLane>;
  readonly #polling: RestPolling;
  readonly #listeners = new Set<(event: LiveMarketEvent) => void>();
  /** When anything was last heard, Unix milliseconds. */
  #heardAt = Number.NEGATIVE_INFINITY;
  /** Since when the streams have been down, by the clock that only rises; null while live. */
  #downFrom: number | null = null;
  #cancelBeat: (() => void) | null = null;

  constructor(options: LiveMarketOptions, protocolOf: (sink: MarketSink) => MarketProtocol) {
    const { url, instruments, draw, limits = {}, timers = systemTimers } = options;
    this.instruments = instruments;
    this.#timers = timers;
    this.#limits = { ...defaultLiveMarketLimits, ...options.market };
    this.#lanes = new Map(
      instruments.map((instrument) => [instrument.symbol, this.#laneOf(instrument, options)]),
    );
    this.#polling = new RestPolling({
      symbols: instruments.map(({ symbol }) => symbol),
      everyMs: this.#limits.pollEveryMs,
      timers,
      poll: options.poll,
      told: (symbol, market) => this.#polled(symbol, market),
      failed: (symbol, reason) =>
        this.#trouble("pollFailed", symbol, `Cannot poll market of ${symbol}: ${reason}`),
    });
    this.#protocol = protocolOf(this.#sink());
    this.#connection = new Connection(
      { url, timers, draw, limits },
      {
        ping: this.#protocol.ping,
        opened: (link) => this.#protocol.opened(link),
        received: (text, link) => {
          this.#hear();
          this.#protocol.received(text, link);
        },
        changed: (status) => this.#changed(status),
      },
    );
  }

  get status(): ConnectionStatus {
    return this.#connection.status;
  }

  start(): void {
    if (this.#cancelBeat !== null) return;
    this.#downFrom = this.#timers.elapsed();
    this.#beat();
    for (const { bars } of this.#lanes.values()) bars.begin();
    this.#connection.start();
  }

  close(): void {
    this.#connection.close();
    this.#cancelBeat?.();
    this.#cancelBeat = null;
    this.#polling.stop();
    for (const lane of this.#lanes.values()) lane.close();
  }

  onEvent(listener: (event: LiveMarketEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #laneOf(instrument: Instrument, options: LiveMarketOptions): MarketLane {
    const { symbol } = instrument;
    const { timeframeMs } = options;
    const [timers, limits] = [this.#timers, this.#limits];
    const staleAfterMs = options.limits?.staleAfterMs ?? defaultConnectionLimits.staleAfterMs;
    const bars = new LiveBars({
      symbol,
      timeframeMs,
      since: options.since ?? Math.floor(timers.now() / timeframeMs) * timeframeMs,
      silenceMaxMs: staleAfterMs,
      limits,
      timers,
      history: options.candles,
      told: (candle: Candle, source) => this.#tell({ type: "candle", symbol, candle, source }),
      trouble: (kind, text) => this.#trouble(kind, symbol, text),
    });
    return new MarketLane({
      instrument,
      bars,
      limits,
      timers,
      healthChanged: (channel, isFresh) =>
        this.#tell({ type: "health", at: timers.now(), symbol, channel, isFresh }),
      resubscribe: (channel) => this.#protocol.resubscribe(symbol, channel),
    });
  }

  #sink(): MarketSink {
    const stream = this;
    return {
      get counters() {
        return stream.#connection.counters;
      },
      book: (symbol, bids, asks) => stream.#book(symbol, bids, asks),
      lost: (symbol, channel, cause) => stream.#lost(symbol, channel, cause),
      prints: (symbol, prints, isSnapshot) => stream.#prints(symbol, prints, isSnapshot),
      quote: (symbol, bid, ask) => {
        stream.#lane(symbol).heard("quote");
        stream.#tell({
          type: "quote",
          symbol,
          at: stream.#timers.now(),
          bid,
          ask,
          isPolled: false,
        });
      },
      refused: (symbol, channel, reason) => stream.#refused(symbol, channel, reason),
      trouble: (kind, symbol, text) => stream.#trouble(kind, symbol, text),
      malformed: (reason) => {
        stream.#connection.counters.malformed += 1;
        stream.#trouble("malformed", null, `Cannot read message: ${reason}`);
      },
    };
  }

  #lane(symbol: SymbolName): MarketLane {
    const lane = this.#lanes.get(symbol);
    if (!lane) throw new RangeError(`Cannot tell market of "${symbol}": not asked for`);
    return lane;
  }

  /** Bars close before what comes at the same millisecond: it is of the next one. */
  #hear(): void {
    const now = this.#timers.now();
    this.#advance(now);
    this.#heardAt = now;
  }

  #advance(now: number): void {
    for (const { bars } of this.#lanes.values()) {
      if (now >= bars.closesAt) bars.advance(now, this.#heardAt);
    }
  }

  #beat(): void {
    const now = this.#timers.now();
    this.#advance(now);
    const { state } = this.#connection.status;
    if (state === "live") for (const lane of this.#lanes.values()) lane.judge();
    const { pollAfterMs, beatMs } = this.#limits;
    if (this.#downFrom !== null && this.#timers.elapsed() - this.#downFrom >= pollAfterMs) {
      this.#polling.start();
    }
    let delay = beatMs;
    for (const { bars } of this.#lanes.values()) delay = Math.min(delay, bars.closesAt - now);
    this.#cancelBeat = this.#timers.after(Math.max(1, delay), () => this.#beat());
  }

  #changed(status: ConnectionStatus): void {
    const { state } = status;
    if (state === "live") this.#connected();
    else this.#downFrom ??= this.#timers.elapsed();
    this.#tell({ type: "connection", status });
    if (state === "down") this.#disconnected();
  }

  #connected(): void {
    this.#downFrom = null;
    this.#polling.stop();
    for (const lane of this.#lanes.values()) {
      lane.connected();
      if (!lane.refused.has("print")) lane.bars.resume(this.#timers.now());
    }
  }

  #disconnected(): void {
    const at = this.#timers.now();
    for (const lane of this.#lanes.values()) {
      lane.disconnected();
      const { symbol } = lane;
      this.#tell({ type: "book", symbol, book: { at, bids: [], asks: [] }, isPolled: false });
    }
  }

  #book(symbol: SymbolName, bids: readonly BookLevel[], asks: readonly BookLevel[]): void {
    this.#lane(symbol).heard("book");
    const book = { at: this.#timers.now(), bids, asks };
    this.#tell({ type: "book", symbol, book, isPolled: false });
  }

  #lost(symbol: SymbolName, channel: MarketChannel, cause: string): void {
    const lane = this.#lane(symbol);
    const at = this.#timers.now();
    this.#connection.counters.gaps += 1;
    this.#trouble("gap", symbol, `Cannot trust ${channel} of ${symbol}: ${cause}`);
    if (channel === "print") {
      lane.bars.interrupt();
      lane.bars.resume(at);
    }
    if (channel !== "book") return;
    lane.lost("book");
    this.#tell({ type: "book", symbol, book: { at, bids: [], asks: [] }, isPolled: false });
    lane.resync();
  }

  #prints(symbol: SymbolName, prints: readonly WirePrint[], isSnapshot: boolean): void {
    const lane = this.#lane(symbol);
    lane.heard("print");
    const isFirst = lane.tradeId === null;
    for (const print of prints) {
      const { tradeId, isBuy, ticks, quantity } = print;
      if (lane.tradeId !== null && tradeId <= lane.tradeId) {
        // That a snapshot repeats what was told is what it is for.
        if (!isSnapshot) this.#connection.counters.dropped += 1;
        continue;
      }
      if (!isSnapshot) this.#chain(lane, tradeId);
      lane.tradeId = tradeId;
      if (isSnapshot) lane.bars.seed(ticks);
      else lane.bars.print(ticks, Number(quantity));
      // What was before the very first subscription is history, not news.
      if (isSnapshot && isFirst) continue;
      const at = this.#timers.now();
      this.#tell({ type: "print", symbol, print: { at, ticks, quantity }, isBuy });
    }
  }

  /** A jump in the trade ids, where the venue counts them, is a print that was missed. */
  #chain(lane: MarketLane, tradeId: number): void {
    const expected = lane.tradeId === null ? tradeId : lane.tradeId + 1;
    if (this.#protocol.countsPrints && lane.isChained && tradeId !== expected) {
      this.#lost(lane.symbol, "print", `print ${tradeId} came, wanted ${expected}`);
    }
    lane.isChained = true;
  }

  #refused(symbol: SymbolName, channel: MarketChannel, reason: string): void {
    const lane = this.#lane(symbol);
    lane.refused.add(channel);
    lane.lost(channel);
    if (channel === "print") lane.bars.interrupt();
    this.#trouble("refused", symbol, `Cannot subscribe to ${channel} of ${symbol}: "${reason}"`);
  }

  #polled(symbol: SymbolName, { bids, asks }: PolledMarket): void {
    const at = this.#timers.now();
    this.#tell({ type: "book", symbol, book: { at, bids, asks }, isPolled: true });
    const [bid, ask] = [bids[0], asks[0]];
    if (bid && ask) this.#tell({ type: "quote", symbol, at, bid, ask, isPolled: true });
  }

  #trouble(kind: TroubleKind, symbol: SymbolName | null, text: string): void {
    this.#tell({ type: "trouble", at: this.#timers.now(), kind, symbol, text });
  }

  #tell(event: LiveMarketEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
