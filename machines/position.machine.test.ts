import { describe, expect, test } from "bun:test";
import { decimal, zero } from "./domain/decimal.ts";
import { actorName } from "./domain/ids.ts";
import { latest, protectedWorld, raised, runs, worldOf } from "./position-scenes.fixture.ts";
import type { PositionWorld } from "./position-world.fixture.ts";
import { at, positionId, symbol } from "./samples.fixture.ts";

const filled = { type: "order.filled", role: "stop", fee: zero, feeCoin: "USD" } as const;

describe("a position", () => {
  test("asks the desk for its entry and holds nothing yet", () => {
    const world = worldOf();
    expect([world.state, world.context.quantity]).toEqual(["opening", "0"]);
    expect(world.orders.map(({ intent }) => intent.role)).toEqual(["entry"]);
  });

  test("is protected from its first fill on", () => {
    const world = worldOf();
    world.open(latest(world, "entry"));
    world.fill(latest(world, "entry"), 4);
    expect([world.state, world.closingQuantity]).toEqual(["protecting", "0.4"]);
    expect(latest(world, "stop").intent).toMatchObject({ type: "stop", stopPrice: "90" });
    world.open(latest(world, "stop"));
    expect(world.state).toBe("open");
  });

  test("whose entry fills on has its stop amended, not a second one placed", () => {
    const world = worldOf();
    world.open(latest(world, "entry"));
    world.fill(latest(world, "entry"), 4);
    world.open(latest(world, "stop"));
    world.fill(latest(world, "entry"), 3);
    expect([world.state, latest(world, "stop").inFlight?.quantity]).toEqual(["protecting", "0.7"]);
    world.answerAmend(latest(world, "stop"));
    expect([world.state, world.sells.length, world.closingQuantity]).toEqual(["open", 1, "0.7"]);
  });

  test("whose entry fills in pieces faster than its stop is amended does not take that for failure", () => {
    const world = worldOf();
    world.open(latest(world, "entry"));
    world.fill(latest(world, "entry"), 2);
    world.open(latest(world, "stop"));
    for (let piece = 0; piece < 7; piece++) {
      world.fill(latest(world, "entry"), 1);
      world.answerAmend(latest(world, "stop"));
    }
    runs(world);
    expect(world.context.exitReason).toBe("signal");
  });

  test("holds what it bought less the fee in its own coin, and protects whole lots of it", () => {
    const world = worldOf({}, decimal("0.01"));
    world.open(latest(world, "entry"));
    world.fill(latest(world, "entry"), 10);
    expect([world.context.quantity, world.closingQuantity]).toEqual([
      decimal("0.99"),
      decimal("0.9"),
    ]);
  });

  test("too small to sell waits for more, or closes as dust", () => {
    const world = worldOf({}, decimal("0.5"));
    world.open(latest(world, "entry"));
    world.fill(latest(world, "entry"), 1);
    expect([world.state, world.sells.length]).toEqual(["unprotectable", 0]);
    world.end(latest(world, "entry"), "canceled");
    expect([world.state, world.context.quantity]).toEqual(["closed", "0.05"]);
  });

  test("never filled closes without a stop", () => {
    const world = worldOf();
    world.end(latest(world, "entry"), "canceled");
    expect([world.state, world.orders.length, world.closed]).toEqual(["closed", 1, 1]);
  });

  test("tells its scanner when it closed", () => {
    const world = runs(protectedWorld());
    expect(world.stepper.sentTo(actorName.scanner(at, symbol))).toEqual([
      { type: "position.closed", positionId },
    ]);
  });
});

