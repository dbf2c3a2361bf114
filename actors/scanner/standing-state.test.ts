/** What a standing keeps, gives to others and takes back: state, differences, bounds. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { confluenceStandard } from "./confluence.ts";
import type { FramePlane } from "./frames.ts";
import { type KnownStanding, Standing, type StandingState } from "./standing.ts";
import { candleOf, createPlane, feed, flatBar, minute, scripted } from "./testing/planes.ts";
import { closeAll, hourMs, standingSettings } from "./testing/standings.ts";

const seed = 20_261_128;
console.log(`Properties of standing state: seed ${seed}`);

const names = ["trend", "keltner", "momentum"];
const settings = standingSettings({ window: 4, minTrades: 2, disabledMs: 30 * hourMs });
const create = () => new Standing(settings, names);
const throughJson = (state: StandingState) => JSON.parse(JSON.stringify(state)) as StandingState;

type Step =
  | { type: "closed"; votedBy: string[]; profitShare: number; heldHours: number }
  | { type: "at" }
  | { type: "release"; strategy: string };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant("closed" as const),
      votedBy: fc.subarray(names),
      profitShare: fc.oneof(
        fc.double({ min: -1, max: 0.7, noNaN: true }),
        fc.constantFrom(0, -0, 1e300, -1e300, Number.MIN_VALUE),
      ),
      heldHours: fc.nat(40),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("at" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("release" as const),
      strategy: fc.constantFrom(...names),
    }),
  },
);
/** Two hours pass from step to step. */
const steps = fc.array(step, { minLength: 1, maxLength: 120, size: "max" });

function take(standing: Standing, given: Step, index: number) {
  const now = (1_000 + 2 * index) * hourMs;
  if (given.type === "at") return standing.at(now);
  if (given.type === "release") return standing.release(given.strategy, now);
  const { votedBy, profitShare, heldHours } = given;
  return standing.closed({
    votedBy,
    profitShare,
    openedAt: now - heldHours * hourMs,
    closedAt: now,
  });
}

function everyStep(check: (standing: Standing, before: ReturnType<Standing["view"]>) => void) {
  return fc.property(steps, (given) => {
    const standing = create();
    given.forEach((each, index) => {
      const before = standing.view();
      take(standing, each, index);
      check(standing, before);
    });
  });
}

