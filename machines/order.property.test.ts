import { expect, test } from "bun:test";
import fc from "fast-check";
import { compare, type Decimal, decimal, isZero, sum } from "./domain/decimal.ts";
import { isTerminal, venueOrderStates } from "./domain/order.ts";
import { Choices } from "./model-venue.fixture.ts";
import type { OrderEvent } from "./order.types.ts";
import { OrderWorld } from "./order-world.fixture.ts";
import { fill, orderSettings, orderStepper, positionActor, venueOrder } from "./samples.fixture.ts";
import { allStates, statesOf } from "./stepping.fixture.ts";

const seed = 20_261_121;
/** State nodes that the runs of this file came to. */
const reached = new Set<string>();
/** How often those orders were replaced that were filled in the end. */
const chased = new Set<number>();
const over = ["filled", "canceled", "expired", "rejected", "denied", "settled"];
/** Steps after which a fair run that goes on is a loop. */
const bound = 2_000;
/** Requests of one order at one instant after which it is a loop. */
const instantBound = 25;

/** Checks after every step what must never be otherwise. */
function check(world: OrderWorld, before: { filled: Decimal; held: string }): void {
  const { venue, held, stepper } = world;
  const { context } = stepper.snapshot;
  const fail = (text: string) => {
    throw new Error(`${text}: ${JSON.stringify(stepper.snapshot.value)}`);
  };
  if (venue.live > 1) fail(`P2: ${venue.live} live venue orders of one intent`);
  if (new Set(world.submitted).size !== world.submitted.length) fail("P2: one id was sent twice");
  const former = context.former ?? [];
  if (venue.orders.size > former.length + 1) fail("P2: placed again though the last one lives");
  for (const { clientOrderId, filled } of former) {
    const order = venue.order(clientOrderId);
    if (!order || !isTerminal(order.state)) fail("P2: replaced, but not over");
    if (order && order.filled !== filled) fail("replaced by a quantity that is not its final one");
  }
  // An entry's quantity is the intent's, however often it is placed.
  if (context.intent.role === "entry" && compare(venue.bought, context.intent.quantity) > 0) {
    fail(`bought ${venue.bought}`);
  }
  if (former.length > 0 && held === "filled") chased.add(former.length);
  if (context.filled !== sum(world.booked.values())) fail("P4: filled is not the sum of its fills");
  if (compare(context.filled, before.filled) < 0) fail("P4: filled shrank");
  if (over.includes(before.held) && !over.includes(held))
    fail("a terminal order came back to life");
  const current = venue.order(context.clientOrderId);
  if (over.includes(held) && current && !isTerminal(current.state)) fail("over, but live at venue");
  if (held === "filled" && current?.state !== "filled") fail("filled, but not at the venue");
  if (over.includes(held) !== (context.ended !== null)) fail("held and ended disagree");
  if (world.denied && venue.orders.size > former.length) fail("P7: denied, but placed");
  if (context.illegal > 0) fail(`took "${context.lastIllegal}" for illegal`);
  const now = world.requests.filter(({ at }) => at === venue.now);
  if (now.length > instantBound)
    fail(`asked ${now.map(({ src }) => src).join(" ")} at one instant`);
}

/** What was told of its end: each time more was filled than the time before. */
function checkTold(world: OrderWorld): void {
  const told = world.stepper.sentTo(positionActor).filter(({ type }) => type === "order.ended");
  const filled = told.map((event) => event.filled as string);
  expect(told.length).toBeGreaterThan(0);
  expect(filled).toEqual([...new Set(filled)]);
}

const world = fc.record({
  choices: fc.array(fc.nat(999), { maxLength: 150, size: "max" }),
  patienceMs: fc.constantFrom(null, 60, 400),
  role: fc.constantFrom("entry" as const, "stop" as const),
  cancelRefusals: fc.constantFrom(0, 0, 5),
  chases: fc.boolean(),
});

test("an order keeps its promises against a venue that loses, delays, repeats and reorders", () => {
  const configurations = new Set<string>();
  fc.assert(
    fc.property(world, ({ choices, patienceMs, role, cancelRefusals, chases }) => {
      const drawn = new Choices(choices);
      const run = new OrderWorld(drawn, { patienceMs, role }, cancelRefusals, chases);
      let steps = 0;
      for (let more = true; more; steps++) {
        const before = { filled: run.stepper.snapshot.context.filled, held: run.held };
        more = run.step();
        check(run, before);
        configurations.add(JSON.stringify(run.stepper.snapshot.value));
        for (const state of statesOf(run.stepper.snapshot)) reached.add(state);
        if (steps > bound) throw new Error(`no end: ${JSON.stringify(run.stepper.snapshot.value)}`);
      }
      expect({ settled: run.isSettled, booked: isZero(run.unbooked) }).toEqual({
        settled: true,
        booked: true,
      });
      checkTold(run);
    }),
    { seed, numRuns: 1_500 },
  );
  console.log(`seed ${seed}: ${configurations.size} configurations`);
  expect(configurations.size).toBeGreaterThan(150);
  expect([...chased].sort().slice(0, 2)).toEqual([1, 2]);
});

