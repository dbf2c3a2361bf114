import { describe, expect, test } from "bun:test";
import { actorKinds } from "../../machines/domain/ids.ts";
import type { PositionContext } from "../../machines/position.types.ts";
import { TestFolder } from "../runtime/testing/small-system.ts";
import { maySendByHand } from "./by-hand.ts";
import { machineKinds } from "./kinds.ts";
import { config, DeskWorld, rise } from "./testing/desk-world.ts";

const memory = { path: ":memory:" };
const reconciler = "reconciler:paper:main";
const position = "position:paper:main/BTC/USD/1";

/** BTC/USD is bought, its stop rests. */
async function holding(path = memory.path): Promise<DeskWorld> {
  const world = await DeskWorld.started({ path });
  await world.barsOf("BTC/USD", [...rise, 106_000, 110_000]);
  return world;
}

const seqOf = (world: DeskWorld, name: string): number =>
  world.desk.inspection.actor(name)?.seq ?? -1;

function send(world: DeskWorld, target: string, event: unknown, more: object = {}) {
  const details = { event: JSON.stringify(event), expectedSeq: String(seqOf(world, target)) };
  return world.command("send", { target, details, ...more });
}

describe("sending by hand", () => {
  test("reaches the actor in a turn that says who and why", async () => {
    using world = await DeskWorld.started(memory);
    const before = world.journal().length;
    const answer = send(world, reconciler, { type: "reconcile.now" }, { reason: "to be sure" });
    expect(answer).toEqual({ done: true, text: `sent "reconcile.now" to "${reconciler}"` });
    const record = world.journal()[before];
    expect(record?.kind).toBe("command");
    expect(record?.content).toMatchObject({
      input: { name: "send", who: "ann", reason: "to be sure", target: reconciler, done: true },
      transitions: [{ actor: reconciler, event: { type: "reconcile.now" }, to: "reading" }],
    });
  });

  test("leaves a position", async () => {
    using world = await holding();
    expect(send(world, position, { type: "exit.wanted" }, { reason: "enough" }).done).toBe(true);
    const context = world.snapshot(position)?.context as PositionContext | undefined;
    expect(context?.exitReason).toBe("operator");
    await world.barsOf("BTC/USD", [111_000, 112_000]);
    expect(world.desk.inspection.actor(position)?.value).toEqual("settled");
  });

  test("happens once for one key, after a restart too", async () => {
    using folder = new TestFolder();
    const path = folder.file("desk.db");
    const idempotencyKey = "the-very-same-key";
    {
      using world = await DeskWorld.started({ path });
      expect(send(world, reconciler, { type: "reconcile.now" }, { idempotencyKey }).done).toBe(
        true,
      );
      world.desk.commit();
    }
    using again = new DeskWorld({ path });
    await again.start();
    const before = again.journal().length;
    const answer = send(again, reconciler, { type: "reconcile.now" }, { idempotencyKey });
    expect([answer.done, again.journal().length]).toEqual([true, before]);
  });

  test.each([
    [
      "a report of the venue",
      position,
      { type: "order.filled", quantity: "1" },
      "is not on the list",
    ],
    [
      "an answer of an effect",
      reconciler,
      { type: "reconcile.matched", at: 1 },
      "is not on the list",
    ],
    ["what its prototype has", reconciler, { type: "constructor" }, "is not on the list"],
    ["anything to the root", "desk", { type: "brake.off", kind: "halt" }, "takes nothing by hand"],
    [
      "a field that is not taken",
      position,
      { type: "exit.wanted", price: "1" },
      'no field "price"',
    ],
    ["another reason", position, { type: "exit.wanted", reason: "stop" }, 'no field "reason"'],
    ["nobody", "position:x", { type: "exit.wanted" }, 'no actor "position:x" lives'],
    ["what is no event", position, ["exit.wanted"], "is no JSON object"],
    ["an event without a type", position, {}, "is no JSON object"],
  ])("refuses %s, in words, and changes nothing", async (_, target, event, words) => {
    using world = await holding();
    const before = world.desk.inspection.actors();
    const answer = send(world, target, event);
    expect(answer.done).toBe(false);
    expect(answer.text).toContain(words);
    expect(world.desk.inspection.actors()).toEqual(before);
  });

  test("refuses who may only view", async () => {
    using world = await DeskWorld.started(memory);
    const answer = send(world, reconciler, { type: "reconcile.now" }, { role: "view" });
    expect(answer.text).toBe('Cannot send: role "operate" is needed');
  });

  test("refuses an actor that moved since it was seen", async () => {
    using world = await DeskWorld.started(memory);
    const details = { event: '{"type":"reconcile.now"}', expectedSeq: "1" };
    const seq = seqOf(world, reconciler);
    expect(seq).not.toBe(1);
    expect(world.command("send", { target: reconciler, details })).toEqual({
      done: false,
      text: `Cannot send: "${reconciler}" was changed by record ${seq}, seen was 1`,
    });
    expect(
      world.command("send", { target: reconciler, details: { event: details.event } }),
    ).toEqual({
      done: false,
      text: `Cannot send: "${reconciler}" was changed by record ${seq}, seen was none`,
    });
  });

  test.each(["rehearsal", "live"] as const)("is refused in mode %s", async (mode) => {
    using world = await DeskWorld.started({ ...memory, config: { ...config, mode } });
    const before = world.desk.inspection.actors();
    expect(send(world, reconciler, { type: "reconcile.now" })).toEqual({
      done: false,
      text: `Cannot send: the desk's mode is "${mode}", wanted "paper"`,
    });
    expect(world.desk.inspection.actors()).toEqual(before);
  });

  test("allows only what its machine hears, and nothing that a venue or an effect says", () => {
    for (const kind of actorKinds) {
      const heard = machineKinds[kind].machine.events;
      const allowed = heard.filter((event) => maySendByHand(kind, event));
      for (const event of allowed) expect(event).not.toMatch(/^(venue|xstate|lookUp|submit|fills)/);
      if (["position", "order", "reconciler", "breaker"].includes(kind)) {
        expect(allowed.length).toBeGreaterThan(0);
      } else expect(allowed).toEqual([]);
    }
  });
});
