/** The operator's rehearsal: a desk on a venue behind real sockets, with faults, in one command. */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { exitCode } from "../../adapters/cli/exit-codes.ts";
import type { RehearsalReport } from "../../adapters/cli/rehearse-report.ts";
import { LedgerReader } from "../../adapters/store/reader.ts";
import { novactor } from "../kill/desk-process.ts";
import { WorkFolder } from "../kill/harness.ts";
import { nervous, setsOf } from "./nervous.fixture.ts";

setDefaultTimeout(120_000);

const folder = new WorkFolder();
afterAll(() => folder[Symbol.dispose]());

/** Something has to happen within minutes. */
const sets = setsOf({
  ...nervous,
  "market.live.symbols": "BTC/USD, ETH/USD, SOL/USD",
  "strategy.eventPriceMovePct": "0.05",
  "coolDown.bars": "0",
});

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
