/** Every machine of every kind is made to throw in every state, and the desk still answers. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { copyFileSync } from "node:fs";
import type { EventObject } from "xstate";
import { Ledger } from "../../adapters/store/ledger.ts";
import { type ActorKind, actorName } from "../../machines/domain/ids.ts";
import { positionInput } from "../../machines/samples.fixture.ts";
import type { StoredActor } from "../runtime/mod.ts";
import { TestFolder } from "../runtime/testing/small-system.ts";
import { deskInput } from "./config.ts";
import { at, config, DeskWorld } from "./testing/desk-world.ts";
import { everyStateOf } from "./testing/every-state.ts";
import { boom, Fuse } from "./testing/explosive.ts";

const folder = new TestFolder();
const base = folder.file("base.db");
let copies = 0;

beforeAll(async () => {
  using world = await DeskWorld.started({ path: base });
  world.desk.stop();
});
afterAll(() => folder[Symbol.dispose]());

type Event = EventObject & Readonly<Record<string, unknown>>;

interface Subject {
  readonly kind: ActorKind;
  readonly name: string;
  readonly state: string;
  /** Stored so, or brought there by these events. */
  readonly stored?: StoredActor;
  readonly events?: readonly Event[];
}

const trade: Event = { type: "decision.trade", plan: positionInput };
const closed: Event = { type: "position.closed", positionId: positionInput.positionId };
const tripped: Event = { type: "breaker.tripped", reason: "lost", at: 1 };
const opened: Event = { type: "feed.opened", at: 1 };
const mismatched: Event = { type: "account.mismatched", differences: ["BTC"], at: 1 };

const failuresBreaker = actorName.breaker("repeatedFailures/paper:main");

const small: readonly (readonly [ActorKind, string, state: string, events: readonly Event[]])[] = [
  ["feed", actorName.feed("BTC/USD"), "waiting", []],
  ["feed", actorName.feed("BTC/USD"), "live", [opened]],
  ["feed", actorName.feed("BTC/USD"), "ended", [opened, { type: "feed.ended" }]],
  ["scanner", actorName.scanner(at, "BTC/USD"), "scanning", []],
  ["scanner", actorName.scanner(at, "BTC/USD"), "engaged", [trade]],
  ["scanner", actorName.scanner(at, "BTC/USD"), "coolingDown", [trade, closed]],
  ["account", actorName.account(at), "gated", []],
  ["account", actorName.account(at), "trading", [{ type: "account.reconciled", at: 1 }]],
  ["account", actorName.account(at), "mismatched", [mismatched]],
  ["reconciler", actorName.reconciler(at), "reading", []],
  ["reconciler", actorName.reconciler(at), "resting", [{ type: "reconcile.matched", at: 1 }]],
  [
    "reconciler",
    actorName.reconciler(at),
    "retrying",
    [{ type: "reconcile.unreadable", cause: "" }],
  ],
  ["breaker", failuresBreaker, "closed", []],
  ["breaker", failuresBreaker, "open", [tripped]],
  ["breaker", failuresBreaker, "halfOpen", [tripped, { type: "breaker.probe" }]],
];
const subjects: readonly Subject[] = [
  ...small.map(([kind, name, state, events]) => ({ kind, name, state, events })),
  ...(["order", "position", "job"] as const).flatMap((kind) =>
    everyStateOf(kind).map(({ state, actor }) => ({
      kind,
      name: actor.name,
      state,
      stored: actor,
    })),
  ),
];

/** A desk whose start is about to hand over, with the subject in its state. */
function deskWith(subject: Subject, fuse: Fuse): DeskWorld {
  copies += 1;
  const path = folder.file(`${copies}.db`);
  copyFileSync(base, path);
  if (subject.stored) {
    using ledger = new Ledger(path);
    const none = { records: [], archived: [], revived: [], ledger: [], state: [] };
    ledger.commit({ ...none, actors: [subject.stored] });
  }
  return new DeskWorld({ path, kinds: fuse.kinds() });
}

