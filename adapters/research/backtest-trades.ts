import type { RoundTrip } from "../../actors/research/mod.ts";
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
import type { Instrument } from "../../machines/domain/instrument.ts";
import type { PositionRow } from "../../machines/domain/position.ts";
import type { RunConfig } from "../cli/run-config.ts";
import type { LedgerRows } from "../store/ledger-head.ts";
import type { FillRow } from "../store/tables.ts";
import { halfSpread, type MatchingSettings, slippedFrom } from "../venues/matching/mod.ts";

/** Digits of an average price that does not come out even. */
const pricePlaces = 16;

type LastPrice = (symbol: string) => Decimal | null;

/** All round trips that a ledger knows of. */
export function tradesOf(
  rows: LedgerRows,
  votersOf: (positionId: string) => readonly string[],
  config: RunConfig,
  lastPrice: LastPrice,
) {
  const taken = takingCosts(rows, config);
  const hasSpread = halfSpread(config.matching) > 0;
  const instruments = new Map(config.desk.symbols.map((each) => [each.instrument.symbol, each]));
  const trades: RoundTrip[] = [];
  const open: RoundTrip[] = [];
  for (const row of rows.eachPosition()) {
    if (!isPositive(row.bought)) continue;
    const { slippage, spread } = taken.get(row.positionId) ?? noCosts;
    const costs = { slippage, ...(hasSpread && { spread }) };
    const trade = tradeOf(row, costs, votersOf(row.positionId));
    if (row.state === "closed") trades.push(trade);
    else {
      const instrument = instruments.get(row.symbol)?.instrument;
      open.push(marked(row, trade, instrument, lastPrice(row.symbol)));
    }
  }
  const byClose = (a: RoundTrip, b: RoundTrip) =>
    (a.closedAt ?? 0) - (b.closedAt ?? 0) || (a.positionId < b.positionId ? -1 : 1);
  return { trades: trades.sort(byClose), open };
}

function tradeOf(
  row: PositionRow,
  costs: Pick<RoundTrip, "slippage" | "spread">,
  votedBy: readonly string[],
): RoundTrip {
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
    fees: add(row.fees, fee),
  };
}

/** What taking cost beyond the path's price, the touch's part and the rest. Quote coin. */
interface TakingCosts {
  readonly slippage: Decimal;
  readonly spread: Decimal;
}

const noCosts: TakingCosts = { slippage: zero, spread: zero };

/** What each position's fills paid beyond the path's price. */
function takingCosts(rows: LedgerRows, { desk, matching }: RunConfig): Map<string, TakingCosts> {
  const { slippageTicks, slippageShare } = matching;
  const isFree = slippageTicks === 0 && slippageShare === 0 && halfSpread(matching) === 0;
  if (isFree) return new Map();
  const instruments = new Map(desk.symbols.map((each) => [each.instrument.symbol, each]));
  const intents = new Map<string, string>();
  const limits = new Map<string, Decimal | null>();
  for (const { intent } of rows.eachOrder()) {
    intents.set(intent.intentId, intent.positionId);
    limits.set(intent.intentId, intent.price);
  }
  const total = new Map<string, TakingCosts>();
  for (const fill of rows.eachFill()) {
    const positionId = intents.get(fill.intentId);
    const instrument = instruments.get(fill.symbol)?.instrument;
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
