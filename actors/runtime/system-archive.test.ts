import { describe, expect, test } from "bun:test";
import { type EventObject, setup } from "xstate";
import { effect } from "../../machines/domain/effect.ts";
import type { EffectContext } from "./effects.ts";
import { noon, SmallSystem, TestFolder } from "./testing/small-system.ts";

const counter = { kind: "feed", name: "feed:a", input: { count: 4 } } as const;
const waiter = { kind: "scanner", name: "scanner:a", input: { waitMs: 1_000 } } as const;
const asker = { kind: "order", name: "order:a", input: {} } as const;
/** Its question stays out while it finishes and comes back. */
const patientMachine = setup({ actors: { ask: effect<null>() } }).createMachine({
  id: "patient",
  initial: "asking",
  states: {
    asking: {
      invoke: { src: "ask", id: "ask", input: null, onError: "told" },
      initial: "busy",
      on: { asked: "told" },
      states: {
        busy: { on: { finish: "over" } },
        over: { tags: "finished", on: { back: "busy" } },
      },
    },
    told: {},
  },
});
const add = (by: number) => ({ type: "add", by }) as EventObject;

/** Lets an event in as the desk does: after making sure that its actor lives. */
function deliver(small: SmallSystem, actor: string, ...events: EventObject[]) {
  const found: boolean[] = [];
  const turn = small.system.turn({ kind: "late", subject: actor, payload: null }, () => {
    for (const event of events) {
      found.push(small.system.ensureLive(actor));
      small.system.send(actor, event);
    }
  });
  return { turn, found };
}

async function finished(small: SmallSystem, actor: string): Promise<void> {
  small.send(actor, { type: "finish" });
  await small.system.settle();
}

