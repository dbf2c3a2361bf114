/** P6 by the venue's own record: what was held, what would have sold it, and for how long nothing. */
import type { RunConfig } from "../../adapters/cli/run-config.ts";
import {
  add,
  compare,
  type Decimal,
  isPositive,
  multiply,
  subtract,
  zero,
} from "../../machines/domain/decimal.ts";
import type { Instrument } from "../../machines/domain/instrument.ts";
import { isTerminal } from "../../machines/domain/order.ts";
import type { Evidence } from "./evidence.ts";

/** A time in which a position was held and no order at the venue would have sold all of it. */
export interface Uncovered {
  readonly positionId: string;
  /** Virtual time, Unix milliseconds. */
  readonly from: number;
  readonly forMs: number;
  /** Whether the desk was selling it by then. */
  readonly isClosing: boolean;
}

export interface Exposure {
  readonly uncovered: readonly Uncovered[];
  /** Moments at which more was for sale than was held, and stops that outlived their position. */
  readonly broken: readonly string[];
}

/** An order's look-ups in doubt are at most this far apart, milliseconds. */
const lookUpRetryMaxMs = 30_000;

/**
 * How long a position may stand without cover at most. At an honest venue not for a moment. Where
 * requests get lost, each attempt takes until it can no longer land and one look-up more; where
 * reports of a fill get lost, a look at the working entry finds it, or the look-up after that.
 */
export function exposureBoundMs({ desk, faults }: RunConfig): number {
  if (!faults) return 0;
  const { acceptLateMs, readLagMs, reportLateMs } = faults;
  const resolvedMs = acceptLateMs + readLagMs + lookUpRetryMaxMs;
  const seenMs = desk.order.workingCheckMs + lookUpRetryMaxMs;
  return seenMs + reportLateMs + desk.order.maxAttempts * resolvedMs;
}

interface LiveSell {
  readonly quantity: Decimal;
  readonly filled: Decimal;
}

/** What the venue has of one position while its events are gone through in order. */
interface Standing {
  held: Decimal;
  readonly sells: Map<string, LiveSell>;
  /** Lowest price at which the desk would have it sold: what makes it large enough to be sold. */
  stopPrice: Decimal;
}

interface Happening {
  readonly at: number;
  readonly apply: (standing: Standing) => void;
}

/** Goes through the venue's events of every position, judging after each instant. */
export function exposureOf(
  evidence: Evidence,
  instruments: ReadonlyMap<string, Instrument>,
): Exposure {
  const uncovered: Uncovered[] = [];
  const broken: string[] = [];
  for (const [positionId, happenings] of happeningsOf(evidence)) {
    const instrument = instruments.get(
      evidence.orders.find(({ intent }) => intent.positionId === positionId)?.intent.symbol ?? "",
    );
    if (!instrument) throw new Error(`Cannot judge position "${positionId}": unknown instrument`);
    const standing: Standing = { held: zero, sells: new Map(), stopPrice: zero };
    let since: number | null = null;
    const instants = [...Map.groupBy(happenings, ({ at }) => at)].sort(([a], [b]) => a - b);
    for (const [at, all] of instants) {
      for (const { apply } of all) apply(standing);
      const forSale = openQuantity(standing);
      if (compare(forSale, standing.held) > 0) {
        broken.push(`${positionId}: ${forSale} for sale at ${at}, ${standing.held} held`);
      }
      const isCovered = !canBeSold(standing, instrument) || compare(forSale, standing.held) >= 0;
      if (!isCovered) since ??= at;
      else if (since !== null) {
        if (at > since) uncovered.push(interval(evidence, positionId, since, at));
        since = null;
      }
    }
    if (since !== null) broken.push(`${positionId}: held without an order to sell it at the end`);
  }
  return { uncovered, broken: [...broken, ...outlived(evidence)] };
}

function interval(evidence: Evidence, positionId: string, from: number, to: number): Uncovered {
  const states = evidence.journal.positions.get(positionId) ?? [];
  const state = states.findLast(({ at }) => at <= from)?.state ?? "";
  const isClosing = ["switching", "closing"].includes(state);
  return { positionId, from, forMs: to - from, isClosing };
}

