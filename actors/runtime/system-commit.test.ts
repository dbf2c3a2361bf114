import { describe, expect, test } from "bun:test";
import type { EventObject } from "xstate";
import type { StateChange } from "./ports.ts";
import { posting, SmallSystem, TestFolder } from "./testing/small-system.ts";

const counter = { kind: "feed", name: "feed:a", input: { count: 0 } } as const;
const asker = { kind: "order", name: "order:a", input: {} } as const;
const add = { type: "add", by: 1 } as EventObject;

describe("ActorSystem.commit()", () => {
  test("lets turns share one commit up to the limit, and the last of them sets it off", () => {
    using small = new SmallSystem({ starts: [counter], groupLimit: 3 });
    for (let index = 0; index < 5; index++) small.send("feed:a", add);
    expect(small.log).toEqual([
      "turn genesis desk",
      "turn test feed:a",
      "turn test feed:a",
      "commit 1,2,3",
      "committed",
      "turn test feed:a",
      "turn test feed:a",
      "turn test feed:a",
      "commit 4,5,6",
      "committed",
    ]);
  });

  test("stores each changed actor once, as its last turn left it", () => {
    using small = new SmallSystem({ starts: [counter, asker] });
    small.system.commit();
    for (let index = 0; index < 3; index++) small.send("feed:a", add);
    small.send("order:a", { type: "unheardOf" });
    small.system.commit();
    expect(small.store.batches.at(-1)?.actors).toMatchObject([
      { name: "feed:a", kind: "feed", version: 1, seq: 4, snapshot: { context: { count: 3 } } },
    ]);
  });

  test("of nothing asks the store for nothing", () => {
    using small = new SmallSystem();
    small.system.commit();
    small.system.commit();
    expect(small.log.filter((line) => line.startsWith("commit "))).toEqual(["commit 1"]);
  });

  test("takes the state of the parts outside into the same transaction", () => {
    using folder = new TestFolder();
    const path = folder.file("ledger.db");
    const change: StateChange = { space: "source", key: "BTC/USD", value: { index: 7 } };
    using small = new SmallSystem({ path, outside: () => [change] });
    small.system.commit();
    expect(small.ledger.stateOf("source")).toEqual(new Map([["BTC/USD", { index: 7 }]]));
  });

  test("moves the committed head to the last record, and not before", () => {
    using small = new SmallSystem({ starts: [counter] });
    small.system.commit();
    const first = small.system.committedHead;
    small.send("feed:a", add);
    expect(small.system.committedHead).toEqual(first);
    small.system.commit();
    expect(small.system.committedHead).toEqual(small.system.journalHead);
    expect(small.ledger.load().head).toEqual(small.system.committedHead);
  });

  test("puts what was booked before what follows from it", () => {
    using small = new SmallSystem({ starts: [counter] });
    small.send("feed:a", add, (turn) => turn.booked.push(posting(1)));
    small.send("feed:a", add, (turn) => turn.booked.push(posting(2)));
    small.system.commit();
    expect(small.store.batches[0]?.ledger).toEqual([posting(1), posting(2)]);
  });
});

describe("ActorSystem.onceCommitted()", () => {
  test("waits for the commit of all turns so far", () => {
    using small = new SmallSystem({ starts: [counter] });
    small.system.onceCommitted(() => small.log.push("shown"));
    expect(small.log).not.toContain("shown");
    small.system.commit();
    expect(small.log.slice(-3)).toEqual(["commit 1", "committed", "shown"]);
  });

  test("runs at once where all is durable", () => {
    using small = new SmallSystem();
    small.system.commit();
    small.system.onceCommitted(() => small.log.push("shown"));
    expect(small.log.at(-1)).toBe("shown");
  });

  test("asked for inside a turn waits for that turn's commit too", () => {
    using small = new SmallSystem({ starts: [counter] });
    small.system.commit();
    small.system.turn({ kind: "query", subject: "desk", payload: null }, () => {
      small.system.onceCommitted(() => small.log.push("shown"));
    });
    expect(small.log).not.toContain("shown");
    small.system.commit();
    expect(small.log.at(-1)).toBe("shown");
  });
});

describe("a commit that fails", () => {
  test("throws, lets nothing out, and leaves the ledger as it was", async () => {
    using small = new SmallSystem({ starts: [counter, asker] });
    small.system.commit();
    small.send("order:a", { type: "ask" });
    small.system.onceCommitted(() => small.log.push("shown"));
    small.store.failWith = new Error("disk full");
    const before = small.ledger.load();
    await expect(small.system.settle()).rejects.toThrow("disk full");
    expect(small.log.slice(3)).toEqual(["turn test order:a"]);
    expect(small.ledger.load()).toEqual(before);
    expect(small.system.committedHead).toEqual(before.head);
  });

  test("ends it: memory is ahead of the ledger, and no later call may make it look whole", () => {
    using small = new SmallSystem({ starts: [counter] });
    small.store.failWith = new Error("disk full");
    expect(() => small.system.commit()).toThrow("disk full");
    small.store.failWith = null;
    expect(() => small.system.commit()).toThrow("Cannot go on after a failure: disk full");
    expect(() => small.send("feed:a", add)).toThrow("Cannot go on after a failure: disk full");
    expect(small.store.batches).toEqual([]);
  });

  test("inside the turn that filled the group throws out of that turn", () => {
    using small = new SmallSystem({ starts: [counter], groupLimit: 2 });
    small.store.failWith = new Error("disk full");
    expect(() => small.send("feed:a", add)).toThrow("disk full");
  });
});

test("booking that throws ends it: the books may have moved without a record", () => {
  using small = new SmallSystem({ starts: [counter] });
  expect(() =>
    small.send("feed:a", add, () => {
      throw new RangeError("Cannot book");
    }),
  ).toThrow("Cannot book");
  expect(() => small.system.commit()).toThrow("Cannot go on after a failure: Cannot book");
});
