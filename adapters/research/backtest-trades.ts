import type { AccountConfig } from "../../actors/desk/mod.ts";
import type { RoundTrip } from "../../actors/research/mod.ts";
import { ByAccount } from "../../machines/domain/by-account.ts";
import {
  add,
  type Decimal,
  decimal,
  divide,
  isPositive,
  multiply,
  subtract,
  zero,
} from "../../machines/domain/decimal.ts";
import type { VenueAccount } from "../../machines/domain/ids.ts";
import type { Instrument } from "../../machines/domain/instrument.ts";
import type { PositionRow } from "../../machines/domain/position.ts";
import type { RunConfig } from "../cli/run-config.ts";
import type { LedgerRows } from "../store/ledger-head.ts";
import type { FillRow } from "../store/tables.ts";
import { halfSpread, type MatchingSettings, slippedFrom } from "../venues/matching/mod.ts";

/** Digits of an average price that does not come out even. */
const pricePlaces = 16;

export type LastPrice = (at: VenueAccount, symbol: string) => Decimal | null;

/** Whose round trips they are, and what taking costs there. */
export interface TradedBy {
  readonly accounts: readonly AccountConfig[];
  /** Null where prices are of books: what taking cost beyond the middle is in each of them. */
  readonly matching: RunConfig["matching"] | null;
}

/** What taking cost beyond the path's price, the touch's part and the rest. Quote coin. */
interface TakingCosts {
  readonly slippage: Decimal;
  readonly spread: Decimal;
}

const noCosts: TakingCosts = { slippage: zero, spread: zero };

/** All round trips that a ledger knows of. */
export function tradesOf(
  rows: LedgerRows,
  votersOf: (positionId: string) => readonly string[],
  by: TradedBy,
  lastPrice: LastPrice,
) {
  const instruments = instrumentsOf(by.accounts);
  const taken = takingCosts(rows, by.matching, instruments);
  const hasSpread = by.matching !== null && halfSpread(by.matching) > 0;
  const trades: RoundTrip[] = [];
  const open: RoundTrip[] = [];
  for (const row of rows.eachPosition()) {
    if (!isPositive(row.bought)) continue;
    const costs = taken === null ? unknownCosts : costsAs(taken.get(row.positionId), hasSpread);
    const trade = tradeOf(row, costs, votersOf(row.positionId));
    if (row.state === "closed") trades.push(trade);
    else {
      const instrument = instruments.get(row.at, row.symbol);
      open.push(marked(row, trade, instrument, lastPrice(row.at, row.symbol)));
    }
  }
  const byClose = (a: RoundTrip, b: RoundTrip) =>
    (a.closedAt ?? 0) - (b.closedAt ?? 0) || (a.positionId < b.positionId ? -1 : 1);
  return { trades: trades.sort(byClose), open };
}

type Costs = Pick<RoundTrip, "slippage" | "spread">;

const unknownCosts: Costs = { slippage: null, spread: null };

const costsAs = ({ slippage, spread }: TakingCosts = noCosts, hasSpread: boolean): Costs => ({
  slippage,
  ...(hasSpread && { spread }),
});

function instrumentsOf(accounts: readonly AccountConfig[]): ByAccount<Instrument> {
  const instruments = new ByAccount<Instrument>();
  for (const { at, symbols } of accounts) {
    for (const { instrument } of symbols) instruments.set(at, instrument.symbol, instrument);
  }
  return instruments;
}

function tradeOf(row: PositionRow, costs: Costs, votedBy: readonly string[]): RoundTrip {
  const { positionId, symbol, openedAt, closedAt, bought, boughtFor, sold, soldFor } = row;
  const lane = positionId.slice(positionId.indexOf("/", positionId.indexOf(":")) + 1);
  return {
    ...{ positionId, symbol, lane: lane.slice(0, lane.lastIndexOf("/")), openedAt, closedAt },
    quantity: bought,
    entryPrice: divide(boughtFor, bought, pricePlaces, "nearest"),
    exitPrice: isPositive(sold) ? divide(soldFor, sold, pricePlaces, "nearest") : null,
    ...{ profit: row.realizedPnl, fees: row.fees, ...costs },
    ...{ exitReason: row.exitReason, votedBy },
  };
}

/** An open position as if what is left of it were sold at the last close. */
function marked(
  row: PositionRow,
  trade: RoundTrip,
  instrument: Instrument | undefined,
  price: Decimal | null,
): RoundTrip {
  if (price === null || !instrument) return trade;
  const brings = multiply(row.quantity, price);
  const fee = multiply(brings, instrument.takerFee);
  const sold = add(row.sold, row.quantity);
  return {
    ...trade,
    exitPrice: divide(add(row.soldFor, brings), sold, pricePlaces, "nearest"),
    profit: subtract(add(row.realizedPnl, subtract(brings, fee)), row.cost),
  };
}

/** What each position's fills paid beyond the path's price; null where that is not known. */
function takingCosts(
  rows: LedgerRows,
  matching: TradedBy["matching"],
  instruments: ByAccount<Instrument>,
): Map<string, TakingCosts> | null {
  if (matching === null) return null;
  const { slippageTicks, slippageShare } = matching;
  const isFree = slippageTicks === 0 && slippageShare === 0 && halfSpread(matching) === 0;
  if (isFree) return new Map();
  const intents = new Map<string, string>();
  const limits = new Map<string, Decimal | null>();
  for (const { intent } of rows.eachOrder()) {
    intents.set(intent.intentId, intent.positionId);
    limits.set(intent.intentId, intent.price);
  }
  const total = new Map<string, TakingCosts>();
  for (const fill of rows.eachFill()) {
    const positionId = intents.get(fill.intentId);
    const instrument = instruments.get(fill.venueAccount, fill.symbol);
    if (positionId === undefined || !instrument) continue;
    const paid = costsOf(fill, instrument, limits.get(fill.intentId) ?? null, matching);
    const before = total.get(positionId) ?? noCosts;
    total.set(positionId, {
      slippage: add(before.slippage, paid.slippage),
      spread: add(before.spread, paid.spread),
    });
  }
  return total;
}

/** A maker's fill pays neither, and of one that stood at its limit nothing is known. */
function costsOf(
  { liquidity, price, quantity, side }: FillRow,
  instrument: Instrument,
  limit: Decimal | null,
  settings: Pick<MatchingSettings, "slippageTicks" | "slippageShare" | "spreadTicks">,
): TakingCosts {
  if (liquidity === "maker" || price === limit) return noCosts;
  const ticks = Number(divide(price, instrument.tick, 0, "nearest"));
  const beyond = Math.abs(ticks - slippedFrom(side, ticks, settings));
  const half = Math.min(beyond, halfSpread(settings));
  const cost = (count: number) => multiply(multiply(decimal(count), instrument.tick), quantity);
  return { slippage: cost(beyond - half), spread: cost(half) };
}
