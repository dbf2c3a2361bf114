import { describe, expect, test } from "bun:test";
import { decimal } from "./domain/decimal.ts";
import type { LookUpInput, SubmitInput } from "./order.types.ts";
import {
  absent,
  after,
  amend,
  amendUnknown,
  cancel,
  cancelRefused,
  confirmed,
  denied,
  found,
  half,
  refused,
  region,
  rest,
  says,
  submitUnknown,
  thrown,
  told,
  whole,
} from "./order-events.fixture.ts";
import { fill, orderStepper, positionActor, venueOrder } from "./samples.fixture.ts";

const input = <T>(stepper: ReturnType<typeof after>) => stepper.invoked[0]?.input as T;

describe("an unknown submit", () => {
  test("is looked up before anything is sent again", () => {
    expect(after(submitUnknown).wants).toEqual(["lookUp"]);
  });

  test("is looked up under the id that was sent, and since it was sent", () => {
    expect(input<LookUpInput>(after(submitUnknown))).toMatchObject({
      clientOrderId: "attempt-1",
      doubt: "submit",
      since: 5,
      known: false,
      nextAttempt: 2,
    });
  });

  test("proved absent is sent again, once, under a new id", () => {
    const stepper = after(submitUnknown, absent);
    expect(stepper.wants).toEqual(["submit"]);
    expect(input<SubmitInput>(stepper).request.clientOrderId).toBe("attempt-2");
    expect(stepper.snapshot.context.attempts.map(({ number }) => number)).toEqual([1, 2]);
  });

  test("proved absent at its last attempt is rejected as never placed", () => {
    const stepper = after(submitUnknown, absent, submitUnknown, absent);
    expect(region(stepper, "held")).toBe("rejected");
    expect(stepper.snapshot.context.reason).toBe("proved never placed");
    expect(stepper.wants).toEqual([]);
  });

  test("whose cancel was asked meanwhile is not sent again", () => {
    const stepper = after(submitUnknown, cancel, absent);
    expect([region(stepper, "held"), stepper.wants]).toEqual(["canceled", []]);
  });

  test.each([
    ["an open report", says("open")],
    ["a filled report", says("filled", { filled: decimal(1) })],
    ["a fill", half],
  ])("called absent after %s is looked up again, never sent again", (_, evidence) => {
    const stepper = after(submitUnknown, evidence, absent);
    expect(region(stepper, "asked")).toBe("submitting.unknown.waiting");
    expect(stepper.snapshot.context.ended).toBeNull();
    expect(stepper.fire("lookUpRetry").wants).toContain("lookUp");
  });

  test("whose handler threw at a second attempt is in doubt since that attempt", () => {
    const stepper = after(submitUnknown, absent, thrown("submit"));
    expect(input<LookUpInput>(stepper).since).toBe(absent.at);
  });

  test("waits longer before each look-up, up to half a minute", () => {
    const stepper = after(submitUnknown);
    const waits = Array.from({ length: 14 }, () => {
      stepper.send({ type: "lookUp.unclear", cause: "reset" });
      const wait = (stepper.nextDeadline ?? 0) - stepper.now;
      stepper.fire("lookUpRetry");
      return wait;
    });
    expect(waits.slice(0, 3)).toEqual([20, 40, 80]);
    expect(Math.max(...waits)).toBeLessThanOrEqual(30_000);
  });
});

describe("a brake's denial", () => {
  test("ends the order, and nothing is asked any more", () => {
    const stepper = after(denied, cancel, amend);
    expect([region(stepper, "held"), stepper.wants]).toEqual(["denied", []]);
    expect(told(stepper)).toEqual(["order.ended"]);
  });
});

