import { describe, expect, test } from "bun:test";
import { Standing } from "./standing.ts";
import type { StandingSettings } from "./standing-settings.ts";
import { closeAll, hourMs, resultOf, standingSettings } from "./testing/standings.ts";

const names = ["trend", "keltner", "momentum"];

function create(other: Partial<StandingSettings> = {}, strategies = names): Standing {
  return new Standing(standingSettings(other), strategies);
}

const lossy = Array<number>(10).fill(-0.01);
const offSince = hourMs + 60_000;
const offUntil = offSince + 100 * hourMs;
const offReason = "profit factor 0 over its last 10 positions, below 0.8";
const offChange = { strategy: "trend", type: "disabled", reason: offReason, at: offSince } as const;

/** "trend" is off, the others have no results. */
function withTrendOff(): Standing {
  const standing = create();
  closeAll(standing, ["trend"], lossy);
  return standing;
}

const weightsOf = (standing: Standing) => names.map((name) => standing.performance(name));
const tradesOf = (standing: Standing) => standing.view().map(({ trades }) => trades);

describe("closed", () => {
  test("counts the whole result for each who voted, once, and for no other", () => {
    const standing = create();
    closeAll(standing, ["trend", "keltner", "trend", "gone"], [0.02, 0.02, 0.02, -0.02, -0.02]);
    const numbers = { trades: 5, wins: 3, profitFactor: 1.5, performance: 1.1667 };
    const on = { offSince: null, offUntil: null, reason: null };
    expect(standing.view()).toEqual([
      { strategy: "trend", ...numbers, ...on },
      { strategy: "keltner", ...numbers, ...on },
      { strategy: "momentum", trades: 0, wins: 0, profitFactor: null, performance: 1, ...on },
    ]);
  });

  test("sways a weight from the smallest sample on", () => {
    const standing = create();
    closeAll(standing, ["trend"], [0.01, 0.01, 0.01, 0.01]);
    const before = standing.performance("trend");
    closeAll(standing, ["trend"], [0.01]);
    expect([before, standing.performance("trend")]).toEqual([1, 1.5]);
  });

  test("forgets what has left the window", () => {
    const standing = create();
    closeAll(standing, ["trend"], [...Array<number>(5).fill(-0.05), ...Array<number>(9).fill(0.1)]);
    const before = standing.view()[0];
    closeAll(standing, ["trend"], [0.1]);
    expect(before).toMatchObject({ trades: 10, wins: 9, profitFactor: 18, performance: 1.4722 });
    expect(standing.view()[0]).toMatchObject({ wins: 10, profitFactor: null, performance: 1.5 });
  });

  test("counts a result beyond 100 times the cost as that", () => {
    const standing = create();
    closeAll(standing, ["trend"], [Number.MAX_VALUE, -50, 0, 0, 0]);
    expect(standing.view()[0]).toMatchObject({ profitFactor: 2, performance: 1.25 });
  });

  test.each([
    ["a result that is NaN", { profitShare: Number.NaN }, "profitShare is NaN, wanted a finite"],
    ["an infinite result", { profitShare: -Infinity }, "profitShare is -Infinity"],
    ["no time of opening", { openedAt: Number.NaN }, "time is NaN, wanted whole Unix"],
    ["a time of closing before 1970", { closedAt: -1 }, "time is -1"],
  ])("refuses %s, and counts nothing of it", (_name, other, wanted) => {
    const standing = create();
    const before = standing.save();
    expect(() => standing.closed({ ...resultOf(["trend"], 0.1), ...other })).toThrow(wanted);
    expect(standing.save()).toEqual(before);
  });
});

