/** Where a position is stopped, trailed and sold in profit, held against ranges measured beside. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Decimal, fromSteps } from "../../machines/domain/decimal.ts";
import type { PositionContext } from "../../machines/position.types.ts";
import { Atr } from "../market/mod.ts";
import { TestFolder } from "../runtime/testing/small-system.ts";
import type { DeskConfig } from "./config.ts";
import { unreadable } from "./testing/bend-ledger.ts";
import {
  evaluationsOf,
  inputOf,
  planeOf,
  positionOf,
  rowsOf,
  wandering,
} from "./testing/brain-world.ts";
import { config, DeskWorld, rise } from "./testing/desk-world.ts";
import { after, holding, position, setAside } from "./testing/upgraded-desk.ts";

// A bound on hanging, not on how fast a machine is.
setDefaultTimeout(60_000);

const btc = "BTC/USD";
const memory = { path: ":memory:" };
const longer = 3;

/** The trend of minutes and of three minutes; one alone may call an entry. */
const framed: DeskConfig = {
  ...config,
  strategy: {
    ...config.strategy,
    frames: [1, longer],
    confluence: { ...config.strategy.confluence, frameBonus: [1, 1] },
  },
  // Ranges of so few bars that those of both frames differ at every bar.
  stop: {
    ...config.stop,
    ...{ atrPeriod: 3, atrMultiple: 3, trailAtrMultiple: 3.5, targetAtrMultiple: 5, stepAtr: 0.25 },
  },
  coolDownBars: 1,
};
const { stop } = framed;
const ticksOf = (price: Decimal | null): number => Math.round(Number(price) * 100);

/** Average true ranges of both frames, by the same bars that the desk hears. */
class Ranges {
  private readonly ranges = [new Atr(stop.atrPeriod), new Atr(stop.atrPeriod)] as const;
  private last = Number.NaN;
  private high = -Infinity;
  private low = Infinity;
  private bars = 0;

  update(close: number): void {
    const open = Number.isNaN(this.last) ? close : this.last;
    const [high, low] = [Math.max(open, close) + 10, Math.min(open, close) - 10];
    this.last = close;
    this.ranges[0].update(high, low, close);
    this.high = Math.max(this.high, high);
    this.low = Math.min(this.low, low);
    this.bars += 1;
    if (this.bars % longer !== 0) return;
    this.ranges[1].update(this.high, this.low, close);
    [this.high, this.low] = [-Infinity, Infinity];
  }

  of(frame: number): number {
    return this.ranges[frame]?.value ?? Number.NaN;
  }
}

/** The highest frame whose strategies say hold. */
function highestHolding(world: DeskWorld): number {
  const [last] = evaluationsOf(world, btc).slice(-1);
  const candle = last ? inputOf(last) : {};
  const { frames } = planeOf(world, btc).evaluation({ symbol: btc, ...candle } as never);
  return frames.findLastIndex(({ score }) => score > 0);
}

interface Seen {
  readonly entries: {
    readonly frame: number;
    readonly levels: unknown;
    readonly wanted: unknown;
  }[];
  readonly trails: { readonly frame: number; readonly stop: number; readonly wanted: number }[];
  /** Positions that were held when a bar closed at their target. */
  readonly ends: Set<string>;
}

/** Lives through the closes; tells what each position's levels were, and what they had to be. */
async function levelsOver(world: DeskWorld, closes: readonly number[]): Promise<Seen> {
  const seen: Seen = { entries: [], trails: [], ends: new Set() };
  const ranges = new Ranges();
  for (const close of closes) {
    const before = positionOf(world, btc);
    const [decision] = await world.barsOf(btc, [close]);
    ranges.update(close);
    const now = positionOf(world, btc);
    if (decision?.code === "trade" && now) seen.entries.push(entryOf(now, close, ranges, world));
    else if (before) follow(seen, before, now, close, ranges);
  }
  return seen;
}

function entryOf(context: PositionContext, close: number, ranges: Ranges, world: DeskWorld) {
  const { initialStop, targetPrice, stopFrame, entry } = context;
  const frame = highestHolding(world);
  const range = ranges.of(frame);
  return {
    frame,
    levels: { initialStop, targetPrice, stopFrame, price: entry.price },
    wanted: {
      initialStop: fromSteps(Math.ceil(close - stop.atrMultiple * range), "0.01" as Decimal),
      targetPrice: fromSteps(Math.ceil(close + stop.targetAtrMultiple * range), "0.01" as Decimal),
      stopFrame: frame,
      price: fromSteps(close, "0.01" as Decimal),
    },
  };
}

