import { describe, expect, test } from "bun:test";
import {
  afterFailedRestart,
  afterFault,
  afterRestart,
  type ChildRecord,
  type SupervisionLimits,
  unblemished,
} from "./supervision.ts";

const limits: SupervisionLimits = {
  faults: 2,
  faultWindowMs: 1_000,
  restarts: 3,
  restartWindowMs: 10_000,
  backoffMs: 100,
  backoffMostMs: 1_000,
};
const name = "order:paper:main/BTC/USD/1/entry";

/** Faults at these times, one after the other; the last one's verdict and record. */
function faultsAt(times: readonly number[], before: ChildRecord = unblemished) {
  let result = afterFault(name, before, limits, times[0] ?? 0);
  for (const time of times.slice(1)) result = afterFault(name, result.record, limits, time);
  return result;
}

const record = (parts: Partial<ChildRecord>): ChildRecord => ({ ...unblemished, ...parts });

describe("faults of a child", () => {
  test.each([
    ["one is tolerated", [1_000], "tolerate", "up"],
    ["as many as the limit are tolerated", [1_000, 1_001], "tolerate", "up"],
    ["one more within the window restarts it", [1_000, 1_001, 1_002], "restart", "waiting"],
    ["the last instant of the window counts", [1_000, 1_001, 1_999], "restart", "waiting"],
    ["what the window has passed does not count", [1_000, 1_001, 2_000], "tolerate", "up"],
    ["faults at one instant count each", [5, 5, 5], "restart", "waiting"],
    ["more while it waits change nothing", [1, 2, 3, 4], "tolerate", "waiting"],
  ] as const)("%s", (_, times, type, state) => {
    const { verdict, record } = faultsAt(times);
    expect([verdict.type, record.state]).toEqual([type, state]);
  });

  test("are kept no further than they decide anything", () => {
    const times = Array.from({ length: 5_000 }, (_, index) => 1_000 + (index % 900));
    const { record } = faultsAt(times, { ...unblemished, state: "givenUp" });
    expect(record.faults.length).toBe(limits.faults + 1);
  });

  test("outside their window are forgotten", () => {
    expect(faultsAt([1, 2, 60_000]).record.faults).toEqual([60_000]);
  });
});

describe("restarts of a child", () => {
  const failing = (restarts: readonly number[], at: number) =>
    afterFault(name, record({ restarts, faults: [at, at] }), limits, at);

  test.each([
    ["below the limit", [1_000, 2_000], 5_000, "restart", "waiting"],
    ["at the limit within their window", [1_000, 2_000, 3_000], 5_000, "giveUp", "givenUp"],
    ["the oldest at the window's last instant", [1, 2_000, 3_000], 10_000, "giveUp", "givenUp"],
    ["the oldest just out of the window", [0, 2_000, 3_000], 10_000, "restart", "waiting"],
    ["all long ago", [0, 1, 2], 90_000, "restart", "waiting"],
  ] as const)("%s", (_, restarts, at, type, state) => {
    const { verdict, record } = failing(restarts, at);
    expect([verdict.type, record.state]).toEqual([type, state]);
  });

  test("forget its faults and count towards the limit", () => {
    const { record } = faultsAt([1, 2, 3]);
    expect(afterRestart(record, 90)).toEqual({ faults: [], restarts: [90], state: "up" });
  });

  test("that fail count as restarts, with the next pause longer", () => {
    const waiting = record({ state: "waiting" });
    const first = afterFailedRestart(name, waiting, limits, 1_000);
    const second = afterFailedRestart(name, first.record, limits, 2_000);
    const third = afterFailedRestart(name, second.record, limits, 3_000);
    expect([first, second, third].map(({ verdict }) => verdict.type)).toEqual([
      "restart",
      "restart",
      "giveUp",
    ]);
    expect(third.record).toEqual({
      faults: [],
      restarts: [1_000, 2_000, 3_000],
      state: "givenUp",
    });
  });
});

describe("the pause before a restart", () => {
  const pause = (restarts: number, at: number, of = name): number => {
    const spread = { ...limits, restarts: 100 };
    const before = record({ restarts: Array(restarts).fill(at), faults: [at, at] });
    const { verdict } = afterFault(of, before, spread, at);
    return verdict.type === "restart" ? verdict.delayMs : Number.NaN;
  };

  test.each([
    [0, 100],
    [1, 200],
    [2, 400],
    [3, 800],
    [4, 1_000],
    [40, 1_000],
  ])("after %i restarts is from half of %i ms to all of it", (restarts, full) => {
    for (let at = 1; at <= 300; at += 1) {
      const waited = pause(restarts, at);
      expect(waited).toBeGreaterThanOrEqual(full / 2);
      expect(waited).toBeLessThanOrEqual(full);
    }
  });

  test("is the same for the same child at the same time, whoever asks", () => {
    expect(pause(2, 77)).toBe(pause(2, 77));
  });

  test("differs by child and by time, so that many do not come back as one", () => {
    const byTime = new Set(Array.from({ length: 200 }, (_, at) => pause(4, at + 1)));
    const byName = new Set(Array.from({ length: 200 }, (_, each) => pause(4, 7, `order:${each}`)));
    expect(byTime.size).toBeGreaterThan(100);
    expect(byName.size).toBeGreaterThan(100);
  });
});
