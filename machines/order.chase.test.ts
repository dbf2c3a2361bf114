/** One intent, several orders one after the other: an entry that follows the price. */
import { describe, expect, test } from "bun:test";
import { type Decimal, decimal } from "./domain/decimal.ts";
import { leftOf } from "./order.chase.ts";
import { orderMachine } from "./order.machine.ts";
import type { AmendInput, CancelInput, OrderEvent, SubmitInput } from "./order.types.ts";
import {
  absent,
  after,
  cancel,
  confirmed,
  denied,
  found,
  half,
  refused,
  region,
  type Step,
  type Stepped,
  says,
  submitUnknown,
  told,
} from "./order-events.fixture.ts";
import { fill, orderInput, orderStepper, venueOrder } from "./samples.fixture.ts";
import { Stepper } from "./stepping.fixture.ts";

const reprice = (price: number | null, at = 50): OrderEvent => ({
  type: "order.reprice",
  price: price === null ? null : decimal(price),
  at,
});
const unsupported = { type: "amend.refused", code: "unsupported", text: "no amend" } as const;
const next = { clientOrderId: "attempt-2", at: 60 };
const ended = (filled = "0", with_ = next): OrderEvent => ({
  type: "cancel.confirmed",
  order: venueOrder("canceled", { filled: decimal(filled), updatedAt: 5 }),
  next: with_,
});
/** To where the order was cancelled for another price, at a venue that has no amend. */
const toCancel: readonly Step[] = [confirmed, reprice(102), unsupported];
/** The venue takes the order that follows, of so much. */
const taken = (quantity = "1"): OrderEvent => ({
  type: "submit.confirmed",
  order: venueOrder("open", {
    ...{ venueOrderId: "venue-2", clientOrderId: "attempt-2", price: decimal(102) },
    ...{ quantity: decimal(quantity), updatedAt: 9 },
  }),
});
const fillOf = (attempt: 1 | 2, quantity: string, tradeId: string): OrderEvent => ({
  type: "order.fill",
  fill: {
    ...fill(tradeId, decimal(quantity)),
    ...{ venueOrderId: `venue-${attempt}`, clientOrderId: `attempt-${attempt}` },
  },
});

/** The latest request of a kind that is under way. */
function asked<T>(stepper: Stepped, src: string): T | undefined {
  return stepper.invoked.find((effect) => effect.src === src)?.input as T | undefined;
}

