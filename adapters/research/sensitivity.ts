import { metricsOf, type SensitivityRow } from "../../actors/research/mod.ts";
import { decimal, multiply } from "../../machines/domain/decimal.ts";
import type { RunConfig } from "../cli/run-config.ts";
import type { BacktestResult } from "./backtest.ts";
import { outcomeOf } from "./run-outcome.ts";

/** How many times the usual costs. */
export interface CostFactors {
  readonly fees: number;
  readonly slippage: number;
}

/** Each cost by itself at 0, 1, 2 and 3 times what is set, then both together. */
export const costFactors: readonly CostFactors[] = [
  { fees: 1, slippage: 1 },
  ...[0, 2, 3].map((fees) => ({ fees, slippage: 1 })),
  ...[0, 2, 3].map((slippage) => ({ fees: 1, slippage })),
  ...[0, 2, 3].map((both) => ({ fees: both, slippage: both })),
];

type Symbols = RunConfig["desk"]["symbols"];

/** The same run at other costs: maker and taker fees by one factor, slippage by the other. */
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
    },
  };
}

/** What a run at some costs came to, as a row of the table. */
export function sensitivityRow(factors: CostFactors, result: BacktestResult): SensitivityRow {
  const metrics = metricsOf(outcomeOf(result, []));
  const { totalReturn, profit, feesPaid, slippagePaid, trades, maxDrawdown } = metrics;
  return { ...factors, totalReturn, profit, feesPaid, slippagePaid, trades, maxDrawdown };
}
