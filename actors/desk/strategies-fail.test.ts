/** Strategies that throw or dawdle: counted, told of, and never in the way of the others. */
import { describe, expect, test } from "bun:test";
import { TestFolder } from "../runtime/testing/small-system.ts";
import { TrendStrategy } from "../scanner/mod.ts";
import type { DeskConfig } from "./config.ts";
import {
  bitsOf,
  decisionOf,
  evaluationsOf,
  inputOf,
  planeAfter,
  planeOf,
  rowsOf,
  stateOf,
  wandering,
  withOptions,
} from "./testing/brain-world.ts";
import { config, DeskWorld, dawn, minute, symbols } from "./testing/desk-world.ts";

const btc = "BTC/USD";
const memory = ":memory:";
const two: DeskConfig = {
  ...config,
  strategy: {
    ...config.strategy,
    quarantineAfter: 3,
    votes: {
      ...config.strategy.votes,
      supertrend: { weight: 0.1, parameters: { period: 2, width: 1, freshBars: 10 } },
    },
  },
};
const framed: DeskConfig = {
  ...two,
  strategy: {
    ...two.strategy,
    frames: [1, 2],
    confluence: { ...two.strategy.confluence, frameBonus: [1, 1] },
  },
};
/** Each another, so that a close names its bar. */
const closes = wandering(40).map((close, index) => close - (close % 64) + index);

/** The trend strategy throws at the closes named, while this is in use. */
class Curse implements Disposable {
  readonly own = TrendStrategy.prototype.update;
  /** How often the strategy was fed. */
  fed = 0;

  constructor(cursed: readonly number[]) {
    const { own } = this;
    const count = () => {
      this.fed += 1;
    };
    TrendStrategy.prototype.update = function (this: TrendStrategy, open, high, low, close) {
      count();
      if (cursed.includes(close)) throw new RangeError(`close ${close} is cursed`);
      own.call(this, open, high, low, close);
    };
  }

  [Symbol.dispose](): void {
    TrendStrategy.prototype.update = this.own;
  }
}

interface Frame {
  readonly votes: readonly { readonly strategy: string; readonly direction: number }[];
}
const framesOf = (world: DeskWorld) =>
  planeOf(world, btc).evaluation({ symbol: btc } as never).frames as readonly Frame[];
const voteOf = (world: DeskWorld, strategy: string, frame = 0) =>
  framesOf(world)[frame]?.votes.find((vote) => vote.strategy === strategy);
const alarmsOf = (world: DeskWorld) => {
  const { alarms, lastAlarm } = world.desk.status();
  return { alarms, lastAlarm };
};
const cursedAt = (...places: number[]) => places.map((place) => closes[place] as number);

