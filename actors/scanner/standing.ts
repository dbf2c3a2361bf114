import type {
  KnownStanding,
  Off,
  PositionResult,
  StandingChange,
  StandingState,
  StrategyStanding,
} from "./standing.types.ts";
import {
  belowInWords,
  type Hour,
  performanceOf,
  profitFactorOf,
  rounded,
  sessionOf,
  type Tally,
  tallyOf,
} from "./standing-rules.ts";
import { checkStanding, type StandingSettings, standingKey } from "./standing-settings.ts";

export type {
  KnownStanding,
  PositionResult,
  StandingChange,
  StandingState,
  StrategyStanding,
} from "./standing.types.ts";

interface Member {
  readonly strategy: string;
  /** Oldest first, at most `window`. */
  results: number[];
  tally: Tally;
  /** Positions opened before it are of an earlier probation and do not count. */
  countsFrom: number;
  off: Off | null;
  performance: number;
}

const none: readonly StandingChange[] = [];
const hourMs = 3_600_000;
/** A result beyond so many times the cost counts as this, for one must not drown all others. */
const largestShare = 100;
const hoursOfDay = 24;

/**
 * How the strategies of a desk stand by the positions that it closed: what each one's weight is
 * multiplied by, which are off, and how the hours of the day do.
 *
 * A strategy whose window is full is off while its profit factor is below `disableBelow`, for
 * `disabledMs` or until released; then it is back on probation, with an empty window that only
 * positions opened since can fill. One is always left on: where all do too poorly, that of the
 * highest profit factor stays (of equal ones that with the most won less lost, then the first).
 *
 * Pure arithmetic: the same calls give the same answers bit for bit, also from a saved state. Holds
 * at most `window` numbers a strategy and two an hour of the day.
 */
export class Standing {
  readonly #key: string;
  readonly #settings: StandingSettings;
  readonly #members: readonly Member[];
  #hours: Hour[] = Array.from({ length: hoursOfDay }, () => ({ trades: 0, wins: 0 }));
  #sessions: readonly number[] = Array<number>(hoursOfDay).fill(1);
  #revision = 0;

