import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keyedDraws } from "../../actors/runtime/mod.ts";
import { collectionSizes } from "./collections.ts";
import { type DaySample, sizeOf, soak } from "./desk-days.ts";
import { slopeOf, slopeOfRuns } from "./slope.ts";

/** Uniform from -1 to 1, the same in every run. */
function noise(count: number, purpose: string): number[] {
  const draws = keyedDraws(20261121);
  return Array.from({ length: count }, (_, index) => {
    return Number.parseInt(draws.hex(`point ${index}`, purpose, 8), 16) / 2 ** 31 - 1;
  });
}

test.each<[string, readonly number[], string]>([
  ["a level with noise", noise(20, "level").map((each) => 100 + each), "flat within noise"],
  ["the very same each time", Array(20).fill(5), "flat within noise"],
  [
    "a rise within the noise",
    noise(20, "small").map((each, index) => 100 + 0.01 * index + each),
    "flat within noise",
  ],
  [
    "a rise beyond the noise",
    noise(20, "rise").map((each, index) => 100 + 0.5 * index + each),
    "growing",
  ],
  ["a rise without noise", Array.from({ length: 10 }, (_, index) => index), "growing"],
  [
    "a fall beyond the noise",
    noise(20, "fall").map((each, index) => 100 - 0.5 * index + each),
    "shrinking",
  ],
  ["one high point at the end", [...Array(19).fill(100), 110], "flat within noise"],
])("slopeOf() %s", (_name, points, verdict) => {
  expect(slopeOf(points).verdict).toBe(verdict as never);
});

test("slopeOf() finds the slope of a line, and no error", () => {
  const { perStep, error, mean } = slopeOf([10, 12, 14, 16]);
  expect([perStep, error, mean]).toEqual([2, 0, 13]);
});

test("slopeOf() is less sure of points that follow their neighbours", () => {
  const steps = noise(40, "walk");
  const waves = steps.map((_, index) => 100 + Math.sin(index / 5));
  const shuffled = waves.map((_, index) => waves[(index * 17) % 40] ?? 0);
  expect(slopeOf(waves).error).toBeGreaterThan(2 * slopeOf(shuffled).error);
});

test("slopeOf() refuses to judge three points", () => {
  expect(() => slopeOf([1, 2, 3])).toThrow("Cannot judge a slope of 3 points");
});

test("slopeOfRuns() takes the spread between runs for noise, whatever each run says of itself", () => {
  const run = (perStep: number) => ({ ...slopeOf([1, 2, 3, 4]), perStep, error: 0, mean: 10 });
  expect(slopeOfRuns([20, -22, 5].map(run))).toMatchObject({
    perStep: 1,
    verdict: "flat within noise",
  });
  expect(slopeOfRuns([20, 22, 21].map(run))).toMatchObject({ perStep: 21, verdict: "growing" });
  expect(slopeOfRuns([-20, -22, -21].map(run)).verdict).toBe("shrinking");
  expect(() => slopeOfRuns([run(1)])).toThrow("Cannot judge 1 runs");
});

test("collectionSizes() adds up what is held, by path, and follows no circle", () => {
  const desk: Record<string, unknown> = {
    books: new Map([
      ["a", new Set([1, 2])],
      ["b", new Set([3])],
    ]),
    series: new Float64Array(4),
    deep: { list: [[1], [2, 3]] },
    snapshot: [1, 2, 3],
  };
  desk.self = desk;
  expect(Object.fromEntries(collectionSizes({ desk }))).toEqual({
    "desk.books": 2,
    "desk.books[]": 3,
    "desk.series": 32,
    "desk.deep.list": 2,
    "desk.deep.list[]": 3,
  });
});

/** No list, map or set of the desk may be longer: commands, of which most are kept, are 1,000. */
const entriesMax = 1_100;

test("a desk's collections, queues and tables stay bounded over days", async () => {
  const folder = mkdtempSync(join(tmpdir(), "novactor-soak-"));
  const samples: DaySample[] = [];
  try {
    await soak({
      days: 3,
      symbols: 5,
      seed: 3,
      faults: "none",
      ledgerFile: join(folder, "soak.db"),
      keepRecords: 1,
      venueMemory: 20,
      venueRecord: 40,
      onDay: (sample) => samples.push(sample),
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  expect(samples.map(({ day }) => day)).toEqual([1, 2, 3]);
  const last = samples.at(-1) as DaySample;
  // Otherwise the bounds below would say nothing.
  expect(last.store.rows.orders).toBeGreaterThan(80);
  expect(last.store.rows.fills).toBeGreaterThan(400);
  expect(last.store.segments.archived).toBeGreaterThan(1);
  expect(sizeOf(last.collections, ".live.byName")).toBeGreaterThan(10);
  for (const { queues, collections, store } of samples) {
    // Windows of indicators are typed arrays, as long as they were made.
    const long = [...collections].filter(
      ([path, size]) => size > entriesMax && !path.startsWith("desk.brain.planes[]."),
    );
    expect(long).toEqual([]);
    expect(Math.max(queues.outbox, queues.effects, queues.archivedPending)).toBeLessThan(10);
    // Feed, scanner and breakers of each symbol, those of the desk, and what is traded now.
    expect(queues.liveActors).toBeLessThan(5 * 4 + 40);
    expect(queues.timers).toBeLessThan(60);
    // Orders and trades up to their limit and a tenth, and the trades of remembered orders.
    expect(queues.venueRows).toBeLessThan(300);
    expect(store.rows.journal).toBeLessThan(30_000);
  }
}, 60_000);