describe("a strategy that throws", () => {
  test("abstains at that bar alone, and an alarm says why, once", async () => {
    using _ = new Curse(cursedAt(20));
    using world = await DeskWorld.started({ path: memory, config: two });
    await world.barsOf(btc, closes.slice(0, 20));
    expect(alarmsOf(world)).toEqual({ alarms: 0, lastAlarm: null });
    await world.barsOf(btc, closes.slice(20, 21));
    expect(voteOf(world, "trend")).toMatchObject({
      ...{ direction: 0, strength: 0, words: "failed at this bar", numbers: { failures: 1 } },
    });
    const told = {
      alarms: 1,
      lastAlarm:
        'strategies: strategy "trend" on BTC/USD, frame of 60 s, failed and abstains: ' +
        `close ${closes[20]} is cursed`,
    };
    expect(alarmsOf(world)).toEqual(told);
    await world.barsOf(btc, closes.slice(21, 40));
    expect([alarmsOf(world), planeOf(world, btc).failuresOf("trend")]).toEqual([told, 1]);
    expect(voteOf(world, "trend")).not.toMatchObject({ words: "failed at this bar" });
  });

  test("is in quarantine after as many failures as set, and not fed any more", async () => {
    using curse = new Curse(cursedAt(20, 22, 24, 26, 28));
    using world = await DeskWorld.started({ path: memory, config: two });
    const fed: number[] = [];
    for (const [index, close] of closes.entries()) {
      const before = curse.fed;
      await world.barsOf(btc, [close]);
      if (index >= 20) fed.push(curse.fed - before);
    }
    expect(fed).toEqual(closes.slice(20).map((_, index) => (index <= 4 ? 1 : 0)));
    expect(alarmsOf(world)).toEqual({
      alarms: 3,
      lastAlarm:
        'strategies: strategy "trend" on BTC/USD, frame of 60 s, is in quarantine: ' +
        `it failed again: close ${closes[24]} is cursed`,
    });
    expect(voteOf(world, "trend")).toMatchObject({
      ...{ direction: 0, words: "in quarantine after repeated failure", numbers: { failures: 3 } },
    });
    expect(planeOf(world, "ETH/USD").failuresOf("trend")).toBe(0);
  });

  test("leaves the others as they are: they vote, and the desk trades by them", async () => {
    const lived = async (world: DeskWorld) => {
      const votes: unknown[] = [];
      for (const close of closes) {
        await world.barsOf(btc, [close]);
        votes.push(voteOf(world, "supertrend")?.direction);
      }
      return votes;
    };
    using sound = await DeskWorld.started({ path: memory, config: two });
    const wanted = await lived(sound);
    using _ = new Curse(closes);
    using world = await DeskWorld.started({ path: memory, config: two });
    expect(await lived(world)).toEqual(wanted);
    expect(wanted).toContain(1);
    const codes = evaluationsOf(world, btc).map((record) => decisionOf(record).code);
    expect([codes.includes("trade"), world.desk.status().counts.poison]).toEqual([true, 0]);
  });

  test("fails by frame: each counts, is told of and quarantined by itself", async () => {
    // Bars 21, 23, 25 and 27 end a frame of two, the others do not.
    using _ = new Curse(cursedAt(21, 22, 24, 27));
    using world = await DeskWorld.started({ path: memory, config: framed });
    await world.barsOf(btc, closes);
    // The longer frame is quarantined no more than once more: it failed at 21 and 27.
    expect([0, 1].map((frame) => voteOf(world, "trend", frame))).toMatchObject([
      { numbers: { failures: 3 }, words: "in quarantine after repeated failure" },
      {},
    ]);
    expect(planeOf(world, btc).failuresOf("trend")).toBe(5);
    expect(alarmsOf(world)).toEqual({
      alarms: 5,
      lastAlarm:
        'strategies: strategy "trend" on BTC/USD, frame of 120 s, failed and abstains: ' +
        `close ${closes[27]} is cursed`,
    });
  });

  test("is after a restart as it was, without the alarms again", async () => {
    using folder = new TestFolder();
    const path = folder.file("desk.db");
    using _ = new Curse(cursedAt(20, 22, 30, 32));
    let before: unknown;
    const seen = (world: DeskWorld) => [alarmsOf(world), stateOf(planeOf(world, btc))];
    {
      using world = await DeskWorld.started({ path, config: two });
      await world.barsOf(btc, closes.slice(0, 25));
      before = seen(world);
    }
    using world = await DeskWorld.started({ path, config: two });
    expect(seen(world)).toEqual(before as never);
    await world.barsOf(btc, closes.slice(25, 29));
    expect(alarmsOf(world).alarms).toBe(2);
    await world.barsOf(btc, closes.slice(29));
    expect(planeOf(world, btc).failuresOf("trend")).toBe(3);
    expect(alarmsOf(world)).toMatchObject({
      alarms: 3,
      lastAlarm: expect.stringContaining("is in quarantine"),
    });
  });

  test("whose bar was lost in a kill is told of when the bar comes again", async () => {
    using folder = new TestFolder();
    const path = folder.file("desk.db");
    using _ = new Curse(cursedAt(20));
    {
      using world = await DeskWorld.started({ path, config: two });
      await world.barsOf(btc, closes.slice(0, 20));
      world.desk.commit();
      const openedAt = dawn + 20 * minute;
      world.desk.bar(candle(btc, openedAt, closes[20] as number));
      expect(planeOf(world, btc).failuresOf("trend")).toBe(1);
    }
    using world = await DeskWorld.started({ path, config: two });
    expect([planeOf(world, btc).failuresOf("trend"), alarmsOf(world).alarms]).toEqual([0, 0]);
    await world.barsOf(btc, closes.slice(20, 21));
    expect([planeOf(world, btc).failuresOf("trend"), alarmsOf(world).alarms]).toEqual([1, 1]);
  });
});

