import type { SymbolName } from "../../../machines/domain/ids.ts";
import type { Candle } from "../../../machines/domain/market.ts";
import { PrintCandles } from "../../market/mod.ts";
import type { CandleHistory, LiveMarketLimits, TroubleKind } from "./live-market.ts";
import type { StreamTimers } from "./timers.ts";

/** Bars of prints kept while older ones are still asked for. */
const heldMax = 1_000;

export interface LiveBarsOptions {
  readonly symbol: SymbolName;
  readonly timeframeMs: number;
  /** Open time of the first bar to be told. */
  readonly since: number;
  /** Silence on the line that a bar can bear and still be sound. */
  readonly silenceMaxMs: number;
  readonly limits: LiveMarketLimits;
  readonly timers: StreamTimers;
  readonly history: (symbol: SymbolName, since: number) => Promise<CandleHistory>;
  readonly told: (candle: Candle, source: "prints" | "history") => void;
  readonly trouble: (kind: TroubleKind, text: string) => void;
}

/**
 * One symbol's bars, one after another and none twice. A bar whose prints were all seen is made of
 * them and closed by the clock; where the line was down in it, even for a moment, it is the venue's
 * own, read by REST; and bars after it wait for it. A bar that cannot be had is told as missing,
 * and never made up.
 */
export class LiveBars {
  readonly #options: LiveBarsOptions;
  #prints: PrintCandles;
  #hasPrice = false;
  /** Since when every print was seen; null while some are missed. */
  #soundFrom: number | null = null;
  /** Open time of the bar under way. */
  #openAt: number;
  /** Open time of the next bar to tell. */
  #nextAt: number;
  readonly #held = new Map<number, Candle>();
  #lastClose: number | null = null;
  #isAsking = false;
  #isClosed = false;
  #failures = 0;
  #tries = 0;
  #cancelRetry: (() => void) | null = null;

  constructor(options: LiveBarsOptions) {
    const { symbol, timeframeMs, since, timers } = options;
    this.#options = options;
    this.#prints = new PrintCandles(symbol, timeframeMs);
    this.#openAt = Math.floor(timers.now() / timeframeMs) * timeframeMs;
    this.#nextAt = Math.ceil(since / timeframeMs) * timeframeMs;
  }

  /** When the bar under way closes. */
  get closesAt(): number {
    return this.#openAt + this.#options.timeframeMs;
  }

  /** Asks for the bars that closed before anybody listened. */
  begin(): void {
    this.#tell();
  }

  /** From now on every print is seen. */
  resume(at: number): void {
    this.#soundFrom ??= at;
  }

  /** Prints are or were missed: the bar under way is not to be trusted. */
  interrupt(): void {
    this.#soundFrom = null;
  }

  /** What a trade before the first print was at: the price of a quiet bar. */
  seed(ticks: number): void {
    if (this.#hasPrice) return;
    this.#hasPrice = true;
    this.#prints.print(ticks, 0);
    // Ended at once, for the print was before this bar: only its price stays.
    this.#prints.close(Number.NEGATIVE_INFINITY);
  }

  /** A print of the bar under way, in whole ticks and base coin. */
  print(ticks: number, quantity: number): void {
    this.#hasPrice = true;
    this.#prints.print(ticks, quantity);
  }

  /**
   * Closes the bars that are due.
   *
   * @param heardAt when anything was last heard of the venue: after it, silence proves nothing.
   */
  advance(now: number, heardAt: number): void {
    const { timeframeMs, silenceMaxMs } = this.#options;
    if (now < this.closesAt) return;
    while (now >= this.closesAt) {
      const isHeard = heardAt >= this.closesAt - silenceMaxMs;
      const isSound = this.#soundFrom !== null && this.#soundFrom <= this.#openAt && isHeard;
      if (!isHeard && this.#soundFrom !== null) this.#soundFrom = now;
      this.#prints.hear(this.#openAt);
      const candle = this.#prints.close(this.#openAt);
      if (isSound && candle) this.#held.set(this.#openAt, candle);
      this.#openAt += timeframeMs;
    }
    this.#tell();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelRetry?.();
    this.#cancelRetry = null;
  }

  /** Tells what is at hand, and asks for what is not. */
  #tell(): void {
    while (this.#nextAt < this.#openAt) {
      const candle = this.#held.get(this.#nextAt);
      if (!candle) {
        if (this.#held.size > heldMax) {
          this.#skipTo(this.#nextHeld());
          continue;
        }
        this.#ask();
        return;
      }
      this.#held.delete(this.#nextAt);
      this.#pass(candle, "prints");
    }
  }

  #pass(candle: Candle, source: "prints" | "history"): void {
    this.#nextAt = candle.openedAt + this.#options.timeframeMs;
    this.#lastClose = candle.close;
    this.#tries = 0;
    if (source === "history") this.seed(candle.close);
    this.#options.told(candle, source);
  }

