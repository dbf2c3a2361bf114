import type { DrivenDesk } from "../../actors/desk/ports.ts";
import type { CandleCursor, CandleSource } from "../../actors/market/ports.ts";
import type { MovableClock, StateChange } from "../../actors/runtime/ports.ts";
import type { Decision } from "../../machines/domain/decision.ts";
import type { VenueReport } from "../../machines/domain/fill.ts";
import type { VenueAccount } from "../../machines/domain/ids.ts";
import type { Candle } from "../../machines/domain/market.ts";
import { candlePoint, type MarketPoint, pointsPerCandle } from "../venues/matching/mod.ts";

/** A paper venue, honest or faulty, as the driver of its market sees it. */
export interface DrivenVenue {
  readonly at: VenueAccount;
  /** The price moves. */
  point(symbol: string, point: MarketPoint): void;
  takeReport(): VenueReport | null;
  /** When something that it holds back comes due, or null. */
  due(): number | null;
  /** Lets what is due happen. */
  advance(now: number): Promise<void>;
}

/** Lets real time pass, so that a run has a pace. */
export interface Pace {
  /** Null when the run may go on to this virtual time; else a short wait, after which to ask again. */
  until(time: number): Promise<void> | null;
}

export interface CandleRunOptions {
  readonly desk: DrivenDesk;
  readonly venue: DrivenVenue;
  readonly source: CandleSource;
  readonly clock: MovableClock;
  readonly pace: Pace;
  /** Virtual time at which the run ends; null for the source's end. */
  readonly until: number | null;
  /** What was committed of an earlier part of this run: its place. */
  readonly stored: ReadonlyMap<string, unknown>;
  /** Called after each bar, with what was decided on it. */
  readonly onBar: (decision: Decision) => void;
}

/** Steps of one candle: its four points, then the closed bar goes to the desk. */
const barStep = pointsPerCandle;

interface Lane {
  readonly symbol: string;
  readonly cursor: CandleCursor;
  candle: Candle | null;
  /** Number of the candle in its source. */
  index: number;
  step: number;
  changed: boolean;
}

/** The space of the committed state in which a run's place is kept. */
export const sourceSpace = "source";

/**
 * Drives a desk through candles under a virtual clock. All symbols move together in time; each
 * candle is four points that the paper venue matches on, then a closed bar. Time stands still
 * while the desk waits for anything. The place is committed with the desk, so that a run that was
 * killed goes on at the very step.
 */
export class CandleRun {
  private readonly lanes: readonly Lane[];
  private stopped = false;

  constructor(private readonly options: CandleRunOptions) {
    this.lanes = options.source.symbols.map(({ symbol }) => {
      const place = options.stored.get(symbol) as { index: number; step: number } | undefined;
      const { index, step } = place ?? { index: 0, step: 0 };
      const cursor = options.source.cursor(symbol, index);
      return { symbol, cursor, candle: cursor.next(), index, step, changed: false };
    });
  }

  /** The first time there is to reach: where a new run's clock starts. */
  static startOf(source: CandleSource, stored: ReadonlyMap<string, unknown>): number {
    const time = stored.get("time");
    if (typeof time === "number") return time;
    const firsts = source.symbols.map(({ symbol }) => source.cursor(symbol, 0).next()?.openedAt);
    return Math.min(...firsts.filter((first) => first !== undefined));
  }

  /** What of the place changed since the last commit. */
  changes(): StateChange[] {
    const changes: StateChange[] = [];
    for (const lane of this.lanes) {
      if (!lane.changed) continue;
      lane.changed = false;
      const value = { index: lane.index, step: lane.step };
      changes.push({ space: sourceSpace, key: lane.symbol, value });
    }
    const time = this.options.clock.now();
    changes.push({ space: sourceSpace, key: "time", value: time });
    return changes;
  }

  /** Lets in what the venue said and nobody took yet. */
  takeReports(): void {
    const { desk, venue } = this.options;
    for (let report = venue.takeReport(); report; report = venue.takeReport()) {
      desk.report(venue.at, report);
    }
  }

  /** Asks the run to end after the step under way. */
  stop(): void {
    this.stopped = true;
  }

  /** Runs to the end of the source, to `until`, or until stopped; then all is committed. */
  async run(): Promise<"ended" | "stopped"> {
    const { desk, until } = this.options;
    let outcome: "ended" | "stopped" = "ended";
    for (;;) {
      const lane = this.nextLane();
      const time = lane ? stepTime(lane) : null;
      if (!lane || time === null || (until !== null && time > until)) break;
      await this.passTime(time);
      if (this.stopped) {
        outcome = "stopped";
        break;
      }
      this.step(lane, time);
      await this.deliver();
    }
    await desk.settle();
    desk.commit();
    return outcome;
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

  /** Moves the clock, firing what is due on the way in its own time. */
  private async passTime(time: number): Promise<void> {
    const { clock, desk, venue, pace } = this.options;
    for (;;) {
      const deadline = desk.nextDeadline() ?? Number.POSITIVE_INFINITY;
      const due = venue.due() ?? Number.POSITIVE_INFINITY;
      const next = Math.min(deadline, due);
      if (next > time || this.stopped) break;
      clock.advanceTo(Math.max(next, clock.now()));
      if (deadline <= due) desk.fireTimer();
      else await venue.advance(clock.now());
      await this.deliver();
    }
    if (this.stopped) return;
    for (let wait = pace.until(time); wait && !this.stopped; wait = pace.until(time)) await wait;
    clock.advanceTo(Math.max(time, clock.now()));
  }

  private step(lane: Lane, time: number): void {
    const { desk, venue, onBar } = this.options;
    const { candle, symbol, step } = lane;
    if (!candle) return;
    lane.changed = true;
    if (step < barStep) {
      lane.step += 1;
      venue.point(symbol, { ...candlePoint(candle, step), at: time });
      return;
    }
    lane.candle = lane.cursor.next();
    lane.index += 1;
    lane.step = 0;
    onBar(desk.bar(candle));
  }

  /** Lets in reports and does what they set off, until all is quiet. */
  private async deliver(): Promise<void> {
    const { desk, venue } = this.options;
    if (desk.isBusy) await desk.settle();
    for (let report = venue.takeReport(); report; report = venue.takeReport()) {
      desk.report(venue.at, report);
      if (desk.isBusy) await desk.settle();
    }
  }
}

function stepTime({ candle, step }: Lane): number | null {
  if (!candle) return null;
  if (step >= pointsPerCandle - 1) return candle.openedAt + candle.timeframeMs;
  return candle.openedAt + Math.floor((candle.timeframeMs * step) / 3);
}