describe("properties", () => {
  test("at least one strategy is on, and what is too poor is off unless it is the last", () => {
    const property = everyStep((standing) => {
      const view = standing.view();
      const on = view.filter(({ offSince }) => offSince === null);
      expect(on.length).toBeGreaterThan(0);
      const kept = on.filter(({ reason }) => reason !== null);
      if (kept.length > 0) expect(on).toEqual(kept.slice(0, 1));
    });
    fc.assert(property, { seed, numRuns: 200 });
  });

  test("performance is 0 exactly while off, else within bounds; sessions are within theirs", () => {
    const property = everyStep((standing) => {
      for (const { strategy, offSince, performance } of standing.view()) {
        expect(standing.performance(strategy)).toBe(performance);
        if (offSince !== null) expect(performance).toBe(0);
        else expect(performance >= settings.least && performance <= settings.most).toBe(true);
      }
      for (let hour = 0; hour < 24; hour++) {
        const session = standing.session(hour);
        expect(session >= settings.sessionLeast && session <= settings.sessionMost).toBe(true);
      }
    });
    fc.assert(property, { seed, numRuns: 100 });
  });

  test("each change is told once, and nothing changes untold", () => {
    const property = fc.property(steps, (given) => {
      const standing = create();
      const off = new Set<string>();
      given.forEach((each, index) => {
        for (const { strategy, type } of take(standing, each, index)) {
          expect(off.has(strategy)).toBe(type === "back");
          if (type === "back") off.delete(strategy);
          else off.add(strategy);
        }
        const seen = standing.view().filter(({ offSince }) => offSince !== null);
        expect(new Set(seen.map(({ strategy }) => strategy))).toEqual(off);
      });
    });
    fc.assert(property, { seed, numRuns: 200 });
  });

  test("restored anywhere, through JSON, it goes on as the original", () => {
    let restoredAfterReturn = 0;
    const countsFromOf = ({ strategies }: StandingState) =>
      Math.max(...strategies.map(({ countsFrom }) => countsFrom));
    const property = fc.property(steps, fc.nat(120), (given, cut) => {
      const original = create();
      let other = create();
      given.forEach((each, index) => {
        if (index === cut % given.length) {
          other = create();
          other.restore(throughJson(original.save()));
          expect([other.view(), other.save()]).toEqual([original.view(), original.save()]);
          expect(other.differencesFrom({})).toEqual(original.differencesFrom({}));
          restoredAfterReturn += countsFromOf(other.save()) > 0 ? 1 : 0;
        }
        expect(take(other, each, index)).toEqual(take(original, each, index));
      });
      expect(other.differencesFrom(original.differencesFrom({}) ?? {})).toBeNull();
      expect([other.view(), other.save()]).toEqual([original.view(), original.save()]);
    });
    fc.assert(property, { seed, numRuns: 200 });
    // Else nothing would have been said of those on probation.
    expect(restoredAfterReturn).toBeGreaterThan(20);
  });

  test("a consumer that adds the differences has everything, and is then told nothing", () => {
    const property = fc.property(steps, (given) => {
      const standing = create();
      let known: Required<KnownStanding> = { performance: {}, sessions: {} };
      given.forEach((each, index) => {
        take(standing, each, index);
        // As a symbol whose bars are rarer than what closes.
        if (index % 3 !== 0) return;
        const { performance, sessions } = standing.differencesFrom(known) ?? {};
        known = {
          performance: { ...known.performance, ...performance },
          sessions: { ...known.sessions, ...sessions },
        };
        for (const name of names) {
          expect(known.performance[name] ?? 1).toBe(standing.performance(name));
        }
        for (let hour = 0; hour < 24; hour++) {
          expect(known.sessions[hour] ?? 1).toBe(standing.session(hour));
        }
        expect(standing.differencesFrom(known)).toBeNull();
      });
    });
    fc.assert(property, { seed, numRuns: 200 });
  });
});

describe("state", () => {
  test("does not grow with the number of closed positions", () => {
    const standing = new Standing({ ...settings, disableBelow: 0 }, names);
    const sizeOf = () => {
      const { strategies, hours } = standing.save();
      return [...strategies.map(({ results }) => results.length), hours.length];
    };
    const sizes: number[][] = [];
    for (const closed of [4, 10_000]) {
      closeAll(standing, names, Array<number>(closed).fill(-0.125));
      sizes.push(sizeOf());
    }
    expect(sizes).toEqual([
      [4, 4, 4, 24],
      [4, 4, 4, 24],
    ]);
  });

  test("shares nothing with what it is of, nor with what takes it", () => {
    const [one, other] = [create(), create()];
    closeAll(one, ["trend"], [0.1]);
    const state = one.save();
    const text = JSON.stringify(state);
    other.restore(state);
    closeAll(one, ["trend"], [0.2]);
    closeAll(other, ["trend"], [0.3]);
    expect(JSON.stringify(state)).toBe(text);
  });

  test.each([
    ["other settings", new Standing({ ...settings, window: 5 }, names)],
    ["other strategies", new Standing(settings, [...names, "breakout"])],
    ["another order of them", new Standing(settings, names.toReversed())],
  ])("of %s is refused", (_name, other) => {
    const standing = create();
    closeAll(standing, ["trend"], [0.1]);
    const before = standing.save();
    expect(() => standing.restore(other.save())).toThrow("Cannot restore standing: state is of");
    expect(standing.save()).toEqual(before);
  });
});

