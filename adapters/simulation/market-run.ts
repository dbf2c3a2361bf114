import type { DrivenDesk } from "../../actors/desk/ports.ts";
import type { MovableClock, StateChange } from "../../actors/runtime/ports.ts";
import type { Decision } from "../../machines/domain/decision.ts";
import type { VenueReport } from "../../machines/domain/fill.ts";
import type { VenueAccount } from "../../machines/domain/ids.ts";
import type { Candle } from "../../machines/domain/market.ts";
import { type Move, MoveWatch } from "./move-watch.ts";
import type { MarketNews, MarketTimeline, RunVenue, StreamNews } from "./timeline.ts";

/** Lets real time pass, so that a run has a pace. */
export interface Pace {
  /** Null when the run may go on to this virtual time; else a short wait, after which to ask again. */
  until(time: number): Promise<void> | null;
}

/** Something of the real world that a run without one is told at a time of its market. */
export interface ScriptedInput {
  /** Unix milliseconds of the market. */
  readonly at: number;
  run(): void;
}

export interface MarketRunOptions<Venue extends RunVenue> {
  readonly desk: DrivenDesk;
  readonly venue: Venue;
  /** Those of the accounts beside the first, which the timeline moves through the first one's. */
  readonly beside?: readonly RunVenue[];
  readonly timeline: MarketTimeline<Venue>;
  readonly clock: MovableClock;
  readonly pace: Pace;
  /** In the order of their times. */
  readonly script?: readonly ScriptedInput[];
  /** What an earlier part of this run kept in {@link sourceSpace}; empty for a new one. */
  readonly stored: ReadonlyMap<string, unknown>;
  /**
   * A move of a symbol's price since its last evaluation, as a share, of which more is told to the
   * desk before the bar closes; 0 for never.
   */
  readonly eventPriceMove: number;
  /** Virtual time at which the run ends; null for the source's end. */
  readonly until: number | null;
  /** Called after each bar, with what each of the symbol's lanes decided on it. */
  readonly onBar: (decisions: readonly Decision[], candle: Candle) => void;
  /**
   * Begins what the desk wants outside without waiting for it; without this, each thing is waited
   * for before anything else happens. For a venue on a wire.
   */
  readonly begin?: (answered: () => void, failed: (error: unknown) => void) => void;
  /**
   * Takes a candle's prices in one step where nobody trades on them and nothing is due before it
   * closes. For runs that nobody gives commands to: one would find the venue ahead of the clock.
   */
  readonly leaps?: boolean;
  /** Called where a live stream falls silent or is heard again. */
  readonly onStream?: (news: StreamNews) => void;
  /** Called after each move that was told, with what was decided on it. */
  readonly onMove?: (decisions: readonly Decision[]) => void;
}

/** Orders that are asked for when a run ends have this long, milliseconds. */
const drainMs = 5_000;

/** What a venue said by itself. */
interface Told {
  readonly at: VenueAccount;
  readonly report: VenueReport;
}

/** Under which keys of the space it is kept how much of the script was told, and the moves. */
const scriptKey = "script";
const movesKey = "moves";

/** The space of the committed state in which a run's place is kept. */
export const sourceSpace = "source";

/**
 * Drives a desk through a market under a virtual clock: the paper venue gets what moves the
 * market, the desk the closed bars. Time stands still while the desk waits for anything. The place
 * is committed with the desk, so that a run that was killed goes on at the very step. Of a price
 * that moved far the desk is told after the fills at it.
 */
export class MarketRun<Venue extends RunVenue> {
  private stopped = false;
  private failure: unknown = null;
  /** How many of the script's inputs were told. */
  private scripted: number;
  private readonly moves: MoveWatch;
  private readonly venues: readonly RunVenue[];

  constructor(private readonly options: MarketRunOptions<Venue>) {
    const { stored, eventPriceMove, venue, beside = [] } = options;
    this.venues = [venue, ...beside];
    this.scripted = (stored.get(scriptKey) as number | undefined) ?? 0;
    this.moves = new MoveWatch(eventPriceMove, stored.get(movesKey));
  }

