/** What must hold between the accounts of one desk, and between them and their markets. */
import { compare, type Decimal } from "../machines/domain/decimal.ts";
import { coinsOf } from "../machines/domain/ids.ts";
import {
  type AddressAt,
  liveAddressRule,
  liveQuoteRule,
  rehearsalAddressRule,
} from "./live-rules.ts";
import { type RuleContext, refuse } from "./rules.ts";

interface BesideToCheck {
  readonly venue: string;
  readonly account: string;
  readonly rest: string | null;
  readonly stream: string | null;
  readonly symbols: readonly string[];
  readonly prices: string;
  readonly pricesRest: string | null;
  readonly pricesStream: string | null;
  readonly riskShare: Decimal;
  readonly maxShare: Decimal;
}

interface AccountsToCheck {
  readonly mode: string;
  readonly account: { readonly venue: string; readonly account: string };
  readonly accounts: readonly BesideToCheck[];
  readonly market: {
    readonly source: string;
    readonly live: {
      readonly venue: string;
      readonly rest: string | null;
      readonly stream: string | null;
      readonly symbols: readonly string[];
    };
  };
}

export function accountsRule(configuration: AccountsToCheck, context: RuleContext): void {
  const { account, accounts } = configuration;
  if (configuration.mode === "live") {
    const beside = accounts.map(({ symbols }, index) => {
      return [["accounts", index, "symbols"], symbols] as const;
    });
    const { symbols } = configuration.market.live;
    liveQuoteRule([[["market", "live", "symbols"], symbols], ...beside], context);
  }
  const keyOf = (each: { venue: string; account: string }) => `${each.venue}:${each.account}`;
  const seen = new Map([[keyOf(account), "account"]]);
  for (const [index, each] of accounts.entries()) {
    const before = seen.get(keyOf(each));
    const place = `accounts[${index}]`;
    if (before === undefined) seen.set(keyOf(each), place);
    else
      refuse(
        context,
        ["accounts", index, "account"],
        `each account once, and it is also ${before}`,
      );
    besideRule(configuration, each, index, context);
  }
}

function besideRule(
  { mode, market }: AccountsToCheck,
  each: BesideToCheck,
  index: number,
  context: RuleContext,
): void {
  const wrong = (name: keyof BesideToCheck, wanted: string) =>
    refuse(context, ["accounts", index, name], wanted);
  if (new Set(each.symbols.map((symbol) => coinsOf(symbol).quote)).size > 1) {
    wrong("symbols", "symbols of one quote coin, in which the account is counted");
  }
  if (compare(each.riskShare, each.maxShare) > 0) {
    wrong("riskShare", `at most its maxShare, which is ${each.maxShare}`);
  }
  if (each.prices !== "market") pricesRule(market, each, wrong);
  if (mode === "paper") {
    if (each.venue !== "paper") wrong("venue", "paper while mode is paper");
    return;
  }
  const prices = each.prices === "market" ? market.live.venue : each.prices;
  if (each.venue !== prices) wrong("venue", `${prices}, whose prices it goes by`);
  const path = (name: keyof BesideToCheck) => ["accounts", index, name];
  const addresses: AddressAt[] = [
    [path("rest"), each.rest],
    [path("stream"), each.stream],
    // Those of market.live are held to it with the first account.
    [path("pricesRest"), each.prices === "market" ? market.live.rest : each.pricesRest],
    [path("pricesStream"), each.prices === "market" ? market.live.stream : each.pricesStream],
  ];
  if (mode === "rehearsal") rehearsalAddressRule(addresses, context);
  else if (each.venue !== "paper") liveAddressRule(addresses, context);
}

function pricesRule(
  market: AccountsToCheck["market"],
  { prices }: BesideToCheck,
  wrong: (name: "prices", wanted: string) => void,
): void {
  if (market.source !== "live") wrong("prices", "market while market.source is not live");
  else if (prices === market.live.venue) {
    wrong("prices", `market, for market.live.venue is ${prices}`);
  }
}
