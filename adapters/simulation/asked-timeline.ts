import type { Candle } from "../../machines/domain/market.ts";
import { pointsPerCandle } from "../venues/matching/mod.ts";
import type { BookVenue, MarketNews, MarketTimeline } from "./timeline.ts";

/** What of a moment has happened: what closes a bar alone, or what opens the next one too. */
export type AskedStage = "close" | "open";

/** A market that is asked how things stand, at the moments at which they change. */
export interface AskedMarket {
  /** Lets the market come to the present; before anything of it is asked. */
  catchUp(stage: AskedStage): Promise<void>;
  /** What is traded at now, whole ticks. */
  price(): Promise<number>;
  /** The bar that opened then and has just closed; null where nothing was traded in it. */
  bar(openedAt: number): Promise<Candle | null>;
}

export interface AskedTimelineOptions {
  readonly symbol: string;
  readonly timeframeMs: number;
  /** When the first bar opens and the last one closes, Unix milliseconds. */
  readonly from: number;
  readonly until: number;
  readonly market: AskedMarket;
}

/**
 * A market behind a wire as a timeline under the run's own clock: at the moments at which a run of
 * candles would be told a price or a bar, it is asked for. The first step of a moment only lets the
 * clock come there, for what is due before it has to be done before; then the market is asked while
 * time stands still, for the bar that closes and after it for the price at which the next one opens.
 */
export class AskedTimeline implements MarketTimeline<BookVenue> {
  /** Number of the moment: so many for each bar, and the one that closes it is the next's first. */
  private moment = 0;
  private isThere = false;
  private stages: AskedStage[] = [];
  private news: (MarketNews | null)[] = [];

  constructor(private readonly options: AskedTimelineOptions) {}

  ready(): Promise<void> | null {
    const stage = this.news.length === 0 ? this.stages.shift() : undefined;
    return stage === undefined ? null : this.ask(stage);
  }

  nextAt(): number | null {
    const at = this.at();
    return at > this.options.until ? null : at;
  }

  step(): MarketNews | null {
    if (!this.isThere) {
      this.isThere = true;
      const { from, until } = this.options;
      const at = this.at();
      if (this.isBarsEnd() && at > from) this.stages.push("close");
      if (at < until) this.stages.push("open");
      return null;
    }
    const news = this.news.shift() ?? null;
    if (this.news.length === 0 && this.stages.length === 0) {
      this.moment += 1;
      this.isThere = false;
    }
    return news;
  }

  changes(): [] {
    return [];
  }

  private isBarsEnd(): boolean {
    return this.moment % (pointsPerCandle - 1) === 0;
  }

  private at(): number {
    const { from, timeframeMs } = this.options;
    const perBar = pointsPerCandle - 1;
    const bar = Math.floor(this.moment / perBar);
    const part = this.moment % perBar;
    return from + bar * timeframeMs + Math.floor((timeframeMs * part) / perBar);
  }

  private async ask(stage: AskedStage): Promise<void> {
    const { symbol, timeframeMs, market } = this.options;
    await market.catchUp(stage);
    if (stage === "open") {
      this.news = [{ type: "price", symbol, ticks: await market.price() }];
      return;
    }
    // What the venue made of its last price is let in before the bar is told.
    this.news = [null];
    const candle = await market.bar(this.at() - timeframeMs);
    if (candle !== null) this.news.push({ type: "bar", candle, book: null });
  }
}
