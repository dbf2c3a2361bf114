/** The operator's rehearsal: a desk on a venue behind real sockets, with faults, in one command. */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { exitCode } from "../../adapters/cli/exit-codes.ts";
import type { RehearsalReport } from "../../adapters/cli/rehearse-report.ts";
import { LedgerReader } from "../../adapters/store/reader.ts";
import { novactor } from "../kill/desk-process.ts";
import { WorkFolder } from "../kill/harness.ts";
import { nervous, setsOf } from "./nervous.fixture.ts";

setDefaultTimeout(300_000);

const folder = new WorkFolder();
afterAll(() => folder[Symbol.dispose]());

/** Something has to happen within minutes. */
const sets = setsOf({
  ...nervous,
  "market.live.symbols": "BTC/USD, ETH/USD, SOL/USD",
  "strategy.eventPriceMovePct": "0.05",
  // Coinbase's highest fees are more than a usual target may hope for.
  "stop.targetAtrMultiple": "100",
  "coolDown.bars": "0",
});

async function rehearsed(venue: string, faults: string) {
  const file = folder.file(`${venue}-${faults}.db`);
  // A bar of a minute takes two seconds: what is later than that decides nothing.
  const pace = ["--minutes", "8", "--speed", "30"];
  const args = ["--venue", venue, "--faults", faults, ...pace, "--seed", "11"];
  const { code, out, err } = await novactor([
    ...["rehearse", ...args, ...sets],
    ...["--db", file, "--json"],
  ]);
  const report = JSON.parse(out.trim().split("\n").at(-1) ?? "") as RehearsalReport;
  return { faults, file, code, err, report };
}

test.concurrent.each(["kraken", "coinbase"])(
  "at %s, in weather from calm to storm, it ends with books that are the venue's own",
  async (venue) => {
    // One after the other: each has a venue and a desk to keep up.
    const all: Awaited<ReturnType<typeof rehearsed>>[] = [];
    for (const each of ["calm", "rough", "storm"]) all.push(await rehearsed(venue, each));
    for (const { faults, file, code, err, report } of all) {
      expect([faults, code, report.broken, err]).toEqual([faults, exitCode.ok, [], ""]);
      expect(report.thrown.length).toBeGreaterThan(5);
      expect(report.venue.trades).toBe(report.desk.fills);
      using reader = new LedgerReader(file);
      const accounts = [...reader.books.eachOrder()].map(({ intent }) => intent.at.venue);
      expect(accounts.every((each) => each === venue)).toBe(true);
      expect((await novactor(["journal", "verify", "--db", file])).code).toBe(0);
    }
    const sumOf = (count: (desk: RehearsalReport["desk"]) => number) =>
      all.reduce((sum, { report }) => sum + count(report.desk), 0);
    expect(sumOf(({ intents }) => intents)).toBeGreaterThan(3);
    expect(sumOf(({ fills }) => fills)).toBeGreaterThan(0);
  },
);

test.each([
  ["a venue that is none", ["--venue", "nowhere"], "Allowed choices are"],
  ["a time that is none", ["--minutes", "0"], "Wanted a whole number from 1"],
])("%s is refused", async (_, args, text) => {
  const { code, err } = await novactor(["rehearse", ...args]);
  expect(code).not.toBe(0);
  expect(err).toContain(text);
});
