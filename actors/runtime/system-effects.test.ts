import { describe, expect, test } from "bun:test";
import type { EventObject } from "xstate";
import type { EffectContext, EffectHandler } from "./effects.ts";
import { posting, SmallSystem, TestFolder } from "./testing/small-system.ts";

const asker = { kind: "order", name: "order:a", input: {} } as const;
const other = { kind: "order", name: "order:b", input: {} } as const;

const answering =
  (told: unknown[]): EffectHandler =>
  async (input, context: EffectContext) => {
    told.push([input, context]);
    return { type: "asked", answer: 42 } as EventObject;
  };

describe("an effect", () => {
  test("is done after the commit of its turn, and its answer is a turn of its own", async () => {
    const told: unknown[] = [];
    using small = new SmallSystem({ starts: [asker], effects: { ask: answering(told) } });
    small.send("order:a", { type: "ask" });
    expect(small.log).toEqual(["turn genesis desk", "turn test order:a"]);
    await small.system.settle();
    expect(small.log.slice(2)).toEqual([
      "commit 1,2",
      "committed",
      "ask of order:a",
      "turn effect order:a",
    ]);
    expect(told).toEqual([[{ question: 1 }, { owner: "order:a", again: false }]]);
    expect(small.lastContent()).toMatchObject({
      kind: "effect",
      subject: "order:a",
      input: { effect: "ask", event: { type: "asked", answer: 42 } },
      transitions: [{ actor: "order:a", from: "asking", to: "idle", changed: { answers: [42] } }],
    } as never);
  });

  test("that rejects is told as xstate.error.actor and its id", async () => {
    const effects = { ask: () => Promise.reject(new Error("no route")) };
    using small = new SmallSystem({ starts: [asker], effects });
    small.send("order:a", { type: "ask" });
    await small.system.settle();
    expect(small.lastContent()).toMatchObject({
      transitions: [
        {
          event: { type: "xstate.error.actor.ask", error: "no route", actorId: "ask" },
          to: "failed",
        },
      ],
    });
    expect(small.system.isBusy).toBe(false);
  });

  test("of several owners is done in the order asked, one after the other", async () => {
    using small = new SmallSystem({ starts: [asker, other] });
    small.send("order:b", { type: "ask" });
    small.send("order:a", { type: "ask" });
    await small.system.settle();
    expect(small.log.filter((line) => line.startsWith("ask"))).toEqual([
      "ask of order:b",
      "ask of order:a",
    ]);
  });

  test("that nobody wants any more when it is answered is dropped", async () => {
    const effects: Record<string, EffectHandler> = {
      ask: async () => {
        small.send("order:a", { type: "leave" });
        return { type: "asked", answer: 1 } as EventObject;
      },
    };
    using small = new SmallSystem({ starts: [asker], effects });
    small.send("order:a", { type: "ask" });
    await small.system.settle();
    expect(small.turns.map(({ input }) => input.kind)).toEqual(["genesis", "test", "test"]);
    expect(small.system.snapshot("order:a")?.context.answers).toEqual([]);
  });

  test("that nobody wants any more before it begins is not done", async () => {
    using small = new SmallSystem({ starts: [asker] });
    small.send("order:a", { type: "ask" });
    small.send("order:a", { type: "leave" });
    await small.system.settle();
    expect(small.log.filter((line) => line.startsWith("ask"))).toEqual([]);
  });

  test("of a state that is entered again is another one: the old answer is dropped", async () => {
    let isFirst = true;
    const effects: Record<string, EffectHandler> = {
      ask: async (input: { question: number }) => {
        if (isFirst) small.send("order:a", { type: "ask" });
        isFirst = false;
        return { type: "asked", answer: input.question * 10 } as EventObject;
      },
    };
    using small = new SmallSystem({ starts: [asker], effects });
    small.send("order:a", { type: "ask" });
    await small.system.settle();
    expect(small.system.snapshot("order:a")).toMatchObject({
      value: "idle",
      context: { asks: 2, answers: [20] },
    });
  });

  test("whose turn was undone is not done", async () => {
    const walker = { kind: "position", name: "position:a", input: { name: "a" } } as const;
    using small = new SmallSystem({ starts: [walker] });
    small.walk("position:a", "ask", ["position:a", "throwAssign"]);
    await small.system.settle();
    expect(small.log.filter((line) => line.startsWith("ask"))).toEqual([]);
  });

  test("is settled only where it is asked for", async () => {
    using small = new SmallSystem({ starts: [asker, other] });
    small.send("order:a", { type: "ask" });
    small.send("order:b", { type: "ask" });
    await small.system.settle(({ owner }) => owner === "order:b");
    expect(small.log.filter((line) => line.startsWith("ask"))).toEqual(["ask of order:b"]);
    expect(small.system.isBusy).toBe(true);
  });

  test("lets what its answer books be kept even if the answer's turn is undone", async () => {
    const walker = { kind: "position", name: "position:a", input: { name: "a" } } as const;
    using small = new SmallSystem({
      starts: [walker],
      admit: ({ owner }) => ({
        correlation: "c1",
        book: (turn) => turn.booked.push(posting(9)),
        act: () =>
          small.system.send(owner, { type: "walk", act: "throwAssign", rest: [] } as EventObject),
      }),
    });
    small.walk("position:a", "ask");
    await small.system.settle();
    const content = small.lastContent();
    expect(content).toMatchObject({ kind: "effect", undone: { actor: "position:a" } });
    expect(small.store.batches.at(-1)?.ledger).toEqual([posting(9)]);
  });
});

