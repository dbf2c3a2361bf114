import type { DrivenDesk } from "../../actors/desk/ports.ts";
import type { MovableClock, StateChange } from "../../actors/runtime/ports.ts";
import type { Decision } from "../../machines/domain/decision.ts";
import type { MarketTimeline, RunVenue } from "./timeline.ts";

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
  readonly timeline: MarketTimeline<Venue>;
  readonly clock: MovableClock;
  readonly pace: Pace;
  /** In the order of their times. */
  readonly script?: readonly ScriptedInput[];
  /** How many of them an earlier part of this run was told. */
  readonly scripted?: number;
  /** Virtual time at which the run ends; null for the source's end. */
  readonly until: number | null;
  /** Called after each bar, with what was decided on it. */
  readonly onBar: (decision: Decision) => void;
}

/** Under which key of the space the script's place is kept. */
export const scriptKey = "script";

/** The space of the committed state in which a run's place is kept. */
export const sourceSpace = "source";

/**
 * Drives a desk through a market under a virtual clock: the paper venue gets what moves the
 * market, the desk the closed bars. Time stands still while the desk waits for anything. The place
 * is committed with the desk, so that a run that was killed goes on at the very step.
 */
export class MarketRun<Venue extends RunVenue> {
  private stopped = false;
  private scripted: number;

  constructor(private readonly options: MarketRunOptions<Venue>) {
    this.scripted = options.scripted ?? 0;
  }

  /** What of the place changed since the last commit. */
  changes(): StateChange[] {
    const { clock, timeline } = this.options;
    const place = timeline.changes().map(({ key, value }) => ({ space: sourceSpace, key, value }));
    const told =
      this.scripted > 0 ? [{ space: sourceSpace, key: scriptKey, value: this.scripted }] : [];
    return [...place, ...told, { space: sourceSpace, key: "time", value: clock.now() }];
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

  /** Runs to the end of the market, to `until`, or until stopped; then all is committed. */
  async run(): Promise<"ended" | "stopped"> {
    const { desk, until, timeline, venue, onBar } = this.options;
    let outcome: "ended" | "stopped" = "ended";
    for (;;) {
      for (let wait = timeline.ready(); wait; wait = timeline.ready()) await wait;
      const time = timeline.nextAt();
      if (time === null || (until !== null && time > until)) break;
      await this.passTime(time);
      if (this.stopped) {
        outcome = "stopped";
        break;
      }
      const bar = timeline.step(venue);
      if (bar !== null) onBar(desk.bar(bar));
      await this.deliver();
    }
    await desk.settle();
    desk.commit();
    return outcome;
  }

  /** Moves the clock, firing what is due on the way in its own time. */
  private async passTime(time: number): Promise<void> {
    const { clock, desk, venue, pace } = this.options;
    for (;;) {
      const deadline = desk.nextDeadline() ?? Number.POSITIVE_INFINITY;
      const due = venue.due() ?? Number.POSITIVE_INFINITY;
      const scripted = this.options.script?.[this.scripted];
      const next = Math.min(deadline, due, scripted?.at ?? Number.POSITIVE_INFINITY);
      if (next > time || this.stopped) break;
      clock.advanceTo(Math.max(next, clock.now()));
      if (scripted && scripted.at <= next) {
        // Counted first: its turn commits, and the place goes with it.
        this.scripted += 1;
        scripted.run();
      } else if (deadline <= due) desk.fireTimer();
      else await venue.advance(clock.now());
      await this.deliver();
    }
    if (this.stopped) return;
    for (let wait = pace.until(time); wait && !this.stopped; wait = pace.until(time)) {
      // Nobody should have to wait for a slow market to know that what was done is durable.
      desk.commit();
      await wait;
    }
    clock.advanceTo(Math.max(time, clock.now()));
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
