import { describe, expect, test } from "bun:test";
import type { EventObject } from "xstate";
import { type WalkAct, walkActs } from "./testing/small-machines.ts";
import { posting, SmallSystem } from "./testing/small-system.ts";

const starts = [
  ...["a", "b", "c", "d"].map((name) => ({
    kind: "position" as const,
    name: `position:${name}`,
    input: { name },
  })),
  { kind: "feed" as const, name: "feed:x", input: { count: 3 } },
];
const path = ["position:a", "position:b", "position:c", "position:d"] as const;
const throwing = walkActs.filter((act) => act.startsWith("throw"));
const harmless = walkActs.filter((act) => !act.startsWith("throw"));

/** All that a turn can change, as it stands. */
function all(small: SmallSystem) {
  return {
    states: small.states(),
    timers: small.timers(),
    effects: [...small.system.effects.pending()].map(({ owner, id, input }) => ({
      owner,
      id,
      input,
    })),
  };
}

/** Something of everything to lose: timers, children, effects, counts. */
function furnished(): SmallSystem {
  const small = new SmallSystem({ starts });
  small.walk("position:a", "timer", ["position:b", "ask"], ["position:c", "spawn"]);
  small.walk("position:d", "timer");
  small.clock.advanceTo(small.clock.now() + 400);
  return small;
}

function walkOf(small: SmallSystem, acts: readonly WalkAct[]) {
  const [first = "count", ...rest] = acts;
  return small.walk(
    path[0],
    first,
    ...rest.map((act, index) => [path[index + 1] ?? "", act] as const),
  );
}

describe("a turn that throws", () => {
  const sample = throwing.flatMap((boom) =>
    [0, 1, 2, 3].map((position) => ({ boom, position, actor: path[position] ?? "" })),
  );

  test.each(sample)(
    "$boom at $actor is undone: every actor is back where it was",
    ({ boom, position, actor }) => {
      for (const act of harmless) {
        using small = furnished();
        const before = all(small);
        const turn = walkOf(
          small,
          path.map((_, index) => (index === position ? boom : act)),
        );
        expect(turn.failure).toMatchObject({ actor, event: "walk" });
        expect(turn.failure?.error).toContain("thrown in");
        expect(all(small)).toEqual(before);
        const content = small.lastContent();
        expect({ undone: content.undone, transitions: content.transitions }).toEqual({
          undone: turn.failure,
          transitions: undefined,
        } as never);
      }
    },
  );

  test.each(sample)(
    "$boom at $actor leaves the next turn to work as ever",
    ({ boom, position }) => {
      const acts: WalkAct[] = ["spawn", "ask", "timer", "count"];
      using small = furnished();
      using twin = furnished();
      walkOf(
        small,
        acts.map((act, index) => (index === position ? boom : act)),
      );
      walkOf(small, acts);
      walkOf(twin, acts);
      expect(all(small)).toEqual(all(twin));
      expect(small.turns.at(-1)?.transitions.length).toBe(
        twin.turns.at(-1)?.transitions.length ?? 0,
      );
    },
  );

  const counterThrows = [
    { type: "throw.guard", error: /Unable to evaluate guard 'throwing'/ },
    { type: "throw.assign", error: /^RangeError: thrown in action$/ },
    { type: "throw.entry", error: /^RangeError: thrown in action$/ },
  ];
  test.each(counterThrows)("$type names actor, event and error", ({ type, error }) => {
    using small = furnished();
    const before = all(small);
    const turn = small.send("feed:x", { type });
    expect(turn.failure).toMatchObject({ actor: "feed:x", event: type });
    expect(turn.failure?.error).toMatch(error);
    expect(all(small)).toEqual(before);
  });

  test("in the first state of an actor that it makes leaves no such actor", () => {
    using small = furnished();
    const before = all(small);
    const turn = small.make("feed", "feed:new", { count: 0, stillborn: true });
    expect(turn.failure).toEqual({
      actor: "feed:new",
      event: "xstate.init",
      error: "RangeError: thrown in context",
    });
    expect(all(small)).toEqual(before);
    expect(small.make("feed", "feed:new", { count: 1 }).failure).toBeNull();
    expect(small.system.snapshot("feed:new")?.context.count).toBe(1);
  });

  test("in the code that sends the events undoes what it had sent", () => {
    using small = furnished();
    const before = all(small);
    const turn = small.system.turn({ kind: "bar", subject: "BTC/USD", payload: 1 }, () => {
      small.system.send("feed:x", { type: "add", by: 1 } as EventObject);
      throw new TypeError("Cannot read price");
    });
    expect(turn.failure).toEqual({
      actor: "BTC/USD",
      event: "bar",
      error: "TypeError: Cannot read price",
    });
    expect(all(small)).toEqual(before);
    expect(small.lastContent().undone).toEqual(turn.failure);
  });

  test("after it made an actor stop leaves that actor alive", () => {
    using small = furnished();
    const before = all(small);
    const event = { type: "stop.then", name: "feed:x", to: "position:a" };
    const walk = { type: "walk", act: "throwAssign", rest: [] };
    const turn = small.send("desk", { ...event, event: walk } as EventObject);
    expect(turn.failure).toMatchObject({ actor: "position:a" });
    expect(all(small)).toEqual(before);
    small.send("feed:x", { type: "add", by: 1 } as EventObject);
    expect(small.system.snapshot("feed:x")?.context.count).toBe(4);
  });

  test("keeps the ledger changes that were booked, and only those", () => {
    using small = furnished();
    const act: EventObject = { type: "throw.assign" };
    small.system.commit();
    small.send("feed:x", act, (turn) => turn.booked.push(posting(5)));
    small.system.commit();
    const batch = small.store.batches.at(-1);
    expect({ ledger: batch?.ledger, actors: batch?.actors }).toEqual({
      ledger: [posting(5)],
      actors: [],
    });
    expect(small.ledger.reader().books.postingsOf("test/5")).toHaveLength(1);
  });

  test("when booking itself throws is not caught: the books are not to be trusted then", () => {
    using small = furnished();
    expect(() =>
      small.send("feed:x", { type: "alarm" }, () => {
        throw new RangeError("Cannot book");
      }),
    ).toThrow("Cannot book");
  });

  test("because a rejected effect has no handler is undone; the process lives", async () => {
    const careless = { kind: "reconciler", name: "reconciler:x", input: {} } as const;
    using small = new SmallSystem({
      starts: [...starts, careless],
      effects: { ask: () => Promise.reject(new Error("no route")) },
    });
    small.send("reconciler:x", { type: "ask" });
    await small.system.settle();
    expect(small.turns.at(-1)?.failure).toEqual({
      actor: "reconciler:x",
      event: "xstate.error.actor.ask",
      error: "Error: no route",
    });
    expect(small.system.snapshot("reconciler:x")).toMatchObject({
      status: "active",
      value: "asking",
    });
    expect(small.system.snapshot("desk")?.status).toBe("active");
    expect(small.send("feed:x", { type: "add", by: 1 } as EventObject).failure).toBeNull();
  });

  test("drops its timers and leaves those that stood", () => {
    using small = furnished();
    const timers = small.timers();
    expect(timers).toEqual(["position:a nag 1000", "position:d nag 1000"]);
    small.walk("position:b", "timer", ["position:a", "timer"], ["position:c", "throwGuard"]);
    expect(small.timers()).toEqual(timers);
  });
});
