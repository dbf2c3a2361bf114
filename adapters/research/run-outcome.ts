import type { AccountConfig } from "../../actors/desk/mod.ts";
import type { HeldSymbol, RunOutcome } from "../../actors/research/mod.ts";
import { toNumber } from "../../machines/domain/decimal.ts";
import type { SymbolName } from "../../machines/domain/ids.ts";
import type { Candle } from "../../machines/domain/market.ts";
import type { BacktestResult } from "./backtest.ts";

/** A run's result as the report takes it. */
export function outcomeOf(result: BacktestResult): RunOutcome {
  const { candles, counts, trades, open, quote, openingEquity, ledgerHead, held } = result;
  const { equity, exposure } = result;
  const curve = { ...equity, exposure };
  return { candles, counts, trades, open, quote, openingEquity, ledgerHead, curve, held };
}

/** Each symbol's first open and its last close, as a run's bars told them. */
export class HeldSymbols {
  private readonly ticks: ReadonlyMap<SymbolName, number>;
  private readonly seen = new Map<SymbolName, { first: number; last: number }>();

  constructor(accounts: readonly AccountConfig[]) {
    const traded = accounts.flatMap(({ symbols }) => symbols);
    const sizes = traded.map(
      ({ instrument: { symbol, tick } }) => [symbol, toNumber(tick)] as const,
    );
    this.ticks = new Map(sizes);
  }

  see({ symbol, open, close }: Candle): void {
    const known = this.seen.get(symbol);
    if (known) known.last = close;
    else this.seen.set(symbol, { first: open, last: close });
  }

  all(): HeldSymbol[] {
    return [...this.seen].map(([symbol, { first, last }]) => {
      const tick = this.ticks.get(symbol) ?? 1;
      return { symbol, firstOpen: first * tick, lastClose: last * tick };
    });
  }
}
