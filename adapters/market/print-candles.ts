import type { SymbolName } from "../../machines/domain/ids.ts";
import type { Candle } from "../../machines/domain/market.ts";

/**
 * Makes one symbol's candles of its prints, closed by the clock: whoever drives it says when.
 *
 * - A print counts in the candle in whose time it was received, for that is when it was known.
 * - A candle in which something of the symbol was received, but no print, is flat at the last
 *   price with volume 0: the market was quiet.
 * - One in which nothing was received is missing: the line was down, and flat would be a lie.
 * - The first candle is the first whose whole time was seen and before whose end there was a print.
 */
export class PrintCandles {
  #firstAt = Number.POSITIVE_INFINITY;
  #isHeard = false;
  #printed = false;
  #open = 0;
  #high = 0;
  #low = 0;
  #close = Number.NaN;
  #volume = 0;

  constructor(
    private readonly symbol: SymbolName,
    private readonly timeframeMs: number,
  ) {}

  /** Something of the symbol was received, Unix milliseconds. */
  hear(at: number): void {
    if (at < this.#firstAt) this.#firstAt = at;
    this.#isHeard = true;
  }

  /** A print, in whole ticks and base coin. */
  print(ticks: number, quantity: number): void {
    if (!this.#printed) {
      this.#printed = true;
      this.#open = ticks;
      this.#high = ticks;
      this.#low = ticks;
      this.#volume = 0;
    }
    if (ticks > this.#high) this.#high = ticks;
    if (ticks < this.#low) this.#low = ticks;
    this.#close = ticks;
    this.#volume += quantity;
  }

  /** Closes the candle that opened then, and begins the next; null where there is none. */
  close(openedAt: number): Candle | null {
    const isHeard = this.#isHeard;
    const printed = this.#printed;
    this.#isHeard = false;
    this.#printed = false;
    const close = this.#close;
    if (!isHeard || Number.isNaN(close) || openedAt < this.#firstAt) return null;
    const { symbol, timeframeMs } = this;
    if (!printed) {
      return {
        symbol,
        openedAt,
        timeframeMs,
        open: close,
        high: close,
        low: close,
        close,
        volume: 0,
      };
    }
    const [open, high, low, volume] = [this.#open, this.#high, this.#low, this.#volume];
    return { symbol, openedAt, timeframeMs, open, high, low, close, volume };
  }
}
