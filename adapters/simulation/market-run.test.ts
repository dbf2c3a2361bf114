import { describe, expect, test } from "bun:test";
import type { DrivenDesk } from "../../actors/desk/ports.ts";

import { VirtualClock } from "../../actors/runtime/mod.ts";
import type { VenueReport } from "../../machines/domain/fill.ts";
import type { Candle } from "../../machines/domain/market.ts";
import { MarketRun } from "./market-run.ts";
import type { MarketTimeline, RunVenue } from "./timeline.ts";

interface Script {
  /** Steps in time; a bar goes to the desk, anything else to the venue. */
  readonly steps: readonly (readonly [at: number, what: string])[];
  readonly timers?: readonly number[];
  readonly due?: readonly number[];
  readonly until?: number;
  readonly stopAt?: string;
}

/** Runs a script, and answers what happened in which order, each with the clock's time. */
async function happened({ steps, timers = [], due = [], until, stopAt }: Script) {
  const log: string[] = [];
  const clock = {
    time: 0,
    now: () => clock.time,
    advanceTo(time: number) {
      clock.time = time;
    },
  };
  const note = (what: string) => {
    log.push(`${clock.time} ${what}`);
    if (what === stopAt) run.stop();
  };
  const reports: VenueReport[] = [];
  const [openTimers, openDue] = [[...timers], [...due]];
  const venue: RunVenue = {
    at: { venue: "paper", account: "main" },
    takeReport: () => reports.shift() ?? null,
    due: () => openDue[0] ?? null,
    async advance() {
      openDue.shift();
      note("venue advances");
      reports.push({} as VenueReport);
    },
  };
  const desk: DrivenDesk = {
    bar() {
      note("bar");
      return [];
    },
    move() {
      throw new Error("Cannot be told of a move: none is wanted");
    },
    report: () => note("report"),
    nextDeadline: () => openTimers[0] ?? null,
    fireTimer() {
      openTimers.shift();
      note("timer");
    },
    isBusy: false,
    settle: async () => {},
    commit: () => note("commit"),
  };
  let next = 0;
  let isRead = false;
  const timeline: MarketTimeline<RunVenue> = {
    // Every step has to be waited for once, as those of a file that is read piece by piece.
    ready() {
      if (isRead) return null;
      return Promise.resolve().then(() => {
        isRead = true;
      });
    },
    nextAt: () => steps[next]?.[0] ?? null,
    step() {
      const [, what = ""] = steps[next] ?? [];
      next += 1;
      isRead = false;
      if (what === "bar") return { type: "bar", candle: {} as Candle, book: null };
      note(what);
      reports.push({} as VenueReport);
      return null;
    },
    changes: () => [{ key: "place", value: next }],
  };
  const pace = { until: () => null };
  const run: MarketRun<RunVenue> = new MarketRun({
    ...{ desk, venue, timeline, clock, pace, until: until ?? null, onBar: () => note("decided") },
    ...{ stored: new Map(), eventPriceMove: 0 },
  });
  const outcome = await run.run();
  return { log, outcome, changes: run.changes() };
}

const steps = [
  [10, "book"],
  [20, "bar"],
  [30, "print"],
] as const;

test("MarketRun takes the steps at their times, and lets reports in after each", async () => {
  expect(await happened({ steps })).toEqual({
    log: [
      ...["10 book", "10 report", "20 bar", "20 decided", "30 print", "30 report", "30 commit"],
    ],
    outcome: "ended",
    changes: [
      { space: "source", key: "place", value: 3 },
      { space: "source", key: "time", value: 30 },
    ],
  });
});

test("MarketRun fires what is due before a step, each at its own time, timers before the venue", async () => {
  const { log } = await happened({ steps, timers: [5, 20], due: [20, 25] });
  expect(log).toEqual([
    ...["5 timer", "10 book", "10 report", "20 timer", "20 venue advances", "20 report"],
    ...["20 bar", "20 decided", "25 venue advances", "25 report", "30 print", "30 report"],
    "30 commit",
  ]);
});

describe("MarketRun of a venue on a wire", () => {
  /** A desk whose wishes are answered when the test says so. */
  function wired(failure: Error | null = null) {
    const log: string[] = [];
    let open = 1;
    let next = 0;
    const desk = {
      bar: () => [],
      move: () => [],
      report: () => {},
      nextDeadline: () => null,
      fireTimer: () => {},
      get isBusy() {
        return open > 0;
      },
      settle: () => Promise.reject(new Error("Cannot settle: nothing is waited for here")),
      commit: () => {},
    };
    const begin = (answered: () => void, failed: (error: unknown) => void) => {
      log.push("begin");
      if (open === 0 || log.filter((line) => line === "begin").length > 1) return;
      void Bun.sleep(30).then(() => {
        log.push("answer");
        open = 0;
        if (failure) failed(failure);
        else answered();
      });
    };
    const timeline: MarketTimeline<RunVenue> = {
      ready: () => null,
      nextAt: () => (next < 3 ? next : null),
      step() {
        next += 1;
        log.push("step");
        return null;
      },
      changes: () => [],
    };
    const venue: RunVenue = {
      at: { venue: "paper", account: "main" },
      takeReport: () => null,
      due: () => null,
      advance: () => Promise.resolve(),
    };
    const run = new MarketRun({
      ...{ desk, venue, timeline, begin, clock: new VirtualClock(0), pace: { until: () => null } },
      ...{ until: null, onBar: () => {}, stored: new Map(), eventPriceMove: 0 },
    });
    return { run, log };
  }

  test("goes on while an answer is under way, and waits for it at its end", async () => {
    const { run, log } = wired();
    expect(await run.run()).toBe("ended");
    const steps = log.filter((line) => line !== "begin");
    expect(steps).toEqual(["step", "step", "step", "answer"]);
  });

  test("ends with what made an answer's turn impossible", async () => {
    const { run } = wired(new Error("the ledger is full"));
    await expect(run.run()).rejects.toThrow("the ledger is full");
  });
});

test("MarketRun ends at the time wanted, and stops after the step under way", async () => {
  const early = await happened({ steps, until: 20 });
  const stopped = await happened({ steps, stopAt: "book" });
  expect([early.outcome, early.log.at(-2), stopped.outcome, stopped.log]).toEqual([
    ...["ended", "20 decided", "stopped"],
    ["10 book", "10 report", "10 commit"],
  ]);
});