function openQuantity({ sells }: Standing): Decimal {
  let open = zero;
  for (const { quantity, filled } of sells.values()) open = add(open, subtract(quantity, filled));
  return open;
}

/** Below the venue's minimum nothing can be placed: dust, or an entry that only began to fill. */
function canBeSold({ held, stopPrice }: Standing, rules: Instrument): boolean {
  return (
    isPositive(held) &&
    compare(held, rules.minQuantity) >= 0 &&
    compare(multiply(held, stopPrice), rules.minNotional) >= 0
  );
}

/** At one instant, orders come before trades and ends after: each is listed in that order. */
function happeningsOf(evidence: Evidence): Map<string, Happening[]> {
  const all = new Map<string, Happening[]>();
  const on = (positionId: string, happening: Happening) => {
    const own = all.get(positionId) ?? [];
    own.push(happening);
    all.set(positionId, own);
  };
  for (const { intent } of evidence.orders) {
    const { stopPrice, positionId, createdAt } = intent;
    if (stopPrice === null) continue;
    on(positionId, {
      at: createdAt,
      apply: (standing) => {
        standing.stopPrice = stopPrice;
      },
    });
  }
  addTerms(evidence, on);
  addTrades(evidence, on);
  addEnds(evidence, on);
  return all;
}

type On = (positionId: string, happening: Happening) => void;

/** Quantities that the venue took on and changed, each at the time of the request that did it. */
function addTerms(evidence: Evidence, on: On): void {
  const known = new Map<string, Decimal>();
  for (const { seq, order } of evidence.witnessed.versions) {
    const intent = evidence.intentOf(order);
    if (!intent || intent.role === "entry") continue;
    const { venueOrderId, quantity } = order;
    const before = known.get(venueOrderId);
    if (before === quantity) continue;
    known.set(venueOrderId, quantity);
    const amend = evidence.journal.amends.findLast(
      (sent) => sent.intentId === intent.intentId && sent.seq <= seq,
    );
    const at = before === undefined ? order.createdAt : (amend?.at ?? order.updatedAt);
    on(intent.positionId, {
      at,
      apply: ({ sells }) => {
        sells.set(venueOrderId, { filled: sells.get(venueOrderId)?.filled ?? zero, quantity });
      },
    });
  }
}

function addTrades(evidence: Evidence, on: On): void {
  const orders = new Map(evidence.venue.orders.map((order) => [order.venueOrderId, order]));
  for (const { at, venueOrderId, side, quantity } of evidence.venue.trades) {
    const order = orders.get(venueOrderId);
    const intent = order && evidence.intentOf(order);
    if (!intent) continue;
    on(intent.positionId, {
      at,
      apply: (standing) => {
        const change = side === "buy" ? add : subtract;
        standing.held = change(standing.held, quantity);
        const sell = standing.sells.get(venueOrderId);
        if (!sell) return;
        standing.sells.set(venueOrderId, { ...sell, filled: add(sell.filled, quantity) });
      },
    });
  }
}

function addEnds(evidence: Evidence, on: On): void {
  for (const order of evidence.venue.orders) {
    const intent = evidence.intentOf(order);
    if (!intent || intent.role === "entry" || !isTerminal(order.state)) continue;
    on(intent.positionId, {
      at: order.updatedAt,
      apply: ({ sells }) => void sells.delete(order.venueOrderId),
    });
  }
}

/** Orders that live at the venue for a position that is over. */
function outlived(evidence: Evidence): string[] {
  const closed = new Set(
    evidence.positions.filter(({ state }) => state === "closed").map((row) => row.positionId),
  );
  return evidence.venue.orders
    .filter((order) => !isTerminal(order.state))
    .filter((order) => closed.has(evidence.intentOf(order)?.positionId ?? ""))
    .map((order) => `order ${order.venueOrderId} outlived its position`);
}
