import { describe, expect, test } from "bun:test";
import type { EventObject } from "xstate";
import type { ActorKind } from "../../machines/domain/ids.ts";
import type { MachineKind } from "./options.ts";
import type { StoredActor } from "./ports.ts";
import { noon, SmallSystem, smallKinds, TestFolder } from "./testing/small-system.ts";
import { TakeOver, upgraded } from "./upgrade.ts";

const counted = (count: number) => ({
  status: "active",
  value: "small",
  context: { count },
  children: {},
});
const stored = (parts: Partial<StoredActor> = {}): StoredActor => ({
  name: "feed:x",
  kind: "feed",
  version: 1,
  snapshot: counted(3),
  timers: [],
  seq: 1,
  ...parts,
});
type Migrations = NonNullable<MachineKind["migrations"]>;
const feedOf = (version: number, migrations: Migrations = {}): MachineKind => ({
  ...smallKinds.feed,
  version,
  migrations,
});
const times = (factor: number) => (snapshot: unknown) =>
  counted((snapshot as ReturnType<typeof counted>).context.count * factor);
const plus = (more: number) => (snapshot: unknown) =>
  counted((snapshot as ReturnType<typeof counted>).context.count + more);
const failing = () => {
  throw new TypeError("no such field");
};

describe("upgraded()", () => {
  test("leaves one of the present version as it is", () => {
    const actor = stored();
    expect(upgraded(actor, feedOf(1))).toBe(actor);
  });

  test.each([
    ["one step", feedOf(2, { 1: times(10) }), 30],
    ["each step in its turn", feedOf(3, { 1: times(10), 2: plus(1) }), 31],
    ["only the steps from its version on", feedOf(3, { 0: failing, 1: plus(1), 2: times(2) }), 8],
  ] as const)("takes %s", (_, kind, count) => {
    expect(upgraded(stored(), kind)).toEqual(
      stored({ version: kind.version, snapshot: counted(count) }),
    );
  });

  test.each([
    ["a step is missing", feedOf(3, { 1: plus(1) }), 1, "nothing brings it from version 2 to 3"],
    ["a step throws", feedOf(2, { 1: failing }), 1, "no such field"],
    ["it is newer", feedOf(1), 2, "it is of version 2, newer than this desk's 1"],
    ["its version is none", feedOf(2), Number.NaN, "it is of version NaN"],
  ] as const)("is refused where %s", (_, kind, version, error) => {
    expect(() => upgraded(stored({ version }), kind)).toThrow(error);
  });
});

describe("TakeOver", () => {
  const asking = {
    status: "active",
    value: "asking",
    context: { asks: 1, answers: [] },
    children: { ask: { src: "ask", snapshot: { status: "active", context: {} } } },
  };
  const order = { name: "order:x", kind: "order" };
  const kinds = { ...smallKinds, feed: { ...smallKinds.feed, contextKeys: ["count"] } };
  const takeOver = new TakeOver(kinds);

  test.each([
    ["a number", { snapshot: 7 }, "it is of type number, wanted an object"],
    ["nothing", { snapshot: null }, "it is null, wanted an object"],
    ["undefined", { snapshot: undefined }, "it is of type undefined, wanted an object"],
    ["text", { snapshot: "small" }, "it is of type string, wanted an object"],
    ["a list", { snapshot: [] }, "it is a list, wanted an object"],
    ["an empty object", { snapshot: {} }, 'its status is "undefined", wanted "active"'],
    ["one in error", { snapshot: { ...counted(1), status: "error" } }, 'its status is "error"'],
    ["no context", { snapshot: { ...counted(1), context: null } }, "its context is null"],
    ["a context that lacks a key", { snapshot: { ...counted(1), context: {} } }, 'lacks "count"'],
    ["an unknown state", { snapshot: { ...counted(1), value: "tiny" } }, "tiny"],
    ["a state of no kind", { snapshot: { ...counted(1), value: 7 } }, ""],
    ["no state", { snapshot: { ...counted(1), value: undefined } }, ""],
    ["half a state", { snapshot: { ...counted(1), value: {} } }, "its state is {}"],
    ["an effect less", { ...order, snapshot: { ...asking, children: {} } }, 'lacks effect "ask"'],
    ["no list of timers", { timers: null as never }, "its timers are not a list"],
    ["a kind that is not there", { kind: "vault" }, 'no actors of kind "vault"'],
    ["a name of another kind", { name: "order:x" }, 'its name is that of kind "order"'],
    ["a name of no kind", { name: "x" }, 'Cannot read actor kind of "x"'],
  ] as const)("sets %s aside", (_, parts, error) => {
    const actor = stored(parts as Partial<StoredActor>);
    const taken = takeOver.one(actor);
    expect(taken).toMatchObject({ actor, error: expect.stringContaining(error) } as never);
  });

  test("takes what is whole, the same state many times over", () => {
    const all = [stored(), stored({ name: "feed:y", snapshot: counted(9) })];
    const whole = [...all, stored({ ...order, snapshot: asking })];
    expect(takeOver.all(whole)).toEqual({ actors: whole, setAside: [] });
  });
});

