/** What a desk is told of moves: by whole runs over candles, killed and taken up again anywhere. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { DrivenDesk } from "../../actors/desk/ports.ts";
import type { CandleSource } from "../../actors/market/ports.ts";
import { decimal } from "../../machines/domain/decimal.ts";
import type { Decision } from "../../machines/domain/decision.ts";
import type { VenueReport } from "../../machines/domain/fill.ts";
import type { Candle } from "../../machines/domain/market.ts";
import { timelineOf } from "./candle-timeline.ts";
import { MarketRun, sourceSpace } from "./market-run.ts";
import type { PaperMarket } from "./timeline.ts";

const timeframeMs = 60;

/** Open, high, low and close of each of a symbol's candles, one after the other from 0 on. */
type Prices = Readonly<Record<string, readonly (readonly [number, number, number, number])[]>>;

function sourceOf(prices: Prices): CandleSource {
  const candleOf = (symbol: string, index: number): Candle | null => {
    const found = prices[symbol]?.[index];
    if (!found) return null;
    const [open, high, low, close] = found;
    const openedAt = index * timeframeMs;
    return { symbol, openedAt, timeframeMs, open, high, low, close, volume: 8 };
  };
  return {
    description: "",
    symbols: Object.keys(prices).map((symbol) => ({ symbol, timeframeMs, tick: decimal(1) })),
    identity: {},
    length: null,
    cursor(symbol, from) {
      let index = from;
      return { next: () => candleOf(symbol, index++) };
    },
  };
}

/** What is durable: what the desk was told, and the state kept with it. */
interface Kept {
  readonly told: readonly string[];
  readonly state: ReadonlyMap<string, unknown>;
}

const nothing: Kept = { told: [], state: new Map() };

class Killed extends Error {}

interface Life {
  readonly prices: Prices;
  readonly share?: number;
  /** Each so many turns of the desk share a commit. */
  readonly group?: number;
  /** Turns after which the process is killed. */
  readonly turns?: number;
}

const venueKey = "venue";

/** One life of a process: it goes on from what is kept, until the end or its death. */
async function live(kept: Kept, life: Life): Promise<Kept & { readonly decided: number }> {
  const { prices, share = 0.005, group = 1, turns = Number.POSITIVE_INFINITY } = life;
  let durable = kept;
  let decided = 0;
  let taken = 0;
  const told = [...kept.told];
  const { timeline, startAt } = timelineOf(sourceOf(prices), kept.state);
  let time = startAt;
  const clock = {
    now: () => time,
    advanceTo(to: number) {
      time = to;
    },
  };
  const fills = [...((kept.state.get(venueKey) as readonly string[] | undefined) ?? [])];
  const venue: PaperMarket = {
    at: { venue: "paper", account: "main" },
    point: (symbol, { ticks }) => fills.push(`${symbol} filled at ${ticks}`),
    book: () => {},
    print: () => {},
    takeReport: () => (fills.shift() as unknown as VenueReport | undefined) ?? null,
    due: () => null,
    advance: () => Promise.resolve(),
  };
  const commit = () => {
    const state = new Map(durable.state).set(venueKey, [...fills]);
    for (const { space, key, value } of run.changes()) {
      expect(space).toBe(sourceSpace);
      state.set(key, structuredClone(value));
    }
    durable = { told: [...told], state };
  };
  const turn = (what: string): readonly Decision[] => {
    if (taken === turns) throw new Killed();
    taken += 1;
    told.push(`${time} ${what}`);
    if (taken % group === 0) commit();
    return [];
  };
  const desk: DrivenDesk = {
    bar: ({ symbol, close }) => turn(`${symbol} closed at ${close}`),
    move: (symbol, ticks) => turn(`${symbol} moved to ${ticks}`),
    report: (_at, report) => {
      turn(report as unknown as string);
    },
    nextDeadline: () => null,
    fireTimer: () => {},
    isBusy: false,
    settle: async () => {},
    commit,
  };
  const run: MarketRun<PaperMarket> = new MarketRun({
    ...{ desk, venue, timeline, clock, pace: { until: () => null }, until: null },
    ...{ stored: kept.state, eventPriceMove: share, onBar: () => {} },
    onMove: () => {
      decided += 1;
    },
  });
  try {
    run.takeReports();
    await run.run();
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
  }
  return { ...durable, decided };
}

const whole = async (life: Life): Promise<readonly string[]> => (await live(nothing, life)).told;

const isMove = (told: string) => told.includes("moved");

describe("MarketRun", () => {
  const rising: Prices = {
    A: [
      [1_000, 1_010, 995, 1_000],
      [1_001, 1_012, 994, 1_004],
    ],
  };

  test("tells of a move inside a bar at its time, after the fills at it, and then goes on", async () => {
    expect(await whole({ prices: rising })).toEqual([
      ...["0 A filled at 1000", "20 A filled at 995", "40 A filled at 1010"],
      ...["60 A filled at 1000", "60 A closed at 1000", "60 A filled at 1001"],
      ...["80 A filled at 994", "80 A moved to 994", "100 A filled at 1012"],
      ...["100 A moved to 1012", "120 A filled at 1004", "120 A closed at 1004"],
    ]);
  });

  test("says what was decided on each move", async () => {
    expect((await live(nothing, { prices: rising })).decided).toBe(2);
  });

  test("tells of none where the share is 0", async () => {
    expect((await whole({ prices: rising, share: 0 })).filter(isMove)).toEqual([]);
  });

  test("measures each symbol by its own last evaluation", async () => {
    const prices = {
      A: rising.A ?? [],
      B: [
        [10, 10, 10, 10],
        [20, 20, 5, 5],
      ] as const,
    };
    expect((await whole({ prices })).filter(isMove)).toEqual([
      ...["60 B moved to 20", "80 A moved to 994", "80 B moved to 5", "100 A moved to 1012"],
      "100 B moved to 20",
    ]);
  });

  test("killed after any turn, it goes on with the same moves", async () => {
    const all = await whole({ prices: rising });
    for (let turns = 0; turns <= all.length; turns += 1) {
      for (const group of [1, 2, 3, 100]) {
        const killed = await live(nothing, { prices: rising, turns, group });
        expect((await live(killed, { prices: rising, group })).told).toEqual(all);
      }
    }
  });

  test("killed again and again in any market, it tells what one whole run tells", async () => {
    const candle = fc
      .array(fc.integer({ min: 900, max: 1_100 }), { minLength: 4, maxLength: 4 })
      .map(([a = 1, b = 1, c = 1, d = 1]) => {
        return [a, Math.max(a, b, c, d), Math.min(a, b, c, d), d] as const;
      });
    const candles = fc.array(candle, { maxLength: 8 });
    const prices = fc.record({ A: candles, B: candles });
    const lives = fc.array(fc.integer({ min: 1, max: 25 }), { maxLength: 6 });
    const share = fc.constantFrom(0, 0.005, 0.02, 0.1);
    await fc.assert(
      fc.asyncProperty(prices, lives, share, fc.integer({ min: 1, max: 7 }), async (...drawn) => {
        const [prices, lives, share, group] = drawn;
        const life = { prices, share, group };
        let kept = nothing;
        for (const turns of lives) kept = await live(kept, { ...life, turns });
        expect((await live(kept, life)).told).toEqual(await whole(life));
      }),
      { seed: 7_007, numRuns: 300 },
    );
  });
});