describe("a stop", () => {
  test("is raised and never lowered", () => {
    const world = protectedWorld();
    world.tell(raised);
    world.answerAmend(latest(world, "stop"));
    world.tell({ type: "level.raised", stopPrice: decimal(80) });
    expect([latest(world, "stop").live.stopPrice, latest(world, "stop").inFlight]).toEqual([
      decimal(95),
      null,
    ]);
  });

  test("that the venue does not amend is replaced by a new one", () => {
    const world = protectedWorld({ amends: 50 });
    world.tell(raised);
    world.answerAmend(latest(world, "stop"));
    expect([world.state, latest(world, "stop").isCancelWanted]).toEqual(["replacing", true]);
    world.end(latest(world, "stop"), "canceled");
    world.open(latest(world, "stop"));
    expect([world.state, latest(world, "stop").live.stopPrice]).toEqual(["open", "95"]);
    expect(world.context.failures).toBe(0);
  });

  test("that the venue does not let grow with its entry is replaced by a greater one", () => {
    const world = worldOf({ amends: 50 });
    world.open(latest(world, "entry"));
    world.fill(latest(world, "entry"), 4);
    world.open(latest(world, "stop"));
    world.fill(latest(world, "entry"), 3);
    world.answerAmend(latest(world, "stop"));
    expect(world.state).toBe("replacing");
    world.end(latest(world, "stop"), "canceled");
    expect([world.state, world.closingQuantity]).toEqual(["protecting", decimal("0.7")]);
  });

  test("refused is placed again, then the position is sold", () => {
    const world = worldOf({ stops: 50 });
    runs(world);
    const roles = world.orders.map(({ intent }) => intent.role);
    expect(roles).toEqual(["entry", "stop", "stop", "stop", "exit"]);
    expect([world.state, world.context.exitReason]).toEqual(["settled", "protectionFailed"]);
  });

  test("taken and dropped at once is not placed for ever", () => {
    const world = runs(worldOf({ drops: 50 }));
    const roles = world.orders.map(({ intent }) => intent.role);
    expect(roles).toEqual(["entry", "stop", "stop", "stop", "exit"]);
  });

  test("that ends by filling is no failure", () => {
    const world = worldOf();
    world.open(latest(world, "entry"));
    world.fill(latest(world, "entry"), 4);
    const first = latest(world, "stop");
    world.open(first);
    first.filled = decimal("0.4");
    world.end(first, "filled");
    expect([world.context.failures, world.state]).toEqual([0, "protecting"]);
  });

  test("of before that ends again is not counted", () => {
    const world = protectedWorld();
    const first = latest(world, "stop");
    world.end(first, "canceled");
    world.end(first, "canceled");
    expect(world.context.failures).toBe(1);
  });

  test("that fills in part keeps the rest protected and stops the entry", () => {
    const world = worldOf();
    world.open(latest(world, "entry"));
    world.fill(latest(world, "entry"), 4);
    world.open(latest(world, "stop"));
    world.fill(latest(world, "stop"), 1);
    expect([world.state, world.closingQuantity]).toEqual(["open", "0.3"]);
    expect(latest(world, "entry").isCancelWanted).toBe(true);
  });
});

