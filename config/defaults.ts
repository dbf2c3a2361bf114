import { z } from "zod";
import { type Decimal, decimal } from "../machines/domain/decimal.ts";
import { coinsOf, type SymbolName } from "../machines/domain/ids.ts";
import type { Instrument } from "../machines/domain/instrument.ts";
import { defaultConfiguration, defaultTexts } from "./default-configuration.ts";
import { runSettingsOf } from "./run-settings.ts";

/** What a run without a configuration of its own trades by. Times in milliseconds. */
export const defaults = runSettingsOf(defaultConfiguration);

/** Where the ledger is kept unless `--db` says otherwise. */
export const defaultLedgerFile = "data/novactor.db";

/** The generator's market: what `novactor start` shows on a machine without any data. */
export const generatedMarket = {
  startAt: defaultConfiguration.market.startAt,
  timeframe: defaultTexts.market.timeframe,
  symbols: defaultConfiguration.market.symbols,
};

/** Virtual milliseconds in a real one, unless `--speed` says otherwise. */
export const defaultSpeed = Number(defaultTexts.market.speed);

/** What a paper account starts with, by the quote coin of what it trades. */
export function openingBalance(quote: string): Decimal {
  return decimal(quote === "BTC" ? 10 : 100_000);
}

/** Rules of a symbol from a file, which says nothing of them but its tick. Fees are shares. */
export function paperInstrument(
  symbol: SymbolName,
  tick: Decimal,
  fees: { readonly maker: Decimal; readonly taker: Decimal } = defaults.fees,
  venue: string = defaults.account.venue,
): Instrument {
  const { base, quote } = coinsOf(symbol);
  return {
    venue,
    symbol,
    base,
    quote,
    tick,
    lot: decimal("0.00000001"),
    minQuantity: decimal("0.00000001"),
    minNotional: decimal(quote === "BTC" ? "0.0001" : "5"),
    makerFee: fees.maker,
    takerFee: fees.taker,
  };
}

/** Options of `novactor start`, as they come from the shell. */
export const startOptions = z.object({
  market: z.enum(["generator", "candles"]),
  seed: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  speed: z.union([z.literal("max"), z.coerce.number().positive().max(1e9)]),
  port: z.coerce.number().int().min(0).max(65_535).optional(),
});
export type StartOptions = z.infer<typeof startOptions>;
