import { type Decimal, decimal } from "../../../../machines/domain/decimal.ts";
import { coinsOf, type SymbolName } from "../../../../machines/domain/ids.ts";
import type { Instrument } from "../../../../machines/domain/instrument.ts";

/** A pair as Coinbase calls it: `BTC-USD`. */
export interface CoinbaseProduct {
  readonly id: string;
  readonly symbol: SymbolName;
  readonly instrument: Instrument;
}

/** The products of the venue, by either name. */
export class CoinbaseProducts {
  readonly all: readonly CoinbaseProduct[];

  constructor(instruments: readonly Instrument[]) {
    this.all = instruments.map((instrument) => ({
      id: instrument.symbol.replace("/", "-"),
      symbol: instrument.symbol,
      instrument,
    }));
  }

  find(id: string): CoinbaseProduct | null {
    return this.all.find((each) => each.id === id) ?? null;
  }

  /** @throws {RangeError} if there is none. */
  of(symbol: SymbolName): CoinbaseProduct {
    const product = this.all.find((each) => each.symbol === symbol);
    if (product === undefined) throw new RangeError(`Cannot find product of "${symbol}"`);
    return product;
  }

  /** The coins that are traded here, each once. */
  get coins(): readonly string[] {
    return [
      ...new Set(this.all.flatMap(({ instrument: { base, quote } }) => [base, quote])),
    ].sort();
  }
}

const fiat: Readonly<Record<string, string>> = {
  USD: "US Dollar",
  EUR: "Euro",
  GBP: "British Pound",
};
const names: Readonly<Record<string, string>> = {
  ...fiat,
  BTC: "Bitcoin",
  ETH: "Ethereum",
  SOL: "Solana",
};

export function isFiat(coin: string): boolean {
  return coin in fiat;
}

export function nameOfCoin(coin: string): string {
  return names[coin] ?? coin;
}

/** Rules of a product as Coinbase has them, fees of its lowest tier. */
export function coinbaseInstrument(symbol: SymbolName, tick: Decimal): Instrument {
  const { base, quote } = coinsOf(symbol);
  return {
    venue: "coinbase",
    symbol,
    base,
    quote,
    tick,
    lot: decimal("0.00000001"),
    minQuantity: decimal("0.00000001"),
    minNotional: decimal(quote === "BTC" ? "0.000016" : "1"),
    makerFee: decimal("0.006"),
    takerFee: decimal("0.012"),
  };
}
