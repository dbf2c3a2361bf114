import { describe, expect, test } from "bun:test";
import type { CommandName } from "../../machines/domain/command.ts";
import { TestFolder } from "../runtime/testing/small-system.ts";
import { DeskWorld, rise } from "./testing/desk-world.ts";

const memory = { path: ":memory:" };
/** Entries rest at the venue, nothing is bought. */
const entering = rise.slice(0, 8);
const later = [104, 105, 106].map((close) => close * 1_000);

async function worldAfter(closes: readonly number[], path = memory.path): Promise<DeskWorld> {
  const world = await DeskWorld.started({ path });
  await world.bars(closes);
  return world;
}

describe("a command", () => {
  test.each(["pause", "resume", "halt", "flatten", "hold", "release"] as const)(
    "%s is refused to who may only view",
    async (name) => {
      using world = await worldAfter([]);
      const answer = world.command(name, { role: "view", target: "paper:main" });
      expect(answer).toEqual({ done: false, text: `Cannot ${name}: role "operate" is needed` });
      expect(world.brakes()).toEqual([]);
    },
  );

  test.each([
    [
      "hold",
      null,
      '"" is not held by this desk, wanted one of paper, paper:main, paper:main/BTC/USD',
    ],
    ["hold", "paper:other", '"paper:other" is not held by this desk'],
    ["hold", "BTC/USD", '"BTC/USD" is not held by this desk'],
    ["release", null, 'no brake "" is on, wanted none: all are off'],
    ["release", "pause/desk", 'no brake "pause/desk" is on, wanted none: all are off'],
  ] as const)("%s of %s is refused with what is there", async (name, target, text) => {
    using world = await worldAfter([]);
    const answer = world.command(name, { target });
    expect([answer.done, answer.text.includes(text), world.brakes()]).toEqual([false, true, []]);
  });

  test("release of what is not on names what is", async () => {
    using world = await worldAfter([]);
    world.command("pause");
    expect(world.command("release", { target: "halt/desk" }).text).toBe(
      'Cannot release: no brake "halt/desk" is on, wanted one of pause/desk',
    );
  });

  test("is journaled with who, why and the answer, refused ones too", async () => {
    using world = await worldAfter([]);
    world.command("pause", { who: "ann", reason: "lunch", idempotencyKey: "first-key" });
    world.command("hold", { target: "nowhere", idempotencyKey: "second-key" });
    const inputs = world
      .journal()
      .filter(({ kind }) => kind === "command")
      .map(({ content }) => content.input as Record<string, unknown>);
    expect(inputs).toMatchObject([
      { name: "pause", who: "ann", reason: "lunch", done: true, idempotencyKey: "first-key" },
      { name: "hold", done: false, text: expect.stringContaining("nowhere") },
    ]);
    expect(world.desk.status().brakes[0]).toMatchObject({ reason: "by ann: lunch" });
  });

  test("with a key that was used acts once, also after a restart", async () => {
    using folder = new TestFolder();
    const path = folder.file("desk.db");
    const idempotencyKey = "once-and-only";
    {
      using world = await worldAfter([], path);
      const first = world.command("pause", { idempotencyKey });
      world.command("resume");
      expect(world.command("pause", { idempotencyKey })).toEqual(first);
      expect(world.brakes()).toEqual([]);
    }
    using world = await worldAfter([], path);
    expect(world.command("pause", { idempotencyKey }).done).toBe(true);
    expect(world.brakes()).toEqual([]);
    expect(world.journal().filter(({ kind }) => kind === "command")).toHaveLength(2);
  });

  test("that was refused leaves its key unused", async () => {
    using world = await worldAfter([]);
    const idempotencyKey = "tried-again";
    world.command("release", { target: "pause/desk", idempotencyKey });
    world.command("pause");
    const again = world.command("release", { target: "pause/desk", idempotencyKey });
    expect([again.done, world.brakes()]).toEqual([true, []]);
  });
});

