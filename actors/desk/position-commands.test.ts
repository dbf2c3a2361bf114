/** One position left, or its entry given up, by the operator: nothing else is touched. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { positionsOf } from "./position-commands.ts";
import { DeskWorld, rise } from "./testing/desk-world.ts";

setDefaultTimeout(60_000);

const btc = "paper:main/BTC/USD/1";
const eth = "paper:main/ETH/USD/1";
const entering = rise.slice(0, 8);

async function worldAfter(closes: readonly number[]): Promise<DeskWorld> {
  const world = await DeskWorld.started({ path: ":memory:" });
  await world.bars(closes);
  return world;
}

const views = (world: DeskWorld) =>
  positionsOf(world.desk.actors()).map(({ positionId, state }) => `${positionId} ${state}`);
const rows = (world: DeskWorld) => {
  world.desk.commit();
  return [...world.reader.books.eachPosition()].map(
    ({ positionId, state, exitReason }) => `${positionId} ${state} ${exitReason}`,
  );
};

/** One trade of somebody else at the venue, against which resting orders match. */
async function trade(world: DeskWorld, ticks: number, volume: number): Promise<void> {
  const point = { at: world.clock.now() + 1, ticks, gap: false, volume };
  await world.passTo(point.at);
  world.venue.paper.point("BTC/USD", point);
  await world.deliver();
}

describe("exit", () => {
  test("sells that position at market, and leaves the others and the brakes as they are", async () => {
    using world = await worldAfter(rise);
    const before = world.venue.reached.length;
    const answer = world.command("exit", { target: btc, reason: "enough" });
    expect(answer.text).toContain("is being left");
    await world.deliver();
    expect(world.venue.reached.slice(before)).toEqual(["cancel", "submit sell market"]);
    await world.barsOf("BTC/USD", [104_000]);
    expect(rows(world)).toEqual([`${btc} closed operator`, `${eth} open null`]);
    expect([world.brakes(), views(world)]).toEqual([[], [`${eth} open`]]);
  });

  test("never cancels the stop but in favour of a sale: if that is in vain the stop goes back", async () => {
    using world = await worldAfter(rise);
    world.venue.meanwhile = (request) => {
      if (request === "submit") world.venue.bends.submit = "marketClosed";
    };
    world.command("exit", { target: btc });
    await world.deliver();
    expect(views(world)).toEqual([`${btc} closing.stranded`, `${eth} open`]);
    world.venue.meanwhile = () => {};
    world.venue.bends.submit = "none";
    await world.pass(60_000);
    // Protected first, then sold as the operator said.
    const submits = world.venue.reached.filter((each) => each.startsWith("submit sell"));
    expect(submits.slice(-2)).toEqual(["submit sell stop", "submit sell market"]);
    await world.barsOf("BTC/USD", [104_000]);
    expect(rows(world)).toEqual([`${btc} closed operator`, `${eth} open null`]);
  });

  test("of a position that entered only cancels the entry", async () => {
    using world = await worldAfter(entering);
    expect(views(world)).toEqual([`${btc} opening`, `${eth} opening`]);
    expect(world.command("exit", { target: btc }).done).toBe(true);
    await world.deliver();
    expect([views(world), world.orders()]).toEqual([
      [`${eth} opening`],
      ["entry canceled", "entry open"],
    ]);
  });

  test("is refused where it means nothing, and that is in the journal", async () => {
    using world = await worldAfter(rise);
    expect(world.command("exit", { target: "paper:main/BTC/USD/9" }).text).toBe(
      `Cannot exit: no position "paper:main/BTC/USD/9" is open, wanted one of ${btc}, ${eth}`,
    );
    expect(world.command("exit").done).toBe(false);
    expect(world.command("exit", { target: btc, role: "view" }).text).toContain("is needed");
    world.command("exit", { target: btc });
    expect(world.command("exit", { target: btc }).text).toBe(
      `Cannot exit: position "${btc}": it is being left already (operator)`,
    );
    await world.deliver();
    await trade(world, 103_000, 1_000_000);
    expect(world.command("exit", { target: btc }).text).toBe(
      `Cannot exit: position "${btc}" is over`,
    );
    const commands = world.journal().filter(({ kind }) => kind === "command");
    expect(commands.map(({ subject }) => subject)).toEqual(Array(6).fill("exit"));
  });

  test("whose exit failed is asked again, and is sold at once", async () => {
    using world = await worldAfter(rise);
    world.venue.meanwhile = (request) => {
      if (request === "submit") world.venue.bends.submit = "marketClosed";
    };
    world.command("exit", { target: btc });
    await world.deliver();
    world.venue.meanwhile = () => {};
    world.venue.bends.submit = "none";
    const until = world.clock.now() + 60_000;
    const isBack = () => views(world)[0] === `${btc} open`;
    while (!isBack() && world.clock.now() < until) await world.pass(500);
    expect([isBack(), world.command("exit", { target: btc }).done]).toEqual([true, true]);
    await world.deliver();
    expect(world.venue.reached.at(-1)).toBe("submit sell market");
  });
});

describe("abandon", () => {
  test("cancels the entry of that position alone", async () => {
    using world = await worldAfter(entering);
    expect(world.command("abandon", { target: eth }).text).toContain("is being cancelled");
    await world.deliver();
    expect([views(world), world.orders()]).toEqual([
      [`${btc} opening`],
      ["entry open", "entry canceled"],
    ]);
    expect(world.brakes()).toEqual([]);
  });

  test("keeps what was bought and its stop", async () => {
    using world = await worldAfter(entering);
    await trade(world, 99_900, 3);
    const [held] = positionsOf(world.desk.actors());
    expect([held?.state, Number(held?.quantity) > 0]).toEqual(["open", true]);
    const before = world.venue.reached.length;
    expect(world.command("abandon", { target: btc }).done).toBe(true);
    await world.deliver();
    expect(world.venue.reached.slice(before)).toEqual(["cancel"]);
    expect(world.orders()).toEqual(["entry canceled", "stop open", "entry open"]);
    expect(positionsOf(world.desk.actors())[0]).toMatchObject({
      state: "open",
      quantity: held?.quantity,
    });
  });

  test("is refused where no entry works, or it is being cancelled", async () => {
    using world = await worldAfter(rise);
    expect(world.command("abandon", { target: btc }).text).toBe(
      `Cannot abandon: position "${btc}": its entry does not work any more`,
    );
    using other = await worldAfter(entering);
    other.command("abandon", { target: btc });
    expect(other.command("abandon", { target: btc }).text).toBe(
      `Cannot abandon: position "${btc}": its entry is being cancelled already (position: operator)`,
    );
  });
});
