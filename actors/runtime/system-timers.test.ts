import { describe, expect, test } from "bun:test";
import { raise, sendTo, setup } from "xstate";
import { noon, SmallSystem, TestFolder } from "./testing/small-system.ts";

const waiter = (name: string, waitMs: number) =>
  ({ kind: "scanner", name: `scanner:${name}`, input: { waitMs } }) as const;
const waiting = "xstate.after.wait.waiter.waiting";
const resting = "xstate.after.rest.waiter.resting";

describe("a timer", () => {
  test("fires at its deadline as a turn of its own, and the next state's timer starts then", () => {
    using small = new SmallSystem({ starts: [waiter("a", 1_000)] });
    small.send("scanner:a", { type: "wait" });
    expect(small.timers()).toEqual([`scanner:a ${waiting} 1000`]);
    small.clock.advanceTo(noon + 1_000);
    const turn = small.system.fireTimer();
    expect({ input: turn.input, at: turn.at - noon }).toEqual({
      input: {
        kind: "timer",
        subject: "scanner:a",
        payload: { id: waiting, deadline: noon + 1_000 },
      },
      at: 1_000,
    });
    expect(turn.transitions).toMatchObject([
      { event: { type: waiting }, from: "waiting", to: "resting", changed: { rings: 1 } },
    ]);
    expect(small.timers()).toEqual([`scanner:a ${resting} 1500`]);
  });

  test("is cancelled when its state is left", () => {
    using small = new SmallSystem({ starts: [waiter("a", 1_000)] });
    small.send("scanner:a", { type: "wait" });
    small.send("scanner:a", { type: "leave" });
    expect([small.timers(), small.system.timers.next()]).toEqual([[], null]);
  });

  test("starts anew when its state is entered again", () => {
    using small = new SmallSystem({ starts: [waiter("a", 1_000)] });
    small.send("scanner:a", { type: "wait" });
    small.clock.advanceTo(noon + 300);
    small.send("scanner:a", { type: "wait" });
    expect(small.timers()).toEqual([`scanner:a ${waiting} 1300`]);
  });

  test("comes before those of later deadlines, of one deadline by name", () => {
    const starts = [waiter("c", 700), waiter("a", 900), waiter("b", 700)];
    using small = new SmallSystem({ starts });
    for (const { name } of starts) small.send(name, { type: "wait" });
    small.passTo(noon + 10_000);
    const fired = small.turns.filter(({ input }) => input.kind === "timer");
    expect(fired.map(({ input, at }) => `${at - noon} ${input.subject}`)).toEqual([
      "700 scanner:b",
      "700 scanner:c",
      "900 scanner:a",
      "1200 scanner:b",
      "1200 scanner:c",
      "1400 scanner:a",
    ]);
    expect(small.timers()).toEqual([]);
  });

  test("survives a restart, and fires at its original deadline", () => {
    using folder = new TestFolder();
    const path = folder.file("ledger.db");
    {
      using first = new SmallSystem({ path, starts: [waiter("a", 1_000)] });
      first.clock.advanceTo(noon + 50);
      first.send("scanner:a", { type: "wait" });
      first.system.commit();
    }
    using second = new SmallSystem({ path, at: noon + 400 });
    expect(second.timers()).toEqual([`scanner:a ${waiting} 1050`]);
    second.passTo(noon + 1_050);
    expect(second.turns.map(({ input, at }) => [input.kind, at - noon])).toEqual([
      ["timer", 1_050],
    ]);
    expect(second.system.snapshot("scanner:a")).toMatchObject({
      value: "resting",
      context: { rings: 1 },
    });
  });

  test("that came due while the process was down is still there to fire", () => {
    using folder = new TestFolder();
    const path = folder.file("ledger.db");
    {
      using first = new SmallSystem({ path, starts: [waiter("a", 1_000)] });
      first.send("scanner:a", { type: "wait" });
      first.system.commit();
    }
    using second = new SmallSystem({ path, at: noon + 60_000 });
    expect(second.system.timers.next()?.deadline).toBe(noon + 1_000);
    expect(second.system.fireTimer()).toMatchObject({ at: noon + 60_000 });
    expect(second.timers()).toEqual([`scanner:a ${resting} 60500`]);
  });

  test("that fired does not fire again after a restart", () => {
    using folder = new TestFolder();
    const path = folder.file("ledger.db");
    const walker = { kind: "position", name: "position:a", input: { name: "a" } } as const;
    {
      using first = new SmallSystem({ path, starts: [walker] });
      first.walk("position:a", "timer");
      first.system.commit();
      first.passTo(noon + 1_000);
      first.system.commit();
    }
    using second = new SmallSystem({ path, at: noon + 1_000 });
    expect(second.timers()).toEqual([]);
  });

  test("that is all that a turn changes is stored all the same", () => {
    using folder = new TestFolder();
    const path = folder.file("ledger.db");
    const nagging = setup({
      actions: { nag: raise({ type: "nagged" }, { delay: 5_000, id: "nag" }) },
    }).createMachine({ id: "nagging", on: { go: { actions: "nag" } } });
    const kinds = { breaker: { machine: nagging, version: 1 } };
    const starts = [{ kind: "breaker", name: "breaker:a", input: {} }] as const;
    {
      using first = new SmallSystem({ path, starts, kinds });
      first.system.commit();
      first.send("breaker:a", { type: "go" });
      first.system.commit();
      expect(first.store.batches.at(-1)?.actors.map(({ name, seq }) => [name, seq])).toEqual([
        ["breaker:a", 2],
      ]);
    }
    using second = new SmallSystem({ path, kinds });
    expect(second.timers()).toEqual(["breaker:a nag 5000"]);
  });

  test("of an undone turn is used up: it is poison and not delivered again", () => {
    const bomb = setup({
      guards: {
        throwing: () => {
          throw new Error("thrown in guard");
        },
      },
      delays: { fuse: 100 },
    }).createMachine({
      id: "bomb",
      initial: "lit",
      states: { lit: { after: { fuse: { guard: "throwing", target: "out" } } }, out: {} },
    });
    const starts = [{ kind: "breaker", name: "breaker:a", input: {} }] as const;
    using small = new SmallSystem({ starts, kinds: { breaker: { machine: bomb, version: 1 } } });
    small.passTo(noon + 100);
    expect(small.turns.at(-1)).toMatchObject({
      input: { kind: "timer" },
      failure: { actor: "breaker:a" },
    });
    expect([small.timers(), small.system.snapshot("breaker:a")?.value]).toEqual([[], "lit"]);
  });

  test("for another actor is refused, and its turn undone", () => {
    const distant = setup({
      actions: {
        tellLater: sendTo(
          ({ system }) => system.get("desk"),
          { type: "alarm.raised" },
          {
            delay: 10,
            id: "late",
          },
        ),
      },
    }).createMachine({ id: "distant", on: { go: { actions: "tellLater" } } });
    const starts = [{ kind: "breaker", name: "breaker:a", input: {} }] as const;
    using small = new SmallSystem({ starts, kinds: { breaker: { machine: distant, version: 1 } } });
    expect(small.send("breaker:a", { type: "go" }).failure).toEqual({
      actor: "breaker:a",
      event: "alarm.raised",
      error: 'TypeError: Cannot keep timer "late" of "breaker:a" for another actor',
    });
    expect(small.system.snapshot("breaker:a")?.status).toBe("active");
  });

  test("cannot be fired where none is set", () => {
    using small = new SmallSystem();
    expect(() => small.system.fireTimer()).toThrow("Cannot fire a timer: none is set");
  });
});
