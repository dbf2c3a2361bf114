/** What is let be on paper for research, and nowhere else. */
import { type RuleContext, refuse } from "./rule.ts";

interface ProtectionToCheck {
  readonly mode: string;
  readonly market: { readonly source: string };
  readonly accounts: readonly unknown[];
  readonly position: { readonly protects?: boolean | undefined };
}

/** No position goes without a stop but one made up here, in a market that can be run again. */
export function protectionRule(
  { mode, market, accounts, position }: ProtectionToCheck,
  context: RuleContext,
): void {
  if (position.protects !== false) return;
  const path = ["position", "protects"];
  if (mode !== "paper") refuse(context, path, `true while mode is ${mode}`);
  else if (market.source === "live") refuse(context, path, "true while market.source is live");
  else if (accounts.length > 0) refuse(context, path, "true while there are further accounts");
}
