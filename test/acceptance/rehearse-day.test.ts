/** A day of candles, in the process and at a Kraken of our own over real sockets, in one command. */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import type { DayComparison } from "../../adapters/cli/day-comparison.ts";
import { exitCode } from "../../adapters/cli/exit-codes.ts";
import { novactor } from "../kill/desk-process.ts";
import { WorkFolder } from "../kill/harness.ts";
import { nervous, setsOf } from "./nervous.fixture.ts";

setDefaultTimeout(300_000);

const folder = new WorkFolder();
afterAll(() => folder[Symbol.dispose]());

/** Round trips all day long, some of them on moves inside a bar. */
const eager = {
  ...nervous,
  "strategy.eventPriceMovePct": "0.2",
  "coolDown.bars": "0",
  "stop.atrMultiple": "2",
  "stop.targetAtrMultiple": "100",
};

async function rehearsedDay(name: string, args: readonly string[], sets = {}) {
  const command = ["rehearse-day", ...args, ...setsOf({ ...eager, ...sets })];
  const { code, out, err } = await novactor([...command, "--db", folder.file(name), "--json"]);
  const { counts, differences } = JSON.parse(out) as DayComparison;
  const of = Object.fromEntries(counts.map((count) => [count.part, count]));
  return { code, err, of, differences, unexplained: counts.map((count) => count.unexplained) };
}

/** The same decisions, signals, orders and fills, and enough of them. */
function expectSame({ code, err, of, differences }: Awaited<ReturnType<typeof rehearsedDay>>) {
  expect([code, err, differences]).toEqual([exitCode.ok, "", []]);
  for (const { inProcess, overSockets, equal } of Object.values(of)) {
    expect([overSockets, equal]).toEqual([inProcess, inProcess]);
  }
  expect(of.decisions?.equal).toBeGreaterThanOrEqual(1_440);
  expect(of.signals?.equal).toBeGreaterThan(20);
  expect(of.fills?.equal).toBeGreaterThan(20);
}

test.concurrent("a generated day is the same in the process and over sockets", async () => {
  expectSame(await rehearsedDay("generated", ["--seed", "1"]));
});

test.concurrent("what the latency does not explain is said, and told by the exit code", async () => {
  // A pause that ends with a bar ends a bar later for who was sold a moment later.
  const sets = { "coolDown.bars": "5" };
  const args = ["--seed", "1", "--bars", "300", "--latency", "250"];
  const { code, unexplained } = await rehearsedDay("pauses", args, sets);
  expect(code).toBe(exitCode.finding);
  expect(Math.max(...unexplained)).toBeGreaterThan(0);
});

const real = new URL("../../../shared/data/btc-usd-perp-1m-2022-01.csv.gz", import.meta.url);
const file = ["--candles", real.pathname, "--symbol", "BTC/USD", "--timeframe", "1m"];

if (existsSync(real)) {
  test.concurrent("a real day is the same in the process and over sockets", async () => {
    expectSame(await rehearsedDay("real", file));
  });

  test.concurrent("a real day with a stated latency differs by that alone", async () => {
    const { code, of, unexplained } = await rehearsedDay("late", [...file, "--latency", "250"]);
    expect([code, unexplained]).toEqual([exitCode.ok, [0, 0, 0, 0]]);
    expect(of.signals?.equal).toBe(of.signals?.inProcess ?? 0);
    expect(of.fills?.explained).toBeGreaterThan(20);
  });
} else test.skip(`real days: there is no ${real.pathname}`, () => {});

test.each([
  ["candles without a symbol", ["--candles", "day.csv"], 'Cannot tell what "day.csv" holds'],
  ["no bars", ["--bars", "0"], "Wanted a whole number from 1"],
])("%s are refused", async (_, args, text) => {
  const { code, err } = await novactor(["rehearse-day", ...args]);
  expect(code).not.toBe(0);
  expect(err).toContain(text);
});