describe("the guardrail", () => {
  test("waits for a full window", () => {
    const standing = create();
    const early = closeAll(standing, ["trend"], lossy.slice(1));
    const before = standing.performance("trend");
    const changes = closeAll(standing, ["trend"], [-0.01]);
    expect([early, before, changes]).toEqual([[], 0.5, [offChange]]);
  });

  test.each([
    ["just below the threshold switches off", 0.7999, 0, "profit factor 0.7999"],
    ["at the threshold does not", 0.8, 0.9, null],
    ["just above does not", 0.8001, 0.9001, null],
  ])("a profit factor %s", (_name, won, performance, reason) => {
    const standing = create({ window: 2, minTrades: 1 });
    const changes = closeAll(standing, ["trend"], [won, -1]);
    expect(standing.performance("trend")).toBe(performance);
    const wanted = reason && `${reason} over its last 2 positions, below 0.8`;
    expect(changes.map((change) => change.reason)).toEqual(wanted === null ? [] : [wanted]);
  });

  test("says since when, until when and why, with the numbers that did it", () => {
    expect(withTrendOff().view()[0]).toEqual({
      strategy: "trend",
      trades: 10,
      wins: 0,
      profitFactor: 0,
      performance: 0,
      offSince,
      offUntil,
      reason: offReason,
    });
  });

  test("never acts at a threshold of 0", () => {
    const standing = create({ disableBelow: 0 });
    expect(closeAll(standing, ["trend"], [...lossy, ...lossy])).toEqual([]);
    expect(standing.performance("trend")).toBe(0.5);
  });

  test("a strategy that is off takes no results of what it voted for before", () => {
    const standing = withTrendOff();
    const [before] = standing.view();
    closeAll(standing, ["trend", "keltner"], [0.5]);
    expect([standing.view()[0], tradesOf(standing)]).toEqual([before, [10, 1, 0]]);
  });
});

describe("coming back", () => {
  const back = {
    strategy: "trend",
    type: "back",
    reason: "its time off is over, its results count anew",
  } as const;

  test("is once the time off is over, with an empty window", () => {
    const standing = withTrendOff();
    expect(standing.at(offUntil - 1)).toEqual([]);
    expect(weightsOf(standing)).toEqual([0, 1, 1]);
    expect(standing.at(offUntil)).toEqual([{ ...back, at: offUntil }]);
    expect([weightsOf(standing), tradesOf(standing)]).toEqual([
      [1, 1, 1],
      [0, 0, 0],
    ]);
    expect(standing.at(offUntil + 1)).toEqual([]);
  });

  test("counts only positions opened since", () => {
    const standing = withTrendOff();
    standing.at(offUntil);
    closeAll(standing, ["trend"], [0.1], offUntil - 1);
    const before = tradesOf(standing)[0];
    closeAll(standing, ["trend"], [0.1], offUntil);
    expect([before, tradesOf(standing)[0]]).toEqual([0, 1]);
  });

  test("leads to being off again where a full new window is as poor", () => {
    const standing = withTrendOff();
    standing.at(offUntil);
    const changes = closeAll(standing, ["trend"], lossy, offUntil);
    expect(changes).toEqual([{ ...offChange, at: offUntil + 60_000 }]);
  });

  test("is at once where the operator releases it", () => {
    const standing = withTrendOff();
    const reason = "released by the operator, its results count anew";
    expect(standing.release("trend", offSince + 5)).toEqual([
      { strategy: "trend", type: "back", reason, at: offSince + 5 },
    ]);
    expect([weightsOf(standing), tradesOf(standing)[0]]).toEqual([[1, 1, 1], 0]);
    expect(standing.release("trend", offSince + 6)).toEqual([]);
  });

  test("of an unknown strategy is refused", () => {
    expect(() => create().release("trent", 0)).toThrow(
      'Cannot find standing of strategy "trent": wanted one of trend, keltner, momentum',
    );
  });
});

