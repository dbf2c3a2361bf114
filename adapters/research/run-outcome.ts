import type { CandleSource } from "../../actors/market/ports.ts";
import type { HeldSymbol, RunOutcome } from "../../actors/research/mod.ts";
import { toNumber } from "../../machines/domain/decimal.ts";
import { closedAt } from "../../machines/domain/market.ts";
import type { BacktestResult } from "./backtest.ts";

/** A run's result as the report takes it. */
export function outcomeOf(result: BacktestResult, held: readonly HeldSymbol[]): RunOutcome {
  const { candles, counts, trades, open, quote, openingEquity, ledgerHead } = result;
  const { equity, exposure } = result;
  const curve = { ...equity, exposure };
  return { candles, counts, trades, open, quote, openingEquity, ledgerHead, curve, held };
}

/** Each symbol's first open and its last close by a time; those without a candle are left out. */
export function heldSymbols(source: CandleSource, until: number | null): HeldSymbol[] {
  return source.symbols.flatMap(({ symbol, tick }) => {
    const cursor = source.cursor(symbol, 0);
    const first = cursor.next();
    let last = first;
    for (let next = first; next !== null; next = cursor.next()) {
      if (until !== null && closedAt(next) > until) break;
      last = next;
    }
    if (first === null || last === null) return [];
    const price = toNumber(tick);
    return [{ symbol, firstOpen: first.open * price, lastClose: last.close * price }];
  });
}