describe("a reload of the configuration", () => {
  const reload = (world: DeskWorld, quarantineAfter: number) => {
    const strategy = { ...two.strategy, quarantineAfter };
    world.desk.reconfigure({ ...two, strategy }, "test", "text");
    return world.barsOf(btc, closes.slice(30, 32));
  };

  test("does not tell again of the failures that its planes hear of", async () => {
    using _ = new Curse(cursedAt(20, 22));
    using world = await DeskWorld.started({ path: memory, config: two });
    await world.barsOf(btc, closes.slice(0, 30));
    await reload(world, 4);
    expect([alarmsOf(world).alarms, planeOf(world, btc).failuresOf("trend")]).toEqual([2, 2]);
  });

  test("tells which strategies it puts in quarantine, and of none that was there", async () => {
    using _ = new Curse(cursedAt(20, 22));
    using world = await DeskWorld.started({ path: memory, config: two });
    await world.barsOf(btc, closes.slice(0, 30));
    await reload(world, 2);
    const told = {
      alarms: 3,
      lastAlarm:
        'strategies: strategy "trend" on BTC/USD is in quarantine under the new configuration',
    };
    expect(alarmsOf(world)).toEqual(told);
    await reload(world, 1);
    expect(alarmsOf(world)).toEqual(told);
  });
});

describe("the command enable", () => {
  /** Its trend is in quarantine after bar 24. */
  const cursed = cursedAt(20, 22, 24, 34);

  test("lets a strategy out of quarantine from each symbol's next bar on", async () => {
    using _ = new Curse(cursed);
    using world = await DeskWorld.started({ path: memory, config: two });
    await world.barsOf(btc, closes.slice(0, 25));
    expect(world.command("enable", { target: "supertrend" }).text).toEndWith(
      'strategy "supertrend" is not off, wanted one of trend',
    );
    expect(world.command("enable", { target: "trend" }).done).toBe(true);
    expect(planeOf(world, btc).failuresOf("trend")).toBe(3);
    await world.barsOf(btc, closes.slice(25, 27));
    expect(
      evaluationsOf(world, btc)
        .slice(-3)
        .map(inputOf)
        .map(({ released }) => released),
    ).toEqual([undefined, ["trend"], undefined]);
    expect(planeOf(world, btc).failuresOf("trend")).toBe(0);
    await world.barsOf(btc, closes.slice(27, 35));
    expect([planeOf(world, btc).failuresOf("trend"), alarmsOf(world).alarms]).toEqual([1, 4]);
    const records = evaluationsOf(world, btc);
    expect(stateOf(planeAfter(two, btc, records))).toEqual(stateOf(planeOf(world, btc)));
  });

  test("is not forgotten by a kill before that bar, nor done again by one after it", async () => {
    using folder = new TestFolder();
    const path = folder.file("desk.db");
    using _ = new Curse(cursed);
    {
      using world = await DeskWorld.started({ path, config: two });
      await world.barsOf(btc, closes.slice(0, 27));
      world.command("enable", { target: "trend" });
    }
    {
      using world = await DeskWorld.started({ path, config: two });
      await world.barsOf(btc, closes.slice(27, 29));
      expect(planeOf(world, btc).failuresOf("trend")).toBe(0);
      world.desk.commit();
      // Nothing else changed of how strategies stand, with which it would have been stored.
      expect(rowsOf(world).filter(({ closedAt }) => (closedAt ?? 0) >= dawn + 27 * minute)).toEqual(
        [],
      );
    }
    using world = await DeskWorld.started({ path, config: two });
    await world.barsOf(btc, closes.slice(29, 35));
    const released = evaluationsOf(world, btc).filter((record) => "released" in inputOf(record));
    expect([released.length, planeOf(world, btc).failuresOf("trend")]).toEqual([1, 1]);
  });
});