function follow(
  seen: Seen,
  before: PositionContext,
  now: PositionContext | null,
  close: number,
  ranges: Ranges,
): void {
  const { positionId, stopFrame: frame } = before;
  const isAtTarget = close >= ticksOf(before.targetPrice);
  // Sold while the bar ran, or by the votes: neither is a matter of its levels at this close.
  if (now === null && !isAtTarget) return;
  if (isAtTarget && close > ticksOf(before.stopPrice)) {
    if (Number(before.quantity) > 0) seen.ends.add(positionId);
    return;
  }
  if (!now || now.positionId !== positionId || now.exitReason !== null) return;
  const stopBefore = ticksOf(before.stopPrice);
  const range = ranges.of(frame);
  const raised = Math.floor(close - stop.trailAtrMultiple * range);
  const isHeld = Number(now.quantity) > 0;
  const isWorth = raised - stopBefore >= Math.max(1, stop.stepAtr * range);
  const wanted = isHeld && isWorth ? raised : stopBefore;
  seen.trails.push({ frame, stop: ticksOf(now.stopPrice), wanted });
}

describe("the levels of a position", () => {
  test("are those of the highest agreeing frame, at each entry and each bar of a run", async () => {
    using world = await DeskWorld.started({ ...memory, config: framed });
    const { entries, trails, ends } = await levelsOver(world, wandering(900, 45));
    expect(entries.map(({ levels }) => levels)).toEqual(entries.map(({ wanted }) => wanted));
    expect(new Set(entries.map(({ frame }) => frame))).toEqual(new Set([0, 1]));
    expect(trails.map((each) => each.stop)).toEqual(trails.map(({ wanted }) => wanted));
    for (const frame of [0, 1]) {
      const own = trails.filter((each) => each.frame === frame);
      expect(new Set(own.map((each) => each.stop)).size).toBeGreaterThan(5);
    }
    const rows = new Map(rowsOf(world).map((row) => [row.positionId, row.exitReason]));
    const sold = [...rows].filter(([, reason]) => reason === "target").map(([id]) => id);
    expect(sold.length).toBeGreaterThan(5);
    expect([...ends].sort()).toEqual(sold.sort());
  });
});

/** A target near enough to be met: twice the range above the entry. */
const near: DeskConfig = { ...config, stop: { ...config.stop, targetAtrMultiple: 2 } };

describe("the target", () => {
  async function boughtWorld(): Promise<{ world: DeskWorld; target: number }> {
    const world = await DeskWorld.started({ ...memory, config: near });
    await world.barsOf(btc, rise);
    return { world, target: ticksOf(positionOf(world, btc)?.targetPrice ?? null) };
  }
  const exitReasons = (world: DeskWorld) =>
    rowsOf(world).map(({ state, exitReason }) => [state, exitReason]);

  test("met by a close sells, for that reason", async () => {
    const { world, target } = await boughtWorld();
    using _ = world;
    await world.barsOf(btc, [target, target]);
    expect(exitReasons(world)).toEqual([["closed", "target"]]);
  });

  test("missed by a tick does not, though the bar went beyond it", async () => {
    const { world, target } = await boughtWorld();
    using _ = world;
    await world.barsOf(btc, [target - 1, target - 1]);
    const highs = evaluationsOf(world, btc).map((record) => Number(inputOf(record).high));
    expect(Math.max(...highs)).toBeGreaterThan(target);
    expect([exitReasons(world), world.orders()]).toEqual([[["open", null]], ["stop open"]]);
  });

  test("comes before the trail: no stop is raised in the bar that meets it", async () => {
    const { world, target } = await boughtWorld();
    using _ = world;
    const before = positionOf(world, btc)?.stopPrice;
    await world.barsOf(btc, [target + 5_000]);
    const { context } = world.snapshot(position) ?? {};
    expect(context).toMatchObject({ stopPrice: before, exitReason: "target" });
  });
});

describe("a position made anew without a target", () => {
  test("is trailed by the shortest frame, sold at no target, and by any strategy's vote", async () => {
    using folder = new TestFolder();
    using world = await after(folder, holding, [position], unreadable);
    expect(setAside(world)).toEqual([position]);
    expect(positionOf(world, btc)).toMatchObject({
      ...{ targetPrice: null, stopFrame: 0, votedBy: ["trend"] },
    });
    const before = ticksOf(positionOf(world, btc)?.stopPrice ?? null);
    await world.barsOf(btc, [125_000, 135_000, 145_000, 146_000, 146_500]);
    const raised = ticksOf(positionOf(world, btc)?.stopPrice ?? null);
    const range = planeOf(world, btc).rangeOf(0);
    expect(raised).toBeGreaterThan(before);
    expect(146_500 - raised).toBeLessThan((config.stop.trailAtrMultiple + 1) * range);
    // It falls too little for the stop, and enough for the fast mean to fall below the slow one.
    await world.barsOf(btc, [144_000, 142_500, 141_000, 141_000]);
    const [row] = rowsOf(world);
    expect([row?.state, row?.exitReason]).toEqual(["closed", "signal"]);
  });
});
