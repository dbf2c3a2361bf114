import type { Configuration } from "./schema.ts";

/**
 * The part of a configuration that a run trades by, in the shape in which the desk and the paper
 * venue take it. Times in milliseconds, shares of money exact.
 */
export function runSettingsOf(configuration: Configuration) {
  const { account, strategy, risk, breakers, entry, stop, coolDown } = configuration;
  const { order, position, reconcile, matching } = configuration;
  const { latency, fees, ...slippageAndVolume } = matching;
  return {
    account,
    strategy,
    risk: { ...risk, dailyLossShare: breakers.dailyLossShare },
    entry,
    stop,
    coolDownBars: coolDown.bars,
    order: {
      maxAttempts: order.maxAttempts,
      settleMs: order.settle,
      lookUpRetryMs: order.lookUpRetry,
      fillGraceMs: order.fillGrace,
      workingCheckMs: order.workingCheck,
    },
    position: {
      maxFailures: position.maxFailures,
      strandedRetryMs: position.strandedRetry,
      settleMs: position.settle,
    },
    reconcile: {
      intervalMs: reconcile.interval,
      retryMs: reconcile.retry,
      patience: reconcile.patience,
      overlapMs: reconcile.overlap,
    },
    matching: { latencyMs: latency, ...slippageAndVolume },
    fees,
  };
}
