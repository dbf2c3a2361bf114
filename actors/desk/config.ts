import type { BreakerInput } from "../../machines/breaker.machine.ts";
import type { DeskInput } from "../../machines/desk.machine.ts";
import { type Decimal, decimal } from "../../machines/domain/decimal.ts";
import {
  accountKey,
  actorName,
  isSameAccount,
  type LaneName,
  laneOf,
  type VenueAccount,
} from "../../machines/domain/ids.ts";
import type { Instrument } from "../../machines/domain/instrument.ts";
import type { FeedInput } from "../../machines/feed.machine.ts";
import type { OrderSettings } from "../../machines/order.types.ts";
import type { PositionSettings } from "../../machines/position.types.ts";
import type { SupervisionLimits } from "../../machines/supervision.ts";
import type {
  ConfluenceSettings,
  RegimeMultipliers,
  RegimeSettings,
  StandingSettings,
  StrategyName,
  StrategyParameters,
} from "../scanner/mod.ts";
import type { ChaseSettings } from "./chase.ts";

export interface TradedSymbol {
  readonly instrument: Instrument;
  readonly timeframeMs: number;
}

/** What votes, and what its votes must come to. */
export interface StrategyConfig {
  /** Lengths of the frames as multiples of the base, rising from 1; null for the standard ones. */
  readonly frames: readonly number[] | null;
  /** Those that vote, with their weight and what is set about each. */
  readonly votes: Readonly<
    Partial<
      Record<StrategyName, { readonly weight: number; readonly parameters: StrategyParameters }>
    >
  >;
  /** Distances of stop and target are those of `stop`. */
  readonly confluence: Omit<ConfluenceSettings, "stopAtr" | "targetAtr">;
  readonly regime: RegimeSettings;
  readonly multipliers: RegimeMultipliers;
  /** Move of the price since the last evaluation, as a share, at which a symbol is evaluated anew. */
  readonly eventPriceMove: number;
  /** Failures of a strategy in a frame from which on it is not heard there. */
  readonly quarantineAfter: number;
  /** How a strategy's own results sway its weight, and when it is switched off. */
  readonly standing: StandingSettings;
}

/** Strategies that trade side by side with those of other books, under the limits of all. */
export interface BookConfig {
  readonly name: string;
  /** Share of equity that it sizes by. */
  readonly capital: Decimal;
  /** Those of the strategies that vote in it. */
  readonly votes: readonly StrategyName[];
  readonly confluence: Pick<ConfluenceSettings, "minStrategies" | "minConfidence">;
}

/** One account, what it trades and within which limits. */
export interface AccountConfig {
  readonly at: VenueAccount;
  /** Whose prices it goes by, where the desk trades in several markets; else the run's one. */
  readonly market?: string;
  /** Set where prices come over a wire, which can fall silent. */
  readonly isLive?: true;
  /** All of one quote coin, in which the portfolio is counted. */
  readonly symbols: readonly TradedSymbol[];
  readonly quote: string;
  readonly risk: RiskConfig;
}

export interface RiskConfig {
  /** Share of equity lost if the stop is hit. */
  readonly riskShare: Decimal;
  /** Largest share of equity in one position. */
  readonly maxShare: Decimal;
  readonly positionCap: number;
  /** Share of the day's first equity that may be lost before the breaker opens. */
  readonly dailyLossShare: Decimal;
  /**
   * Most that positions have cost and entries may cost, of each quote coin; absent for no such cap.
   * That of the first account holds over all accounts together.
   */
  readonly exposureCap?: Decimal;
  /** Size of every entry, base coin; absent where it follows from the shares. */
  readonly quantity?: Decimal;
  /** Set where positions have no stop: on paper, for research, and nowhere else. */
  readonly unprotected?: true;
}

/** One book's way of trading one symbol on one account. */
export interface Lane {
  readonly lane: LaneName;
  /** Name of its scanner's actor. */
  readonly scanner: string;
  readonly account: AccountConfig;
  readonly traded: TradedSymbol;
  readonly capital: Decimal;
  readonly strategy: StrategyConfig;
  /** Whether it is the first one of its account and symbol: what is theirs is followed in it. */
  readonly leads: boolean;
}

