import { type Decimal, toNumber } from "../../machines/domain/decimal.ts";
import type { DecisionFacts } from "../../machines/domain/decision.ts";
import { actorName } from "../../machines/domain/ids.ts";
import { type Instrument, priceOfTicks } from "../../machines/domain/instrument.ts";
import { differ, type OrderContext, type OrderEvent } from "../../machines/order.types.ts";
import type { PositionContext } from "../../machines/position.types.ts";
import type { ActorSystem } from "../runtime/mod.ts";
import type { BookReading, FramePlane } from "../scanner/mod.ts";

/** How an entry that rests unfilled follows the price. Shares are of the price: 0.01 is 1 %. */
export interface ChaseSettings {
  /** How often it is moved to the touch; 0 leaves it where it was placed. */
  readonly reprices: number;
  /** Bars between two moves, and before the first. */
  readonly everyBars: number;
  /** How far above its first price it may be moved. */
  readonly maxAwayShare: Decimal;
  /** Widest spread at which the rest is bought at market in the end; null for never. */
  readonly maxSpreadShare: Decimal | null;
  /** How far above the first price the market may then be. */
  readonly maxSlippageShare: Decimal;
}

/** Where the market stands; whole ticks of the symbol. */
export interface Touch {
  /** Best bid, or the last price where there is no book. */
  readonly bid: number;
  /** Best ask, likewise. */
  readonly ask: number;
  /** Difference of the touches as a share of their middle; null where there is no book. */
  readonly spreadShare: number | null;
}

/** What a chase does at one bar: the event for the order, if any, and why in words. */
export interface ChaseStep {
  readonly event: Extract<OrderEvent, { type: "order.reprice" | "order.cancel" }> | null;
  readonly text: string;
}

export interface ChaseMoment {
  /** The desk's time, Unix milliseconds. */
  readonly at: number;
  readonly barMs: number;
  readonly touch: Touch;
  readonly instrument: Instrument;
  /** Why nothing that adds exposure may leave now, or null: a better price is exposure too (P7). */
  readonly stopped: () => string | null;
}

/** Where the market stands by the book of the bar's close, or by the last price without one. */
export function touchOf({ price }: FramePlane, book: BookReading | undefined): Touch {
  const { bid = price, ask = price } = book ?? {};
  return { bid, ask, spreadShare: book?.spreadShare ?? null };
}

/** Keeps with a decision what was done about the lane's entry. */
export function withChase(facts: DecisionFacts | null, chase: string | null): DecisionFacts | null {
  return facts?.scanner === "engaged" && chase !== null ? { ...facts, chase } : facts;
}

/** Has the position's entry follow the price, within a turn; tells what was done in words. */
export function chaseEntry(
  system: ActorSystem,
  settings: ChaseSettings,
  positionId: string,
  moment: ChaseMoment,
): string | null {
  if (settings.reprices === 0) return null;
  const position = system.snapshot(actorName.position(positionId))?.context;
  const entry = (position as PositionContext | undefined)?.entry.intentId ?? "";
  const order = system.snapshot(actorName.order(entry))?.context as OrderContext | undefined;
  const step = order ? chaseStep(settings, order, moment) : null;
  if (step?.event) system.send(actorName.order(entry), step.event);
  return step?.text ?? null;
}

const percent = (share: number): string => `${Number((share * 100).toFixed(3))} %`;

/**
 * What is to be done about an entry that works: null where nothing is. It only ever follows the
 * price up, for an entry above the market fills by itself.
 */
export function chaseStep(
  settings: ChaseSettings,
  order: OrderContext,
  { at, barMs, touch, instrument, stopped }: ChaseMoment,
): ChaseStep | null {
  const { intent, live, repriced } = order;
  if (settings.reprices === 0 || intent.price === null || live.price === null) return null;
  if (!isResting(order)) return null;
  if (at - (repriced?.at ?? intent.createdAt) < settings.everyBars * barMs) return null;
  const ticksOf = (price: Decimal) => Math.round(Number(price) / Number(instrument.tick));
  if (touch.bid <= ticksOf(live.price)) return null;
  const braked = stopped();
  if (braked !== null) return { event: null, text: `not chased: ${braked}` };
  const first = ticksOf(intent.price);
  const count = repriced?.count ?? 0;
  if (count >= settings.reprices) return lastResort(settings, first, touch, at);
  const away = (touch.bid - first) / first;
  const mostAway = toNumber(settings.maxAwayShare);
  if (away > mostAway) {
    return givenUp(`the price is ${percent(away)} above the first, limit ${percent(mostAway)}`);
  }
  const price = priceOfTicks(instrument, touch.bid);
  const text = `moved from ${live.price} to ${price}, ${count + 1} of ${settings.reprices}`;
  return { event: { type: "order.reprice", price, at }, text };
}

/** Nothing is asked of it that is yet to be answered. */
function isResting({ ended, venueOrderId, wanted, live, replacement, cancelReason }: OrderContext) {
  const isAsked = (wanted !== null && differ(wanted, live)) || (replacement ?? null) !== null;
  return ended === null && venueOrderId !== null && cancelReason === null && !isAsked;
}

/** At market, if the market is near and narrow enough; else not at all. */
function lastResort(
  { reprices, maxSpreadShare, maxSlippageShare }: ChaseSettings,
  first: number,
  { ask, spreadShare }: Touch,
  at: number,
): ChaseStep {
  const after = `after ${reprices} ${reprices === 1 ? "move" : "moves"}`;
  if (maxSpreadShare === null) return givenUp(`not filled ${after}`);
  const mostSpread = toNumber(maxSpreadShare);
  if (spreadShare !== null && spreadShare > mostSpread) {
    return givenUp(
      `not filled ${after}, spread ${percent(spreadShare)}, limit ${percent(mostSpread)}`,
    );
  }
  const slippage = (ask - first) / first;
  const mostSlippage = toNumber(maxSlippageShare);
  if (slippage > mostSlippage) {
    return givenUp(
      `not filled ${after}, the market is ${percent(slippage)} above the first price, ` +
        `limit ${percent(mostSlippage)}`,
    );
  }
  return { event: { type: "order.reprice", price: null, at }, text: `at market ${after}` };
}

function givenUp(reason: string): ChaseStep {
  const text = `chase given up: ${reason}`;
  return { event: { type: "order.cancel", reason: text }, text };
}
