/** Where orders with real money may go. */
import { coinsOf } from "../machines/domain/ids.ts";
import { isLoopback, type RuleContext, refuse } from "./rule.ts";

/** An address with the path of its key; null for the venue's own. */
export type AddressAt = readonly [path: readonly PropertyKey[], address: string | null];

const encrypted = ["https:", "wss:"];

/**
 * Real orders go to the venue's own addresses, or to others by https and wss; without encryption
 * only on this machine. Prices and orders are of one place: of the venue, or of a stand-in here.
 *
 * @param addresses of one account's orders and of the prices that it goes by, its own REST first
 */
export function liveAddressRule(addresses: readonly AddressAt[], context: RuleContext): void {
  for (const [path, address] of addresses) {
    if (address === null || isLoopback(address)) continue;
    if (encrypted.includes(new URL(address).protocol)) continue;
    const wanted = "an address of https or wss, or one on this machine: keys and orders go there";
    refuse(context, [...path], wanted);
  }
  const places = new Set(addresses.map(([, address]) => address !== null && isLoopback(address)));
  if (places.size === 1) return;
  const wanted =
    "the venue's own, like all addresses of the account and of its prices, or all on this machine: " +
    "orders of one place must not follow the prices of another";
  refuse(context, [...(addresses[0]?.[0] ?? [])], wanted);
}

/** A rehearsal sends orders to this machine and to nowhere else. */
export function rehearsalAddressRule(addresses: readonly AddressAt[], context: RuleContext): void {
  for (const [path, address] of addresses) {
    if (address !== null && isLoopback(address)) continue;
    refuse(
      context,
      [...path],
      "an address on this machine, such as http://127.0.0.1:8080, in a rehearsal",
    );
  }
}

/**
 * The switch takes protective stops with it, and wherever a position may be, one may rest: so it is
 * armed only by whoever accepts that.
 */
export function deadMansSwitchRule(
  path: readonly PropertyKey[],
  account: {
    readonly venue: string;
    readonly deadMansSwitch?: number | null | undefined;
    readonly acceptNaked?: boolean | undefined;
  },
  context: RuleContext,
): void {
  const { venue, deadMansSwitch, acceptNaked } = account;
  if (deadMansSwitch == null) return;
  const at = [...path, "deadMansSwitch"];
  if (venue !== "kraken") refuse(context, at, `off: ${venue} has none, only kraken does`);
  else if (acceptNaked !== true) {
    const wanted =
      "off, or account.acceptNaked true: when it fires, Kraken cancels protective stops too, " +
      "and positions stand without";
    refuse(context, at, wanted);
  }
}

/** Coins of which some are about as many dollars: `live.maxExposure` means the same in each. */
const capCoins = ["USD", "USDC", "USDT", "EUR", "GBP"];

/**
 * The cap on exposure is a number of quote coins, one for all accounts: 50 of them must not be 50
 * bitcoin, nor hold once more for each further coin.
 *
 * @param lists symbols of each account, with the path of its key, the first account's first
 */
export function liveQuoteRule(
  lists: readonly (readonly [path: readonly PropertyKey[], symbols: readonly string[]])[],
  context: RuleContext,
): void {
  const { quote: first } = coinsOf(lists[0]?.[1][0] ?? "");
  for (const [path, symbols] of lists) {
    const quotes = symbols.map((symbol) => coinsOf(symbol).quote);
    if (!quotes.every((quote) => capCoins.includes(quote))) {
      const coins = capCoins.join(", ");
      refuse(
        context,
        [...path],
        `symbols quoted in ${coins} while mode is live: in them the cap is`,
      );
    } else if (!quotes.every((quote) => quote === first)) {
      const wanted = `symbols quoted in ${first} like the first account's: live.maxExposure caps all together`;
      refuse(context, [...path], wanted);
    }
  }
}