describe("another price", () => {
  test("is asked for in place, as an entry's and with what the order was placed with", () => {
    const stepper = orderStepper({ postOnly: true }).send(confirmed, reprice(102));
    const { role, request } = asked<AmendInput>(stepper, "amend") ?? {};
    expect([role, request?.price, request?.postOnly]).toEqual(["entry", decimal(102), true]);
    expect(stepper.snapshot.context.repriced).toEqual({ count: 1, at: 50 });
  });

  test("that a brake keeps back leaves the order as it rests", () => {
    const stepper = after(confirmed, reprice(102), { type: "amend.denied", reason: "brake" });
    expect([region(stepper, "held"), region(stepper, "asked")]).toEqual(["open", "none"]);
    expect([stepper.snapshot.context.wanted, stepper.wants]).toEqual([null, []]);
  });

  test("at a venue without amend ends the order first, and says what follows it", () => {
    const stepper = after(...toCancel);
    expect(region(stepper, "asked")).toBe("canceling.sent");
    expect(asked<CancelInput>(stepper, "cancel")?.next).toMatchObject({ attempt: 2 });
    expect(stepper.wants).toEqual(["cancel"]);
  });

  test("is sent under a new id once the order is proved over, for what is left", () => {
    const stepper = after(confirmed, half, reprice(102), unsupported, ended("0.5"));
    const { request } = asked<SubmitInput>(stepper, "submit") ?? {};
    expect(request).toMatchObject({
      ...{ clientOrderId: "attempt-2", quantity: decimal("0.5"), price: decimal(102) },
      ...{ type: "limit", side: "buy" },
    });
    expect(region(stepper, "held")).toBe("partial");
  });

  test("waits for the proof: a report of the end alone sends nothing", () => {
    const stepper = after(...toCancel, says("canceled"));
    expect([region(stepper, "asked"), stepper.wants]).toEqual(["canceling.sent", ["cancel"]]);
    expect(stepper.snapshot.context.ended).toBeNull();
  });

  test("follows a cancel of unknown fate only when it is looked up and over", () => {
    const lost: OrderEvent = { type: "cancel.unknown", cause: "reset", since: 5 };
    const looked = { ...found("canceled", { filled: decimal("0.2") }), next };
    const stepper = after(...toCancel, lost);
    expect(stepper.wants).toEqual(["lookUp"]);
    stepper.send(looked);
    expect(asked<SubmitInput>(stepper, "submit")?.request.quantity).toBe(decimal("0.8"));
  });

  test("is not sent where the order filled while it was cancelled", () => {
    const whole = venueOrder("filled", { filled: decimal(1), updatedAt: 5 });
    const stepper = after(...toCancel, { type: "cancel.confirmed", order: whole, next });
    expect(stepper.wants).toEqual([]);
    stepper.send(fillOf(1, "1", "trade-1"));
    expect([region(stepper, "held"), told(stepper).at(-1)]).toEqual(["filled", "order.ended"]);
  });

  test("is not sent once the desk cancels for good", () => {
    const stepper = after(...toCancel, cancel, ended());
    expect([region(stepper, "held"), stepper.wants]).toEqual(["canceled", []]);
  });

  test("counts fills of both orders, and is filled when the second one is", () => {
    const stepper = after(confirmed, half, reprice(102), unsupported, ended("0.5"), taken("0.5"));
    stepper.send(fillOf(2, "0.3", "trade-2"));
    expect([region(stepper, "held"), leftOf(stepper.snapshot.context)]).toEqual([
      "partial",
      decimal("0.2"),
    ]);
    stepper.send(fillOf(2, "0.2", "trade-3"));
    expect([region(stepper, "held"), stepper.snapshot.context.filled]).toEqual(["filled", "1"]);
  });

  test("is not complete by a late fill of the order before", () => {
    const stepper = after(...toCancel, ended("0.4"), taken("0.6"));
    stepper.send(fillOf(1, "0.4", "trade-1"), fillOf(1, "0.1", "trade-2"));
    stepper.send(fillOf(2, "0.5", "trade-3"));
    expect([region(stepper, "held"), leftOf(stepper.snapshot.context)]).toEqual([
      "partial",
      decimal("0.1"),
    ]);
    stepper.send(fillOf(2, "0.1", "trade-4"));
    expect([region(stepper, "held"), stepper.snapshot.context.filled]).toEqual(["filled", "1.1"]);
  });

  test("asks for the fills that the end of the order before spoke of", () => {
    const stepper = after(...toCancel, ended("0.4"), taken("0.6"));
    expect(region(stepper, "books")).toBe("behind.waiting");
    stepper.send(fillOf(1, "0.4", "trade-1"));
    expect(region(stepper, "books")).toBe("complete");
  });

  test("late word of the order before changes nothing of the present one", () => {
    const stepper = after(...toCancel, ended(), taken(), says("open", { updatedAt: 3 }));
    stepper.send(says("canceled", { updatedAt: 5 }));
    const { context } = stepper.snapshot;
    expect([region(stepper, "held"), context.live.price, context.illegal]).toEqual([
      "open",
      decimal(102),
      0,
    ]);
  });

  test("word that the order before lives on is alarmed", () => {
    const stepper = after(...toCancel, ended(), taken(), says("open", { updatedAt: 7 }));
    expect(stepper.snapshot.context.illegal).toBe(1);
    expect(stepper.sentTo("desk").at(-1)?.text).toBe(
      "Order is live at the venue, but was proved replaced",
    );
  });

  test("after the first refusal is not asked for in place again", () => {
    const stepper = after(...toCancel, ended(), taken(), reprice(103, 90));
    expect(stepper.wants).toEqual(["cancel"]);
    expect(stepper.snapshot.context.repriced).toEqual({ count: 2, at: 90 });
  });

  test("of what is unknown, over or being replaced is not asked for", () => {
    for (const steps of [[submitUnknown], [confirmed, says("canceled")], toCancel]) {
      const before = after(...steps).snapshot.context.repriced;
      expect(after(...steps, reprice(105)).snapshot.context.repriced).toEqual(before);
    }
  });

  test("that is no price is a market order, sent when the limit order is over", () => {
    const stepper = after(confirmed, reprice(null));
    expect(stepper.wants).toEqual(["cancel"]);
    stepper.send(ended("0.25"));
    expect(asked<SubmitInput>(stepper, "submit")?.request).toMatchObject({
      ...{ type: "market", price: null, quantity: decimal("0.75"), postOnly: false },
    });
  });
});

