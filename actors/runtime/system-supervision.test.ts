import { describe, expect, test } from "bun:test";
import type { EventObject } from "xstate";
import type { ActorKind } from "../../machines/domain/ids.ts";
import type { EffectContext } from "./effects.ts";
import { noon, SmallSystem, TestFolder } from "./testing/small-system.ts";

const starts = [
  { kind: "position", name: "position:a", input: { name: "a" } },
  { kind: "position", name: "position:b", input: { name: "b" } },
  { kind: "feed", name: "feed:x", input: { count: 3 } },
  { kind: "scanner", name: "scanner:x", input: { waitMs: 1_000 } },
  { kind: "order", name: "order:x", input: {} },
] as const;
const add = (by: number) => ({ type: "add", by }) as EventObject;

function restartEvent(kind: ActorKind, name: string): EventObject {
  return { type: "actor.restart", kind, name } as EventObject;
}

function restart(small: SmallSystem, kind: ActorKind, name: string) {
  return small.send("desk", restartEvent(kind, name));
}

/** One of each in the middle of something. */
function busy(path?: string): SmallSystem {
  const small = new SmallSystem({ starts, ...(path && { path }) });
  small.send("feed:x", add(4));
  small.send("scanner:x", { type: "wait" });
  small.send("order:x", { type: "ask" });
  small.walk("position:a", "timer", ["position:b", "ask"]);
  small.clock.advanceTo(noon + 400);
  return small;
}

function outline(small: SmallSystem) {
  const effects = [...small.system.effects.pending()].map(({ owner, id }) => `${owner} ${id}`);
  return { states: small.states(), timers: small.timers(), effects: effects.sort() };
}

describe("a child that is restarted", () => {
  test.each(starts)("$name goes on from where it was, its timers with it", ({ kind, name }) => {
    using small = busy();
    const before = outline(small);
    expect(restart(small, kind, name).failure).toBeNull();
    expect(outline(small)).toEqual(before);
  });

  test("fires its timers at their original deadlines", () => {
    using small = busy();
    restart(small, "scanner", "scanner:x");
    small.passTo(noon + 999);
    expect(small.system.snapshot("scanner:x")?.value).toBe("waiting");
    small.passTo(noon + 1_000);
    expect(small.system.snapshot("scanner:x")).toMatchObject({
      value: "resting",
      context: { rings: 1 },
    });
  });

  test("takes each later event once, as a new actor", () => {
    using small = busy();
    const old = small.system.find("feed:x");
    restart(small, "feed", "feed:x");
    expect(small.system.find("feed:x")).not.toBe(old as never);
    const turn = small.send("feed:x", add(1));
    expect(turn.transitions.map(({ actor }) => actor)).toEqual(["feed:x"]);
    expect(small.system.snapshot("feed:x")?.context.count).toBe(8);
  });

  test("has what it had asked for asked again, and is told so", async () => {
    const told: EffectContext[] = [];
    const ask = async (_: never, context: EffectContext) => {
      told.push(context);
      return { type: "asked", answer: 7 };
    };
    using small = new SmallSystem({ starts, effects: { ask } });
    small.send("order:x", { type: "ask" });
    restart(small, "order", "order:x");
    await small.system.settle();
    expect(told).toEqual([{ owner: "order:x", again: true }]);
    expect(small.system.snapshot("order:x")).toMatchObject({
      value: "idle",
      context: { asks: 1, answers: [7] },
    });
  });

  test("hears nothing of an answer to its former self", async () => {
    let asked = 0;
    const ask = async (_: never, { again }: EffectContext) => {
      asked += 1;
      // Once: a desk that forgot to say so would ask for ever.
      if (asked === 1) restart(small, "order", "order:x");
      return { type: "asked", answer: again ? 2 : 1 };
    };
    using small: SmallSystem = new SmallSystem({ starts, effects: { ask } });
    small.send("order:x", { type: "ask" });
    await small.system.settle();
    expect([asked, small.system.snapshot("order:x")?.context.answers]).toEqual([2, [2]]);
  });

  test("leaves every other actor the very same", () => {
    using small = busy();
    const others = () =>
      ["position:a", "position:b", "scanner:x", "order:x"].map((name) => [
        small.system.find(name),
        small.system.snapshot(name),
      ]);
    const before = others();
    restart(small, "feed", "feed:x");
    others().forEach(([ref, snapshot], index) => {
      expect(ref).toBe(before[index]?.[0] as never);
      expect(snapshot).toBe(before[index]?.[1] as never);
    });
  });

  test("is in the journal as revived, caused by the root", () => {
    using small = busy();
    restart(small, "feed", "feed:x");
    const { transitions } = small.lastContent();
    expect(transitions?.map(({ actor, event, cause }) => [actor, event, cause])).toEqual([
      ["feed:x", { type: "novactor.revived" }, 1],
      ["desk", { type: "actor.restart", kind: "feed", name: "feed:x" }, null],
    ] as never);
  });

  test("is neither archived nor buried, and can be restarted again and again", () => {
    using small = busy();
    const before = outline(small);
    for (let count = 0; count < 5; count++) {
      const turn = restart(small, "order", "order:x");
      expect([turn.failure, [...turn.buried.keys()]]).toEqual([null, []]);
    }
    small.system.commit();
    expect(outline(small)).toEqual(before);
    expect(small.store.batches.at(-1)).toMatchObject({ archived: [], revived: [] });
  });

  test("is there after the process was started again", () => {
    using folder = new TestFolder();
    const path = folder.file("ledger.db");
    let before: unknown;
    {
      using first = busy(path);
      restart(first, "scanner", "scanner:x");
      restart(first, "position", "position:b");
      first.system.commit();
      before = outline(first);
    }
    using second = new SmallSystem({ path, at: noon + 400 });
    expect(outline(second)).toEqual(before as ReturnType<typeof outline>);
  });
});

