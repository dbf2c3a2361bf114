import { type Decimal, maximum, subtract, sum, zero } from "./domain/decimal.ts";
import type { VenueOrder } from "./domain/order.ts";
import type { Former, OrderContext, OrderInput, Terms } from "./order.types.ts";

/*
 * One intent, several orders one after the other: where a venue changes no price in place, the
 * order is ended, its final quantity proved, and another one placed for what is left.
 */

/** What all orders filled that the present one took the place of. */
export function formerFilled({ former = [] }: Pick<OrderContext, "former">): Decimal {
  return sum(former.map(({ filled, booked }) => maximum(filled, booked)));
}

/** What of the intent is neither filled nor given up: the present order's rest. */
export function leftOf(context: OrderContext): Decimal {
  const { live, filled } = context;
  const booked = sum((context.former ?? []).map((each) => each.booked));
  return subtract(live.quantity, subtract(filled, booked));
}

/** The order that another one took the place of, if this is said of it. */
export function formerIn(
  { former = [] }: OrderContext,
  said: Pick<VenueOrder, "venueOrderId" | "clientOrderId">,
): Former | undefined {
  return former.find(
    ({ clientOrderId, venueOrderId }) =>
      clientOrderId === said.clientOrderId ||
      (venueOrderId !== null && venueOrderId === said.venueOrderId),
  );
}

/** The same orders with one of them changed. */
export function withFormer(
  { former = [] }: OrderContext,
  changed: Former,
): { readonly former: readonly Former[] } {
  const { clientOrderId } = changed;
  return { former: former.map((each) => (each.clientOrderId === clientOrderId ? changed : each)) };
}

/** The terms of the attempt under way, as they were sent. */
export function presentTerms({ intent, recovered }: OrderInput): Terms {
  const { quantity, price } = recovered?.attempts.at(-1) ?? intent;
  return { quantity, price, stopPrice: intent.stopPrice };
}

/**
 * The ended orders of an intent that is made anew from the ledger. An attempt that was proved absent
 * was sent again as it was; one that was replaced went out at another price. What each filled is not
 * in the ledger, but what they filled together is: what the last attempt was not sent for.
 */
export function formerOf({ intent, recovered }: OrderInput): readonly Former[] {
  const attempts = recovered?.attempts ?? [];
  const replaced = attempts.filter(
    ({ price }, index) => index + 1 < attempts.length && attempts[index + 1]?.price !== price,
  );
  const all = subtract(intent.quantity, attempts.at(-1)?.quantity ?? intent.quantity);
  return replaced.map(({ clientOrderId }, index) => {
    const filled = index + 1 === replaced.length ? all : zero;
    return { clientOrderId, venueOrderId: null, filled, booked: filled, endedAt: 0 };
  });
}