describe("what replaces an order", () => {
  const ends: [string, OrderEvent, string, string][] = [
    ["kept back by a brake", denied, "denied", "canceled"],
    ["refused", refused, "rejected", "canceled"],
  ];
  test.each(ends)("%s ends the intent, with what was filled", (_, event, unfilled, partly) => {
    expect(region(after(...toCancel, ended(), event), "held")).toBe(unfilled);
    const stepper = after(confirmed, half, reprice(102), unsupported, ended("0.5"), event);
    expect([region(stepper, "held"), stepper.snapshot.context.filled]).toEqual([partly, "0.5"]);
    expect(told(stepper).at(-1)).toBe("order.ended");
    expect(stepper.snapshot.context.illegal).toBe(0);
  });

  test("proved absent is sent again, within the limit of sendings for each order", () => {
    const third = { ...absent, clientOrderId: "attempt-3" };
    const stepper = after(confirmed, half, reprice(102), unsupported, ended("0.5"));
    stepper.send(submitUnknown, third);
    expect(asked<SubmitInput>(stepper, "submit")?.request.clientOrderId).toBe("attempt-3");
    stepper.send(submitUnknown, { ...third, clientOrderId: "attempt-4" });
    expect([region(stepper, "held"), stepper.wants]).toEqual(["canceled", []]);
  });

  test("made anew from the ledger knows what the orders before it filled", () => {
    const attempt = (number: number, quantity: string, price: number) => ({
      ...{ number, clientOrderId: `attempt-${number}`, quantity: decimal(quantity) },
      ...{ price: decimal(price), sentAt: number },
    });
    const attempts = [attempt(1, "1", 100), attempt(2, "0.6", 102), attempt(3, "0.6", 102)];
    const recovered = {
      ...{ attempts, venueOrderId: null, filled: decimal("0.4") as Decimal, ended: null, at: 9 },
      filledFor: decimal(40),
    };
    const input = { ...orderInput(), clientOrderId: "attempt-3", recovered };
    const stepper = new Stepper(orderMachine, input);
    const { context } = stepper.snapshot;
    expect(context.former?.map(({ clientOrderId }) => clientOrderId)).toEqual(["attempt-1"]);
    expect([leftOf(context), stepper.wants]).toEqual([decimal("0.6"), ["lookUp"]]);
  });
});

describe("what works is looked at unasked", () => {
  const roles = ["entry", "stop", "exit"] as const;
  const watchOf = (role: (typeof roles)[number], restingCheckMs?: number) => {
    const { settings, ...input } = orderInput({ role });
    const all = { ...settings, ...(restingCheckMs === undefined ? {} : { restingCheckMs }) };
    return new Stepper(orderMachine, { ...input, settings: all }).send(confirmed);
  };

  test.each(roles)("a %s, where stops are", (role) => {
    const stepper = watchOf(role, 900);
    expect(stepper.nextDeadline).toBe(role === "stop" ? 900 : 200);
    stepper.fire("workingCheck");
    expect(stepper.wants).toEqual(["lookUp"]);
  });

  test("an entry alone, where they are not", () => {
    expect(roles.map((role) => watchOf(role).pendingTimers.length)).toEqual([1, 0, 0]);
  });
});
