import type { AccountConfig, DeskConfig, TradedSymbol } from "../../actors/desk/mod.ts";
import type { MarketSource, SourceSymbol } from "../../actors/market/ports.ts";
import { defaults, openingBalance, paperInstrument } from "../../config/defaults.ts";
import type { runSettingsOf } from "../../config/run-settings.ts";
import type { Decimal } from "../../machines/domain/decimal.ts";
import { accountKey } from "../../machines/domain/ids.ts";
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

/**
 * The configuration of a paper run over a source.
 *
 * @param beside sources of the markets that accounts beside the first go by, by name
 * @throws {CommandError} on mixed quote coins, and for symbols that a market does not have
 */
export function runConfig(
  source: MarketSource,
  seed: number,
  faults: FaultLevel,
  settings: RunSettings = defaults,
  beside: ReadonlyMap<string, MarketSource> = new Map(),
): RunConfig {
  const { account, accounts, matching, fees, ...rules } = settings;
  const symbols = source.symbols.map((each) => tradedSymbol(each, account.venue, fees));
  const quote = quoteOf(symbols);
  const others = accounts.map((each) => {
    const { market } = each;
    return accountConfig(each, (market && beside.get(market)) || source, fees);
  });
  return {
    desk: {
      ...{ mode: "paper", seed, at: account, ...liveOf(source), symbols, quote, ...rules },
      ...(others.length > 0 && { others }),
    },
    source: Object.assign(
      { ...source.identity },
      ...[...beside].map(([market, { identity }]) =>
        Object.fromEntries(Object.entries(identity).map(([key, to]) => [`${market}/${key}`, to])),
      ),
    ),
    matching,
    balances: { [quote]: openingBalance(quote) },
    faults: faults === "none" ? null : faultPresets[faults],
  };
}

const liveOf = (source: MarketSource) =>
  source.identity.kind === "live" ? ({ isLive: true } as const) : {};

function tradedSymbol(
  { symbol, tick, lot, timeframeMs }: SourceSymbol,
  venue: string,
  fees: RunSettings["fees"],
): TradedSymbol {
  const instrument = paperInstrument(symbol, tick, fees, venue);
  const sizes = lot === undefined ? {} : { lot, minQuantity: lot };
  return { instrument: { ...instrument, ...sizes }, timeframeMs };
}

function quoteOf(symbols: readonly TradedSymbol[]): string {
  const quotes = [...new Set(symbols.map(({ instrument }) => instrument.quote))];
  const [quote] = quotes;
  if (quote !== undefined && quotes.length === 1) return quote;
  throw new CommandError(
    `Cannot trade quote coins "${quotes.join('", "')}" in one portfolio: wanted symbols of one`,
    exitCode.usage,
  );
}

/** An account beside the first, over the source that has its symbols. */
function accountConfig(
  { at, symbols: wanted, market, risk }: RunSettings["accounts"][number],
  source: MarketSource,
  fees: RunSettings["fees"],
): AccountConfig {
  const offered = new Map(source.symbols.map((each) => [each.symbol, each]));
  const symbols = wanted.map((symbol) => {
    const each = offered.get(symbol);
    if (each) return tradedSymbol(each, at.venue, fees);
    throw new CommandError(
      `Cannot trade "${symbol}" on account "${accountKey(at)}": its market has none such, ` +
        `wanted ${[...offered.keys()].join(", ")}`,
      exitCode.badConfiguration,
    );
  });
  const quote = quoteOf(symbols);
  return { at, ...(market && { market }), ...liveOf(source), symbols, quote, risk };
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