const carriers = [
  "submit.confirmed",
  "lookUp.found",
  "amend.confirmed",
  "cancel.confirmed",
  "venue.order",
] as const;

const anyEvent: fc.Arbitrary<OrderEvent | { type: "timer"; index: number }> = fc.oneof(
  fc.record({
    type: fc.constantFrom(...carriers),
    order: fc
      .record({
        state: fc.constantFrom(...venueOrderStates),
        filled: fc.nat(5),
        updatedAt: fc.nat(9),
      })
      .map(({ state, filled, updatedAt }) =>
        venueOrder(state, { filled: decimal(filled), updatedAt }),
      ),
  }),
  fc.record({
    type: fc.constantFrom("submit.refused" as const, "amend.refused" as const),
    code: fc.constant("other"),
    text: fc.constant("no"),
  }),
  fc.record({
    type: fc.constantFrom("submit.unknown" as const, "amend.unknown" as const),
    cause: fc.constant("reset"),
    since: fc.nat(9),
  }),
  fc.constantFrom<OrderEvent[]>(
    { type: "submit.denied", reason: "brake" },
    { type: "cancel.refused", code: "other", text: "no", since: 1 },
    { type: "cancel.unknown", cause: "reset", since: 1 },
    { type: "lookUp.unclear", cause: "reset" },
    { type: "lookUp.absent", evidence: "absent", clientOrderId: "attempt-2", at: 5 },
    { type: "fills.fetched" },
    { type: "fills.unclear", cause: "reset" },
    { type: "order.cancel", reason: "asked" },
    { type: "order.doubt", since: 3 },
    { type: "order.reprice", price: decimal(102), at: 4 },
    { type: "order.reprice", price: null, at: 4 },
    { type: "amend.denied", reason: "brake" },
    { type: "amend.refused", code: "unsupported", text: "no" },
    {
      type: "cancel.confirmed",
      order: venueOrder("canceled"),
      next: { clientOrderId: "x", at: 5 },
    },
    { type: "lookUp.found", order: venueOrder("canceled"), next: { clientOrderId: "y", at: 5 } },
    { type: "order.absent", by: "by ann", at: 5 },
    { type: "order.placed", venueOrderId: "venue-1", by: "by ann", at: 5 },
    { type: "order.fill", fill: fill("trade", decimal(1)) },
    { type: "order.fill", fill: fill("trade", decimal(1)) },
    {
      type: "order.amend",
      wanted: { quantity: decimal(3), price: decimal(101), stopPrice: null },
    },
  ),
  fc.record({ type: fc.constant("timer" as const), index: fc.nat(5) }),
);

const proofs = ["lookUp.found", "lookUp.absent", "order.absent"];

test("an order stays safe under events in any order, even such as no venue can give", () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 60, size: "max" }), (events) => {
      const stepper = orderStepper({ quantity: decimal(3), patienceMs: 50 });
      let given = 0;
      let submits = 1;
      let wasDenied = false;
      for (const event of events) {
        const before = stepper.snapshot;
        const submitBefore = stepper.invoked.find(({ src }) => src === "submit")?.ref;
        if (event.type === "timer") {
          const delay = stepper.pendingTimers[event.index];
          if (delay !== undefined) stepper.fire(delay);
        } else stepper.send(event);
        if (event.type === "order.fill") given += 1;
        const { context } = stepper.snapshot;
        const [was, is] = [statesOf(before), statesOf(stepper.snapshot)];
        for (const state of is) reached.add(state);
        const submit = stepper.invoked.find(({ src }) => src === "submit")?.ref;
        if (submit && submit !== submitBefore) {
          submits += 1;
          // Only on a proof that the last one was never placed, or is over.
          if (event.type === "lookUp.absent") expect(before.context.venueOrderId).toBeNull();
          else expect("order" in event && event.order.state).toBe("canceled");
          // What the operator called absent is not proved: it is never sent again.
          expect(before.context.declared).toBeUndefined();
        }
        const { length } = context.former ?? [];
        expect(submits).toBeLessThanOrEqual(orderSettings.maxAttempts + length);
        expect(context.filled).toBe(decimal(given));
        if (isUnknown(was) && !isUnknown(is)) expect(proofs).toContain(event.type);
        if (was.some(isOver)) expect(is.some(isOver)).toBe(true);
        expect(is.some(isOver)).toBe(context.ended !== null);
        if (wasDenied) {
          const asked = stepper.wants.filter((src) => ["submit", "amend", "cancel"].includes(src));
          expect(asked).toEqual([]);
        }
        wasDenied ||= context.ended === "denied" && is.includes("order.live.asked.none");
      }
      expect(stepper.snapshot.status).toBe("active");
    }),
    { seed, numRuns: 1_500 },
  );
});

test("every state of the order machine was reached by these runs", () => {
  reached.delete("order");
  expect([...reached].sort()).toEqual(allStates(orderStepper().machine));
});

const isOver = (id: string) =>
  id === "order.settled" || over.some((held) => id === `order.live.held.${held}`);

const isUnknown = (ids: readonly string[]) => ids.includes("order.live.asked.submitting.unknown");