describe("pause", () => {
  test("lets no entry through and manages what is held", async () => {
    using world = await worldAfter(rise);
    world.command("pause");
    const amends = world.venue.reached.filter((each) => each === "amend").length;
    await world.bars([...later, 110_000, 116_000]);
    expect(world.venue.reached.filter((each) => each === "amend").length).toBeGreaterThan(amends);
    expect(world.orders()).toEqual(["stop open", "stop open"]);
  });

  test("names itself in the decision that it stops, and resume ends it", async () => {
    using world = await worldAfter(rise.slice(0, 7));
    world.command("pause");
    const [decision] = await world.bars([100_000]);
    expect(decision).toMatchObject({
      code: "braked",
      gate: { name: "brake", value: "pause/desk", limit: "none" },
    });
    world.command("resume");
    const codes = (await world.bars([103_000])).map(({ code }) => code);
    expect([world.brakes(), codes]).toEqual([[], ["trade", "trade"]]);
  });

  test("leaves working entries to fill", async () => {
    using world = await worldAfter(entering);
    world.command("pause");
    await world.bars([103_000]);
    expect(world.orders()).toEqual(["stop open", "stop open"]);
  });

  test("between a decision and its sending keeps the entry in the process (P7)", async () => {
    using world = await worldAfter(rise.slice(0, 7));
    world.betweenDecisionAndSending = () => world.command("pause");
    const decisions = await world.bars([100_000]);
    expect(decisions[0]?.code).toBe("trade");
    expect([world.venue.reached, world.orders()]).toEqual([[], ["entry denied"]]);
    await world.pass(90_000);
    const { positions, counts } = world.desk.status();
    expect([positions, counts.trades, world.live("position")]).toEqual([[], 0, []]);
  });
});

describe("halt", () => {
  test("cancels working entries and opens nothing", async () => {
    using world = await worldAfter(entering);
    world.command("halt");
    await world.deliver();
    expect(world.orders()).toEqual(["entry canceled", "entry canceled"]);
    await world.bars([103_000, 104_000]);
    expect([world.brakes(), world.desk.status().positions]).toEqual([["halt/desk"], []]);
  });

  test("keeps protective stops, and re-sizes them", async () => {
    using world = await worldAfter(rise);
    world.command("halt");
    await world.deliver();
    const amends = world.venue.reached.filter((each) => each === "amend").length;
    await world.bars([...later, 110_000, 116_000]);
    expect(world.orders()).toEqual(["stop open", "stop open"]);
    expect(world.venue.reached.filter((each) => each === "amend").length).toBeGreaterThan(amends);
  });

  test("still has a stop placed for what was bought meanwhile", async () => {
    using world = await worldAfter(entering);
    world.venue.keepsReports = true;
    await world.bars([103_000]);
    world.command("halt");
    world.venue.keepsReports = false;
    await world.deliver();
    world.takeReports();
    await world.deliver();
    expect(world.orders().filter((each) => each.startsWith("stop"))).toEqual([
      "stop open",
      "stop open",
    ]);
    expect(world.venue.reached.filter((each) => each === "submit sell stop")).toHaveLength(2);
  });
});

describe("flatten", () => {
  test("pauses, and sells all that the desk bought", async () => {
    using world = await worldAfter(rise);
    world.command("flatten");
    await world.bars([103_000, 103_000]);
    expect([world.brakes(), world.desk.status().positions]).toEqual([["pause/desk"], []]);
    const rows = [...world.reader.books.eachPosition()];
    expect(rows.map(({ state, exitReason }) => [state, exitReason])).toEqual([
      ["closed", "flatten"],
      ["closed", "flatten"],
    ]);
  });

  test("cancels entries that have not filled", async () => {
    using world = await worldAfter(entering);
    world.command("flatten");
    await world.deliver();
    expect(world.orders()).toEqual(["entry canceled", "entry canceled"]);
  });
});