/** All accounts, the first one first. */
export function accountsOf(config: DeskConfig): readonly AccountConfig[] {
  return [config, ...(config.others ?? [])];
}

/** @throws {RangeError} for an account that the desk does not trade on */
export function accountOf(config: DeskConfig, at: VenueAccount): AccountConfig {
  const account = accountsOf(config).find((each) => isSameAccount(each.at, at));
  if (!account) {
    throw new RangeError(`Cannot trade on account "${accountKey(at)}": it is not configured`);
  }
  return account;
}

/** All lanes: one an account and symbol, or one an account, symbol and book. */
export function lanesOf(config: DeskConfig): Lane[] {
  return accountsOf(config).flatMap((account) => {
    const beside = account === config ? null : account.at;
    return account.symbols.flatMap((traded) => lanesIn(config, account, traded, beside));
  });
}

function lanesIn(
  { books, strategy }: DeskConfig,
  account: AccountConfig,
  traded: TradedSymbol,
  beside: VenueAccount | null,
): Lane[] {
  const { symbol } = traded.instrument;
  const shared = { account, traded };
  if (books.length === 0) {
    const lane = laneOf(symbol, null, beside);
    return [
      { ...shared, ...namesOf(account.at, lane), capital: decimal(1), strategy, leads: true },
    ];
  }
  return books.map((book, index) => ({
    ...shared,
    ...namesOf(account.at, laneOf(symbol, book.name, beside)),
    capital: book.capital,
    strategy: strategyOf(strategy, book),
    leads: index === 0,
  }));
}

const namesOf = (at: VenueAccount, lane: LaneName) => ({
  lane,
  scanner: actorName.scanner(at, lane),
});

function strategyOf(strategy: StrategyConfig, { votes, confluence }: BookConfig): StrategyConfig {
  const own = Object.entries(strategy.votes).filter(([name]) =>
    (votes as readonly string[]).includes(name),
  );
  return {
    ...strategy,
    votes: Object.fromEntries(own),
    confluence: { ...strategy.confluence, ...confluence },
  };
}

/** Fills made up here, those of a rehearsal venue behind real sockets, or real money. */
export type DeskMode = "paper" | "rehearsal" | "live";

/** Everything that sways a decision. Its hash is part of a ledger: another one is another run. */
export interface DeskConfig extends AccountConfig {
  readonly mode: DeskMode;
  readonly seed: number;
  /** Accounts beside the first, which the rest of this is: each with its own limits. */
  readonly others?: readonly AccountConfig[];
  readonly strategy: StrategyConfig;
  /** None for one book of all strategies and all capital. */
  readonly books: readonly BookConfig[];
  readonly entry: {
    readonly type: "limit" | "market";
    /** Bars that an entry may rest before the desk cancels it. */
    readonly patienceBars: number;
    /** How a limit entry follows the price; absent where it stays. */
    readonly chase?: ChaseSettings;
  };
  readonly stop: {
    readonly atrPeriod: number;
    /** Initial distance below the entry, in average true ranges of the highest agreeing frame. */
    readonly atrMultiple: number;
    /** Distance of the target above the entry, likewise. */
    readonly targetAtrMultiple: number;
    readonly trailAtrMultiple: number;
    /** Smallest raise worth an amend, in average true ranges. */
    readonly stepAtr: number;
  };
  readonly coolDownBars: number;
  readonly order: OrderSettings;
  readonly position: PositionSettings;
  readonly reconcile: {
    readonly intervalMs: number;
    readonly retryMs: number;
    readonly patience: number;
    /** How far before the last match fills are read again, milliseconds. */
    readonly overlapMs: number;
  };
}

/** Bars of the other symbols that may pass without one of this symbol. */
export const staleBars = 5;

/** How each kind of child is supervised. A session with a venue may fail more than an order. */
const supervision: SupervisionLimits = {
  faults: 3,
  faultWindowMs: 60_000,
  restarts: 3,
  restartWindowMs: 600_000,
  backoffMs: 1_000,
  backoffMostMs: 60_000,
};

export const dailyLossRule = "dailyLoss";
export const failuresRule = "repeatedFailures";
export const staleDataRule = "staleData";
export const staleStreamRule = "staleStream";
export const accountStreamRule = "accountStream";