  /** What of the place changed since the last commit. */
  changes(): StateChange[] {
    const { clock, timeline } = this.options;
    const place = timeline.changes().map(({ key, value }) => ({ space: sourceSpace, key, value }));
    const told: StateChange[] = [];
    if (this.scripted > 0) {
      told.push({ space: sourceSpace, key: scriptKey, value: this.scripted });
    }
    const moves = this.moves.change();
    if (moves) told.push({ space: sourceSpace, key: movesKey, value: moves });
    return [...place, ...told, { space: sourceSpace, key: "time", value: clock.now() }];
  }

  /** Tells the desk of moves beyond another share from now on. */
  watchMoves(share: number): void {
    this.moves.watchFor(share);
  }

  /** Lets in what the venues said and nobody took yet. */
  takeReports(): void {
    const { desk } = this.options;
    for (let told = this.nextReport(); told; told = this.nextReport()) {
      desk.report(told.at, told.report);
    }
  }

  private nextReport(): Told | null {
    for (const venue of this.venues) {
      const report = venue.takeReport();
      if (report) return { at: venue.at, report };
    }
    return null;
  }

  /** Asks the run to end after the step under way. */
  stop(): void {
    this.stopped = true;
  }

  /** Runs to the end of the market, to `until`, or until stopped; then all is committed. */
  async run(): Promise<"ended" | "stopped"> {
    const { desk, until, timeline, venue, leaps } = this.options;
    let outcome: "ended" | "stopped" = "ended";
    // One that was found before the process ended, and not told any more.
    const found = this.moves.take();
    if (found) await this.tellMove(found);
    for (;;) {
      for (let wait = timeline.ready(); wait; wait = timeline.ready()) await wait;
      const time = timeline.nextAt();
      if (time === null || (until !== null && time > until)) break;
      const passing = this.passTime(time);
      if (passing) await passing;
      if (this.failure !== null) throw this.failure;
      if (this.stopped) {
        outcome = "stopped";
        break;
      }
      if (leaps && this.isQuiet()) {
        timeline.leap?.(venue);
        continue;
      }
      this.tell(timeline.step(venue));
      const delivery = this.deliver();
      if (delivery) await delivery;
      const move = this.moves.take();
      if (move) await this.tellMove(move);
    }
    await this.quieten();
    desk.commit();
    return outcome;
  }

  /** Whether nobody trades or watches prices, and nothing is due, until the next candle closes. */
  private isQuiet(): boolean {
    const { desk, timeline, until } = this.options;
    const time = timeline.closesAt?.() ?? null;
    if (time === null || !this.moves.isOff || desk.isBusy) return false;
    if (until !== null && time > until) return false;
    if (this.isDue(time)) return false;
    for (const each of this.venues) if (!each.isIdle?.()) return false;
    return true;
  }

  private tell(news: MarketNews | null): void {
    if (news === null) return;
    const { moves } = this;
    const { desk, onBar, onStream } = this.options;
    const { market } = news;
    if (news.type === "price") {
      moves.see(quoteName(market, news.symbol), news.ticks);
      return;
    }
    if (news.type === "stream") {
      onStream?.(news);
      return;
    }
    const { candle, book } = news;
    // Noted first, as in `take`: its turn may commit, and the place goes with it.
    moves.evaluated(quoteName(market, candle.symbol), candle.close);
    onBar(desk.bar(candle, book, market), candle);
  }

  /** Tells the desk of a move that was found, once what the venue made of it is let in. */
  private async tellMove(move: Move): Promise<void> {
    const { desk, onMove } = this.options;
    const { market, symbol } = quoteOf(move.symbol);
    const decisions = desk.move(symbol, move.ticks, market);
    onMove?.(decisions);
    await this.deliver();
  }

  /** Moves the clock; a promise where something is due on the way, or the run is to wait. */
  private passTime(time: number): Promise<void> | null {
    return this.isDue(time) || this.stopped ? this.fireUntil(time) : this.arriveAt(time);
  }

