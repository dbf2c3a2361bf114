import { metricsOf, type SensitivityRow } from "../../actors/research/mod.ts";
import { decimal, multiply } from "../../machines/domain/decimal.ts";
import type { RunConfig } from "../cli/run-config.ts";
import type { BacktestResult } from "./backtest.ts";
import { outcomeOf } from "./run-outcome.ts";

/** How many times the usual costs: `slippage` is that of the spread too, which is paid by taking. */
export interface CostFactors {
  readonly fees: number;
  readonly slippage: number;
}

/** Each cost by itself at 0, 1, 2 and 3 times what is set, then both together. */
const costFactors: readonly CostFactors[] = [
  { fees: 1, slippage: 1 },
  ...[0, 2, 3].map((fees) => ({ fees, slippage: 1 })),
  ...[0, 2, 3].map((slippage) => ({ fees: 1, slippage })),
  ...[0, 2, 3].map((both) => ({ fees: both, slippage: both })),
];

/** Of prices that are told by books the fees alone: the rest is in each price. */
export function costFactorsOf(hasBooks: boolean): readonly CostFactors[] {
  return hasBooks ? costFactors.filter(({ slippage }) => slippage === 1) : costFactors;
}

type Symbols = RunConfig["desk"]["symbols"];

/** The same run at other costs: maker and taker fees by one factor, slippage and spread by the other. */
export function withCosts(config: RunConfig, { fees, slippage }: CostFactors): RunConfig {
  const times = decimal(fees);
  const symbolsOf = (symbols: Symbols): Symbols =>
    symbols.map(({ instrument, ...rest }) => ({
      ...rest,
      instrument: {
        ...instrument,
        makerFee: multiply(instrument.makerFee, times),
        takerFee: multiply(instrument.takerFee, times),
      },
    }));
  const { desk, matching } = config;
  const others = desk.others?.map((each) => ({ ...each, symbols: symbolsOf(each.symbols) }));
  return {
    ...config,
    desk: { ...desk, symbols: symbolsOf(desk.symbols), ...(others && { others }) },
    matching: {
      ...matching,
      slippageTicks: matching.slippageTicks * slippage,
      slippageShare: matching.slippageShare * slippage,
      ...(matching.spreadTicks && { spreadTicks: matching.spreadTicks * slippage }),
    },
  };
}

/** What a run at some costs came to, as a row of the table. */
export function sensitivityRow(factors: CostFactors, result: BacktestResult): SensitivityRow {
  const metrics = metricsOf(outcomeOf(result));
  const { totalReturn, profit, feesPaid, slippagePaid, spreadPaid, trades, maxDrawdown } = metrics;
  const paid = { feesPaid, slippagePaid, spreadPaid };
  return { ...factors, totalReturn, profit, ...paid, trades, maxDrawdown };
}
