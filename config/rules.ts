/** What must hold between values that are each in order by themselves. */
import {
  compare,
  type Decimal,
  divide,
  isZero,
  roundToStep,
  subtract,
  toNumber,
} from "../machines/domain/decimal.ts";
import { coinsOf } from "../machines/domain/ids.ts";
import { deadMansSwitchRule, liveAddressRule, rehearsalAddressRule } from "./live-rules.ts";
import { type RuleContext, refuse } from "./rule.ts";

export { type RuleContext, refuse } from "./rule.ts";

interface AccountToCheck {
  readonly mode: "paper" | "rehearsal" | "live";
  readonly account: {
    readonly venue: string;
    readonly rest: string | null;
    readonly stream: string | null;
    readonly deadMansSwitch?: number | null | undefined;
    readonly acceptNaked?: boolean | undefined;
  };
  readonly market: {
    readonly source: string;
    readonly live: {
      readonly venue: string;
      readonly rest: string | null;
      readonly stream: string | null;
    };
  };
}

/** Orders go to the paper venue, or to one whose market it is too; in a rehearsal, on this machine. */
export function accountRule({ mode, account, market }: AccountToCheck, context: RuleContext): void {
  deadMansSwitchRule(["account"], account, context);
  if (mode === "paper") {
    if (account.venue !== "paper")
      refuse(context, ["account", "venue"], "paper while mode is paper");
    return;
  }
  if (market.source !== "live") refuse(context, ["market", "source"], `live while mode is ${mode}`);
  if (account.venue === "paper") {
    refuse(context, ["account", "venue"], `${market.live.venue} while mode is ${mode}`);
  } else if (account.venue !== market.live.venue) {
    const wanted = `${market.live.venue} like market.live.venue, whose prices they are`;
    refuse(context, ["account", "venue"], wanted);
  }
  const addresses = [
    [["account", "rest"], account.rest],
    [["account", "stream"], account.stream],
    [["market", "live", "rest"], market.live.rest],
    [["market", "live", "stream"], market.live.stream],
  ] as const;
  if (mode === "rehearsal") rehearsalAddressRule(addresses, context);
  else if (account.venue !== "paper") liveAddressRule(addresses, context);
}

export function riskRule(
  risk: { riskShare: Decimal; maxShare: Decimal },
  context: RuleContext,
): void {
  if (compare(risk.riskShare, risk.maxShare) <= 0) return;
  const wanted = `at most risk.maxShare, which is ${risk.maxShare}: a position cannot lose more than it holds`;
  refuse(context, ["riskShare"], wanted);
}

export function stopRule(
  stop: { atrMultiple: number; trailAtrMultiple: number; stepAtr: number },
  context: RuleContext,
): void {
  const { atrMultiple, trailAtrMultiple, stepAtr } = stop;
  if (trailAtrMultiple < atrMultiple) {
    const wanted = `at least stop.atrMultiple, which is ${atrMultiple}: else the first bar raises the stop`;
    refuse(context, ["trailAtrMultiple"], wanted);
  }
  if (stepAtr >= trailAtrMultiple) {
    const wanted = `below stop.trailAtrMultiple, which is ${trailAtrMultiple}: else the stop hardly ever follows`;
    refuse(context, ["stepAtr"], wanted);
  }
}

/** Costs only lessen the ratio: at or below the bound it is nowhere reached. */
export function rewardRule(
  {
    stop,
    strategy,
  }: {
    stop: { atrMultiple: number; targetAtrMultiple: number };
    strategy: { confluence: { minRewardToRisk: number } };
  },
  context: RuleContext,
): void {
  const { minRewardToRisk } = strategy.confluence;
  if (stop.targetAtrMultiple > minRewardToRisk * stop.atrMultiple) return;
  const wanted =
    `above strategy.confluence.minRewardToRisk times stop.atrMultiple, which are ` +
    `${minRewardToRisk} and ${stop.atrMultiple}: else no entry ever passes`;
  refuse(context, ["stop", "targetAtrMultiple"], wanted);
}

export function reconcileRule(
  reconcile: { interval: number; wiredInterval: number; retry: number },
  context: RuleContext,
): void {
  for (const name of ["interval", "wiredInterval"] as const) {
    if (reconcile.retry <= reconcile[name]) continue;
    const wanted = `at most reconcile.${name}, which is ${reconcile[name] / 1_000}s`;
    refuse(context, ["retry"], wanted);
    return;
  }
}

export function feeRule(fees: { maker: Decimal; taker: Decimal }, context: RuleContext): void {
  if (compare(fees.maker, fees.taker) <= 0) return;
  const wanted = `at most matching.fees.taker, which is ${fees.taker}`;
  refuse(context, ["maker"], wanted);
}

interface MarketToCheck {
  readonly source: "generator" | "candles" | "live";
  readonly symbols: readonly { symbol: string; startPrice: Decimal; tick: Decimal }[];
  readonly files: readonly { symbol: string }[];
  readonly live: { readonly symbols: readonly string[] };
}

/** Only the list that the source uses is held to the rules. */
export function marketRule(market: MarketToCheck, context: RuleContext): void {
  if (market.source === "live") {
    liveRule(market.live.symbols, context);
    return;
  }
  const isGenerator = market.source === "generator";
  const name = isGenerator ? "symbols" : "files";
  const items = market[name];
  if (items.length === 0) {
    // Of the two keys at odds, the one that somebody wrote: no files is how a file begins.
    if (isGenerator) refuse(context, [name], "at least one item, because the generator uses it");
    else refuse(context, ["source"], '"generator", or at least one item in market.files');
    return;
  }
  const quote = coinsOf(items[0]?.symbol ?? "").quote;
  const seen = new Map<string, number>();
  for (const [index, { symbol }] of items.entries()) {
    const path = [name, index, "symbol"];
    const before = seen.get(symbol);
    if (before !== undefined) {
      refuse(context, path, `each symbol once, and it is also market.${name}[${before}].symbol`);
    } else if (coinsOf(symbol).quote !== quote) {
      const wanted = `a symbol quoted in ${quote} like market.${name}[0].symbol, in which equity is counted`;
      refuse(context, path, wanted);
    }
    seen.set(symbol, before ?? index);
  }
  if (!isGenerator) return;
  for (const [index, each] of market.symbols.entries()) priceRule(each, index, context);
}

function liveRule(symbols: readonly string[], context: RuleContext): void {
  const quote = coinsOf(symbols[0] ?? "").quote;
  const isOnce = new Set(symbols).size === symbols.length;
  const isOfOne = symbols.every((symbol) => coinsOf(symbol).quote === quote);
  if (isOnce && isOfOne) return;
  const wanted = `each symbol once, all quoted in one coin like ${symbols[0]}, in which equity is counted`;
  refuse(context, ["live", "symbols"], wanted);
}

/** The generator counts in ticks, exactly up to this many. */
const ticksMax = 2 ** 40;

function priceRule(
  { startPrice, tick }: { startPrice: Decimal; tick: Decimal },
  index: number,
  context: RuleContext,
): void {
  const path = ["symbols", index, "startPrice"];
  if (!isZero(subtract(startPrice, roundToStep(startPrice, tick, "down")))) {
    refuse(context, path, `a whole number of ticks of ${tick}`);
  } else if (toNumber(divide(startPrice, tick, 0, "up")) > ticksMax) {
    refuse(context, path, `at most ${ticksMax} ticks of ${tick}: a larger tick`);
  }
}
