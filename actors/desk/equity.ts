import { accountKey, type VenueAccount } from "../../machines/domain/ids.ts";

/** Points of the equity curve that are kept: enough for a chart, whatever the run's length. */
const maxPoints = 240;

export interface EquityState {
  readonly equity: number;
  readonly peak: number;
  /** Largest fall from a peak, as a share of that peak. */
  readonly maxDrawdown: number;
  /** Days since the epoch, UTC. */
  readonly day: number;
  readonly dayStart: number;
  readonly points: readonly (readonly [at: number, equity: number])[];
  /** Marks between two points that are kept. */
  readonly stride: number;
  readonly marks: number;
}

const dayMs = 86_400_000;

/**
 * Equity marked to market at each bar, in quote coin: statistics in floats, never booked. Keeps
 * peak, drawdown, the day's start and a thinned curve.
 */
export class EquityTracker {
  equity = Number.NaN;
  peak = 0;
  maxDrawdown = 0;
  day = -1;
  dayStart = 0;
  private points: (readonly [number, number])[] = [];
  private stride = 1;
  private marks = 0;
  private isShifted = false;

  /** Returns whether a new day began, UTC. */
  mark(at: number, equity: number): boolean {
    const day = Math.floor(at / dayMs);
    // A bar of the past that is heard late begins no day: what was lost in this one stays lost.
    const isNewDay = day > this.day;
    if (isNewDay) {
      this.dayStart = this.day < 0 ? equity : this.equity;
      this.day = day;
    } else if (this.dayStart <= 0) {
      // Of an account that could not be read at first, the day begins with what it then has.
      this.dayStart = equity;
    }
    this.equity = equity;
    if (equity > this.peak) this.peak = equity;
    // No share can be lost of an account that never held anything.
    else if (this.peak > 0)
      this.maxDrawdown = Math.max(this.maxDrawdown, (this.peak - equity) / this.peak);
    if (this.marks % this.stride === 0) this.keep(at, equity);
    this.marks += 1;
    return isNewDay;
  }

  /** Money came or went that was neither earned nor lost: it is counted as if always there, or never. */
  shift(amount: number): void {
    if (this.day < 0) return;
    this.equity += amount;
    this.peak += amount;
    this.dayStart += amount;
    this.isShifted = true;
  }

  /** Whether it was shifted since this was last asked. */
  takeShifted(): boolean {
    const { isShifted } = this;
    this.isShifted = false;
    return isShifted;
  }

  /** Share of the day's first equity lost so far; negative for a gain. */
  get dayLoss(): number {
    return this.dayStart > 0 ? (this.dayStart - this.equity) / this.dayStart : 0;
  }

  get curve(): readonly (readonly [at: number, equity: number])[] {
    return this.points;
  }

  save(): EquityState {
    const { equity, peak, maxDrawdown, day, dayStart, stride, marks } = this;
    return { equity, peak, maxDrawdown, day, dayStart, points: [...this.points], stride, marks };
  }

  restore(state: EquityState): void {
    const { points, ...rest } = state;
    Object.assign(this, rest);
    this.points = [...points];
  }

  private keep(at: number, equity: number): void {
    this.points.push([at, equity]);
    if (this.points.length < maxPoints) return;
    this.points = this.points.filter((_, index) => index % 2 === 0);
    this.stride *= 2;
  }
}

/** The equity of each account, in its own quote coin. */
export class Equities {
  /** The desk's first account's. */
  readonly first: EquityTracker;
  private readonly trackers: ReadonlyMap<string, EquityTracker>;

  constructor(accounts: readonly VenueAccount[]) {
    this.trackers = new Map(accounts.map((at) => [accountKey(at), new EquityTracker()]));
    const [first] = this.trackers.values();
    if (!first) throw new RangeError("Cannot follow the equity of no account");
    this.first = first;
  }

  of(at: VenueAccount): EquityTracker {
    const tracker = this.trackers.get(accountKey(at));
    if (!tracker) throw new RangeError(`Cannot follow the equity of "${accountKey(at)}"`);
    return tracker;
  }

  /** Whether any was shifted since this was last asked. */
  takeShifted(): boolean {
    return [...this.trackers.values()].filter((each) => each.takeShifted()).length > 0;
  }

  /** By the name under which it is kept: the first one's is that of a desk of one account. */
  *named(): Iterable<readonly [name: string, tracker: EquityTracker]> {
    for (const [key, tracker] of this.trackers) {
      yield [tracker === this.first ? "equity" : `equity/${key}`, tracker];
    }
  }
}