describe("an exit", () => {
  test("is placed only once the stop has ended, for what is left", () => {
    const world = protectedWorld();
    world.want("signal");
    expect([world.state, world.order("exit")]).toEqual(["switching", undefined]);
    world.fill(latest(world, "stop"), 3);
    world.end(latest(world, "stop"), "canceled");
    expect([world.state, latest(world, "exit").intent.quantity]).toEqual([
      "closing.working",
      "0.7",
    ]);
  });

  test("of a late entry fill waits for the end of the stop that sold the rest", () => {
    const world = worldOf();
    const entry = latest(world, "entry");
    world.fill(entry, 4);
    const stop = latest(world, "stop");
    world.tell({ ...filled, intentId: stop.intent.intentId, quantity: decimal("0.4") });
    expect(world.state).toBe("closing.selling");
    world.fill(entry, 2);
    world.end(entry, "canceled");
    expect([world.state, world.order("exit")]).toEqual(["closing.selling", undefined]);
    world.end(stop, "filled");
    expect(latest(world, "exit").intent.quantity).toBe(decimal("0.2"));
  });

  test("wanted before anything was bought cancels the entry", () => {
    const world = worldOf();
    world.want("flatten");
    expect(latest(world, "entry").isCancelWanted).toBe(true);
    expect(runs(world).context.exitReason).toBe("flatten");
  });

  test("refused for ever strands the position with an alarm, and its stop goes back", () => {
    const world = protectedWorld({ exits: 3 });
    world.want("flatten");
    world.end(latest(world, "stop"), "canceled");
    for (let exit = 0; exit < 3; exit++) world.end(latest(world, "exit"), "rejected");
    expect([world.state, world.sells.length, world.alarms.length]).toEqual([
      "closing.stranded",
      0,
      1,
    ]);
    world.stepper.fire("strandedRetry");
    expect(world.state).toBe("protecting");
  });

  test("that failed is tried again later for its own reason, never forgotten", () => {
    const world = protectedWorld({ exits: 7 });
    world.want("flatten");
    runs(world);
    expect([world.state, world.context.exitReason, world.alarms.length]).toEqual([
      "settled",
      "flatten",
      2,
    ]);
  });

  test("wanted again while it is held back is tried at once", () => {
    const world = protectedWorld();
    world.want("flatten");
    world.end(latest(world, "stop"), "canceled");
    for (let exit = 0; exit < 3; exit++) world.end(latest(world, "exit"), "rejected");
    world.stepper.fire("strandedRetry");
    world.want("operator");
    expect([world.state, world.context.exitReason]).toEqual(["switching", "flatten"]);
  });

  test("starts with no failures of its stops on its account", () => {
    const world = worldOf();
    world.open(latest(world, "entry"));
    world.fill(latest(world, "entry"), 10);
    world.end(latest(world, "stop"), "rejected");
    world.end(latest(world, "stop"), "rejected");
    world.want("signal");
    world.end(latest(world, "stop"), "canceled");
    expect([world.state, world.context.failures]).toEqual(["closing.working", 0]);
  });
});

describe("the reason of a close", () => {
  const closes: [string, (world: PositionWorld) => void][] = [
    ["stop", (world) => world.fill(latest(world, "stop"), 10)],
    [
      "trail",
      (world) => {
        world.tell(raised);
        world.answerAmend(latest(world, "stop"));
        world.fill(latest(world, "stop"), 10);
      },
    ],
    ["signal", (world) => world.want("signal")],
    ["gapThroughStop", (world) => world.tell({ type: "level.crossed" })],
    ["halt", (world) => world.want("halt")],
  ];
  test.each(closes)("is %s", (reason, close) => {
    const world = protectedWorld();
    close(world);
    runs(world);
    expect([world.state, world.context.exitReason]).toEqual(["settled", reason as "stop"]);
  });
});

describe("a late fill", () => {
  test.each([["closed"], ["settled"]])("after %s is protected again", (state) => {
    const world = worldOf();
    const entry = latest(world, "entry");
    world.open(entry);
    world.end(entry, "canceled");
    if (state === "settled") world.stepper.fire("settleWindow");
    expect(world.state).toBe(state);
    world.fill(entry, 5);
    expect([world.state, world.closingQuantity]).toEqual(["protecting", "0.5"]);
  });

  test("while closing is sold with the rest", () => {
    const world = protectedWorld();
    world.want("signal");
    world.end(latest(world, "stop"), "canceled");
    expect(runs(world).held).toBe(zero);
  });
});

test("an entry is abandoned without touching what is held", () => {
  const world = worldOf();
  world.open(latest(world, "entry"));
  world.fill(latest(world, "entry"), 4);
  world.open(latest(world, "stop"));
  world.tell({ type: "entry.abandon", reason: "halt" });
  expect([world.state, latest(world, "entry").isCancelWanted]).toEqual(["open", true]);
  expect(world.context.exitReason).toBeNull();
});

test.each([["decision.trade"], ["submit.confirmed"], ["brake.on"]])(
  "an event of another's, %s, is recorded as illegal",
  (type) => {
    const world = worldOf();
    world.stepper.sendForeign({ type });
    expect(world.context.illegal).toBe(1);
    expect(world.stepper.sentTo("desk").at(-1)).toEqual({
      type: "alarm.raised",
      from: actorName.position(positionId),
      text: `Position cannot take event "${type}"`,
    });
  },
);