describe("effects that are begun and not waited for", () => {
  /** Answers each owner's question when told to. */
  class Wire {
    readonly asked: string[] = [];
    private readonly open = new Map<string, (event: EventObject) => void>();
    readonly ask: EffectHandler = (_, { owner }) => {
      this.asked.push(owner);
      return new Promise((resolve) => this.open.set(owner, resolve));
    };

    async answer(owner: string, answer: number): Promise<void> {
      this.open.get(owner)?.({ type: "asked", answer } as EventObject);
      await Bun.sleep(0);
    }
  }
  const answers = (small: SmallSystem) =>
    ["order:a", "order:b"].map((name) => small.system.snapshot(name)?.context.answers);

  test("are under way at once, after their commit, and answered as answers come", async () => {
    const wire = new Wire();
    using small = new SmallSystem({ starts: [asker, other], effects: { ask: wire.ask } });
    const told: string[] = [];
    const begin = () => small.system.begin(() => told.push("answered"), unexpected);
    small.send("order:a", { type: "ask" });
    small.send("order:b", { type: "ask" });
    begin();
    begin();
    expect([wire.asked, small.store.batches.length, answers(small)]).toEqual([
      ["order:a", "order:b"],
      1,
      [[], []],
    ]);
    await wire.answer("order:b", 2);
    expect([answers(small), told]).toEqual([[[], [2]], ["answered"]]);
    await wire.answer("order:a", 1);
    expect([answers(small), told, small.system.isBusy]).toEqual([
      [[1], [2]],
      ["answered", "answered"],
      false,
    ]);
    begin();
    expect(wire.asked).toEqual(["order:a", "order:b"]);
  });

  test("are begun again when they are asked again, the old answer being nobody's", async () => {
    const wire = new Wire();
    using small = new SmallSystem({ starts: [asker], effects: { ask: wire.ask } });
    const begin = () => small.system.begin(() => {}, unexpected);
    small.send("order:a", { type: "ask" });
    begin();
    small.send("order:a", { type: "leave" });
    small.send("order:a", { type: "ask" });
    begin();
    expect(wire.asked).toEqual(["order:a", "order:a"]);
    await wire.answer("order:a", 7);
    expect(small.system.snapshot("order:a")?.context.answers).toEqual([7]);
  });

  test("are not waited for by who settles the others", async () => {
    const wire = new Wire();
    using small = new SmallSystem({ starts: [asker, other], effects: { ask: wire.ask } });
    small.send("order:a", { type: "ask" });
    small.system.begin(() => {}, unexpected);
    expect([small.system.effects.waits, small.system.isBusy]).toEqual([false, true]);
    await small.system.settle();
    small.send("order:b", { type: "ask" });
    expect(small.system.effects.waits).toBe(true);
    const settled = small.system.settle();
    await wire.answer("order:b", 2);
    await settled;
    expect(answers(small)).toEqual([[], [2]]);
    await wire.answer("order:a", 1);
    expect([answers(small), small.system.isBusy]).toEqual([[[1], [2]], false]);
  });

  test("tell of a turn that could not be taken", async () => {
    const wire = new Wire();
    using small = new SmallSystem({ starts: [asker], effects: { ask: wire.ask }, groupLimit: 1 });
    const failures: unknown[] = [];
    small.send("order:a", { type: "ask" });
    small.system.begin(unexpected, (error) => failures.push(error));
    small.store.failWith = new Error("disk is full");
    await wire.answer("order:a", 1);
    expect(failures).toEqual([new Error("disk is full")]);
  });

  function unexpected(): never {
    throw new Error("this was not to be called");
  }
});

describe("an effect after a restart", () => {
  test("that was under way runs again, and is told so", async () => {
    using folder = new TestFolder();
    const path = folder.file("ledger.db");
    {
      using first = new SmallSystem({ path, starts: [asker, other] });
      first.send("order:a", { type: "ask" });
      first.system.commit();
    }
    const told: unknown[] = [];
    using second = new SmallSystem({ path, effects: { ask: answering(told) } });
    second.send("order:b", { type: "ask" });
    await second.system.settle();
    expect({ resumed: second.resumed, told }).toEqual({
      resumed: true,
      told: [
        [{ question: 1 }, { owner: "order:a", again: true }],
        [{ question: 1 }, { owner: "order:b", again: false }],
      ],
    });
    expect(second.system.snapshot("order:a")).toMatchObject({
      value: "idle",
      context: { asks: 1, answers: [42] },
    });
  });

  test("that was answered and committed does not run again", async () => {
    using folder = new TestFolder();
    const path = folder.file("ledger.db");
    {
      using first = new SmallSystem({ path, starts: [asker] });
      first.send("order:a", { type: "ask" });
      await first.system.settle();
      first.system.commit();
    }
    using second = new SmallSystem({ path });
    await second.system.settle();
    expect(second.log).toEqual([]);
  });

  test("whose turn was not committed was never asked for", async () => {
    using folder = new TestFolder();
    const path = folder.file("ledger.db");
    {
      using first = new SmallSystem({ path, starts: [asker] });
      first.system.commit();
      first.send("order:a", { type: "ask" });
    }
    using second = new SmallSystem({ path });
    await second.system.settle();
    expect({ log: second.log, state: second.system.snapshot("order:a")?.value }).toEqual({
      log: [],
      state: "idle",
    });
  });
});

test("a machine whose effect nobody does is refused at once", () => {
  using small = new SmallSystem();
  expect(() => small.without("ask")).toThrow('no handler of its effect "ask"');
});
