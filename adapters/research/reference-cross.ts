import { strategyNames } from "../../config/strategies.ts";

/**
 * Settings, as `--set` takes them, under which the desk trades the cross that other backtesters are
 * compared by: long only, one size, at market at the next candle's open, without stops, slippage,
 * latency, partial fills, pauses or gates. What is left of the machinery is all of it.
 *
 * @param quantity of every entry, base coin
 * @param fee share of each side's notional
 */
export function crossSettings(fast: number, slow: number, quantity: string, fee: string): string[] {
  const others = strategyNames.filter((name) => name !== "smaCross");
  return [
    ...others.map((name) => `strategy.votes.${name}.use=false`),
    "strategy.votes.smaCross.use=true",
    `strategy.votes.smaCross.fast=${fast}`,
    `strategy.votes.smaCross.slow=${slow}`,
    "strategy.frames=1",
    "strategy.eventPriceMovePct=0",
    "strategy.confluence.frameBonus=1",
    "strategy.confluence.minFrames=1",
    "strategy.confluence.minStrategies=1",
    "strategy.confluence.minConfidence=0.0001",
    "strategy.confluence.minRewardToRisk=-1",
    "strategy.confluence.maxGapShare=1",
    "strategy.guardrail.disableBelow=0",
    "strategy.performance.least=1",
    "strategy.performance.most=1",
    "strategy.session.least=1",
    "strategy.session.most=1",
    "risk.maxShare=1",
    `position.quantity=${quantity}`,
    "breakers.dailyLossShare=1",
    "entry.type=market",
    "coolDown.bars=0",
    "position.protects=false",
    // Nobody but the desk touches a paper account: looked at once a day, it is looked at enough.
    "reconcile.interval=1d",
    "matching.latency=0ms",
    "matching.slippageTicks=0",
    "matching.slippageShare=0",
    "matching.volumeShare=none",
    `matching.fees.maker=${fee}`,
    `matching.fees.taker=${fee}`,
  ];
}
