import type { DeskMode } from "../../actors/desk/mod.ts";
import type { Log } from "../log/mod.ts";
import { version } from "./version.ts";

const modeWords: Readonly<Record<DeskMode, string>> = {
  paper: "PAPER",
  rehearsal: "REHEARSAL",
  live: "LIVE, REAL MONEY",
};

/**
 * What a desk says of itself when it starts: first of all, whether it is about money, and then whose
 * prices it goes by, the first account's market first. `panel` is where it is, or why it is not.
 */
export function banner(
  mode: DeskMode,
  [market = "", ...beside]: readonly string[],
  panel: string | null,
  ledgerFile: string,
  notes: readonly string[],
): string {
  return [
    `NOVACTOR ${version}  ${modeWords[mode]}  ${market}`,
    ...beside.map((each) => `  beside  ${each}`),
    ...(panel === null ? [] : [`  panel   ${panel}`]),
    `  ledger  ${ledgerFile}`,
    ...notes.map((note) => `  note    ${note}`),
  ].join("\n");
}

/** The banner's words for the prices. */
export function marketWords(market: string, description: string): string {
  const words = { recording: "recording", live: "live market data" };
  return `${market in words ? words[market as keyof typeof words] : "simulated market"}: ${description}`;
}

/** The words for each market that a run goes by, the first account's first. */
export function marketsWords(
  market: string,
  first: { readonly description: string },
  beside: ReadonlyMap<string, { readonly description: string }>,
): readonly string[] {
  const others = [...beside.values()].map(({ description }) => marketWords("live", description));
  return [marketWords(market, first.description), ...others];
}

/** Notes on the market for a run that prints nothing but its report. */
export function noteAll(log: Log, notes: readonly string[]): void {
  for (const message of notes) {
    log.write({ level: "info", event: "market.note", message, actor: "feed" });
  }
}

/** Words for the operator: none where the report alone is wanted. */
export function sayTo({ json }: { readonly json: boolean }): (text: string) => void {
  return json ? () => {} : (text) => console.log(text);
}
