import { existsSync } from "node:fs";
import { accountsOf } from "../../actors/desk/mod.ts";
import type { Configuration } from "../../config/schema.ts";
import type { Instrument } from "../../machines/domain/instrument.ts";
import { LedgerReader } from "../store/reader.ts";
import { configKey } from "./compose.ts";
import { ledgerFailure } from "./ledger-failure.ts";
import type { RunConfig } from "./run-config.ts";

/** The rules of a market's symbols as a run went by them; null where it did not know all of them. */
export type KnownRules = (
  market: string | undefined,
  symbols: readonly string[],
) => readonly Instrument[] | null;

/**
 * The rules that a ledger's run goes by. A ledger that is new, or cannot be read, knows none: what
 * is wrong with it is said by whoever opens it.
 */
export function knownRules(ledgerFile: string): KnownRules {
  const config = configOf(ledgerFile);
  if (config === null) return () => null;
  return (market, symbols) => {
    const own = accountsOf(config.desk).filter((account) => account.market === market);
    const known = own.flatMap((account) => account.symbols.map(({ instrument }) => instrument));
    const found = symbols.map((symbol) => known.find((each) => each.symbol === symbol));
    const rules = found.filter((each) => each !== undefined);
    return rules.length === symbols.length ? rules : null;
  };
}

/** Whether every account's rules are known, so that no venue has to be waited for. */
export function knowsAll(
  rules: KnownRules,
  { market, accounts }: Pick<Configuration, "market" | "accounts">,
): boolean {
  const beside = accounts.map(({ prices, symbols }) =>
    rules(prices === "market" ? undefined : prices, symbols),
  );
  return [rules(undefined, market.live.symbols), ...beside].every((each) => each !== null);
}

function configOf(ledgerFile: string): RunConfig | null {
  if (!existsSync(ledgerFile)) return null;
  try {
    using reader = new LedgerReader(ledgerFile);
    const text =
      (reader.state("desk").get("config") as string | undefined) ?? reader.meta().get(configKey);
    return text === undefined ? null : (JSON.parse(text) as RunConfig);
  } catch (error) {
    if (ledgerFailure(error) === null) throw error;
    return null;
  }
}