describe("a restart that is undone", () => {
  test("leaves the child as it was, and alive", () => {
    using small = busy();
    const before = outline(small);
    const old = small.system.find("feed:x");
    const turn = small.system.turn({ kind: "test", subject: "desk", payload: null }, () => {
      small.system.send("desk", restartEvent("feed", "feed:x"));
      small.system.send("feed:x", { type: "throw.assign" });
    });
    expect(turn.failure).toMatchObject({ actor: "feed:x", event: "throw.assign" });
    expect(small.system.find("feed:x")).toBe(old as never);
    expect(outline(small)).toEqual(before);
    small.send("feed:x", add(1));
    expect(small.system.snapshot("feed:x")?.context.count).toBe(8);
    expect(restart(small, "feed", "feed:x").failure).toBeNull();
    expect(small.system.snapshot("feed:x")?.context.count).toBe(8);
  });
});

describe("ActorSystem.rebuild()", () => {
  const rebuild = (small: SmallSystem, name: string, input: unknown) =>
    small.system.turn({ kind: "test", subject: name, payload: null }, () =>
      small.system.rebuild(name, input),
    );

  test("replaces one that lives by another, without its past, its timers and its effects", () => {
    using small = busy();
    expect(rebuild(small, "scanner:x", { waitMs: 5 }).failure).toBeNull();
    expect(rebuild(small, "order:x", {}).failure).toBeNull();
    expect(small.system.snapshot("scanner:x")).toMatchObject({
      value: "idle",
      context: { waitMs: 5, rings: 0 },
    });
    expect(small.system.snapshot("order:x")).toMatchObject({ value: "idle", context: { asks: 0 } });
    const { timers, effects } = outline(small);
    expect([timers, effects]).toEqual([["position:a nag 1000"], ["position:b ask"]]);
    small.send("order:x", { type: "ask" });
    expect(small.system.snapshot("order:x")?.value).toBe("asking");
  });

  test("makes one that is not there", () => {
    using small = busy();
    rebuild(small, "feed:new", { count: 4 });
    expect(small.system.snapshot("feed:new")?.context).toEqual({ count: 4 });
  });
});

describe("ActorSystem.stop()", () => {
  test("stops the children in reverse order of their start, then the root", () => {
    using small = busy();
    const stopped: string[] = [];
    for (const name of ["desk", ...starts.map((each) => each.name)]) {
      small.system.find(name)?.subscribe({ complete: () => stopped.push(name) });
    }
    small.system.stop();
    expect(stopped).toEqual(["order:x", "scanner:x", "feed:x", "position:b", "position:a", "desk"]);
  });

  test("keeps all that was: the next start goes on as if nothing had been stopped", () => {
    using folder = new TestFolder();
    const path = folder.file("ledger.db");
    let before: unknown;
    {
      using first = busy(path);
      before = outline(first);
      first.system.stop();
    }
    using second = new SmallSystem({ path, at: noon + 400 });
    expect([second.setAside, outline(second)]).toEqual([[], before as never]);
  });

  test("takes no further turn, and may be called again", () => {
    using small = busy();
    small.system.stop();
    small.system.stop();
    expect(() => small.send("feed:x", add(1))).toThrow("it was stopped");
  });

  test("is refused inside a turn", () => {
    using small = busy();
    const turn = small.system.turn({ kind: "test", subject: "desk", payload: null }, () =>
      small.system.stop(),
    );
    expect(turn.failure?.error).toContain("Cannot stop inside a turn");
    expect(small.send("feed:x", add(1)).failure).toBeNull();
  });

  test("after a failed commit stops without another", () => {
    using small = busy();
    small.store.failWith = new Error("disk full");
    expect(() => small.system.commit()).toThrow("disk full");
    small.store.failWith = null;
    const committed = small.store.batches.length;
    small.system.stop();
    expect(small.store.batches.length).toBe(committed);
  });
});
