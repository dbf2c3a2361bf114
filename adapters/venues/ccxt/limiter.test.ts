import { describe, expect, test } from "bun:test";
import { NotSent } from "./faults.ts";
import { CallLimiter, type Charge, type CounterRule, type Priority } from "./limiter.ts";
import { krakenPenalty, privateCounters, tiers } from "./limits.ts";
import { TestClock } from "./venues.fixture.ts";

const roomy: CounterRule = { limit: 1_000, decayPerSecond: 1_000, reserve: 0 };

/** Calls that note when they start, and end when they are let go. */
class Calls {
  readonly clock = new TestClock();
  readonly started: string[] = [];
  readonly limiter: CallLimiter;
  readonly #gates = new Map<string, () => void>();

  constructor(counters: Record<string, CounterRule> = { rest: roomy }, queueLimit = 100) {
    this.limiter = new CallLimiter({ clock: this.clock, counters, queueLimit });
  }

  run(name: string, priority: Priority, charges: readonly Charge[] = []): Promise<string> {
    const send = () => {
      this.started.push(name);
      return new Promise<string>((resolve) => this.#gates.set(name, () => resolve(name)));
    };
    return this.limiter.run(priority, () => charges, send);
  }

  async finish(name: string): Promise<void> {
    this.#gates.get(name)?.();
    await settled();
  }
}

/** Lets every promise that is ready run. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

describe("CallLimiter", () => {
  test("starts one call at a time, the most urgent first, each kind in its order", async () => {
    const calls = new Calls();
    const order = ["read1", "read2", "entry1", "safety1", "entry2", "safety2"];
    for (const name of order) void calls.run(name, name.replace(/\d/, "") as Priority);
    for (let done = 0; done < order.length; done += 1) {
      expect(calls.started.length).toBe(done + 1);
      await calls.finish(calls.started[done] ?? "");
    }
    expect(calls.started).toEqual(["read1", "safety1", "safety2", "entry1", "entry2", "read2"]);
  });

  test("goes on after a call that fails", async () => {
    const { limiter } = new Calls();
    const first = limiter.run(
      "read",
      () => [],
      () => Promise.reject(new Error("no")),
    );
    const second = limiter.run(
      "read",
      () => [],
      () => Promise.resolve("yes"),
    );
    expect(await first.catch((error: Error) => error.message)).toBe("no");
    expect(await second).toBe("yes");
  });

  test("a full queue says at once that nothing was sent, and counts it", async () => {
    const calls = new Calls({ rest: roomy }, 1);
    void calls.run("busy", "read");
    void calls.run("waiting", "read");
    const error = await calls.run("late", "read").catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(NotSent);
    expect([calls.started, calls.limiter.counts]).toEqual([["busy"], { waiting: 1, refused: 1 }]);
  });

  test("a cancel takes the place of a read in a full queue, and the read is told", async () => {
    const calls = new Calls({ rest: roomy }, 1);
    void calls.run("busy", "read");
    const read = calls.run("read", "read").catch((reason: unknown) => reason);
    const cancel = calls.run("cancel", "safety");
    expect(await read).toBeInstanceOf(NotSent);
    await calls.finish("busy");
    await calls.finish("cancel");
    expect(await cancel).toBe("cancel");
  });

  test("waits until a counter has room again", async () => {
    const calls = new Calls({ rest: { limit: 2, decayPerSecond: 1, reserve: 0 } });
    const start = calls.clock.now();
    for (const name of ["a", "b", "c"]) {
      void calls.run(name, "read", [{ counter: "rest", amount: 1 }]);
      await calls.finish(name);
    }
    await settled();
    expect([calls.started, calls.clock.now() - start]).toEqual([["a", "b", "c"], 1_000]);
  });

  test("leaves a cancel its share of a counter that entries have filled", async () => {
    const rule = { limit: 10, decayPerSecond: 0.001, reserve: 8 };
    const calls = new Calls({ engine: rule });
    const charge = (amount: number) => [{ counter: "engine:BTC/USD", amount }];
    for (const name of ["entry1", "entry2"]) {
      void calls.run(name, "entry", charge(1));
      await calls.finish(name);
    }
    const third = calls.run("entry3", "entry", charge(1)).catch((reason: unknown) => reason);
    void calls.run("cancel", "safety", charge(8));
    await calls.finish("cancel");
    expect(calls.started).toEqual(["entry1", "entry2", "cancel"]);
    expect(await third).toBeInstanceOf(NotSent);
  });

  test("counts each symbol for itself", async () => {
    const calls = new Calls({ engine: { limit: 1, decayPerSecond: 0.001, reserve: 0 } });
    void calls.run("btc", "entry", [{ counter: "engine:BTC/USD", amount: 1 }]);
    await calls.finish("btc");
    void calls.run("eth", "entry", [{ counter: "engine:ETH/USD", amount: 1 }]);
    expect(calls.started).toEqual(["btc", "eth"]);
  });

  test("a pause holds back all but safety, a ban everything", async () => {
    const calls = new Calls();
    const { clock, limiter } = calls;
    const start = clock.now();
    const startedAt: Record<string, number> = {};
    const go = (name: string, priority: Priority) =>
      limiter.run(
        priority,
        () => [],
        async () => {
          startedAt[name] = clock.now() - start;
        },
      );
    limiter.pause(start + 5_000);
    await Promise.all([go("cancel", "safety"), go("read", "read")]);
    limiter.ban(clock.now() + 10_000);
    await go("cancel2", "safety");
    expect(startedAt).toEqual({ cancel: 0, read: 5_000, cancel2: 15_000 });
  });

  test("a cancel that may go soon does not sleep as long as a read that must wait", async () => {
    const sleeps: { until: number; wake: () => void }[] = [];
    let now = 0;
    const clock = {
      now: () => now,
      sleep: (ms: number) =>
        new Promise<void>((resolve) => sleeps.push({ until: now + ms, wake: resolve })),
    };
    const counters = {
      slow: { limit: 1, decayPerSecond: 0.02, reserve: 0 },
      quick: { limit: 1, decayPerSecond: 1, reserve: 0 },
    };
    const limiter = new CallLimiter({ clock, counters, queueLimit: 10 });
    const started: string[] = [];
    const go = (name: string, priority: Priority, counter: string) =>
      limiter.run(
        priority,
        () => [{ counter, amount: 1 }],
        async () => {
          started.push(name);
        },
      );
    await go("first read", "read", "slow");
    await go("first cancel", "safety", "quick");
    void go("read", "read", "slow");
    void go("cancel", "safety", "quick");
    now = 1_000;
    for (const { until, wake } of sleeps) if (until <= now) wake();
    await settled();
    expect(started).toEqual(["first read", "first cancel", "cancel"]);
  });

  test("a call whose turn never comes is given up, not kept for ever", async () => {
    const calls = new Calls();
    calls.limiter.ban(calls.clock.now() + 3_600_000);
    const error = await calls.run("cancel", "safety").catch((reason: unknown) => reason);
    expect([error instanceof NotSent, calls.started]).toEqual([true, []]);
  });
});

describe("limits", () => {
  test("of kraken are those of the tier", () => {
    const rules = tiers.map((tier) => {
      const { rest, engine } = privateCounters("kraken", tier);
      return [rest?.limit, rest?.decayPerSecond, engine?.limit, engine?.decayPerSecond];
    });
    expect(rules).toEqual([
      [15, 0.33, 60, 1],
      [20, 0.5, 125, 2.34],
      [20, 1, 180, 3.75],
    ]);
  });

  test("of a stand-in are none", () => {
    const { rest, engine } = privateCounters("kraken", "unlimited");
    expect([rest?.limit, engine?.reserve]).toEqual([1_000_000, 0]);
  });

  test.each([
    ["cancel", 0, 8],
    ["cancel", 4_999, 8],
    ["cancel", 5_000, 6],
    ["cancel", 299_999, 1],
    ["cancel", 300_000, 0],
    ["amend", 4_999, 3],
    ["amend", 15_000, 0],
  ] as const)("a kraken %s at an age of %d ms costs %d", (kind, age, cost) => {
    expect(krakenPenalty(kind, age)).toBe(cost);
  });
});