describe("hold", () => {
  test("of one symbol leaves the others trading", async () => {
    using world = await worldAfter(rise.slice(0, 7));
    world.command("hold", { target: "paper:main/BTC/USD" });
    const decisions = await world.bars([100_000]);
    expect(decisions.map(({ symbol, code }) => [symbol, code])).toEqual([
      ["BTC/USD", "braked"],
      ["ETH/USD", "trade"],
    ]);
    await world.bars([103_000]);
    expect(world.desk.status().positions.map(({ positionId }) => positionId)).toEqual([
      "paper:main/ETH/USD/1",
    ]);
  });

  test("abandons the entry of its symbol alone", async () => {
    using world = await worldAfter(entering);
    world.command("hold", { target: "paper:main/ETH/USD" });
    await world.deliver();
    expect(world.orders()).toEqual(["entry open", "entry canceled"]);
  });

  test("of a venue covers its accounts, and resume says that it is still on", async () => {
    using world = await DeskWorld.started(memory);
    world.command("hold", { target: "paper" });
    const held = (await world.bars(rise)).filter(({ code }) => code === "trade");
    world.command("pause");
    expect([held, world.command("resume").text]).toEqual([
      [],
      "resumed: your own pause and halt are released: pause; still on: hold/paper",
    ]);
    expect(world.command("resume").text).toBe(
      "resumed: no pause or halt was on; still on: hold/paper",
    );
  });

  test("of the account covers all its symbols, until it is released", async () => {
    using world = await worldAfter(rise.slice(0, 7));
    world.command("hold", { target: "paper:main" });
    const held = (await world.bars([100_000])).map(({ code }) => code);
    world.command("resume");
    expect([held, world.brakes()]).toEqual([["braked", "braked"], ["hold/paper:main"]]);
    world.command("release", { target: "hold/paper:main" });
    expect((await world.bars([103_000])).map(({ code }) => code)).toEqual(["trade", "trade"]);
  });
});

describe("release", () => {
  test("takes off one brake and leaves the others", async () => {
    using world = await worldAfter([]);
    world.command("pause");
    world.command("halt");
    world.command("hold", { target: "paper:main/BTC/USD" });
    world.command("release", { target: "halt/desk" });
    expect(world.brakes()).toEqual(["pause/desk", "hold/paper:main/BTC/USD"]);
  });

  test("is refused for what ends by its own rule", async () => {
    using world = await worldAfter([]);
    world.desk.observe({ type: "emergencyFile", path: "/x/desk.db.halt", isThere: true });
    const { done, text } = world.command("release", { target: "file/desk" });
    expect([done, text]).toEqual([
      false,
      'Cannot release: brake "file/desk" is released by removing the file',
    ]);
    expect(world.brakes()).toEqual(["file/desk"]);
  });

  test("of a breaker lets it try, half open", async () => {
    using world = await worldAfter([]);
    world.desk.observe({ type: "vital", rule: "lowDisk", isGood: false, text: "1 MB free" });
    world.command("release", { target: "breaker/lowDisk/desk" });
    expect([world.brakes(), world.snapshot("breaker:lowDisk/desk")?.value]).toEqual([
      [],
      "halfOpen",
    ]);
    world.desk.observe({ type: "vital", rule: "lowDisk", isGood: false, text: "1 MB free" });
    expect(world.brakes()).toEqual(["breaker/lowDisk/desk"]);
  });
});

describe("brakes outlive the process (P8)", () => {
  const set = (world: DeskWorld): void => {
    world.command("pause", { reason: "lunch" });
    world.command("halt");
    world.command("hold", { target: "paper:main/BTC/USD" });
    world.desk.observe({ type: "vital", rule: "eventLoopLag", isGood: false, text: "slow" });
    world.desk.observe({ type: "emergencyFile", path: "x.halt", isThere: true });
  };

  test.each([
    ["that is stopped", true],
    ["that is killed", false],
  ])("%s", async (_, isStopped) => {
    using folder = new TestFolder();
    const path = folder.file("desk.db");
    let before: unknown;
    {
      using world = await worldAfter(rise.slice(0, 7), path);
      set(world);
      before = world.desk.status().brakes;
      if (isStopped) world.desk.stop();
    }
    for (let start = 0; start < 2; start++) {
      using world = await DeskWorld.started({ path });
      expect(world.desk.status().brakes).toEqual(before as never);
      expect((await world.bars([100_000 + start]))[0]?.code).toBe("braked");
    }
  });

  test.each(["pause", "halt", "flatten"] as const satisfies CommandName[])(
    "%s is durable when it is answered",
    async (name) => {
      using folder = new TestFolder();
      const path = folder.file("desk.db");
      {
        using world = await worldAfter([], path);
        world.command(name);
      }
      using world = await DeskWorld.started({ path });
      expect(world.brakes()).toEqual([name === "flatten" ? "pause/desk" : `${name}/desk`]);
    },
  );
});

test("a stopped desk takes nothing any more", async () => {
  using world = await worldAfter([]);
  world.desk.stop();
  expect(() => world.command("pause")).toThrow("it was stopped");
});