const starts = [
  { kind: "feed", name: "feed:x", input: { count: 3 } },
  { kind: "feed", name: "feed:y", input: { count: 5 } },
  { kind: "scanner", name: "scanner:x", input: { waitMs: 1_000 } },
  { kind: "order", name: "order:x", input: {} },
] as const;

/** A ledger with one of each in the middle of something, and an archived one. */
async function ledgerIn(folder: TestFolder): Promise<string> {
  const path = folder.file("ledger.db");
  using first = new SmallSystem({ path, starts });
  first.make("feed", "feed:old", { count: 2 });
  first.send("feed:old", { type: "finish" });
  await first.system.settle();
  first.send("scanner:x", { type: "wait" });
  first.send("order:x", { type: "ask" });
  first.system.commit();
  return path;
}

/** Replaces what is stored of actors, as another desk would have left it. */
function bend(path: string, change: (actor: StoredActor) => StoredActor | null): void {
  using small = new SmallSystem({ path });
  const { actors, head } = small.ledger.load();
  const changed = actors.flatMap((actor) => change(actor) ?? []);
  small.ledger.commit({
    records: [],
    actors: changed,
    archived: [],
    revived: [],
    ledger: [],
    state: [],
  });
  expect(small.ledger.load().head).toEqual(head);
}

const spoil =
  (name: string, snapshot: unknown) =>
  (actor: StoredActor): StoredActor | null =>
    actor.name === name ? { ...actor, snapshot } : null;

describe("a start with a changed machine", () => {
  test("migrates what is stored, and stores it as the new version when it changes", async () => {
    using folder = new TestFolder();
    const path = await ledgerIn(folder);
    const kinds = { feed: feedOf(3, { 1: times(100), 2: plus(7) }) };
    {
      using small = new SmallSystem({ path, kinds });
      expect(small.setAside).toEqual([]);
      expect(small.system.snapshot("feed:x")?.context).toEqual({ count: 307 });
      small.send("feed:x", { type: "add", by: 1 } as EventObject);
      small.system.commit();
      const { actors } = small.ledger.load();
      const feeds = actors.filter(({ kind }) => kind === "feed");
      expect(feeds.map(({ name, version }) => [name, version])).toEqual([
        ["feed:x", 3],
        ["feed:y", 1],
      ]);
    }
    using again = new SmallSystem({ path, kinds, at: noon });
    expect(again.system.snapshot("feed:x")?.context).toEqual({ count: 308 });
  });

  test.each([
    ["without a step", feedOf(3, { 1: times(2) }), "nothing brings it from version 2 to 3"],
    ["with a step that throws", feedOf(2, { 1: failing }), "no such field"],
  ] as const)("%s sets the old ones aside, and all others go on", async (_, feed, error) => {
    using folder = new TestFolder();
    const path = await ledgerIn(folder);
    using small = new SmallSystem({ path, kinds: { feed } });
    expect(small.setAside).toEqual([
      ["feed:x", error],
      ["feed:y", error],
    ]);
    expect(Object.keys(small.states())).toEqual(["desk", "order:x", "scanner:x"]);
    expect(small.timers()).toEqual(["scanner:x xstate.after.wait.waiter.waiting 1000"]);
    expect(small.system.effects.size).toBe(1);
  });
});