describe("a finished actor", () => {
  test("leaves the live set and the root's children for the archive, in a turn of its own", async () => {
    using small = new SmallSystem({ starts: [counter, asker] });
    await finished(small, "feed:a");
    expect(small.turns.at(-1)).toMatchObject({ input: { kind: "finished", subject: "feed:a" } });
    expect(Object.keys(small.states())).toEqual(["desk", "order:a"]);
    expect(Object.keys(small.system.snapshot("desk")?.children ?? {})).toEqual(["order:a"]);
    small.system.commit();
    expect(small.ledger.archivedActor("feed:a")).toMatchObject({
      name: "feed:a",
      kind: "feed",
      snapshot: { value: "over", context: { count: 4 } },
      seq: 2,
    });
    expect(
      small.ledger
        .load()
        .actors.map(({ name }) => name)
        .sort(),
    ).toEqual(["desk", "order:a"]);
  });

  test("keeps the live set flat, however many there were", async () => {
    using small = new SmallSystem();
    for (let index = 0; index < 300; index++) {
      small.make("feed", `feed:${index}`, { count: index });
      await finished(small, `feed:${index}`);
    }
    expect(Object.keys(small.states())).toEqual(["desk"]);
    expect(Object.keys(small.system.snapshot("desk")?.children ?? {})).toEqual([]);
    small.system.commit();
    expect(small.ledger.archivedActor("feed:299")?.snapshot).toMatchObject({
      context: { count: 299 },
    });
  });

  test("is revived by name with its context, and archived again", async () => {
    using small = new SmallSystem({ starts: [counter] });
    await finished(small, "feed:a");
    small.system.commit();
    const { turn, found } = deliver(small, "feed:a", add(3));
    expect(found).toEqual([true]);
    expect(
      turn.transitions.map(({ actor, event, from, to, cause }) => [
        actor,
        event.type,
        from,
        to,
        cause,
      ]),
    ).toEqual([
      ["feed:a", "novactor.revived", null, "over", 1],
      ["desk", "actor.revive", {}, {}, null],
      ["feed:a", "add", "over", "over", null],
    ]);
    await small.system.settle();
    small.system.commit();
    expect(small.store.batches.at(-1)).toMatchObject({ actors: [{ name: "desk" }], revived: [] });
    expect(small.ledger.archivedActor("feed:a")?.snapshot).toMatchObject({ context: { count: 7 } });
    expect(small.system.snapshot("feed:a")).toBeUndefined();
  });

  test("is revived before its burial was ever committed", async () => {
    using folder = new TestFolder();
    const path = folder.file("ledger.db");
    {
      using small = new SmallSystem({ path, starts: [counter] });
      await finished(small, "feed:a");
      deliver(small, "feed:a", add(3));
      small.system.commit();
      expect(small.system.snapshot("feed:a")?.context.count).toBe(7);
    }
    using second = new SmallSystem({ path });
    await second.system.settle();
    second.system.commit();
    expect(second.ledger.archivedActor("feed:a")?.snapshot).toMatchObject({
      context: { count: 7 },
    });
  });

  test("is revived once where two events of one turn want it", async () => {
    using small = new SmallSystem({ starts: [counter] });
    await finished(small, "feed:a");
    const { turn, found } = deliver(small, "feed:a", add(3), add(5));
    expect({ failure: turn.failure, found }).toEqual({ failure: null, found: [true, true] });
    expect(small.system.snapshot("feed:a")?.context.count).toBe(12);
  });

  test("stays archived where the turn that revived it is undone", async () => {
    using small = new SmallSystem({ starts: [counter] });
    await finished(small, "feed:a");
    small.system.commit();
    const { turn } = deliver(small, "feed:a", add(3), { type: "throw.assign" });
    expect(turn.failure).toMatchObject({ actor: "feed:a", event: "throw.assign" });
    small.system.commit();
    expect(small.system.snapshot("feed:a")).toBeUndefined();
    expect(small.ledger.archivedActor("feed:a")?.snapshot).toMatchObject({ context: { count: 4 } });
    deliver(small, "feed:a", add(1));
    expect(small.system.snapshot("feed:a")?.context.count).toBe(5);
  });

  test("takes its timers into the archive, and back at their original deadlines", async () => {
    using small = new SmallSystem({ starts: [waiter] });
    await finished(small, "scanner:a");
    expect(small.timers()).toEqual([]);
    expect(small.system.timers.next()).toBeNull();
    small.clock.advanceTo(noon + 400);
    deliver(small, "scanner:a", { type: "unheardOf" });
    expect(small.timers()).toEqual(["scanner:a xstate.after.wait.waiter.over 1000"]);
  });

  test("that is revived out of its state cancels the timer of that state for good", async () => {
    using small = new SmallSystem({ starts: [waiter] });
    await finished(small, "scanner:a");
    deliver(small, "scanner:a", { type: "leave" });
    expect([small.system.snapshot("scanner:a")?.value, small.timers()]).toEqual(["idle", []]);
  });

  test("that was archived with an effect under way has it done again, and is told so", async () => {
    const told: EffectContext[] = [];
    const kinds = { order: { machine: patientMachine, version: 1 } };
    const effects = {
      ask: async (_input: never, context: EffectContext) => {
        told.push(context);
        return { type: "asked" };
      },
    };
    using small = new SmallSystem({ starts: [asker], kinds, effects });
    await finished(small, "order:a");
    expect({ told, state: small.system.snapshot("order:a") }).toEqual({
      told: [],
      state: undefined,
    });
    deliver(small, "order:a", { type: "back" });
    await small.system.settle();
    expect(told).toEqual([{ owner: "order:a", again: true }]);
  });

  test("that was committed but not yet buried is buried after a restart", async () => {
    using folder = new TestFolder();
    const path = folder.file("ledger.db");
    {
      using first = new SmallSystem({ path, starts: [counter] });
      first.send("feed:a", { type: "finish" });
      first.system.commit();
    }
    using second = new SmallSystem({ path });
    expect(second.system.isBusy).toBe(true);
    await second.system.settle();
    second.system.commit();
    expect(Object.keys(second.states())).toEqual(["desk"]);
    expect(second.ledger.archivedActor("feed:a")).not.toBeNull();
  });
});

describe("ActorSystem.ensureLive()", () => {
  test("is false for a name that nobody ever had", () => {
    using small = new SmallSystem();
    const { turn, found } = deliver(small, "feed:never", add(1));
    expect({ found, letters: turn.deadLetters }).toEqual({
      found: [false],
      letters: [{ to: "feed:never", event: "add" }],
    });
  });

  test("leaves one that lives as it is", () => {
    using small = new SmallSystem({ starts: [counter] });
    const { turn, found } = deliver(small, "feed:a", add(1));
    expect({ found, length: turn.transitions.length }).toEqual({ found: [true], length: 1 });
  });
});

test("an actor cannot be made under the name of one that lives", () => {
  using small = new SmallSystem({ starts: [counter] });
  const before = small.states();
  const turn = small.make("feed", "feed:a", { count: 99 });
  expect(turn.failure).toEqual({
    actor: "feed:a",
    event: "xstate.init",
    error: 'AssertionError: Cannot make actor "feed:a": it lives',
  });
  expect(small.states()).toEqual(before);
  small.send("feed:a", add(1));
  expect(small.system.snapshot("feed:a")?.context.count).toBe(5);
});
