import type { Decimal } from "../../../machines/domain/decimal.ts";
import { Exchange, type ExchangeOptions } from "./exchange.ts";
import type { TradingFloor } from "./floor.ts";

/** The account that there always is; keys and control mean it unless they name another. */
export const mainAccount = "main";

/** The accounts of one venue, by name: each with its own record, all on the same markets. */
export class VenueAccounts {
  readonly #floor: TradingFloor;
  readonly #options: ExchangeOptions;
  readonly #exchanges = new Map<string, Exchange>();

  /** Options are those of the main account; others have them too, but for names and balances. */
  constructor(floor: TradingFloor, options: ExchangeOptions) {
    this.#floor = floor;
    this.#options = options;
    this.#exchanges.set(mainAccount, new Exchange(floor, options));
  }

  get names(): readonly string[] {
    return [...this.#exchanges.keys()];
  }

  get main(): Exchange {
    return this.of(mainAccount);
  }

  /** @throws {RangeError} on an account that was not opened. */
  of(name: string): Exchange {
    const exchange = this.#exchanges.get(name);
    if (exchange !== undefined) return exchange;
    throw new RangeError(`Cannot find account "${name}": wanted one of ${this.names.join(", ")}`);
  }

  /** Opens an account, with what the main one opened with unless said; one that there is stays. */
  open(name: string, balances = this.#options.matching.balances): Exchange {
    const known = this.#exchanges.get(name);
    if (known !== undefined) return known;
    const { matching, seed } = this.#options;
    const exchange = new Exchange(this.#floor, {
      ...this.#options,
      matching: { ...matching, balances },
      seed: `${seed}/${name}`,
    });
    this.#exchanges.set(name, exchange);
    return exchange;
  }
}

/** What accounts open with, by coin. */
export type OpeningBalances = Readonly<Record<string, Decimal>>;
