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

  /** Money is known of from now on: it counts as if always there, in the curve too. */
  join(amount: number): void {
    this.shift(amount);
    this.points = this.points.map(([at, equity]) => [at, equity + amount]);
  }

  /** Whether anything was marked yet. */
  get isMarked(): boolean {
    return this.day >= 0;
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

/** Whose equity is followed, and in what coin. */
export interface Followed {
  readonly at: VenueAccount;
  readonly quote: string;
}

/** The equity of each account, in its own quote coin, and of all that have the first one's. */
export class Equities {
  /** Of all accounts of the first one's quote coin: the first's own, where there is no other. */
  readonly total: EquityTracker;
  private readonly first: EquityTracker;
  private readonly trackers: ReadonlyMap<string, EquityTracker>;
  /** Who was asked for last: mostly the same one, at each bar. */
  private asked: { readonly at: VenueAccount; readonly tracker: EquityTracker } | null = null;
  /** Those that the total is of. */
  private readonly members: ReadonlyMap<EquityTracker, VenueAccount>;

  constructor(accounts: readonly Followed[]) {
    this.trackers = new Map(accounts.map(({ at }) => [accountKey(at), new EquityTracker()]));
    const [first] = this.trackers.values();
    if (!first) throw new RangeError("Cannot follow the equity of no account");
    this.first = first;
    const alike = accounts.filter(({ quote }) => quote === accounts[0]?.quote);
    this.members = new Map(alike.map(({ at }) => [this.of(at), at]));
    this.total = this.members.size === 1 ? first : new EquityTracker();
  }

  of(at: VenueAccount): EquityTracker {
    if (this.asked?.at === at) return this.asked.tracker;
    const tracker = this.trackers.get(accountKey(at));
    if (!tracker) throw new RangeError(`Cannot follow the equity of "${accountKey(at)}"`);
    this.asked = { at, tracker };
    return tracker;
  }

  /**
   * Marks an account and the total; returns whether a new day began for the account, UTC.
   *
   * @param worthOf what an account has whose own market was not heard yet
   */
  mark(
    account: VenueAccount,
    at: number,
    equity: number,
    worthOf: (account: VenueAccount) => number,
  ): boolean {
    const { total } = this;
    const tracker = this.of(account);
    const isEmpty = tracker.peak <= 0;
    const isNewDay = tracker.mark(at, equity);
    if (!this.isInTotal(tracker)) return isNewDay;
    // One that could not be read at first has gained nothing.
    if (isEmpty) total.join(equity);
    let sum = 0;
    for (const [each, owner] of this.members) {
      if (!each.isMarked) each.mark(at, worthOf(owner));
      sum += each.equity;
    }
    // Markets tell of their pasts in turns: the total's curve goes forward all the same.
    total.mark(Math.max(at, total.curve.at(-1)?.[0] ?? at), sum);
    return isNewDay;
  }

  /** As {@link EquityTracker.shift}, for an account and the total. */
  shift(account: VenueAccount, amount: number): void {
    const tracker = this.of(account);
    if (this.isInTotal(tracker) && tracker.isMarked) this.total.shift(amount);
    tracker.shift(amount);
  }

  /** Whether any was shifted since this was last asked. */
  takeShifted(): boolean {
    return [...this.trackers.values()].filter((each) => each.takeShifted()).length > 0;
  }

  /** Goes on from what was kept under each name. */
  restore(kept: (name: string) => EquityState | undefined): void {
    let hasTotal = false;
    for (const [name, tracker] of this.named()) {
      const state = kept(name);
      if (state) tracker.restore(state);
      if (state && tracker === this.total) hasTotal = true;
    }
    const others = [...this.members.keys()].filter((each) => each !== this.first);
    // Until now there was one account: its past is that of all.
    if (!hasTotal && !others.some((each) => each.isMarked)) this.total.restore(this.first.save());
  }

  /** By the name under which it is kept: the first one's is that of a desk of one account. */
  *named(): Iterable<readonly [name: string, tracker: EquityTracker]> {
    for (const [key, tracker] of this.trackers) {
      yield [tracker === this.first ? "equity" : `equity/${key}`, tracker];
    }
    if (this.total !== this.first) yield ["equityTotal", this.total];
  }

  private isInTotal(tracker: EquityTracker): boolean {
    return this.total !== this.first && this.members.has(tracker);
  }
}