  /** Whether a timer, a venue, or the script has something to do until then. */
  private isDue(time: number): boolean {
    if ((this.options.desk.nextDeadline() ?? Number.POSITIVE_INFINITY) <= time) return true;
    for (const venue of this.venues) {
      const due = venue.due();
      if (due !== null && due <= time) return true;
    }
    const scripted = this.options.script?.[this.scripted];
    return scripted !== undefined && scripted.at <= time;
  }

  /** Moves the clock, firing what is due on the way in its own time. */
  private async fireUntil(time: number): Promise<void> {
    const { clock, desk } = this.options;
    for (;;) {
      const deadline = desk.nextDeadline() ?? Number.POSITIVE_INFINITY;
      const due = Math.min(...this.venues.map((each) => each.due() ?? Number.POSITIVE_INFINITY));
      const scripted = this.options.script?.[this.scripted];
      const next = Math.min(deadline, due, scripted?.at ?? Number.POSITIVE_INFINITY);
      if (next > time || this.stopped) break;
      clock.advanceTo(Math.max(next, clock.now()));
      if (scripted && scripted.at <= next) {
        // Counted first: its turn commits, and the place goes with it.
        this.scripted += 1;
        scripted.run();
      } else if (deadline <= due) desk.fireTimer();
      else for (const venue of this.venues) await venue.advance(clock.now());
      const delivery = this.deliver();
      if (delivery) await delivery;
    }
    const arrival = this.stopped ? null : this.arriveAt(time);
    if (arrival) await arrival;
  }

  /** Moves the clock to where nothing is due before; a promise where the pace wants its time first. */
  private arriveAt(time: number): Promise<void> | null {
    const { clock, pace } = this.options;
    const wait = pace.until(time);
    if (wait) return this.waitUntil(time, wait);
    clock.advanceTo(Math.max(time, clock.now()));
    return null;
  }

  /** Lets the pace have its time, then moves the clock. */
  private async waitUntil(time: number, first: Promise<void>): Promise<void> {
    const { clock, desk, pace } = this.options;
    for (let wait: Promise<void> | null = first; wait && !this.stopped; wait = pace.until(time)) {
      // Nobody should have to wait for a slow market to know that what was done is durable.
      desk.commit();
      await wait;
    }
    clock.advanceTo(Math.max(time, clock.now()));
  }

  /** Lets in reports and does what they set off, until all is quiet; null where it is. */
  private deliver(): Promise<void> | null {
    if (this.options.desk.isBusy) return this.deliverFrom(null);
    const told = this.nextReport();
    return told ? this.deliverFrom(told) : null;
  }

  private async deliverFrom(first: Told | null): Promise<void> {
    const { desk } = this.options;
    if (desk.isBusy) await this.act();
    for (let told = first ?? this.nextReport(); told; told = this.nextReport()) {
      desk.report(told.at, told.report);
      if (desk.isBusy) await this.act();
    }
  }

  /** Does what the desk wants outside, or begins it. */
  private act(): Promise<void> | null {
    const { begin, desk } = this.options;
    if (!begin) return desk.settle();
    const failed = (error: unknown) => {
      this.failure ??= error;
      this.stop();
    };
    // An answer may want more.
    begin(() => void this.act(), failed);
    return null;
  }

  /** Waits for answers that are under way, as long as whoever stops a desk can be kept waiting. */
  private async quieten(): Promise<void> {
    const { begin, desk } = this.options;
    if (!begin) return desk.settle();
    const until = performance.now() + drainMs;
    while (desk.isBusy && this.failure === null && performance.now() < until) {
      await Bun.sleep(20);
      await this.deliver();
    }
    if (this.failure !== null) throw this.failure;
  }
}

/** One market's symbol, as moves are watched by it. */
const quoteName = (market: string | undefined, symbol: string): string =>
  market === undefined ? symbol : `${market} ${symbol}`;

function quoteOf(name: string): { readonly market?: string; readonly symbol: string } {
  const space = name.indexOf(" ");
  if (space < 0) return { symbol: name };
  return { market: name.slice(0, space), symbol: name.slice(space + 1) };
}