describe("a cancel", () => {
  test("asked while submitting waits for the submit's answer", () => {
    const stepper = after(cancel);
    expect(stepper.wants).toEqual(["submit"]);
    expect(stepper.send(confirmed).wants).toEqual(["cancel"]);
  });

  test("refused is looked up, never taken for still alive", () => {
    const stepper = after(confirmed, cancel, cancelRefused);
    expect([region(stepper, "held"), stepper.wants]).toEqual(["open", ["lookUp"]]);
  });

  test("proved not to have happened is asked again", () => {
    expect(after(confirmed, cancel, cancelRefused, found("open")).wants).toEqual(["cancel"]);
  });

  test("refused again and again is asked only after a pause", () => {
    const again = [1, 2, 3, 4].flatMap(() => [cancelRefused, found("open")]);
    const stepper = after(confirmed, cancel, ...again);
    expect([region(stepper, "asked"), stepper.wants]).toEqual(["canceling.resting", []]);
    expect(stepper.fire("lookUpRetry").wants).toEqual(["cancel"]);
  });

  test("at rest is given up once a report says that the order ended", () => {
    const again = [1, 2, 3, 4].flatMap(() => [cancelRefused, found("open")]);
    expect(region(after(confirmed, cancel, ...again, says("canceled")), "asked")).toBe("none");
  });

  test("is not asked of an order that the venue calls filled, though its fills are on their way", () => {
    const filled = says("filled", { filled: decimal(1) });
    expect(after(confirmed, filled, cancel).wants).toEqual([]);
    const stepper = after(
      confirmed,
      cancel,
      cancelRefused,
      found("filled", { filled: decimal(1) }),
    );
    expect([region(stepper, "asked"), stepper.wants]).toEqual(["none", []]);
  });

  test("is asked when patience is over", () => {
    const stepper = orderStepper({ patienceMs: 50 }).send(confirmed).fire("patience");
    expect([stepper.now, stepper.wants]).toEqual([50, ["cancel"]]);
    expect(stepper.snapshot.context.cancelReason).toBe("patience");
  });
});

describe("a report", () => {
  test("of open that is older than the cancel changes nothing", () => {
    const stepper = after(confirmed, says("canceled", { updatedAt: 5 }));
    const before = stepper.snapshot.context;
    stepper.send(says("open", { updatedAt: 3 }));
    expect([region(stepper, "held"), stepper.snapshot.context]).toEqual(["canceled", before]);
  });

  test("that is old does not put back old terms", () => {
    const stepper = after(confirmed, says("open", { quantity: decimal(2), updatedAt: 5 }));
    stepper.send(says("open", { quantity: decimal(1), updatedAt: 3 }));
    expect(stepper.snapshot.context.live.quantity).toBe(decimal(2));
  });

  test.each([
    ["canceled", [confirmed, says("canceled")]],
    ["rejected", [refused]],
    ["denied", [denied]],
    ["rejected", [submitUnknown, absent, submitUnknown, absent]],
  ])("of life newer than its end as %s is alarmed, and brings nothing back", (held, steps) => {
    const stepper = after(...steps, says("open", { updatedAt: 9 }));
    expect(region(stepper, "held")).toBe(held);
    expect(stepper.sentTo("desk")).toEqual([
      {
        type: "alarm.raised",
        from: "order:paper:main/BTC/USD/1/entry",
        text: `Order is live at the venue, but was proved ${held}`,
      },
    ]);
  });

  test("of less filled does not take anything back", () => {
    const stepper = after(confirmed, says("partial", { filled: decimal("0.5") }), says("open"));
    expect(stepper.snapshot.context.reported).toBe(decimal("0.5"));
  });
});

