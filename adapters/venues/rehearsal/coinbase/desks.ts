import { mainAccount, type VenueAccounts } from "../accounts.ts";
import { CoinbaseTrading } from "./trading.ts";
import type { CoinbaseVenue } from "./venue.ts";

/** What one account's calls come to: the venue as that account meets it, and its orders. */
export interface CoinbaseDesk {
  readonly venue: CoinbaseVenue;
  readonly trading: CoinbaseTrading;
}

/** The desks of all accounts; what is set of the venue is set for each. */
export class CoinbaseDesks {
  readonly main: CoinbaseDesk;
  readonly #accounts: VenueAccounts;
  readonly #desks = new Map<string, CoinbaseDesk>();

  constructor(accounts: VenueAccounts, main: CoinbaseVenue) {
    this.#accounts = accounts;
    this.main = { venue: main, trading: new CoinbaseTrading(main) };
    this.#desks.set(mainAccount, this.main);
  }

  /** @throws {RangeError} on an account that was not opened. */
  of(account: string): CoinbaseDesk {
    const known = this.#desks.get(account);
    if (known !== undefined) return known;
    const { venue: main } = this.main;
    const exchange = this.#accounts.of(account);
    const venue = { ...main, exchange, seed: `${main.seed}/${account}` };
    const desk = { venue, trading: new CoinbaseTrading(venue) };
    this.#desks.set(account, desk);
    return desk;
  }

  set(change: (venue: CoinbaseVenue) => void): void {
    for (const { venue } of this.#desks.values()) change(venue);
  }
}