  #ask(): void {
    if (this.#isAsking || this.#isClosed || this.#cancelRetry !== null) return;
    const { history, symbol } = this.#options;
    this.#isAsking = true;
    history(symbol, this.#nextAt).then(
      (answer) => {
        this.#isAsking = false;
        if (this.#isClosed) return;
        this.#failures = 0;
        this.#take(answer);
      },
      (error: unknown) => {
        this.#isAsking = false;
        if (this.#isClosed) return;
        const reason = error instanceof Error ? error.message : String(error);
        this.#options.trouble("historyFailed", `Cannot read candles of ${symbol}: ${reason}`);
        this.#failures += 1;
        this.#askLater(this.#failures);
      },
    );
  }

  #take(history: CandleHistory): void {
    const { timeframeMs, symbol, limits } = this.#options;
    const before = this.#nextAt;
    const known = new Map(history.candles.map((candle) => [candle.openedAt, candle]));
    const from = Math.ceil(history.from / timeframeMs) * timeframeMs;
    if (from > this.#nextAt) this.#skipTo(Math.min(from, this.#openAt));
    const first = history.candles.find(({ openedAt }) => openedAt >= this.#nextAt);
    // Without a price before it, a time without trades cannot be told: the market begins later.
    if (this.#lastClose === null && first) this.#skipTo(Math.min(first.openedAt, this.#openAt));
    while (this.#nextAt < this.#openAt && !this.#held.has(this.#nextAt)) {
      const openedAt = this.#nextAt;
      const isCovered = openedAt + timeframeMs <= history.until;
      const close = isCovered ? this.#lastClose : null;
      const quiet = close === null ? null : flatCandle(symbol, openedAt, timeframeMs, close);
      const candle = known.get(openedAt) ?? quiet;
      if (candle === null) break;
      this.#pass(candle, "history");
    }
    if (this.#nextAt === before && this.#nextAt < this.#openAt) {
      this.#tries += 1;
      if (this.#tries >= limits.historyTriesMax) this.#skipTo(this.#nextHeld());
    }
    if (this.#nextAt < this.#openAt && !this.#held.has(this.#nextAt)) {
      this.#askLater(Math.max(1, this.#tries));
    } else this.#tell();
  }

  #askLater(tries: number): void {
    const { historyRetryMs, historyRetryMaxMs } = this.#options.limits;
    const delay = Math.min(historyRetryMaxMs, historyRetryMs * 2 ** Math.min(tries - 1, 20));
    this.#cancelRetry = this.#options.timers.after(delay, () => {
      this.#cancelRetry = null;
      this.#tell();
    });
  }

  #nextHeld(): number {
    return Math.min(this.#openAt, ...this.#held.keys());
  }

  #skipTo(openedAt: number): void {
    const missing = (openedAt - this.#nextAt) / this.#options.timeframeMs;
    if (missing <= 0) return;
    const first = new Date(this.#nextAt).toISOString();
    const { symbol } = this.#options;
    this.#options.trouble(
      "candlesMissing",
      `Cannot tell candles of ${symbol}: ${missing} from ${first} on are missing`,
    );
    this.#nextAt = openedAt;
    this.#tries = 0;
  }
}

/** A bar in which nobody traded. */
function flatCandle(
  symbol: SymbolName,
  openedAt: number,
  timeframeMs: number,
  close: number,
): Candle {
  const prices = { open: close, high: close, low: close, close };
  return { symbol, openedAt, timeframeMs, ...prices, volume: 0 };
}