describe("fills", () => {
  test("complete the order by themselves, before any report", () => {
    const stepper = after(confirmed, half, rest);
    expect(region(stepper, "held")).toBe("filled");
    expect(stepper.snapshot.context).toMatchObject({ filled: "1", filledFor: "100" });
  });

  test("after a confirmed cancel are booked, and it stays canceled", () => {
    const stepper = after(confirmed, says("canceled"), half);
    expect([region(stepper, "held"), stepper.snapshot.context.filled]).toEqual(["canceled", "0.5"]);
    expect(told(stepper)).toEqual(["order.opened", "order.ended", "order.filled"]);
  });

  test("that the venue speaks of are waited for before the end is told", () => {
    const stepper = after(confirmed, half, says("canceled", { filled: decimal(1) }));
    expect([region(stepper, "books"), told(stepper)]).toEqual([
      "behind.waiting",
      ["order.opened", "order.filled"],
    ]);
    stepper.send(rest);
    expect(told(stepper).at(-1)).toBe("order.ended");
  });

  test("that stay away are fetched", () => {
    const stepper = after(confirmed, says("filled", { filled: decimal(1) })).fire("fillGrace");
    expect(stepper.wants).toEqual(["fetchFills"]);
    stepper.send({ type: "fills.unclear", cause: "reset" }).fire("fillGrace");
    // The answer's fills are booked before the answer itself is told.
    stepper.send(whole, { type: "fills.fetched" });
    expect([region(stepper, "held"), stepper.snapshot.context.illegal]).toEqual(["filled", 0]);
  });

  test("of an entry that rests are looked for unasked, and found though every report was lost", () => {
    const stepper = after(confirmed).fire("workingCheck");
    expect([region(stepper, "asked"), stepper.wants]).toEqual(["checking.looking", ["lookUp"]]);
    stepper.send(found("open")).fire("workingCheck");
    stepper.send(half, found("partial", { filled: decimal("0.5") }));
    expect([region(stepper, "held"), region(stepper, "watch")]).toEqual(["partial", "running"]);
    stepper.send(rest, found("filled", { filled: decimal(1) }));
    expect(region(stepper, "watch")).toBe("over");
    expect(stepper.pendingTimers.filter((id) => id.includes("workingCheck"))).toEqual([]);
  });

  test("of what adds no exposure are left to reports and the reconciler", () => {
    const stepper = orderStepper({ role: "stop" }).send(confirmed);
    expect([region(stepper, "watch"), stepper.pendingTimers]).toEqual(["unset", []]);
  });

  test("up to the old quantity do not complete an order that may have been amended", () => {
    const stepper = after(confirmed, amend, amendUnknown, whole);
    expect([region(stepper, "held"), stepper.snapshot.context.ended]).toEqual(["partial", null]);
  });

  test("complete it once the venue says that this is all", () => {
    const filled = { filled: decimal(1), quantity: decimal(1), updatedAt: 9 };
    const stepper = after(confirmed, amend, amendUnknown, whole, found("filled", filled));
    expect([region(stepper, "held"), region(stepper, "asked")]).toEqual(["filled", "none"]);
  });

  test("complete an order that was amended down to what had filled", () => {
    const less = { quantity: decimal("0.5"), price: decimal(100), stopPrice: null };
    const stepper = after(confirmed, half, { type: "order.amend", wanted: less });
    const order = venueOrder("filled", { quantity: less.quantity, filled: less.quantity });
    stepper.send({ type: "amend.confirmed", order });
    expect([region(stepper, "held"), told(stepper).at(-1)]).toEqual(["filled", "order.ended"]);
  });

  test("before the submit's answer tell that the order rests", () => {
    expect(told(after(half))).toEqual(["order.opened", "order.filled"]);
  });

  test("after it settled are booked and told, and it is buried again", () => {
    const stepper = after(refused).fire("settleWindow");
    expect(stepper.snapshot.hasTag("finished")).toBe(true);
    stepper.send({ type: "order.fill", fill: fill("late", decimal("0.5")) });
    expect(stepper.snapshot.context.filled).toBe(decimal("0.5"));
    expect(told(stepper)).toEqual(["order.ended", "order.filled"]);
    expect(stepper.snapshot.hasTag("finished")).toBe(true);
  });
});

describe("an amendment", () => {
  test("refused is not asked again, and the order as it is is told", () => {
    const stepper = after(confirmed, amend, { type: "amend.refused", code: "other", text: "no" });
    stepper.send(found("open"));
    expect([region(stepper, "asked"), stepper.wants]).toEqual(["none", []]);
    expect(stepper.sentTo(positionActor).at(-1)).toMatchObject({
      type: "order.amended",
      live: { quantity: "1" },
      wanted: null,
    });
  });

  test("wanted while another is under way is asked after it", () => {
    const third = { quantity: decimal(3), price: decimal(100), stopPrice: null };
    const stepper = after(confirmed, amend, { type: "order.amend", wanted: third });
    const order = venueOrder("open", { quantity: decimal(2), updatedAt: 2 });
    stepper.send({ type: "amend.confirmed", order });
    expect([region(stepper, "asked"), stepper.wants]).toEqual(["amending.sent", ["amend"]]);
    expect(stepper.sentTo(positionActor).at(-1)).toMatchObject({ wanted: third });
  });
});

test("an order that ended settles only once nothing is asked any more", () => {
  const stepper = after(confirmed, amend, whole, says("filled", { filled: decimal(1) }));
  stepper.fire("settleWindow");
  expect(region(stepper, "books")).toBe("told");
  stepper.send({ type: "amend.refused", code: "alreadyDone", text: "done" }, found("filled"));
  stepper.fire("settleWindow");
  expect(region(stepper, "held")).toBe("settled");
});