describe("the last one", () => {
  const rows = (won: number) => [won, ...Array<number>(9).fill(-0.1)];
  const off = (standing: Standing) => names.filter((name) => standing.performance(name) === 0);
  const keptReason = (factor: number) =>
    `profit factor ${factor} over its last 10 positions, below 0.8; ` +
    "stays on, for no other strategy is";

  test("stays on, and says so", () => {
    const standing = create();
    for (const name of names) closeAll(standing, [name], lossy);
    expect(off(standing)).toEqual(["trend", "keltner"]);
    expect(standing.view()[2]).toMatchObject({
      performance: 0.5,
      offSince: null,
      reason: keptReason(0),
    });
  });

  test("is the one of the highest profit factor where several fail at once", () => {
    const standing = create({}, names.slice(1));
    // One position short of a full window each; one that both voted for fills both.
    closeAll(standing, ["keltner"], [0.09, ...Array<number>(8).fill(-0.1)]);
    closeAll(standing, ["momentum"], [0.18, ...Array<number>(8).fill(-0.1)]);
    const changes = standing.closed(resultOf(["keltner", "momentum"], -0.1));
    expect(changes.map(({ strategy }) => strategy)).toEqual(["keltner"]);
    expect(standing.view()[1]?.reason).toBe(keptReason(0.2));
  });

  test.each([
    ["the one that lost less where nothing was won", -0.2, -0.1, "trend"],
    ["the first of equals", -0.1, -0.1, "keltner"],
  ])("is %s", (_name, first, second, wanted) => {
    const standing = create({}, ["trend", "keltner"]);
    closeAll(standing, ["trend"], Array<number>(9).fill(first));
    closeAll(standing, ["keltner"], Array<number>(9).fill(second));
    const changes = standing.closed(resultOf(["trend", "keltner"], -0.1));
    expect(changes.map(({ strategy }) => strategy)).toEqual([wanted]);
  });

  test.each([
    ["by rule", (standing: Standing) => standing.at(offUntil)],
    ["by the operator", (standing: Standing) => standing.release("trend", offSince)],
  ])("is off as soon as another is back %s", (_name, bringBack) => {
    const standing = create({}, ["trend", "keltner"]);
    closeAll(standing, ["trend"], rows(0.09));
    closeAll(standing, ["keltner"], rows(0.45));
    const changes = bringBack(standing);
    expect(changes.map(({ strategy, type }) => [strategy, type])).toEqual([
      ["trend", "back"],
      ["keltner", "disabled"],
    ]);
    expect(changes[1]?.reason).toBe("profit factor 0.5 over its last 10 positions, below 0.8");
  });

  test("is on as any other once it does well again", () => {
    const standing = create({}, ["trend"]);
    closeAll(standing, ["trend"], lossy);
    const poor = standing.view()[0]?.reason;
    closeAll(standing, ["trend"], [0.1]);
    expect([poor, standing.view()[0]?.reason]).toEqual([keptReason(0), null]);
  });
});

describe("session", () => {
  const hoursOf = (standing: Standing) =>
    Array.from({ length: 24 }, (_, hour) => standing.session(hour));
  const day = 24 * hourMs;

  test("is by the hour in which positions were opened, UTC, whoever voted", () => {
    const standing = create();
    // 5 of 10 win: 3 of 4 in hour 9, 1 of 4 in hour 23, 1 of 2 in hour 0, too few to count.
    closeAll(standing, [], [0.1, 0.1], 20_000 * day + 9 * hourMs);
    closeAll(standing, ["trend"], [0.1, -0.1], 20_001 * day + 10 * hourMs - 1);
    closeAll(standing, ["gone"], [-0.1, 0.1, 0, -0.1], 20_001 * day + 23 * hourMs);
    closeAll(standing, ["trend"], [-0.1, 0.1], 20_002 * day);
    const wanted = Array<number>(24).fill(1);
    wanted[9] = 1.5;
    wanted[23] = 0.5;
    expect(hoursOf(standing)).toEqual(wanted);
  });

  test.each([-1, 24, 1.5, Number.NaN])("of %p, which is no hour, is refused", (hour) => {
    expect(() => create().session(hour)).toThrow(`hour is ${hour}, wanted 0 to 23`);
  });
});

describe("of no use", () => {
  test.each([
    ["no strategy", []],
    ["one named twice", ["trend", "trend"]],
  ])("%s is refused", (_name, strategies) => {
    expect(() => create({}, strategies)).toThrow(`strategies are [${strategies}], wanted at least`);
  });

  test("settings out of their bounds are refused", () => {
    expect(() => create({ most: 3 })).toThrow("most is 3, wanted from 1 to 2");
  });

  test("performance of an unknown strategy is refused", () => {
    expect(() => create().performance("trent")).toThrow('strategy "trent": wanted one of trend');
  });
});
