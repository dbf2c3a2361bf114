import {
  compare,
  type Decimal,
  decimal,
  fromSteps,
  multiply,
  subtract,
  zero,
} from "../../machines/domain/decimal.ts";
import { isSameAccount, positionId } from "../../machines/domain/ids.ts";
import { priceOfTicks } from "../../machines/domain/instrument.ts";
import { defaultVaultId } from "../../machines/domain/position.ts";
import { leftOf } from "../../machines/order.chase.ts";
import type { OrderContext } from "../../machines/order.types.ts";
import type { PositionInput } from "../../machines/position.types.ts";
import type { Books } from "../account/mod.ts";
import { type Sizing, sizeEntry } from "../risk/mod.ts";
import type { ActorSystem } from "../runtime/mod.ts";
import type { FramePlane } from "../scanner/mod.ts";
import type { AccountConfig, DeskConfig, Lane } from "./config.ts";

/** Levels of an entry at the present price; ticks of the symbol. */
export interface Levels {
  /** Rounded so that it is never looser than meant; null where it would be below one tick. */
  readonly stopPrice: Decimal | null;
  readonly targetPrice: Decimal | null;
  /** Place of the frame that they were taken from. */
  readonly frame: number;
}

/**
 * Where an entry at the plane's price would be stopped, and sold in profit. One that is to have no
 * stop is valued at its own price, and has no target.
 */
export function levelsOf(
  plane: FramePlane,
  { traded, account: { risk } }: Pick<Lane, "traded" | "account">,
): Levels {
  const { stop, target, highest } = plane.confluence;
  const { tick } = traded.instrument;
  const at = (ticks: number) => (ticks >= 1 ? fromSteps(ticks, tick) : null);
  if (risk.unprotected) {
    return { stopPrice: at(plane.price), targetPrice: null, frame: highest };
  }
  return {
    stopPrice: at(Math.ceil(plane.price - stop)),
    targetPrice: at(Math.ceil(plane.price + target)),
    frame: highest,
  };
}

/** How large an entry at this price may be, by what the account has and the book's share of it. */
export function sizeAt(
  {
    traded: { instrument },
    capital,
    account: { risk },
  }: Pick<Lane, "traded" | "capital" | "account">,
  ticks: number,
  stopPrice: Decimal | null,
  has: { readonly equity: Decimal; readonly free: Decimal; readonly exposure?: Decimal },
  /** Of the exposure of all accounts; undefined for none. */
  cap: Decimal | undefined,
): Sizing {
  const { riskShare, maxShare, quantity, unprotected } = risk;
  const entryPrice = priceOfTicks(instrument, ticks);
  const { free } = has;
  const equity = multiply(has.equity, capital);
  const stop = stopPrice ?? entryPrice;
  const sized = {
    ...{ instrument, equity, free, entryPrice, stopPrice: stop, riskShare, maxShare },
    ...(quantity !== undefined && { quantity }),
    ...(unprotected && { unprotected }),
  };
  if (cap === undefined) return sizeEntry(sized);
  // What was recorded without a cap had no exposure to record: judged under one, it had room.
  return sizeEntry({ ...sized, exposure: { is: has.exposure ?? zero, cap } });
}

/** A working entry may cost more than its price: fees, and slippage of a market order. */
const reserveFactor = decimal("1.01");

/** Quote coin that no working entry will need. */
export function freeOf(
  { at, quote }: AccountConfig,
  books: Books,
  system: ActorSystem,
  priceOf: (symbol: string) => Decimal | null,
): Decimal {
  let free = books.balancesOf(at).get(quote) ?? zero;
  for (const [name, snapshot] of system.actors()) {
    if (!name.startsWith("order:") || snapshot.hasTag("over")) continue;
    const context = snapshot.context as OrderContext;
    const { intent, live } = context;
    if (intent.role !== "entry" || !isSameAccount(intent.at, at)) continue;
    const price = live.price ?? priceOf(intent.symbol) ?? zero;
    const left = leftOf(context);
    free = subtract(free, multiply(multiply(left, price), reserveFactor));
  }
  return compare(free, zero) > 0 ? free : zero;
}

/** What the scanner is to open. */
export function planOf(
  config: DeskConfig,
  { lane, account: { at }, traded: { instrument, timeframeMs } }: Lane,
  wanted: {
    /** Of the lane's positions, from 1. */
    readonly number: number;
    readonly ticks: number;
    readonly quantity: Decimal;
    readonly stopPrice: Decimal;
    readonly targetPrice: Decimal | null;
    readonly frame: number;
    readonly votedBy: readonly string[];
  },
): PositionInput {
  const { symbol } = instrument;
  const { quantity, stopPrice, targetPrice, votedBy } = wanted;
  const id = positionId(at, lane, wanted.number);
  const isLimit = config.entry.type === "limit";
  return {
    positionId: id,
    vaultId: defaultVaultId,
    at,
    symbol,
    ...(lane === symbol ? {} : { lane }),
    instrument,
    ...{ stopPrice, targetPrice, stopFrame: wanted.frame, votedBy },
    settings: config.position,
    entry: {
      intentId: `${id}/entry`,
      at,
      symbol,
      positionId: id,
      role: "entry",
      side: "buy",
      type: config.entry.type,
      quantity,
      price: isLimit ? priceOfTicks(instrument, wanted.ticks) : null,
      stopPrice: null,
      timeInForce: "gtc",
      postOnly: false,
      expiresAt: null,
      patienceMs: isLimit ? config.entry.patienceBars * timeframeMs : null,
    },
  };
}