function send(world: DeskWorld, name: string, ...events: readonly EventObject[]) {
  const input = { kind: "test", subject: name, payload: events.map(({ type }) => type) };
  const turn = world.system.turn(input, () => {
    for (const event of events) world.system.send(name, event);
  });
  world.inside.recovery.answer();
  return turn;
}

function outline(world: DeskWorld, name: string) {
  const { value, context, children } = world.snapshot(name) ?? {};
  const effects = [...world.system.effects.pending()].filter(({ owner }) => owner === name);
  return {
    value,
    context: { ...context } as unknown,
    children: name === actorName.desk ? [] : Object.keys(children ?? {}),
    timers: world.system.timers.of(name),
    effects: effects.map(({ id, input }) => ({ id, input })),
  };
}

const { faults, restarts } = deskInput(config).supervision.order;

function failTooOften(world: DeskWorld, name: string): void {
  for (let count = 0; count <= faults; count += 1) send(world, name, boom);
}

/** Lets the pause before the restart pass. */
function restart(world: DeskWorld, name: string): void {
  const timer = world.system.timers.of("desk").find(({ id }) => id === `restart/${name}`);
  if (!timer) throw new Error(`Cannot restart "${name}": no such timer is set`);
  for (;;) {
    const next = world.system.timers.next();
    if (!next || next.deadline > timer.deadline) return;
    world.clock.advanceTo(Math.max(next.deadline, world.clock.now()));
    world.desk.fireTimer();
  }
}

/** Runs a look at the subject in the midst of a start, before anything outside is done. */
async function inState(
  subject: Subject,
  look: (world: DeskWorld) => void,
  fuse = new Fuse(),
): Promise<DeskWorld> {
  const world = deskWith(subject, fuse);
  let isSeen = false;
  await world.start(() => {
    if (subject.events) send(world, subject.name, ...subject.events);
    look(world);
    isSeen = true;
  });
  expect(isSeen).toBe(true);
  return world;
}

function expectAnswers(world: DeskWorld): void {
  const before = world.desk.status().counts.poison;
  expect(world.command("halt").done).toBe(true);
  expect(world.brakes()).toContain("halt/desk");
  expect(world.desk.status().counts.poison).toBe(before);
}

describe("a machine that throws", () => {
  for (const subject of subjects) {
    const { kind, name, state } = subject;
    test(`${kind} in ${state}: undone, braked, restarted where it was`, async () => {
      using world = await inState(subject, (world) => {
        const before = outline(world, name);
        if (!subject.stored) expect(before.value).toBe(state);
        const turn = send(world, name, boom);
        expect(turn.failure).toEqual({
          actor: name,
          event: "test.boom",
          error: "RangeError: boom",
        });
        expect(outline(world, name)).toEqual(before);
        expect(world.brakes()).toContain("poison/paper:main");
        expect(world.journal().slice(-2)).toMatchObject([
          { kind: "test", subject: name, content: { undone: turn.failure } },
          { kind: "poison", subject: name },
        ]);

        for (let count = 0; count < faults; count += 1) send(world, name, boom);
        expect(world.root.children[name]?.state).toBe("waiting");
        const old = world.system.find(name);
        restart(world, name);
        expect(world.system.find(name)).not.toBe(old as never);
        expect(outline(world, name)).toEqual(before);
        const again = [...world.system.effects.pending()].filter(({ owner }) => owner === name);
        expect(again.every((effect) => effect.again)).toBe(true);
      });
      expectAnswers(world);
    });
  }

  test("desk in running: undone and braked; nobody restarts the root", async () => {
    const subject = { kind: "desk", name: actorName.desk, state: "running" } as const;
    using world = await inState(subject, (world) => {
      const before = outline(world, "desk");
      failTooOften(world, "desk");
      const { value, timers } = outline(world, "desk");
      expect({ value, timers }).toEqual({ value: before.value, timers: before.timers });
      expect(world.brakes()).toEqual(["poison/paper:main"]);
    });
    expectAnswers(world);
  });
});

