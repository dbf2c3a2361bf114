import { describe, expect, test } from "bun:test";
import type { EventObject } from "xstate";
import { SmallSystem } from "./testing/small-system.ts";

const counter = { kind: "feed", name: "feed:a", input: { count: 7 } } as const;
const walkers = ["a", "b", "c"].map((name) => ({
  kind: "position" as const,
  name: `position:${name}`,
  input: { name },
}));

describe("ActorSystem.turn()", () => {
  test("journals one input as one record: its transition, guards, and what of the context changed", () => {
    using small = new SmallSystem({ starts: [counter] });
    small.send("feed:a", { type: "add", by: 5 } as EventObject);
    expect(small.lastContent()).toEqual({
      seq: 2,
      at: small.clock.now(),
      kind: "test",
      subject: "feed:a",
      code: null,
      correlation: null,
      input: { type: "add", by: 5 },
      transitions: [
        {
          actor: "feed:a",
          event: { type: "add", by: 5 },
          cause: null,
          from: "small",
          to: "large",
          guards: [["staysSmall", false]],
          changed: { count: 12 },
        },
      ],
    } as never);
  });

  test("journals a cascade through three actors in one record, each with its cause", () => {
    using small = new SmallSystem({ starts: walkers });
    small.walk("position:a", "count", ["position:b", "count"], ["position:c", "timer"]);
    expect(small.store.batches).toHaveLength(0);
    const { transitions } = small.lastContent();
    expect(
      transitions?.map(({ actor, cause, guards, changed }) => ({ actor, cause, guards, changed })),
    ).toEqual([
      {
        actor: "position:a",
        cause: null,
        guards: [
          ["throwing", false],
          ["counts", true],
        ],
        changed: { walks: 1 },
      },
      {
        actor: "position:b",
        cause: 0,
        guards: [
          ["throwing", false],
          ["counts", true],
        ],
        changed: { walks: 1 },
      },
      {
        actor: "position:c",
        cause: 1,
        guards: [
          ["throwing", false],
          ["counts", false],
          ["setsTimer", true],
        ],
        changed: { walks: 1 },
      },
    ]);
  });

  test("names the ping as cause of the pong and the pong of the next ping", () => {
    using small = new SmallSystem({ starts: walkers });
    const [ping, pong] = ["position:a", "position:b"] as const;
    const { transitions } = small.walk(
      ping,
      "count",
      [pong, "count"],
      [ping, "count"],
      [pong, "count"],
    );
    expect(transitions.map(({ actor, cause }) => [actor, cause])).toEqual([
      [ping, null],
      [pong, 0],
      [ping, 1],
      [pong, 2],
    ]);
    expect(small.system.snapshot(pong)?.context.walks).toBe(2);
  });

  test("marks an event that no state takes as ignored, and only such a one", () => {
    using small = new SmallSystem({ starts: [counter] });
    const ignored = small.send("feed:a", { type: "unheardOf" });
    const sends = small.send("feed:a", { type: "alarm" });
    expect(
      [...ignored.transitions, ...sends.transitions].map(({ actor, event, ignored }) => [
        actor,
        event.type,
        ignored,
      ]),
    ).toEqual([
      ["feed:a", "unheardOf", true],
      ["feed:a", "alarm", undefined],
      ["desk", "alarm.raised", undefined],
    ]);
  });

  test("keeps what was sent to an actor that is not there as a dead letter", () => {
    using small = new SmallSystem({ starts: walkers });
    small.walk("position:a", "count", ["position:nobody", "count"]);
    expect(small.lastContent().deadLetters).toEqual([{ to: "position:nobody", event: "walk" }]);
    small.send("order:nobody", { type: "ask" });
    expect(small.lastContent()).toMatchObject({
      deadLetters: [{ to: "order:nobody", event: "ask" }],
    });
  });

  test("keeps the guards of a parent that spawns apart from those of its child", () => {
    using small = new SmallSystem();
    const event = { type: "make.guarded", kind: "feed", name: "feed:b", input: { count: 1 } };
    const { transitions } = small.send("desk", event);
    expect(
      transitions.map(({ actor, event: { type }, guards, cause }) => ({
        actor,
        type,
        guards,
        cause,
      })),
    ).toEqual([
      { actor: "feed:b", type: "xstate.init", guards: [], cause: 1 },
      { actor: "desk", type: "make.guarded", guards: [["mayMake", true]], cause: null },
    ]);
  });

  test("records a new actor with its whole context, and the root as what made all others", () => {
    using small = new SmallSystem({ starts: [counter] });
    expect(small.turns[0]?.transitions).toEqual([
      {
        actor: "feed:a",
        event: { type: "xstate.init" },
        cause: 1,
        from: null,
        to: "small",
        guards: [],
        changed: { count: 7 },
      },
      {
        actor: "desk",
        event: { type: "xstate.init" },
        cause: null,
        from: null,
        to: {},
        guards: [],
        changed: { alarms: 0 },
      },
    ]);
  });

  test("refuses to start inside another", () => {
    using small = new SmallSystem({ starts: [counter] });
    const nested = small.system.turn({ kind: "outer", subject: "x", payload: null }, () => {
      small.send("feed:a", { type: "add", by: 1 } as EventObject);
    });
    expect(nested.failure?.error).toContain('Cannot start turn "test" inside another');
    expect(small.system.snapshot("feed:a")?.context.count).toBe(7);
  });

  test("gives the same journal head for the same inputs, whatever shares a commit", () => {
    const heads = [1, 3, 1_000].map((groupLimit) => {
      using small = new SmallSystem({ starts: [counter, ...walkers], groupLimit });
      for (let round = 0; round < 5; round++) {
        small.send("feed:a", { type: "add", by: round } as EventObject);
        small.walk("position:a", "timer", ["position:b", "spawn"], ["position:c", "count"]);
        small.walk("position:b", "count", ["position:a", "throwAssign"]);
        small.passTo(small.clock.now() + 700);
      }
      small.system.commit();
      return small.system.committedHead;
    });
    expect(heads[0]?.seq).toBeGreaterThan(15);
    expect(heads[1]).toEqual(heads[0]);
    expect(heads[2]).toEqual(heads[0]);
  });

  test("gives another head for another input", () => {
    const heads = [1, 2].map((by) => {
      using small = new SmallSystem({ starts: [counter] });
      small.send("feed:a", { type: "add", by } as EventObject);
      return small.system.journalHead.hash;
    });
    expect(heads[0]).not.toBe(heads[1]);
  });
});

describe("ActorSystem.start()", () => {
  test("throws when the root cannot be made, and commits nothing", () => {
    const stillborn = {
      kind: "feed",
      name: "feed:a",
      input: { count: 0, stillborn: true },
    } as const;
    expect(() => new SmallSystem({ starts: [stillborn] })).toThrow(
      'Cannot start actor system: making "feed:a" failed: RangeError: thrown in context',
    );
  });

  test("resumes what was committed and nothing else", () => {
    using small = new SmallSystem();
    expect({ resumed: small.resumed, head: small.system.journalHead.seq }).toEqual({
      resumed: false,
      head: 1,
    });
  });
});
