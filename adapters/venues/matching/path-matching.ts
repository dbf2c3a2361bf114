import {
  type Decimal,
  fromFloat,
  isPositive,
  minimum,
  roundToStep,
  subtract,
  toNumber,
} from "../../../machines/domain/decimal.ts";
import type { Instrument } from "../../../machines/domain/instrument.ts";
import { arrive, endOrder, execute, remaining, trigger } from "./execution.ts";
import { type Meeting, nextMeeting, type Path, priceAt, takingPrice } from "./fill-rules.ts";
import type { EngineOrder } from "./rows.ts";
import type { EngineState, Market } from "./state.ts";

/** An order on its way along the path, and what it meets next there. */
interface Traveller {
  order: EngineOrder;
  position: number;
  fresh: boolean;
  meeting: Meeting | null;
}

/** Volumes are floats from the data plane; the lot they are rounded to is coarser than this. */
const volumePlaces = 12;

/**
 * Matches a symbol's orders against one stretch of the price's path, in the order in which the
 * path meets them.
 *
 * @param volume base coin traded on the stretch; null for no limit.
 */
export function matchPath(
  state: EngineState,
  market: Market,
  path: Path,
  volume: number | null,
): void {
  const travellers: Traveller[] = [];
  for (const order of market.working.values()) {
    if (order.activeAt > path.at) continue;
    const fresh = !order.arrived;
    const position = fresh ? priceAt(path, order.activeAt, order.side) : path.from;
    const arrived = fresh ? arrive(state, order) : order;
    const meeting = nextMeeting(arrived, path, position, fresh);
    if (meeting !== null) travellers.push({ order: arrived, position, fresh, meeting });
  }
  if (travellers.length === 0) return;
  let budget = budgetOf(state, market.instrument, volume, travellers);
  for (;;) {
    const next = firstMet(travellers, path);
    if (next === null) return;
    budget = meet(state, market, path, next, budget);
  }
}

/** What our orders may fill of a volume, or null if that is more than they could want. */
function budgetOf(
  state: EngineState,
  instrument: Instrument,
  volume: number | null,
  travellers: readonly Traveller[],
): Decimal | null {
  const share = state.settings.volumeShare;
  if (share === null || volume === null) return null;
  let wanted = 0;
  for (const { order } of travellers) wanted += toNumber(order.quantity);
  // Floats do for what is plenty; what is scarce is counted exactly.
  if (volume * share > 2 * wanted) return null;
  return roundToStep(fromFloat(volume * share, volumePlaces), instrument.lot, "down");
}

/** The nearest meeting on the path; the order accepted first where two are as near. */
function firstMet(travellers: readonly Traveller[], path: Path): Traveller | null {
  let first: Traveller | null = null;
  let nearest = Number.POSITIVE_INFINITY;
  for (const traveller of travellers) {
    if (traveller.meeting === null) continue;
    const distance = Math.abs(traveller.meeting.ticks - path.from);
    if (distance >= nearest) continue;
    nearest = distance;
    first = traveller;
  }
  return first;
}

/** Lets a traveller's meeting happen; answers what is left of the volume. */
function meet(
  state: EngineState,
  market: Market,
  path: Path,
  traveller: Traveller,
  budget: Decimal | null,
): Decimal | null {
  const { order, meeting } = traveller;
  traveller.meeting = null;
  if (meeting === null) return budget;
  switch (meeting.type) {
    case "trigger":
      traveller.order = trigger(state, order, path.at);
      traveller.position = meeting.ticks;
      traveller.meeting = nextMeeting(traveller.order, path, meeting.ticks, true);
      return budget;
    case "refuse":
      endOrder(state, order, "canceled", "would take liquidity", path.at);
      return budget;
    case "expire":
      endOrder(state, order, "expired", "found nothing to take at once", path.at);
      return budget;
    case "make":
      return fill(state, market, path, order, meeting.price, "maker", budget).budget;
    case "take": {
      const price = takingPrice(order, meeting.ticks, state.settings);
      const after = fill(state, market, path, order, price, "taker", budget);
      if (after.order.timeInForce === "ioc" && after.order.ended === null) {
        endOrder(state, after.order, "expired", "found no more to take at once", path.at);
      }
      return after.budget;
    }
  }
}

function fill(
  state: EngineState,
  market: Market,
  path: Path,
  order: EngineOrder,
  ticks: number,
  liquidity: "maker" | "taker",
  budget: Decimal | null,
): { order: EngineOrder; budget: Decimal | null } {
  const wanted = remaining(order);
  const quantity = budget === null ? wanted : minimum(wanted, budget);
  if (!isPositive(quantity)) return { order, budget };
  const after = execute(state, market, order, { ticks, quantity, liquidity, now: path.at });
  if (budget === null) return { order: after, budget };
  const used = subtract(after.filled, order.filled);
  return { order: after, budget: subtract(budget, used) };
}
