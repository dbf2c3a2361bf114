import type { DeskConfig } from "../../actors/desk/mod.ts";
import type { MarketSource } from "../../actors/market/ports.ts";
import { defaults, openingBalance, paperInstrument } from "../../config/defaults.ts";
import type { runSettingsOf } from "../../config/run-settings.ts";
import type { Decimal } from "../../machines/domain/decimal.ts";
import { type FaultPlan, faultPresets } from "../venues/faulty.ts";
import { CommandError, exitCode } from "./exit-codes.ts";

/** The rules that a run trades by: a configuration's, or the defaults. */
export type RunSettings = ReturnType<typeof runSettingsOf>;

export type FaultLevel = "none" | keyof typeof faultPresets;

/** Everything that makes a run this run: kept in its ledger, compared when it is resumed. */
export interface RunConfig {
  readonly desk: DeskConfig;
  readonly source: Readonly<Record<string, string | number>>;
  readonly matching: RunSettings["matching"];
  readonly balances: Readonly<Record<string, Decimal>>;
  readonly faults: FaultPlan | null;
}

/** The configuration of a paper run over a source. @throws {CommandError} on mixed quote coins. */
export function runConfig(
  source: MarketSource,
  seed: number,
  faults: FaultLevel,
  settings: RunSettings = defaults,
): RunConfig {
  const { account, matching, fees, ...rules } = settings;
  const symbols = source.symbols.map(({ symbol, tick, lot, timeframeMs }) => {
    const instrument = paperInstrument(symbol, tick, fees, account.venue);
    const sizes = lot === undefined ? {} : { lot, minQuantity: lot };
    return { instrument: { ...instrument, ...sizes }, timeframeMs };
  });
  const quotes = [...new Set(symbols.map(({ instrument }) => instrument.quote))];
  const [quote] = quotes;
  if (quote === undefined || quotes.length > 1) {
    throw new CommandError(
      `Cannot trade quote coins "${quotes.join('", "')}" in one portfolio: wanted symbols of one`,
      exitCode.usage,
    );
  }
  const isLive = source.identity.kind === "live" ? ({ isLive: true } as const) : {};
  return {
    desk: { mode: "paper", seed, at: account, ...isLive, symbols, quote, ...rules },
    source: source.identity,
    matching,
    balances: { [quote]: openingBalance(quote) },
    faults: faults === "none" ? null : faultPresets[faults],
  };
}

/** The paths at which two configurations differ, with both values, for the operator. */
export function configDifferences(a: unknown, b: unknown, path = ""): string[] {
  if (a === b) return [];
  const isNode = (value: unknown): value is Record<string, unknown> =>
    typeof value === "object" && value !== null;
  if (!isNode(a) || !isNode(b)) {
    return [`${path}: ledger has ${JSON.stringify(a)}, command has ${JSON.stringify(b)}`];
  }
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.flatMap((key) => configDifferences(a[key], b[key], path ? `${path}.${key}` : key));
}
