import { expect, test } from "bun:test";
import fc from "fast-check";
import { compare, isZero, sum } from "./domain/decimal.ts";
import { isTerminal } from "./domain/order.ts";
import { Choices } from "./model-venue.fixture.ts";
import { OrderWorld } from "./order-world.fixture.ts";
import { positionActor } from "./samples.fixture.ts";

const seed = 20_261_121;
const over = ["filled", "canceled", "expired", "rejected", "denied", "settled"];
/** Steps after which a fair run that goes on is a loop. */
const bound = 2_000;
/** Requests of one order at one instant after which it is a loop. */
const instantBound = 25;

/** Checks after every step what must never be otherwise. */
export function check(world: OrderWorld, before: { filled: string; held: string }): void {
  const { venue, held, stepper } = world;
  const { context } = stepper.snapshot;
  const fail = (text: string) => {
    throw new Error(`${text}: ${JSON.stringify(stepper.snapshot.value)}`);
  };
  if (venue.live > 1) fail(`P2: ${venue.live} live venue orders of one intent`);
  if (new Set(world.submitted).size !== world.submitted.length) fail("P2: one id was sent twice");
  if (venue.orders.size > 1) fail("P2: placed again though the last attempt was placed");
  if (context.filled !== sum(world.booked.values())) fail("P4: filled is not the sum of its fills");
  if (compare(context.filled, before.filled as typeof context.filled) < 0)
    fail("P4: filled shrank");
  if (over.includes(before.held) && !over.includes(held))
    fail("a terminal order came back to life");
  const current = venue.order(context.clientOrderId);
  if (over.includes(held) && current && !isTerminal(current.state)) fail("over, but live at venue");
  if (held === "filled" && current?.state !== "filled") fail("filled, but not at the venue");
  if (over.includes(held) !== (context.ended !== null)) fail("held and ended disagree");
  if (world.denied && venue.orders.size > 0) fail("P7: denied, but placed");
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
});

test("an order keeps its promises against a venue that loses, delays, repeats and reorders", () => {
  const reached = new Set<string>();
  fc.assert(
    fc.property(world, ({ choices, patienceMs, role }) => {
      const run = new OrderWorld(new Choices(choices), { patienceMs, role });
      let steps = 0;
      for (let more = true; more; steps++) {
        const before = { filled: run.stepper.snapshot.context.filled, held: run.held };
        more = run.step();
        check(run, before);
        reached.add(JSON.stringify(run.stepper.snapshot.value));
        if (steps > bound) throw new Error(`no end: ${JSON.stringify(run.stepper.snapshot.value)}`);
      }
      expect({ settled: run.isSettled, booked: isZero(run.unbooked) }).toEqual({
        settled: true,
        booked: true,
      });
      checkTold(run);
    }),
    { seed, numRuns: Number(process.env.RUNS ?? 1_500) },
  );
  console.log(`seed ${seed}: ${reached.size} distinct states`);
});
