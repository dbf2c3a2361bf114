/** The main job through the real command line: runs, what they report, and what resumes them. */
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { isDecimal } from "../../machines/domain/decimal.ts";
import { novactor } from "../kill/desk-process.ts";
import { outcomeOf, type Report, reportOf, runToEnd, WorkFolder } from "../kill/harness.ts";
import {
  btcMonth,
  btcPairs,
  generated,
  generatedMonth,
  generatedPairs,
  isAvailable,
  type MarketRun,
  startArgs,
} from "../kill/market-run.ts";

// A bound on hanging, not on how fast a machine is.
setDefaultTimeout(600_000);

const folder = new WorkFolder();
afterAll(() => folder[Symbol.dispose]());

const month: MarketRun = {
  ...{ name: "generated month", until: "end", seed: 7, faults: "none" },
  files: [await generatedMonth(folder.file("month.csv"), 8_000)],
};
const pairs: MarketRun = {
  ...{ name: "generated pairs", until: "end", seed: 7, faults: "none" },
  files: await generatedPairs(folder.path, 3_000),
};

let ledgers = 0;
function newLedger(): string {
  ledgers += 1;
  return folder.file(`${ledgers}.db`);
}

/** The generated month in one go: run once for all that only look at what it left. */
const wholeLedger = newLedger();
let wholeRun: ReturnType<typeof novactor> | null = null;
function wholeMonth(): ReturnType<typeof novactor> {
  wholeRun ??= novactor(startArgs(month, wholeLedger));
  return wholeRun;
}

/** The report without what two runs of the same need not share. */
function lasting({ elapsedMs: _, ...report }: Report): Omit<Report, "elapsedMs"> {
  return report;
}

describe.each([
  ["a month of minutes from a file", month, 20],
  ["three pairs with candles missing", pairs, 20],
  ["a month of minutes from real trades", btcMonth, 20],
  ["three real pairs with candles missing", btcPairs, 20],
] as const)("%s", (_name, run, tripsMin) => {
  test.skipIf(!isAvailable(run))("gives the same heads twice, over many round trips", async () => {
    const [first, second] = await Promise.all([
      run === month ? wholeMonth().then(reportOf) : runToEnd(run, newLedger()),
      runToEnd(run, newLedger()),
    ]);
    expect(lasting(second)).toEqual(lasting(first));
    expect(first.trades).toBeGreaterThanOrEqual(tripsMin);
    expect(first.decisions).toBeGreaterThanOrEqual(first.candles);
  });
});

describe("novactor start", () => {
  test.concurrent("ends its JSON with exactly the report's keys, money as decimals", async () => {
    const { out } = await wholeMonth();
    expect(out.trim().split("\n")).toHaveLength(1);
    const report = JSON.parse(out) as Report;
    expect(Object.keys(report)).toEqual([
      ...["candles", "decisions", "orders", "fills", "trades", "realizedPnl", "fees", "equity"],
      ...["codes", "journalHead", "ledgerHead", "elapsedMs"],
    ]);
    const { realizedPnl, fees, equity, codes, journalHead, ledgerHead, ...counts } = report;
    expect(Object.values(codes).reduce((all, count) => all + count, 0)).toBe(report.decisions);
    const money = [realizedPnl, fees, equity];
    expect(money.every((text) => typeof text === "string" && isDecimal(text))).toBe(true);
    expect([journalHead, ledgerHead].every((head) => /^[0-9a-f]{64}$/.test(head))).toBe(true);
    expect(Object.values(counts).every(Number.isSafeInteger)).toBe(true);
    // Start balance of a portfolio in US dollars.
    expect(Math.abs(Number(equity) - 100_000)).toBeLessThan(90_000);
  });

  test.concurrent("prints a report that people can read", async () => {
    const day = { ...month, until: "2022-01-02T00:00:00Z" };
    const args = startArgs(day, newLedger()).filter((arg) => arg !== "--json");
    const { code, out, err } = await novactor(args);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("PAPER  simulated market");
    for (const word of ["trades", "win rate", "realized PnL", "fees", "max drawdown", "equity"]) {
      expect(out).toContain(`  ${word}`);
    }
  });

  test.concurrent("on a run that has ended prints the same report and exits with 0", async () => {
    const first = reportOf(await wholeMonth());
    const again = await runToEnd(month, wholeLedger);
    expect(outcomeOf(again)).toEqual(outcomeOf(first));
  });

  test.concurrent("until a time and then to the end comes to what one go does", async () => {
    const ledger = newLedger();
    const half = await runToEnd({ ...month, until: "2022-01-04T00:00:00Z" }, ledger);
    const rest = await runToEnd(month, ledger);
    const whole = reportOf(await wholeMonth());
    expect(half.candles).toBe(3 * 24 * 60);
    expect(outcomeOf(rest)).toEqual(outcomeOf(whole));
  });

  test.concurrent("takes another speed, end, port and output for the same run", async () => {
    const ledger = newLedger();
    await runToEnd({ ...month, until: "2022-01-02T00:00:00Z" }, ledger);
    const other = { ...month, until: "2022-01-02T12:00:00Z", speed: "1000000" };
    const args = startArgs(other, ledger).filter((arg) => arg !== "--json");
    const { code, out, err } = await novactor([...args, "--port", "0"]);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("resumed at 2022-01-0");
  });
});

describe("a ledger refuses", () => {
  const base = generated("2026-01-01T02:00:00Z");
  const ledger = folder.file("refusing.db");

  test.each([
    ["another seed", { ...base, seed: 8 }, "desk.seed: ledger has 7, command has 8"],
    ["another source", { ...base, files: month.files, until: "end" }, "source."],
    ["another configuration", { ...base, faults: "rough" }, "faults: ledger has null"],
  ] as const)("%s with exit code 3 and what differs", async (_name, other, text) => {
    const before = outcomeOf(await runToEnd(base, ledger));
    const { code, out, err } = await novactor(startArgs(other, ledger));
    expect([code, out]).toEqual([3, ""]);
    expect(err).toContain(`Cannot resume ledger "${ledger}": it belongs to another run`);
    expect(err).toContain(text);
    expect(outcomeOf(await runToEnd(base, ledger))).toEqual(before);
  });

  test("a file whose prices changed under the same name", async () => {
    const other = folder.file("changed.csv");
    const text = await Bun.file(month.files[0]?.path ?? "").text();
    await Bun.write(other, text);
    const run: MarketRun = {
      ...month,
      until: "2022-01-01T06:00:00Z",
      files: [{ path: other, symbol: "BTC/USD", timeframe: "1m" }],
    };
    const changing = newLedger();
    reportOf(await novactor(startArgs(run, changing)));
    await Bun.write(other, text.slice(0, text.lastIndexOf("\n", text.length - 2) + 1));
    const { code, err } = await novactor(startArgs(run, changing));
    expect(code).toBe(3);
    expect(err).toContain("source.");
  });
});