const candle = (symbol: string, openedAt: number, close: number) => ({
  ...{ symbol, openedAt, timeframeMs: minute, volume: 4_000 },
  ...{ open: close, high: close + 10, low: close - 10, close },
});

describe("a strategy that is slow", () => {
  const long = wandering(520);

  /** Bars without a venue: what is looked at is votes and records. */
  function drive(world: DeskWorld, from = 0, to = long.length): void {
    for (let index = from; index < to; index += 1) {
      world.clock.advanceTo(dawn + (index + 1) * minute);
      for (const symbol of symbols) {
        world.desk.bar(candle(symbol, dawn + index * minute, long[index] as number));
      }
    }
  }
  /** A clock that jumps by so much whenever it is read: so long does every strategy take. */
  const jumping = (stepMs: number) => {
    let now = 0;
    return () => {
      now += stepMs;
      return now;
    };
  };
  const started = async (stepMs: number | null, path = memory): Promise<DeskWorld> => {
    const world = new DeskWorld({ path, config: two });
    if (stepMs !== null) withOptions(world, { stopwatch: jumping(stepMs) });
    await world.start();
    return world;
  };
  const vitalsOf = (world: DeskWorld) => world.journal().filter(({ kind }) => kind === "vital");

  test("is told of once, with a record and an alarm, over all symbols and bars", async () => {
    using world = await started(12.5);
    drive(world);
    expect(vitalsOf(world).map(({ subject, content }) => [subject, content.input])).toEqual(
      ["trend", "supertrend"].map((strategy) => [
        "slowStrategy",
        { type: "slowStrategy", symbol: btc, strategy, tookMs: 12.5 },
      ]),
    );
    expect(alarmsOf(world)).toEqual({
      alarms: 2,
      lastAlarm: 'strategies: strategy "supertrend" took 12.5 ms for a bar of BTC/USD',
    });
  });

  test("is not told of for as long as it may take", async () => {
    using world = await started(5);
    drive(world);
    expect([vitalsOf(world), alarmsOf(world).alarms]).toEqual([[], 0]);
  });

  test("is heard all the same: every decision and plane is that of a desk without a watch", async () => {
    using slow = await started(1_000);
    using plain = await started(null);
    drive(slow);
    drive(plain);
    const decided = (world: DeskWorld) =>
      symbols.map((symbol) => evaluationsOf(world, symbol).map(decisionOf));
    expect(decided(slow)).toEqual(decided(plain));
    for (const symbol of symbols) {
      expect(stateOf(planeOf(slow, symbol))).toEqual(stateOf(planeOf(plain, symbol)));
      const [one, other] = [slow, plain].map((world) => planeOf(world, symbol).features());
      expect(bitsOf(one as Float32Array)).toBe(bitsOf(other as Float32Array));
    }
  });

  test("when the journal is read again is not told of: that was another time", async () => {
    using folder = new TestFolder();
    const path = folder.file("desk.db");
    {
      using world = await started(null, path);
      drive(world, 0, 300);
      world.desk.commit();
    }
    using world = await started(12.5, path);
    drive(world, 300, 301);
    expect([vitalsOf(world), alarmsOf(world).alarms]).toEqual([[], 0]);
  });
});