describe("differencesFrom", () => {
  test("is null at first: all is 1, as in whoever knows nothing yet", () => {
    expect(create().differencesFrom({})).toBeNull();
  });

  test("holds only what is other, on either side", () => {
    const standing = create();
    closeAll(standing, ["trend"], [0.1, 0.1]);
    const known = { performance: { keltner: 0.7, momentum: 1 }, sessions: { 3: 1.2 } };
    expect(standing.differencesFrom(known)).toEqual({
      performance: { trend: 1.5, keltner: 1 },
      sessions: { 3: 1 },
    });
  });

  test("leaves out the half in which nothing is other", () => {
    const standing = create();
    closeAll(standing, ["trend"], [0.1, 0.1]);
    expect(JSON.stringify(standing.differencesFrom({}))).toBe('{"performance":{"trend":1.5}}');
    const sessions = { performance: { trend: 1.5 }, sessions: { 5: 0.9 } };
    expect(JSON.stringify(standing.differencesFrom(sessions))).toBe('{"sessions":{"5":1}}');
  });

  test("is not misled by strategies named as what every object has", () => {
    const standing = new Standing(settings, ["constructor", "trend"]);
    expect(standing.differencesFrom({ performance: {}, sessions: {} })).toBeNull();
  });
});

describe("a plane that is told the differences", () => {
  const voters = ["moody", "first", "second"];
  const single = { ...confluenceStandard, minFrames: 1, minStrategies: 1, frameBonus: [1] };

  function createBoth() {
    const plane = createPlane({
      strategies: scripted,
      frames: [minute],
      confluence: single,
      atrPeriod: 1,
      costShare: 0,
    });
    return { plane, standing: new Standing(settings, voters) };
  }

  function tell(plane: FramePlane, standing: Standing, known: KnownStanding = {}): KnownStanding {
    const differences = standing.differencesFrom(known) ?? {};
    for (const [name, value] of Object.entries(differences.performance ?? {})) {
      plane.setPerformance(name, value);
    }
    for (const [hour, value] of Object.entries(differences.sessions ?? {})) {
      plane.setSession(Number(hour), value);
    }
    return differences;
  }

  const weights = (plane: FramePlane) =>
    plane.evaluation(candleOf(flatBar(1_001), 0)).frames[0]?.votes.map(({ weight }) => weight);

  test("weighs a winner more, a loser less, and does not hear what is off", () => {
    const { plane, standing } = createBoth();
    feed(plane, [1_001, 1_001]);
    const before = [weights(plane), plane.holders()];
    closeAll(standing, ["second"], [0.1, 0.1]);
    closeAll(standing, ["first"], [0.1, -0.2]);
    closeAll(standing, ["moody"], [-0.1, -0.1, -0.1, -0.1]);
    tell(plane, standing);
    expect(before).toEqual([[0.5, 0.5, 0.5], voters]);
    expect([weights(plane), plane.holders()]).toEqual([
      [0, 0.375, 0.75],
      ["first", "second"],
    ]);
  });

  test("hears it again at its full weight once it is back", () => {
    const { plane, standing } = createBoth();
    feed(plane, [1_001, 1_001]);
    closeAll(standing, ["moody"], [-0.1, -0.1, -0.1, -0.1]);
    const known = tell(plane, standing);
    const off = weights(plane);
    standing.release("moody", 2 * hourMs);
    tell(plane, standing, known);
    expect([off, weights(plane)]).toEqual([
      [0, 0.5, 0.5],
      [0.5, 0.5, 0.5],
    ]);
  });

  test("is less confident in an hour that wins less often, and only there", () => {
    const { plane, standing } = createBoth();
    closeAll(standing, [], [0.1, -0.1, -0.1, -0.1], 0);
    closeAll(standing, [], [0.1, 0.1, 0.1, -0.1], hourMs);
    tell(plane, standing);
    const confidence: number[] = [];
    // Bars close at 00:59, at 01:59 and at 02:59.
    for (const row of [58, 118, 178]) {
      feed(plane, [1_001], row);
      confidence.push(plane.strength);
    }
    expect(confidence).toEqual([0.25, 0.75, 0.5]);
  });
});
