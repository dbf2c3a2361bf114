import type { DrivenDesk } from "../../actors/desk/ports.ts";
import type { MovableClock, StateChange } from "../../actors/runtime/ports.ts";
import type { Decision } from "../../machines/domain/decision.ts";
import type { MarketTimeline, RunVenue } from "./timeline.ts";

/** Lets real time pass, so that a run has a pace. */
export interface Pace {
  /** Null when the run may go on to this virtual time; else a short wait, after which to ask again. */
  until(time: number): Promise<void> | null;
}

export interface MarketRunOptions<Venue extends RunVenue> {
  readonly desk: DrivenDesk;
  readonly venue: Venue;
  readonly timeline: MarketTimeline<Venue>;
  readonly clock: MovableClock;
  readonly pace: Pace;
  /** Virtual time at which the run ends; null for the source's end. */
  readonly until: number | null;
  /** Called after each bar, with what was decided on it. */
  readonly onBar: (decision: Decision) => void;
}

/** The space of the committed state in which a run's place is kept. */
export const sourceSpace = "source";

/**
 * Drives a desk through a market under a virtual clock: the paper venue gets what moves the
 * market, the desk the closed bars. Time stands still while the desk waits for anything. The place
 * is committed with the desk, so that a run that was killed goes on at the very step.
 */
export class MarketRun<Venue extends RunVenue> {
  private stopped = false;

  constructor(private readonly options: MarketRunOptions<Venue>) {}

  /** What of the place changed since the last commit. */
  changes(): StateChange[] {
    const { clock, timeline } = this.options;
    const place = timeline.changes().map(({ key, value }) => ({ space: sourceSpace, key, value }));
    return [...place, { space: sourceSpace, key: "time", value: clock.now() }];
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
