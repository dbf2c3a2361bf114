import { z } from "zod";
import { type Decimal, decimal } from "../machines/domain/decimal.ts";
import { coinsOf, type SymbolName } from "../machines/domain/ids.ts";
import type { Instrument } from "../machines/domain/instrument.ts";

/** What a run without a configuration of its own trades by. Times in milliseconds. */
export const defaults = {
  account: { venue: "paper", account: "main" },
  strategy: { trend: { fast: 12, slow: 36, adx: 14, minAdx: 20 } },
  risk: {
    riskShare: decimal("0.01"),
    maxShare: decimal("0.25"),
    positionCap: 3,
    dailyLossShare: decimal("0.05"),
  },
  entry: { type: "limit", patienceBars: 3 },
  stop: { atrPeriod: 14, atrMultiple: 3, trailAtrMultiple: 4, stepAtr: 0.25 },
  coolDownBars: 5,
  order: { maxAttempts: 3, settleMs: 30_000, lookUpRetryMs: 1_000, fillGraceMs: 2_000 },
  position: { maxFailures: 3, strandedRetryMs: 30_000, settleMs: 60_000 },
  reconcile: { intervalMs: 900_000, retryMs: 5_000, patience: 4, overlapMs: 3_600_000 },
  matching: { latencyMs: 0, slippageTicks: 1, slippageShare: 0.0001, volumeShare: 0.25 },
  fees: { maker: decimal("0.001"), taker: decimal("0.002") },
} as const;

/** Where the ledger is kept unless `--db` says otherwise. */
export const defaultLedgerFile = "data/novactor.db";

/** The generator's market: what `novactor start` shows on a machine without any data. */
export const generatedMarket = {
  startAt: Date.UTC(2026, 0, 1),
  timeframe: "1m",
  symbols: [
    { symbol: "BTC/USD", startPrice: decimal("64000"), tick: decimal("0.1") },
    { symbol: "ETH/USD", startPrice: decimal("3400"), tick: decimal("0.01") },
    { symbol: "SOL/USD", startPrice: decimal("150"), tick: decimal("0.01") },
    { symbol: "ADA/USD", startPrice: decimal("0.45"), tick: decimal("0.0001") },
    { symbol: "XRP/USD", startPrice: decimal("0.6"), tick: decimal("0.0001") },
  ],
} as const;

/** Virtual milliseconds in a real one, unless `--speed` says otherwise. */
export const defaultSpeed = 120;

/** What a paper account starts with, by the quote coin of what it trades. */
export function openingBalance(quote: string): Decimal {
  return decimal(quote === "BTC" ? 10 : 100_000);
}

/** Rules of a symbol from a file, which says nothing of them but its tick. */
export function paperInstrument(symbol: SymbolName, tick: Decimal): Instrument {
  const { base, quote } = coinsOf(symbol);
  return {
    venue: defaults.account.venue,
    symbol,
    base,
    quote,
    tick,
    lot: decimal("0.00000001"),
    minQuantity: decimal("0.00000001"),
    minNotional: decimal(quote === "BTC" ? "0.0001" : "5"),
    makerFee: defaults.fees.maker,
    takerFee: defaults.fees.taker,
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
