/** The operator's rehearsal: a desk on a venue behind real sockets, with faults, in one command. */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { exitCode } from "../../adapters/cli/exit-codes.ts";
import type { RehearsalReport } from "../../adapters/cli/rehearse-report.ts";
import { LedgerReader } from "../../adapters/store/reader.ts";
import { novactor } from "../kill/desk-process.ts";
import { WorkFolder } from "../kill/harness.ts";

setDefaultTimeout(120_000);

const folder = new WorkFolder();
afterAll(() => folder[Symbol.dispose]());

const others =
  "keltner meanReversion ichimoku orderFlow stochasticDivergence squeeze supertrend reversal momentum breakout";

/** A nervous trend follower that minds no cost: something has to happen within minutes. */
const nervous: Readonly<Record<string, string>> = {
  "market.live.symbols": "BTC/USD, ETH/USD, SOL/USD",
  "strategy.frames": "1",
  "strategy.eventPriceMovePct": "0.05",
  "strategy.confluence.minFrames": "1",
  "strategy.confluence.minStrategies": "1",
  "strategy.confluence.minConfidence": "0.0001",
  "strategy.confluence.minRewardToRisk": "0.01",
  "strategy.confluence.maxGapShare": "1",
  "strategy.confluence.maxSpreadShare": "0.05",
  "strategy.confluence.frameBonus": "1",
  "strategy.guardrail.disableBelow": "0",
  "strategy.votes.trend.fast": "2",
  "strategy.votes.trend.slow": "5",
  "strategy.votes.trend.adx": "3",
  "strategy.votes.trend.minAdx": "1",
  "stop.atrPeriod": "5",
  "coolDown.bars": "0",
  "entry.type": "market",
  ...Object.fromEntries(others.split(" ").map((name) => [`strategy.votes.${name}.use`, "false"])),
};
const sets = Object.entries(nervous).flatMap(([path, value]) => ["--set", `${path}=${value}`]);

test("a rehearsal in rough weather ends with books that are the venue's own", async () => {
  const file = folder.file("rough.db");
  const args = ["--faults", "rough", "--minutes", "15", "--speed", "60", "--seed", "11"];
  const { code, out, err } = await novactor([
    ...["rehearse", ...args, ...sets],
    ...["--db", file, "--json"],
  ]);
  const report = JSON.parse(out.trim().split("\n").at(-1) ?? "") as RehearsalReport;
  expect([code, report.broken, err]).toEqual([exitCode.ok, [], ""]);
  expect(report.thrown.length).toBeGreaterThan(5);
  expect(report.desk.intents).toBeGreaterThan(1);
  expect(report.venue.trades).toBe(report.desk.fills);
  expect(report.desk.fills).toBeGreaterThan(0);
  using reader = new LedgerReader(file);
  const accounts = new Set([...reader.books.eachOrder()].map(({ intent }) => intent.at.venue));
  expect(accounts).toEqual(new Set(["kraken"]));
  expect((await novactor(["journal", "verify", "--db", file])).code).toBe(0);
});

test.each([
  ["a venue that is none", ["--venue", "nowhere"], "Allowed choices are"],
  ["a time that is none", ["--minutes", "0"], "Wanted a whole number from 1"],
])("%s is refused", async (_, args, text) => {
  const { code, err } = await novactor(["rehearse", ...args]);
  expect(code).not.toBe(0);
  expect(err).toContain(text);
});
