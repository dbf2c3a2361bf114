import { isTerminal, type VenueOrder } from "../../../machines/domain/order.ts";

const openMax = 10_000;
const endedMax = 1_000;

/**
 * Orders as the stream last told them. Venues leave out of an update what has not changed, so that
 * a cancel carries hardly more than the order's id; and they repeat themselves after a reconnect.
 */
export class KnownOrders {
  readonly #open = new Map<string, VenueOrder>();
  /** Apart, so that a long-lived order is not pushed out by many short ones. */
  readonly #ended = new Map<string, VenueOrder>();

  get(venueOrderId: string): VenueOrder | undefined {
    return this.#open.get(venueOrderId) ?? this.#ended.get(venueOrderId);
  }

  /**
   * Takes over what an order is now. False if it tells nothing new: the same again, or an order
   * alive that had ended, which can only be late.
   */
  put(order: VenueOrder): boolean {
    const { venueOrderId } = order;
    const known = this.get(venueOrderId);
    if (known && isTerminal(known.state) && !isTerminal(order.state)) return false;
    const [kept, max] = isTerminal(order.state) ? [this.#ended, endedMax] : [this.#open, openMax];
    if (kept === this.#ended) this.#open.delete(venueOrderId);
    kept.set(venueOrderId, order);
    if (kept.size > max) {
      const oldest = kept.keys().next().value;
      if (oldest !== undefined) kept.delete(oldest);
    }
    return known === undefined || !isSame(known, order);
  }
}

function isSame(a: VenueOrder, b: VenueOrder): boolean {
  return (
    a.state === b.state &&
    a.filled === b.filled &&
    a.quantity === b.quantity &&
    a.price === b.price &&
    a.stopPrice === b.stopPrice &&
    a.clientOrderId === b.clientOrderId
  );
}