describe("a stored snapshot that nobody can take", () => {
  const broken: [string, unknown][] = [
    ["not an object", 7],
    ["nothing at all", null],
    ["of an unknown state", { ...counted(3), value: "nowhere" }],
    ["with children that are none", { ...counted(3), children: { ask: null } }],
  ];

  test.each(broken)("%s: its actor alone is not there, at every start", async (_, snapshot) => {
    using folder = new TestFolder();
    const path = await ledgerIn(folder);
    bend(path, spoil("feed:x", snapshot));
    for (let start = 1; start <= 2; start++) {
      using small = new SmallSystem({ path });
      expect(small.setAside.map(([name]) => name)).toEqual(["feed:x"]);
      expect(Object.keys(small.states())).toEqual(["desk", "feed:y", "order:x", "scanner:x"]);
      expect(small.send("feed:y", { type: "add", by: 1 } as EventObject).failure).toBeNull();
      small.system.commit();
    }
  });

  test.each(broken)("%s, of the root: all others go on under a new one", async (_, snapshot) => {
    using folder = new TestFolder();
    const path = await ledgerIn(folder);
    const before = new SmallSystem({ path });
    const { desk: _root, ...others } = before.states();
    const timers = before.timers();
    before[Symbol.dispose]();
    bend(path, spoil("desk", snapshot));
    for (let start = 1; start <= 2; start++) {
      using small = new SmallSystem({ path });
      expect(small.setAside.map(([name]) => name)).toEqual(start === 1 ? ["desk"] : []);
      const { desk, ...now } = small.states();
      expect([now, small.timers(), small.system.effects.size]).toEqual([others, timers, 1]);
      expect((desk as { children: string[] }).children).toEqual(Object.keys(others));
      small.system.commit();
    }
  });

  test.each(broken)("%s, of the root and of others at once", async (_, snapshot) => {
    using folder = new TestFolder();
    const path = await ledgerIn(folder);
    bend(path, spoil("desk", snapshot));
    bend(path, spoil("feed:x", snapshot));
    bend(path, spoil("order:x", snapshot));
    using small = new SmallSystem({ path });
    expect(small.setAside.map(([name]) => name).sort()).toEqual(["desk", "feed:x", "order:x"]);
    expect(Object.keys(small.states())).toContain("scanner:x");
    expect(small.send("scanner:x", { type: "leave" }).failure).toBeNull();
  });

  test("that is discarded goes to the archive and is not met again", async () => {
    using folder = new TestFolder();
    const path = await ledgerIn(folder);
    bend(path, spoil("feed:x", 7));
    {
      using small = new SmallSystem({ path });
      const [actor] = small.ledger.load().actors.filter(({ name }) => name === "feed:x");
      small.system.discard({ actor: actor as StoredActor, error: "spoilt" });
      small.make("feed", "feed:z", { count: 0 });
      small.system.commit();
    }
    using small = new SmallSystem({ path });
    expect([small.setAside, small.ledger.archivedActor("feed:x")?.snapshot]).toEqual([[], 7]);
  });
});

describe("an archived actor that is wanted back", () => {
  function want(small: SmallSystem, name: string) {
    let isThere = false;
    const turn = small.system.turn({ kind: "late", subject: name, payload: null }, () => {
      isThere = small.system.ensureLive(name);
      small.system.send(name, { type: "add", by: 1 } as EventObject);
    });
    return { isThere, failure: turn.failure, context: small.system.snapshot(name)?.context };
  }

  test("is migrated as a live one is", async () => {
    using folder = new TestFolder();
    const path = await ledgerIn(folder);
    const over = (snapshot: unknown) => ({ ...(snapshot as object), context: { count: 40 } });
    using small = new SmallSystem({ path, kinds: { feed: feedOf(2, { 1: over }) } });
    expect(want(small, "feed:old")).toEqual({
      isThere: true,
      failure: null,
      context: { count: 41 },
    });
  });

  test("and cannot be migrated is made anew, by who knows of what", async () => {
    using folder = new TestFolder();
    const path = await ledgerIn(folder);
    const asked: string[] = [];
    const kinds: Partial<Record<ActorKind, MachineKind>> = { feed: feedOf(2) };
    using small = new SmallSystem({
      path,
      kinds,
      makeAnew: ({ actor, error }) => {
        asked.push(`${actor.name}: ${error}`);
        return { count: 9 };
      },
    });
    expect(want(small, "feed:old")).toEqual({
      isThere: true,
      failure: null,
      context: { count: 10 },
    });
    expect(asked).toEqual(["feed:old: nothing brings it from version 1 to 2"]);
  });

  test("and that nobody can make anew is told to be gone", async () => {
    using folder = new TestFolder();
    const path = await ledgerIn(folder);
    using small = new SmallSystem({ path, kinds: { feed: feedOf(2) } });
    expect(want(small, "feed:old")).toEqual({
      isThere: false,
      failure: null,
      context: undefined,
    });
  });
});
