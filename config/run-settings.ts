import { exposureCapOf } from "./live-schema.ts";
import type { Configuration } from "./schema.ts";
import type { StrategyName } from "./strategies.ts";

/** What one strategy votes with. */
interface Vote {
  readonly weight: number;
  readonly parameters: Readonly<Record<string, number>>;
}

/** Those that vote, in their order. */
function votesOf({ votes }: Configuration["strategy"]): Partial<Record<StrategyName, Vote>> {
  const voting = Object.entries(votes).flatMap(([name, { use, weight, ...parameters }]) =>
    use ? [[name, { weight, parameters }] as const] : [],
  );
  return Object.fromEntries(voting);
}

/** The brain in the desk's own shape: shares for percents, null for the standard timeframes. */
function strategyOf(strategy: Configuration["strategy"]) {
  const { frames, eventPriceMovePct, quarantineAfter, confluence, regime, multipliers } = strategy;
  const { performance, guardrail, session } = strategy;
  return {
    frames: frames === "standard" ? null : frames,
    votes: votesOf(strategy),
    confluence,
    regime,
    multipliers,
    eventPriceMove: eventPriceMovePct / 100,
    quarantineAfter,
    standing: {
      ...performance,
      disableBelow: guardrail.disableBelow,
      disabledMs: guardrail.off,
      minSessionTrades: session.minTrades,
      sessionLeast: session.least,
      sessionMost: session.most,
    },
  };
}

/** Strategy books as the desk takes them: what votes must come to is said as in `strategy`. */
function booksOf(books: Configuration["books"]) {
  return books.map(({ minStrategies, minConfidence, ...book }) => {
    return { ...book, confluence: { minStrategies, minConfidence } };
  });
}

/** An account beside the first, in the desk's own shape. */
function besideOf(each: Configuration["accounts"][number]) {
  const { venue, account, symbols, prices, rest, stream, pricesRest, pricesStream, ...risk } = each;
  const market = prices === "market" ? {} : { market: prices };
  return { at: { venue, account }, symbols, ...market, risk };
}

/**
 * The part of a configuration that a run trades by, in the shape in which the desk and the paper
 * venue take it. Times in milliseconds, shares of money exact.
 */
export function runSettingsOf(configuration: Configuration) {
  const { account, strategy, books, risk, breakers, entry, stop, coolDown } = configuration;
  const { order, position, reconcile, matching } = configuration;
  const { latency, fees, spreadTicks = 0, ...slippageAndVolume } = matching;
  return {
    account: { venue: account.venue, account: account.account },
    accounts: configuration.accounts.map(besideOf),
    strategy: strategyOf(strategy),
    books: booksOf(books),
    risk: {
      ...risk,
      ...(position.quantity === undefined ? {} : { quantity: position.quantity }),
      ...(position.protects === false ? { unprotected: true as const } : {}),
      dailyLossShare: breakers.dailyLossShare,
      ...exposureCapOf(configuration),
    },
    entry,
    stop,
    coolDownBars: coolDown.bars,
    order: {
      maxAttempts: order.maxAttempts,
      settleMs: order.settle,
      lookUpRetryMs: order.lookUpRetry,
      fillGraceMs: order.fillGrace,
      workingCheckMs: order.workingCheck,
      // On paper the venue is in the process, and what it says comes.
      ...(configuration.mode === "paper" || order.restingCheck === null
        ? {}
        : { restingCheckMs: order.restingCheck }),
    },
    position: {
      maxFailures: position.maxFailures,
      stopRetryMs: position.stopRetry,
      strandedRetryMs: position.strandedRetry,
      settleMs: position.settle,
      ...(position.protects === false ? { protects: false as const } : {}),
    },
    reconcile: {
      intervalMs: reconcile.interval,
      retryMs: reconcile.retry,
      patience: reconcile.patience,
      overlapMs: reconcile.overlap,
    },
    matching: {
      latencyMs: latency,
      ...slippageAndVolume,
      ...(spreadTicks > 0 ? { spreadTicks } : {}),
    },
    fees,
  };
}
