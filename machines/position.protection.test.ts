/** A stop that the venue does not take: when it is tried again, and what watches meanwhile. */
import { describe, expect, test } from "bun:test";
import { decimal, zero } from "./domain/decimal.ts";
import { positionMachine } from "./position.machine.ts";
import { isSmall } from "./position.types.ts";
import { latest, protectedWorld, raised, runs, worldOf } from "./position-scenes.fixture.ts";
import type { PositionWorld, Refusals } from "./position-world.fixture.ts";
import { positionInput } from "./samples.fixture.ts";
import { Stepper } from "./stepping.fixture.ts";

/** Bought, so many lots, with its first stop asked for. */
function bought(refusals: Partial<Refusals> = {}, lots = 10): PositionWorld {
  const world = worldOf(refusals);
  world.open(latest(world, "entry"));
  world.fill(latest(world, "entry"), lots);
  return world;
}

const stops = (world: PositionWorld) =>
  world.orders.filter(({ intent }) => intent.role === "stop").length;

describe("a stop that was not taken", () => {
  test.each([["marketClosed"], ["insufficientFunds"], ["notSent"], ["other"], [null]])(
    "for %p is placed again after a pause that doubles",
    (refusal) => {
      const world = bought();
      const pauses: number[] = [];
      for (let tries = 1; tries <= 2; tries += 1) {
        world.end(latest(world, "stop"), "rejected", refusal);
        expect([world.state, stops(world)]).toEqual(["unprotected", tries]);
        pauses.push((world.stepper.nextDeadline ?? 0) - world.stepper.now);
        world.retryStop();
        expect([world.state, stops(world)]).toEqual(["protecting", tries + 1]);
      }
      expect(pauses).toEqual([1_000, 2_000]);
    },
  );

  test("has the position shown as unprotected, and the operator told each time", () => {
    const world = bought();
    world.end(latest(world, "stop"), "rejected", "marketClosed");
    expect(world.stepper.snapshot.hasTag("unprotected")).toBe(true);
    expect(world.alarms).toEqual([
      "No stop rests for 1 BTC, tried 1 times, tried again after a pause: it ended",
    ]);
  });

  test.each([["offGrid"], ["unsupported"]])(
    "for %p, which no time cures, is not waited for",
    (refusal) => {
      const world = bought();
      world.end(latest(world, "stop"), "rejected", refusal);
      expect([world.state, stops(world)]).toEqual(["protecting", 2]);
      world.end(latest(world, "stop"), "rejected", refusal);
      world.end(latest(world, "stop"), "rejected", refusal);
      expect([stops(world), runs(world).context.exitReason]).toEqual([3, "protectionFailed"]);
    },
  );

  test("but was dropped after it rested is placed anew at once, the first time", () => {
    const world = protectedWorld();
    world.end(latest(world, "stop"), "canceled");
    expect([world.state, stops(world)]).toEqual(["protecting", 2]);
    world.open(latest(world, "stop"));
    world.end(latest(world, "stop"), "canceled");
    expect([world.state, stops(world)]).toEqual(["unprotected", 2]);
  });

  test("leaves a level that the desk watches: crossed, it sells at market", () => {
    const world = bought();
    world.end(latest(world, "stop"), "rejected", "marketClosed");
    world.tell(raised);
    expect(world.context.stopPrice).toBe(decimal(95));
    world.tell({ type: "level.crossed" });
    expect([world.state, latest(world, "exit").intent.type]).toEqual(["closing.working", "market"]);
    expect(runs(world).context.exitReason).toBe("gapThroughStop");
  });

  test("is sized anew at the next try", () => {
    const world = bought({}, 4);
    world.end(latest(world, "stop"), "rejected", "marketClosed");
    world.fill(latest(world, "entry"), 3);
    expect([world.state, world.sells.length]).toEqual(["unprotected", 0]);
    world.retryStop();
    expect(latest(world, "stop").intent.quantity).toBe(decimal("0.7"));
  });

  test("after as many tries as are allowed sells the position, as soon as that is known", () => {
    const world = bought({ stops: 50 });
    runs(world);
    expect(world.orders.map(({ intent }) => intent.role)).toEqual([
      ...(["entry", "stop", "stop", "stop", "exit"] as const),
    ]);
    expect(world.context.exitReason).toBe("protectionFailed");
  });
});

describe("a position that is too small for a stop", () => {
  const small = (): PositionWorld => {
    const world = bought({}, 10);
    world.end(latest(world, "stop"), "rejected", "belowMinimum");
    return world;
  };

  test("is unprotectable, not sold, and no stop is tried again", () => {
    const world = small();
    expect([world.state, stops(world), world.context.failures]).toEqual(["unprotectable", 1, 0]);
    expect(world.stepper.pendingTimers).toEqual([]);
    expect(world.stepper.snapshot.hasTag("watched")).toBe(true);
  });

  test("is sold at market when its level is crossed", () => {
    const world = small();
    world.tell({ type: "level.crossed" });
    expect(latest(world, "exit").intent).toMatchObject({ type: "market", quantity: decimal(1) });
    expect(runs(world).held).toBe(decimal(0));
  });

  test("gets its stop once more is bought", () => {
    const world = bought({}, 4);
    world.end(latest(world, "stop"), "rejected", "belowMinimum");
    expect(world.state).toBe("unprotectable");
    world.fill(latest(world, "entry"), 1);
    expect([world.state, latest(world, "stop").intent.quantity]).toEqual([
      "protecting",
      decimal("0.5"),
    ]);
  });

  test("by the venue's own rules is not even asked a stop for", () => {
    // Worth 10 at the entry's price and 4 at the stop's, where the venue takes 5 and more.
    const stepper = new Stepper(positionMachine, { ...positionInput, stopPrice: decimal(40) });
    stepper.send({
      ...{ type: "order.filled", intentId: positionInput.entry.intentId },
      ...{ role: "entry" as const, quantity: decimal("0.1"), fee: zero, feeCoin: "USD" },
    });
    expect(stepper.snapshot.value).toBe("unprotectable");
    stepper.send({ type: "level.raised", stopPrice: decimal(50) });
    expect(stepper.snapshot.value).toBe("protecting");
  });

  test("and to be sold at all is a remainder, and closes as dust", () => {
    const world = small();
    world.end(latest(world, "entry"), "canceled");
    world.want("signal");
    world.end(latest(world, "exit"), "rejected", "belowMinimum");
    expect([world.state, world.context.quantity, world.alarms]).toEqual(["closed", "1", []]);
  });
});

test.each([
  ["1", "10", true],
  ["1.1", "45", true],
  ["1.1", "46", false],
  ["1.1", "100", false],
  ["1000", "100", false],
])("%s at %s is small enough to be a remainder: %p", (quantity, price, wanted) => {
  const { snapshot } = new Stepper(positionMachine, {
    ...positionInput,
    ...{ entry: { ...positionInput.entry, price: decimal(price) }, stopPrice: decimal(1) },
  });
  expect(isSmall({ ...snapshot.context, quantity: decimal(quantity) })).toBe(wanted);
});