describe("a child that throws for ever", () => {
  const oneOfEach = [...new Map(subjects.toReversed().map((each) => [each.kind, each])).values()];

  test.each(oneOfEach)(
    "$kind in $state is given up: brake, alarm, and no more",
    async (subject) => {
      const { kind, name } = subject;
      const most = deskInput(config).supervision[kind].restarts;
      using world = await inState(subject, (world) => {
        const before = outline(world, name);
        for (let count = 0; count < most; count += 1) {
          failTooOften(world, name);
          restart(world, name);
        }
        failTooOften(world, name);
        expect(world.root.children[name]).toMatchObject({ state: "givenUp" });
        const scope = ["feed", "breaker", "job"].includes(kind) ? "desk" : "paper:main";
        expect(world.brakes()).toContain(`supervision/${name}/${scope}`);
        expect(world.desk.status().lastAlarm).toBe(`${name}: Child is given up: RangeError: boom`);
        failTooOften(world, name);
        const waits = world.system.timers.of("desk").map(({ id }) => id);
        expect(waits).not.toContain(`restart/${name}`);
        const { value, context } = outline(world, name);
        expect({ value, context }).toEqual({ value: before.value, context: before.context });
        const released = world.command("release", { target: `supervision/${name}/${scope}` });
        failTooOften(world, name);
        expect([released.done, world.root.children[name]?.state]).toEqual([true, "waiting"]);
      });
      expectAnswers(world);
    },
  );

  test("is restarted no more often than its limit within the window", () => {
    expect([faults, restarts]).toEqual([3, 3]);
  });
});

describe("a child whose restart throws too", () => {
  const subject = subjects.find(({ kind }) => kind === "order") as Subject;

  test("lives on as it was, is tried again later, and is given up past the limit", async () => {
    const fuse = new Fuse();
    using world = await inState(
      subject,
      (world) => {
        const before = outline(world, subject.name);
        failTooOften(world, subject.name);
        fuse.onRestore = (actor) => actor === subject.name;
        const seen: unknown[] = [];
        for (let count = 0; count < restarts; count += 1) {
          restart(world, subject.name);
          expect(outline(world, subject.name)).toEqual(before);
          seen.push(world.root.children[subject.name]?.state);
        }
        expect(seen).toEqual(["waiting", "waiting", "givenUp"]);
        expect(world.brakes()).toContain(`supervision/${subject.name}/paper:main`);
      },
      fuse,
    );
    expectAnswers(world);
  });
});

describe("a machine that takes no event at all", () => {
  const names = [
    actorName.account(at),
    actorName.reconciler(at),
    actorName.scanner(at, "BTC/USD"),
    actorName.feed("BTC/USD"),
    actorName.breaker("dailyLoss/desk"),
    actorName.breaker("staleData/paper:main/BTC/USD"),
    actorName.desk,
  ];

  test.each(names)("%s: the desk starts, twice, takes bars and stays braked", async (name) => {
    copies += 1;
    const path = folder.file(`${copies}.db`);
    copyFileSync(base, path);
    const fuse = new Fuse();
    fuse.on = (actor, event) => actor === name && event.type !== "xstate.stop";
    for (let start = 0; start < 2; start += 1) {
      using world = await DeskWorld.started({ path, kinds: fuse.kinds() });
      await world.bars([100, 99, 98, 97, 96, 95, 97, 100, 103].map((close) => close * 1_000));
      world.desk.observe({ type: "vital", rule: "lowDisk", isGood: false, text: "full" });
      world.command("flatten");
      const { brakes, counts } = world.desk.status();
      expect([counts.candles, world.decisions.length]).toEqual([18 * (start + 1), 18]);
      const isTouched = name !== actorName.feed("BTC/USD") || start === 0;
      if (isTouched && !name.startsWith("breaker")) expect(brakes.length).toBeGreaterThan(0);
    }
  });
});
