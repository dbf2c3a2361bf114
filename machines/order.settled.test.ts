/** Orders whose fate the operator settles, and orders that were somebody else's. */
import { describe, expect, test } from "bun:test";
import { decimal, zero } from "./domain/decimal.ts";
import { orderMachine } from "./order.machine.ts";
import type { LookUpInput } from "./order.types.ts";
import {
  after,
  amend,
  amendUnknown,
  cancel,
  cancelUnknown,
  confirmed,
  declaredAbsent,
  found,
  half,
  placedAt,
  region,
  type Step,
  says,
  submitUnknown,
  told,
  unclear,
} from "./order-events.fixture.ts";
import { orderInput, orderSettings, venueOrder } from "./samples.fixture.ts";
import { Stepper } from "./stepping.fixture.ts";

const doubts: readonly (readonly [string, readonly Step[]])[] = [
  ["a submit", [submitUnknown]],
  ["a submit, between two looks", [submitUnknown, unclear]],
  ["an amendment", [confirmed, amend, amendUnknown]],
  ["a cancel", [confirmed, cancel, cancelUnknown]],
  ["an order that was known", [confirmed, { type: "order.doubt", since: 5 }]],
  ["an order that filled in part", [confirmed, half, { type: "order.doubt", since: 5 }]],
];

describe("called absent while in doubt of", () => {
  test.each(doubts)(
    "%s, it ends as the operator's word, and nothing is asked any more",
    (_, steps) => {
      const stepper = after(...steps).send(declaredAbsent);
      const { ended, reason, declared, attempts } = stepper.snapshot.context;
      expect([region(stepper, "held"), region(stepper, "asked")]).toEqual(["canceled", "none"]);
      expect({ ended, reason, declared, sent: attempts.length }).toEqual({
        ended: "canceled",
        reason: "declared absent by ann: looked",
        declared: { by: "by ann: looked", at: 9 },
        sent: 1,
      });
      expect(told(stepper).at(-1)).toBe("order.ended");
      expect(stepper.wants).toEqual([]);
    },
  );

  test("a submit, and told of as live after all, it raises an alarm and stays over", () => {
    const stepper = after(submitUnknown, declaredAbsent, says("open", { updatedAt: 20 }));
    expect(region(stepper, "held")).toBe("canceled");
    expect(stepper.sentTo("desk").at(-1)).toMatchObject({
      type: "alarm.raised",
      text: "Order is live at the venue, but was proved canceled",
    });
  });

  test("nothing, it stays as it is and the word is recorded as illegal", () => {
    const stepper = after(confirmed, declaredAbsent);
    const { ended, illegal, declared } = stepper.snapshot.context;
    expect([region(stepper, "held"), ended, illegal, declared]).toEqual([
      "open",
      null,
      1,
      undefined,
    ]);
  });
});

describe("said to be placed under an id of the venue's", () => {
  const input = (stepper: ReturnType<typeof after>) =>
    stepper.invoked.find(({ src }) => src === "lookUp")?.input as LookUpInput;

  test("it is looked up by that id, at once and from then on", () => {
    const stepper = after(submitUnknown, unclear, placedAt);
    expect(input(stepper)).toMatchObject({ named: "venue-1", doubt: "submit" });
    stepper.send(unclear).fire("lookUpRetry");
    expect(input(stepper).named).toBe("venue-1");
    stepper.send(found("open"), { type: "order.doubt", since: 30 });
    expect([region(stepper, "held"), input(stepper).named]).toEqual(["open", "venue-1"]);
  });

  test("it stays in doubt until it is found there", () => {
    const stepper = after(submitUnknown, placedAt);
    expect(stepper.snapshot.hasTag("unknown")).toBe(true);
    expect(stepper.snapshot.context.venueOrderId).toBeNull();
  });
});

describe("a claimed order", () => {
  const claimed = () => {
    const input = orderInput({ role: "foreign", createdAt: 50 });
    const [attempts, at] = [[], 50];
    const recovered = { attempts, venueOrderId: "venue-1", filled: zero, filledFor: zero };
    return new Stepper(orderMachine, {
      ...{ ...input, named: "venue-1", settings: orderSettings },
      recovered: { ...recovered, ended: null, at },
    });
  };
  const lookUp = (quantity: string, before: string) => ({
    ...{ type: "lookUp.found" as const, before: decimal(before) },
    order: venueOrder("partial", { filled: decimal(quantity) }),
  });

  test("is looked up by the venue's id, as of when it was claimed, and never sent", () => {
    const [asked, ...others] = claimed().invoked;
    expect([asked?.src, others]).toEqual(["lookUp", []]);
    expect(asked?.input).toMatchObject({ named: "venue-1", claimedAt: 50, known: true });
  });

  test("counts what had filled before as filled, and waits for no fill of that", () => {
    const stepper = claimed().send(lookUp("0.4", "0.4"));
    expect([stepper.snapshot.context.filled, region(stepper as never, "books")]).toEqual([
      decimal("0.4"),
      "complete",
    ]);
  });

  test("learns of an earlier fill that was told late, and counts its own beside it", () => {
    const stepper = claimed().send(lookUp("0.4", "0.1"));
    expect(region(stepper as never, "books")).toBe("behind.waiting");
    stepper.fire("fillGrace");
    stepper.send({ type: "fills.fetched", before: decimal("0.4") });
    expect(region(stepper as never, "books")).toBe("complete");
    stepper.send(half);
    expect(stepper.snapshot.context).toMatchObject({ filled: "0.9", before: "0.4" });
  });
});
