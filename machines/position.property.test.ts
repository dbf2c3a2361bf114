import { expect, test } from "bun:test";
import fc from "fast-check";
import { compare, decimal, maximum, zero } from "./domain/decimal.ts";
import { Choices } from "./model-venue.fixture.ts";
import { sellable } from "./position.types.ts";
import { PositionWorld, type Refusals } from "./position-world.fixture.ts";
import { positionStepper } from "./samples.fixture.ts";
import { allStates, statesOf } from "./stepping.fixture.ts";

const seed = 20_261_122;
/** Steps after which a fair run that goes on is a loop. */
const bound = 2_000;
/** What a position may ask for without anything having happened but answers to it. */
const askedBound = 20;

/** State nodes that the runs of this file came to. */
const reached = new Set<string>();

function check(world: PositionWorld): void {
  const { state, context, sells, orders } = world;
  const fail = (text: string) => {
    throw new Error(`${text} in ${state}: holds ${context.quantity}`);
  };
  if (context.quantity !== world.held) fail(`P5: wanted ${world.held}`);
  if (compare(world.closingQuantity, maximum(world.held, zero)) > 0) {
    fail(`P6: ${world.closingQuantity} closing`);
  }
  if (sells.length > 1) fail("P6: two sells at a time");
  const isClosing = state === "switching" || state.startsWith("closing");
  // Between two tries to place its stop, and where none can be placed, the desk watches.
  const isWatched = state === "unprotected" || (state === "unprotectable" && !world.isStoppable);
  if (world.isBare) {
    if (orders.some(({ intent }) => intent.role === "stop")) fail("a stop that nobody asked for");
    const isMeant = ["bare", "closed", "settled"].includes(state) || isClosing;
    if (world.isSellable && !isMeant) fail("neither held as it is to be nor closing");
  } else if (world.isSellable && !isClosing && !isWatched && sells.length === 0)
    fail("P6: neither protected nor closing");
  if (isWatched && !world.stepper.snapshot.hasTag("watched")) fail("P6: nobody watches it");
  if (state === "unprotected" && world.stepper.nextDeadline === null) fail("P6: no next try");
  if (state === "open") {
    const [stop] = sells;
    if (!stop || compare(stop.open, sellable(context)) < 0) fail("P6: not covered");
  }
  if (state === "closed" || state === "settled") {
    if (orders.some(({ ended }) => ended === null)) fail("P6: an order outlives its position");
    if (world.isSellable) fail("P6: over, but holds");
  }
  if (context.illegal > 0) fail("took an answer for illegal");
  if (world.asked > askedBound) fail(`asked ${world.asked} times at one instant`);
}

const refusals: fc.Arbitrary<Refusals> = fc.record({
  stops: fc.constantFrom(0, 0, 1, 2, 7),
  exits: fc.constantFrom(0, 0, 1, 2, 7),
  amends: fc.constantFrom(0, 0, 2, 50),
  drops: fc.constantFrom(0, 0, 2, 50),
  smallStops: fc.constantFrom(0, 0, 1, 50),
  smallExits: fc.constantFrom(0, 0, 0, 1, 50),
});

test("a position keeps its promises whatever its orders and the desk do", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(999), { maxLength: 120, size: "max" }),
      refusals,
      fc.constantFrom(zero, decimal("0.01")),
      fc.constantFrom(false, false, true),
      (choices, refused, feeShare, isBare) => {
        const world = new PositionWorld(new Choices(choices), { ...refused }, feeShare, isBare);
        let steps = 0;
        for (let more = true; more; steps++) {
          more = world.step();
          check(world);
          for (const id of statesOf(world.stepper.snapshot)) reached.add(id);
          if (steps > bound) throw new Error(`no end: ${world.state}`);
        }
        expect(world.state).toBe("settled");
        expect(world.closed).toBeGreaterThan(0);
      },
    ),
    { seed, numRuns: 1_500 },
  );
});

test("every state of the position machine was reached by these runs", () => {
  reached.delete("position");
  expect([...reached].sort()).toEqual(allStates(positionStepper().machine));
});