/** What the process itself may suffer from: watched outside, told as inputs. */
export const vitalRules = ["eventLoopLag", "lowDisk"] as const;
export type VitalRule = (typeof vitalRules)[number];

const minuteMs = 60_000;

/** The breaker of an account's daily loss: the whole desk's, where there is no other account. */
export function lossScope({ others = [] }: DeskConfig, { at }: AccountConfig): string {
  return others.length === 0 ? "desk" : accountKey(at);
}

/** What the root actor starts on a new ledger. @throws {RangeError} for a wired desk without stops */
export function deskInput(config: DeskConfig): DeskInput {
  requireStops(config);
  const { coolDownBars, reconcile } = config;
  const accounts = accountsOf(config);
  return {
    feeds: feedsOf(accounts),
    scanners: lanesOf(config).map(({ lane, account, traded: { instrument, timeframeMs } }) => ({
      at: account.at,
      symbol: instrument.symbol,
      ...(lane === instrument.symbol ? {} : { lane }),
      coolDownMs: coolDownBars * timeframeMs,
    })),
    accounts: accounts.map(({ at }) => ({ at })),
    supervision: {
      desk: supervision,
      feed: supervision,
      scanner: supervision,
      order: supervision,
      position: supervision,
      account: supervision,
      reconciler: { ...supervision, restarts: 10 },
      breaker: supervision,
      job: supervision,
    },
    reconcilers: accounts.map(({ at }) => ({ at, ...reconcile })),
    breakers: [
      ...accounts.flatMap((account) => breakersOf(config, account)),
      ...vitalRules.map((rule) => ({
        rule,
        scope: "desk",
        limit: rule === "lowDisk" ? "free space" : "pauses of the process",
        releasedBy: rule === "lowDisk" ? "enough free space" : "a while without pauses",
      })),
    ],
  };
}

/** Whoever put the configuration together: nothing but made-up money goes without a stop (P6). */
function requireStops({ mode, position, risk, isLive }: DeskConfig): void {
  const isBare = position.protects === false || risk.unprotected === true;
  if (!isBare || (mode === "paper" && isLive !== true)) return;
  const where = mode === "paper" ? "on a live market" : `in mode "${mode}"`;
  throw new RangeError(`Cannot run without protective stops ${where}: wanted "paper" on past data`);
}

/** One a symbol and market, whichever accounts trade it. */
function feedsOf(accounts: readonly AccountConfig[]): FeedInput[] {
  const feeds = new Map<string, FeedInput>();
  for (const { market, symbols } of accounts) {
    for (const { instrument, timeframeMs } of symbols) {
      const feed = { symbol: instrument.symbol, timeframeMs, ...(market && { market }) };
      const name = actorName.feed(feed.symbol, market);
      if (!feeds.has(name)) feeds.set(name, feed);
    }
  }
  return [...feeds.values()];
}

function breakersOf(config: DeskConfig, account: AccountConfig): BreakerInput[] {
  const { at, symbols, risk, isLive } = account;
  return [
    {
      rule: dailyLossRule,
      scope: lossScope(config, account),
      limit: risk.dailyLossShare,
      releasedBy: "the next day, UTC",
    },
    {
      rule: failuresRule,
      scope: accountKey(at),
      limit: "10 refused or unanswered requests in 10 minutes",
      releasedBy: "a quarter of an hour, then half-open",
      failures: { count: 10, windowMs: 10 * minuteMs },
      coolOffMs: 15 * minuteMs,
    },
    ...symbols.map(({ instrument }) => ({
      rule: staleDataRule,
      scope: `${accountKey(at)}/${instrument.symbol}`,
      limit: `${staleBars} bars`,
      releasedBy: "bars that come again",
    })),
    ...(config.mode === "paper" ? [] : [at]).map((wired) => ({
      rule: accountStreamRule,
      scope: accountKey(wired),
      limit: "the account's own stream",
      releasedBy: "a stream that stands again",
    })),
    ...(isLive ? symbols : []).map(({ instrument }) => ({
      rule: staleStreamRule,
      scope: `${accountKey(at)}/${instrument.symbol}`,
      limit: "the order book as it comes",
      releasedBy: "a stream that is fresh again",
    })),
  ];
}
