/** A trade of others, as the venue publishes it. */
export interface PublicTrade {
  /** Counts up by one for each symbol. */
  readonly number: number;
  /** Unix milliseconds. */
  readonly at: number;
  /** Whole ticks. */
  readonly ticks: number;
  /** Base coin. */
  readonly quantity: number;
  /** Who took. */
  readonly side: "buy" | "sell";
}

/** One candle as it stands; prices in whole ticks, volume in base coin. */
export interface VenueCandle {
  readonly openedAt: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  /** Sum of price × quantity, in ticks. */
  turnover: number;
  trades: number;
}

/** The candles of one timeframe, made of the trades; a time without trades is flat. */
export class CandleSeries {
  readonly timeframeMs: number;
  readonly #limit: number;
  #candles: VenueCandle[] = [];

  constructor(timeframeMs: number, limit: number) {
    this.timeframeMs = timeframeMs;
    this.#limit = limit;
  }

  add({ at, ticks, quantity }: PublicTrade): void {
    const last = this.#at(at, ticks);
    if (last.trades === 0) Object.assign(last, { open: ticks, high: ticks, low: ticks });
    last.high = Math.max(last.high, ticks);
    last.low = Math.min(last.low, ticks);
    last.close = ticks;
    last.volume = Math.round((last.volume + quantity) * 1e8) / 1e8;
    last.turnover += ticks * quantity;
    last.trades += 1;
  }

  /** The candles up to a time, oldest first, the last one being the one that is not closed. */
  upTo(time: number): readonly VenueCandle[] {
    const close = this.#candles.at(-1)?.close;
    if (close !== undefined) this.#at(time, close);
    return this.#candles;
  }

  /** The candles that are there, none filled in. */
  get kept(): readonly VenueCandle[] {
    return this.#candles;
  }

  /** The candle that a time falls in, quiet ones before it filled in. */
  #at(time: number, ticks: number): VenueCandle {
    const openedAt = time - (time % this.timeframeMs);
    let last = this.#candles.at(-1);
    if (last === undefined) return this.#push(openedAt, ticks);
    // A long silence leaves at most what is kept.
    const oldest = openedAt - this.#limit * this.timeframeMs;
    for (
      let next = Math.max(last.openedAt + this.timeframeMs, oldest);
      next <= openedAt;
      next += this.timeframeMs
    ) {
      last = this.#push(next, last.close);
    }
    return last;
  }

  #push(openedAt: number, ticks: number): VenueCandle {
    const candle = {
      openedAt,
      open: ticks,
      high: ticks,
      low: ticks,
      close: ticks,
      volume: 0,
      turnover: 0,
      trades: 0,
    };
    this.#candles.push(candle);
    if (this.#candles.length > this.#limit + 64) {
      this.#candles = this.#candles.slice(-this.#limit);
    }
    return candle;
  }
}
