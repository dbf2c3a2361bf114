import { decimal } from "./domain/decimal.ts";
import type { VenueOrder } from "./domain/order.ts";
import type { OrderEvent } from "./order.types.ts";
import { fill, orderStepper, positionActor, venueOrder } from "./samples.fixture.ts";

export type Stepped = ReturnType<typeof orderStepper>;
export type Step = OrderEvent | { readonly timer: string };

export const says = (state: VenueOrder["state"], overrides: Partial<VenueOrder> = {}) =>
  ({ type: "venue.order", order: venueOrder(state, overrides) }) as const;
export const confirmed = { type: "submit.confirmed", order: venueOrder("open") } as const;
export const submitUnknown = { type: "submit.unknown", cause: "time-out", since: 5 } as const;
export const unclear = { type: "lookUp.unclear", cause: "reset" } as const;
export const absent = {
  type: "lookUp.absent",
  evidence: "absent",
  clientOrderId: "attempt-2",
  at: 9,
} as const;
export const found = (state: VenueOrder["state"], overrides: Partial<VenueOrder> = {}) =>
  ({ type: "lookUp.found", order: venueOrder(state, overrides) }) as const;
export const cancel = { type: "order.cancel", reason: "asked" } as const;
export const more = { quantity: decimal(2), price: decimal(100), stopPrice: null };
export const amend = { type: "order.amend", wanted: more } as const;
export const declaredAbsent = { type: "order.absent", by: "by ann: looked", at: 9 } as const;
export const placedAt = {
  type: "order.placed",
  venueOrderId: "venue-1",
  by: "by ann: looked",
  at: 9,
} as const;
export const denied = { type: "submit.denied", reason: "brake" } as const;
export const refused = { type: "submit.refused", code: "other", text: "no" } as const;
export const half = { type: "order.fill", fill: fill("trade-1", decimal("0.5")) } as const;
export const rest = { type: "order.fill", fill: fill("trade-2", decimal("0.5")) } as const;
export const whole = { type: "order.fill", fill: fill("trade-3", decimal(1)) } as const;
export const amendUnknown = { type: "amend.unknown", cause: "reset", since: 5 } as const;
export const cancelUnknown = { type: "cancel.unknown", cause: "reset", since: 5 } as const;
export const cancelRefused = {
  type: "cancel.refused",
  code: "other",
  text: "no",
  since: 5,
} as const;
export const thrown = (src: string) =>
  ({ type: `xstate.error.actor.${src}`, error: "thrown", actorId: src }) as unknown as OrderEvent;

export function after(...steps: readonly Step[]): Stepped {
  const stepper = orderStepper();
  for (const step of steps) {
    if ("timer" in step) stepper.fire(step.timer);
    else stepper.send(step);
  }
  return stepper;
}

/** A state as a path: `canceling.unknown.looking`. */
export function path(value: unknown): string {
  if (typeof value === "string") return value;
  const [[key, inner] = ["", ""]] = Object.entries(value as object);
  return `${key}.${path(inner)}`;
}

export function region(
  stepper: Stepped,
  name: "held" | "asked" | "books" | "watch" | "patience",
): string {
  const { value } = stepper.snapshot as { value: unknown };
  if (value === "settled") return "settled";
  return path((value as { live: Record<string, unknown> }).live[name]);
}

export const told = (stepper: Stepped) => stepper.sentTo(positionActor).map(({ type }) => type);