  /** @throws {RangeError} for settings out of their bounds, no strategy, or one named twice */
  constructor(settings: StandingSettings, strategies: readonly string[]) {
    checkStanding(settings);
    if (strategies.length === 0 || new Set(strategies).size < strategies.length) {
      throw new RangeError(
        `Cannot weigh strategies by results: strategies are [${strategies}], ` +
          "wanted at least one, each name once",
      );
    }
    this.#settings = settings;
    this.#key = `${standingKey(settings)}|${JSON.stringify(strategies)}`;
    this.#members = strategies.map((strategy) => ({
      strategy,
      results: [],
      tally: tallyOf([]),
      countsFrom: 0,
      off: null,
      performance: 1,
    }));
  }

  /**
   * A position closed. Names that are none of the strategies are passed over: a position may
   * outlive the configuration that opened it.
   * @returns what was switched off by it
   * @throws {RangeError} for a result that is no finite number, or times that are not Unix
   *   milliseconds, before anything is counted
   */
  closed(result: PositionResult): readonly StandingChange[] {
    const { votedBy, openedAt, closedAt } = result;
    checkTime(openedAt);
    checkTime(closedAt);
    if (!Number.isFinite(result.profitShare)) {
      throw new RangeError(
        `Cannot count closed position: profitShare is ${result.profitShare}, wanted a finite number`,
      );
    }
    // 0 is added to turn -0 into 0, which is what JSON would do.
    const share = Math.max(-largestShare, Math.min(largestShare, result.profitShare)) + 0;
    for (const member of this.#members) {
      if (member.off !== null || openedAt < member.countsFrom) continue;
      if (!votedBy.includes(member.strategy)) continue;
      member.results.push(share);
      if (member.results.length > this.#settings.window) member.results.shift();
      this.#measure(member);
    }
    const hour = Math.floor(openedAt / hourMs) % hoursOfDay;
    const { trades, wins } = this.#hours[hour] as Hour;
    this.#hours[hour] = { trades: trades + 1, wins: wins + (share > 0 ? 1 : 0) };
    this.#measureSessions();
    return this.#judge(closedAt);
  }

  /**
   * Lets time pass, in Unix milliseconds: what has been off for long enough comes back on probation.
   * @returns what came back, and what had stayed on only for want of another and is off now
   */
  at(now: number): readonly StandingChange[] {
    checkTime(now);
    // Asked at each bar, and hardly ever is anybody off.
    let isAnyOff = false;
    for (const { off } of this.#members) isAnyOff ||= off !== null;
    if (!isAnyOff) return none;
    const back = this.#members.filter(({ off }) => off !== null && now >= off.until);
    if (back.length === 0) return none;
    for (const member of back) this.#readmit(member, now);
    const reason = "its time off is over, its results count anew";
    return [...back.map((member) => changeOf(member, "back", reason, now)), ...this.#judge(now)];
  }

  /**
   * The operator's release of a strategy that is off.
   * @returns as `at`; nothing where it was not off
   * @throws {RangeError} for an unknown strategy
   */
  release(strategy: string, now: number): readonly StandingChange[] {
    checkTime(now);
    const member = this.#memberOf(strategy);
    if (member.off === null) return [];
    this.#readmit(member, now);
    const reason = "released by the operator, its results count anew";
    return [changeOf(member, "back", reason, now), ...this.#judge(now)];
  }

  /**
   * What the strategy's weight is multiplied by: 0 while it is off, else as `performanceOf` says.
   * @throws {RangeError} for an unknown strategy
   */
  performance(strategy: string): number {
    return this.#memberOf(strategy).performance;
  }

  /**
   * What an entry's confidence is multiplied by in an hour of the day, UTC, as `sessionOf` says.
   * @throws {RangeError} for what is no hour
   */
  session(hour: number): number {
    const session = this.#sessions[hour];
    if (session !== undefined) return session;
    throw new RangeError(`Cannot tell session multiplier: hour is ${hour}, wanted 0 to 23`);
  }

  /** Every strategy, in the order given. */
  view(): readonly StrategyStanding[] {
    return this.#members.map((member) => {
      const { strategy, tally, off, performance } = member;
      const { trades, wins, lost } = tally;
      return {
        strategy,
        trades,
        wins,
        profitFactor: lost === 0 ? null : rounded(profitFactorOf(tally)),
        performance,
        offSince: off?.since ?? null,
        offUntil: off?.until ?? null,
        reason: off?.reason ?? this.#whyKept(member),
      };
    });
  }

  /**
   * What is other than a consumer knows; null where nothing is. Adding it to what is known makes
   * that current: `standing` of a symbol's next journal record.
   */
  differencesFrom(known: KnownStanding): KnownStanding | null {
    const performance: Record<string, number> = {};
    for (const { strategy, performance: current } of this.#members) {
      if (current !== ownNumber(known.performance, strategy)) performance[strategy] = current;
    }
    const sessions: Record<number, number> = {};
    this.#sessions.forEach((current, hour) => {
      if (current !== ownNumber(known.sessions, hour)) sessions[hour] = current;
    });
    const some = {
      ...(Object.keys(performance).length > 0 && { performance }),
      ...(Object.keys(sessions).length > 0 && { sessions }),
    };
    return Object.keys(some).length > 0 ? some : null;
  }

  /** Another one each time that a multiplier became another. */
  get revision(): number {
    return this.#revision;
  }

  /** Everything that it has learned; shares nothing with it. */
  save(): StandingState {
    return {
      key: this.#key,
      strategies: this.#members.map(({ results, countsFrom, off }) => ({
        results: [...results],
        countsFrom,
        off,
      })),
      hours: [...this.#hours],
    };
  }

  /** @throws {RangeError} for a state of other settings or strategies, before anything is taken */
  restore(state: StandingState): void {
    if (state.key !== this.#key) {
      throw new RangeError(
        `Cannot restore standing: state is of "${state.key}", wanted "${this.#key}"`,
      );
    }
    this.#members.forEach((member, index) => {
      const saved = state.strategies[index] as StandingState["strategies"][number];
      member.results = [...saved.results];
      member.countsFrom = saved.countsFrom;
      member.off = saved.off;
      this.#measure(member);
    });
    this.#hours = [...state.hours];
    this.#measureSessions();
  }

  #memberOf(strategy: string): Member {
    const member = this.#members.find((each) => each.strategy === strategy);
    if (member !== undefined) return member;
    const names = this.#members.map((each) => each.strategy).join(", ");
    throw new RangeError(`Cannot find standing of strategy "${strategy}": wanted one of ${names}`);
  }

  #measure(member: Member): void {
    // Anew from the window each time: a running sum would keep the rounding of what has left it.
    member.tally = tallyOf(member.results);
    const performance = member.off === null ? performanceOf(member.tally, this.#settings) : 0;
    if (performance !== member.performance) this.#revision += 1;
    member.performance = performance;
  }

  #measureSessions(): void {
    const all = this.#hours.reduce((total, { trades, wins }) => ({
      trades: total.trades + trades,
      wins: total.wins + wins,
    }));
    const sessions = this.#hours.map((hour) => sessionOf(hour, all, this.#settings));
    if (sessions.every((session, hour) => session === this.#sessions[hour])) return;
    this.#revision += 1;
    this.#sessions = sessions;
  }

  #isTooPoor({ off, tally }: Member): boolean {
    const { window, disableBelow } = this.#settings;
    return off === null && tally.trades >= window && profitFactorOf(tally) < disableBelow;
  }

  /** Switches off what does too poorly, but for the best where nothing else would be left. */
  #judge(now: number): readonly StandingChange[] {
    const poor = this.#members.filter((member) => this.#isTooPoor(member));
    const isAnyLeft = this.#members.some((member) => member.off === null && !poor.includes(member));
    const kept = isAnyLeft ? undefined : poor.toSorted(byResult)[0];
    const { disableBelow, disabledMs } = this.#settings;
    return poor
      .filter((member) => member !== kept)
      .map((member) => {
        const reason = belowInWords(member.tally, disableBelow);
        member.off = { since: now, until: now + disabledMs, reason };
        this.#measure(member);
        return changeOf(member, "disabled", reason, now);
      });
  }

  #readmit(member: Member, now: number): void {
    member.off = null;
    member.results = [];
    member.countsFrom = now;
    this.#measure(member);
  }

  #whyKept(member: Member): string | null {
    if (!this.#isTooPoor(member)) return null;
    const words = belowInWords(member.tally, this.#settings.disableBelow);
    return `${words}; stays on, for no other strategy is`;
  }
}

/** The better before the worse; sorting keeps the order of equals. */
function byResult({ tally: first }: Member, { tally: second }: Member): number {
  const [one, other] = [profitFactorOf(first), profitFactorOf(second)];
  if (one !== other) return one > other ? -1 : 1;
  return second.won - second.lost - (first.won - first.lost);
}

function changeOf(
  { strategy }: Member,
  type: StandingChange["type"],
  reason: string,
  at: number,
): StandingChange {
  return { strategy, type, reason, at };
}

function ownNumber(known: Readonly<Record<string, number>> | undefined, name: string | number) {
  return known !== undefined && Object.hasOwn(known, name) ? known[name] : 1;
}

function checkTime(at: number): void {
  if (Number.isSafeInteger(at) && at >= 0) return;
  throw new RangeError(`Cannot count results: time is ${at}, wanted whole Unix milliseconds`);
}
