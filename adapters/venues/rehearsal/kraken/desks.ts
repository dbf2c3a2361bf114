import { mainAccount, type VenueAccounts } from "../accounts.ts";
import { RateLimits } from "./limits.ts";
import { KrakenTrading } from "./trading.ts";
import type { KrakenVenue } from "./venue.ts";

/** What one account's calls come to: the venue as that account meets it, and its orders. */
export interface KrakenDesk {
  readonly venue: KrakenVenue;
  readonly trading: KrakenTrading;
}

/** The desks of all accounts; what is set of the venue is set for each. */
export class KrakenDesks {
  readonly main: KrakenDesk;
  readonly #accounts: VenueAccounts;
  readonly #desks = new Map<string, KrakenDesk>();

  constructor(accounts: VenueAccounts, main: KrakenVenue) {
    this.#accounts = accounts;
    this.main = { venue: main, trading: new KrakenTrading(main) };
    this.#desks.set(mainAccount, this.main);
  }

  /** @throws {RangeError} on an account that was not opened. */
  of(account: string): KrakenDesk {
    const known = this.#desks.get(account);
    if (known !== undefined) return known;
    const { venue: main } = this.main;
    const exchange = this.#accounts.of(account);
    const venue = { ...main, exchange, limits: new RateLimits(main.limits.options) };
    const desk = { venue, trading: new KrakenTrading(venue) };
    this.#desks.set(account, desk);
    return desk;
  }

  set(change: (venue: KrakenVenue) => void): void {
    for (const { venue } of this.#desks.values()) change(venue);
  }
}
