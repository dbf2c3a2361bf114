/** What must hold between the values of the strategies and of what judges them. */
import { type RuleContext, refuse } from "./rules.ts";
import { type StrategyName, standardFrames } from "./strategies.ts";

export function trendRule(trend: { fast: number; slow: number }, context: RuleContext): void {
  if (trend.fast < trend.slow) return;
  refuse(context, ["fast"], `a number below strategy.votes.trend.slow, which is ${trend.slow}`);
}

export function smaCrossRule(cross: { fast: number; slow: number }, context: RuleContext): void {
  if (cross.fast < cross.slow) return;
  refuse(context, ["fast"], `a number below strategy.votes.smaCross.slow, which is ${cross.slow}`);
}

export function momentumRule(momentum: { fast: number; slow: number }, context: RuleContext): void {
  if (momentum.fast < momentum.slow) return;
  const wanted = `a number below strategy.votes.momentum.slow, which is ${momentum.slow}`;
  refuse(context, ["fast"], wanted);
}

export function ichimokuRule(
  { conversion, base, span }: { conversion: number; base: number; span: number },
  context: RuleContext,
): void {
  if (conversion >= base) {
    const wanted = `a number below strategy.votes.ichimoku.base, which is ${base}`;
    refuse(context, ["conversion"], wanted);
  }
  if (base >= span) {
    refuse(context, ["base"], `a number below strategy.votes.ichimoku.span, which is ${span}`);
  }
}

export function regimeRule({ low, high }: { low: number; high: number }, context: RuleContext) {
  if (low < high) return;
  refuse(context, ["low"], `a number below strategy.regime.high, which is ${high}`);
}

export function performanceRule(
  { window, minTrades }: { window: number; minTrades: number },
  context: RuleContext,
): void {
  if (minTrades <= window) return;
  const wanted = `at most strategy.performance.window, which is ${window}: else results never count`;
  refuse(context, ["minTrades"], wanted);
}

interface BrainToCheck {
  readonly frames: "standard" | readonly number[];
  readonly votes: Readonly<Record<StrategyName, { readonly use: boolean }>>;
  readonly confluence: {
    readonly minFrames: number;
    readonly minStrategies: number;
    readonly frameBonus: readonly number[];
  };
}

export function confluenceRule(
  { frames, votes, confluence }: BrainToCheck,
  context: RuleContext,
): void {
  const { minFrames, minStrategies, frameBonus } = confluence;
  const count = frames === "standard" ? standardFrames : frames.length;
  const all = `strategy.frames names ${count}`;
  if (minFrames > count) {
    refuse(context, ["confluence", "minFrames"], `at most ${count}, for ${all}`);
  }
  if (frameBonus.length !== count) {
    const numbers = count === 1 ? "1 number" : `${count} numbers in a row`;
    refuse(context, ["confluence", "frameBonus"], `${numbers}, for ${all}`);
  }
  const voting = Object.values(votes).filter(({ use }) => use).length;
  if (voting === 0) {
    const wanted = `"true" for it or for another strategy, for none votes`;
    refuse(context, ["votes", Object.keys(votes)[0] ?? "", "use"], wanted);
  } else if (minStrategies > voting) {
    const wanted = `at most ${voting}, for so many strategies vote`;
    refuse(context, ["confluence", "minStrategies"], wanted);
  }
}
