/** Kraken's many names of coins and pairs. */
import { type Decimal, decimal, decimalPlaces } from "../../../../machines/domain/decimal.ts";
import { coinsOf, type SymbolName } from "../../../../machines/domain/ids.ts";
import type { Instrument } from "../../../../machines/domain/instrument.ts";

/** A coin: `XXBT` in REST, `XBT` in altnames and stream v1, `BTC` in stream v2. */
export interface KrakenAsset {
  readonly coin: string;
  readonly id: string;
  readonly altname: string;
  /** Of balances. */
  readonly decimals: number;
}

export interface KrakenPair {
  readonly symbol: SymbolName;
  /** `XXBTZUSD`: the key of REST replies. */
  readonly id: string;
  /** `XBTUSD`. */
  readonly altname: string;
  /** `XBT/USD`: stream v1. */
  readonly wsname: string;
  readonly base: KrakenAsset;
  readonly quote: KrakenAsset;
  readonly instrument: Instrument;
  readonly priceDecimals: number;
  readonly lotDecimals: number;
}

/** Coins that are not called the same everywhere. */
const legacy: Readonly<Record<string, readonly [id: string, altname: string]>> = {
  BTC: ["XXBT", "XBT"],
  DOGE: ["XXDG", "XDG"],
  ETH: ["XETH", "ETH"],
  ETC: ["XETC", "ETC"],
  LTC: ["XLTC", "LTC"],
  XLM: ["XXLM", "XLM"],
  XMR: ["XXMR", "XMR"],
  XRP: ["XXRP", "XRP"],
  ZEC: ["XZEC", "ZEC"],
  USD: ["ZUSD", "USD"],
  EUR: ["ZEUR", "EUR"],
  GBP: ["ZGBP", "GBP"],
  CAD: ["ZCAD", "CAD"],
  JPY: ["ZJPY", "JPY"],
};
const fiat = new Set(["USD", "EUR", "GBP", "CAD", "JPY"]);

export function assetOf(coin: string): KrakenAsset {
  const [id, altname] = legacy[coin] ?? [coin, coin];
  return { coin, id, altname, decimals: fiat.has(coin) ? 4 : 10 };
}

export function pairOf(instrument: Instrument): KrakenPair {
  const base = assetOf(instrument.base);
  const quote = assetOf(instrument.quote);
  const altname = base.altname + quote.altname;
  // Only pairs of two coins of the old naming are called by it.
  const isLegacy = base.id !== base.altname && quote.id !== quote.altname;
  return {
    symbol: instrument.symbol,
    id: isLegacy ? base.id + quote.id : altname,
    altname,
    wsname: `${base.altname}/${quote.altname}`,
    base,
    quote,
    instrument,
    priceDecimals: decimalPlaces(instrument.tick),
    lotDecimals: decimalPlaces(instrument.lot),
  };
}

/** The pairs of the venue, found by any of their names. */
export class KrakenPairs {
  readonly all: readonly KrakenPair[];
  readonly assets: readonly KrakenAsset[];
  readonly #byName = new Map<string, KrakenPair>();

  constructor(instruments: readonly Instrument[]) {
    this.all = instruments.map(pairOf);
    const assets = this.all.flatMap(({ base, quote }) => [base, quote]);
    this.assets = [...new Map(assets.map((asset) => [asset.id, asset])).values()];
    for (const pair of this.all) {
      for (const name of [pair.id, pair.altname, pair.wsname]) this.#byName.set(name, pair);
    }
  }

  /** By a name of REST: id, altname or wsname. */
  find(name: string): KrakenPair | null {
    return this.#byName.get(name) ?? null;
  }

  /** By symbol, which is also the name in stream v2. @throws {RangeError} if there is none. */
  of(symbol: SymbolName): KrakenPair {
    const pair = this.all.find((each) => each.symbol === symbol);
    if (pair === undefined) throw new RangeError(`Cannot find pair of "${symbol}"`);
    return pair;
  }

  inStream(name: string): KrakenPair | null {
    return this.all.find((each) => each.symbol === name) ?? null;
  }
}

const minimums: Readonly<Record<string, string>> = { BTC: "0.00005", ETH: "0.002", SOL: "0.02" };

/** Rules of a pair as Kraken has them on its lowest fee tier. */
export function krakenInstrument(symbol: SymbolName, tick: Decimal): Instrument {
  const { base, quote } = coinsOf(symbol);
  return {
    venue: "kraken",
    symbol,
    base,
    quote,
    tick,
    lot: decimal("0.00000001"),
    minQuantity: decimal(minimums[base] ?? "0.1"),
    minNotional: decimal(quote === "BTC" ? "0.00002" : "0.5"),
    makerFee: decimal("0.0025"),
    takerFee: decimal("0.004"),
  };
}
