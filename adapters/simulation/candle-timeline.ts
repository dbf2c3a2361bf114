import type { CandleCursor, CandleSource } from "../../actors/market/ports.ts";
import { type Candle, closedAt } from "../../machines/domain/market.ts";
import { candlePoint, pointsPerCandle } from "../venues/matching/mod.ts";
import type { BookWatches } from "./book-watches.ts";
import type {
  DrivenVenue,
  MarketNews,
  MarketTimeline,
  PaperMarket,
  TimelineSource,
} from "./timeline.ts";

/** Where one of a candle's points is: which one, of which candle, and when. */
export interface CandleMoment {
  readonly candle: Candle;
  /** Number of the candle in its source. */
  readonly index: number;
  /** 0 to 3. */
  readonly point: number;
  /** Unix milliseconds. */
  readonly at: number;
}

/** Steps of one candle: its four points, then the closed bar goes to the desk. */
const barStep = pointsPerCandle;

interface Lane {
  readonly symbol: string;
  readonly cursor: CandleCursor;
  candle: Candle | null;
  index: number;
  step: number;
  changed: boolean;
}

/**
 * Candles as a timeline: all symbols move together in time; each candle is four points that the
 * paper venue matches on, then a closed bar. The place is each symbol's candle and step. The last
 * point is no news: the bar that closes with it says the same.
 */
export class CandleTimeline<Venue> implements MarketTimeline<Venue> {
  private readonly lanes: readonly Lane[];
  private next: Lane | null;

  /**
   * @param feed tells a venue one of a candle's points; answers the price there, whole ticks.
   * @param books fed by it where the venue sees books; kept with the place.
   */
  constructor(
    source: CandleSource,
    stored: ReadonlyMap<string, unknown>,
    private readonly feed: (venue: Venue, moment: CandleMoment) => number,
    private readonly books: BookWatches | null = null,
  ) {
    this.lanes = source.symbols.map(({ symbol }) => {
      const place = stored.get(symbol) as { index: number; step: number } | undefined;
      const { index, step } = place ?? { index: 0, step: 0 };
      const cursor = source.cursor(symbol, index);
      return { symbol, cursor, candle: cursor.next(), index, step, changed: false };
    });
    this.next = this.nextLane();
  }

  ready(): null {
    return null;
  }

  nextAt(): number | null {
    return this.next ? stepTime(this.next) : null;
  }

  step(venue: Venue): MarketNews | null {
    const lane = this.next;
    const candle = lane?.candle;
    if (!lane || !candle) return null;
    const at = stepTime(lane) as number;
    const { index, step: point } = lane;
    lane.changed = true;
    if (point < barStep) {
      lane.step += 1;
      this.next = this.nextLane();
      const ticks = this.feed(venue, { candle, index, point, at });
      return point < barStep - 1 ? { type: "price", symbol: lane.symbol, ticks } : null;
    }
    lane.candle = lane.cursor.next();
    lane.index += 1;
    lane.step = 0;
    this.next = this.nextLane();
    return { type: "bar", candle, book: this.books?.close(lane.symbol) ?? null };
  }

  closesAt(): number | null {
    const candle = this.next?.candle;
    if (!candle || this.next?.step !== 0) return null;
    const at = closedAt(candle);
    for (const { candle: other } of this.lanes) if (other && closedAt(other) < at) return null;
    return at;
  }

  leap(venue: Venue): void {
    const lane = this.next;
    const at = this.closesAt();
    if (!lane?.candle || at === null) return;
    const { candle, index } = lane;
    lane.changed = true;
    lane.step = barStep;
    this.next = this.nextLane();
    this.feed(venue, { candle, index, point: barStep - 1, at });
  }

  changes(): { key: string; value: unknown }[] {
    const changes: { key: string; value: unknown }[] = [];
    for (const lane of this.lanes) {
      if (!lane.changed) continue;
      lane.changed = false;
      changes.push({ key: lane.symbol, value: { index: lane.index, step: lane.step } });
    }
    return this.books ? [...changes, ...this.books.changes()] : changes;
  }

  /** The lane whose next step comes first; at one time closes before bars before opens. */
  private nextLane(): Lane | null {
    let first: Lane | null = null;
    let firstTime = Number.POSITIVE_INFINITY;
    let firstRank = 0;
    for (const lane of this.lanes) {
      const time = stepTime(lane);
      if (time === null) continue;
      const rank = (lane.step + 2) % (barStep + 1);
      if (time < firstTime || (time === firstTime && rank < firstRank)) {
        first = lane;
        firstTime = time;
        firstRank = rank;
      }
    }
    return first;
  }
}

function stepTime({ candle, step }: Lane): number | null {
  if (!candle) return null;
  if (step >= pointsPerCandle - 1) return candle.openedAt + candle.timeframeMs;
  return candle.openedAt + Math.floor((candle.timeframeMs * step) / 3);
}

/** The first time there is in a market of candles. */
export function firstOpenOf(source: CandleSource): number {
  const firsts = source.symbols.map(({ symbol }) => source.cursor(symbol, 0).next()?.openedAt);
  return Math.min(...firsts.filter((first) => first !== undefined));
}

/** The timeline of a market without books: the price goes along each candle's path. */
export function pricesOf(
  source: CandleSource,
  stored: ReadonlyMap<string, unknown>,
): MarketTimeline<DrivenVenue> {
  return new CandleTimeline(source, stored, (venue: DrivenVenue, { candle, point, at }) => {
    const moved = candlePoint(candle, point, at);
    venue.point(candle.symbol, moved);
    return moved.ticks;
  });
}

/** The timeline of any source from a stored place on, and where the clock stands there. */
export function timelineOf(
  source: CandleSource | TimelineSource,
  stored: ReadonlyMap<string, unknown>,
): { readonly timeline: MarketTimeline<PaperMarket>; readonly startAt: number } {
  const time = stored.get("time");
  const isDriving = "timeline" in source;
  const first = () => (isDriving ? source.startAt : firstOpenOf(source));
  return {
    timeline: isDriving ? source.timeline(stored) : pricesOf(source, stored),
    startAt: typeof time === "number" ? time : first(),
  };
}
