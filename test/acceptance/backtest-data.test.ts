/** Backtests over real candles, as the command line gives them, with their reports. */
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunReport } from "../../actors/research/mod.ts";

// Whole runs over a month: how long that takes is the machine's business.
setDefaultTimeout(600_000);

const root = join(import.meta.dir, "../..");
const shared = join(root, "../shared/data");
const folder = mkdtempSync(join(tmpdir(), "backtest-data-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function backtest(files: readonly string[], name: string) {
  const [json, html, csv] = ["json", "html", "csv"].map((kind) => join(folder, `${name}.${kind}`));
  const out = ["--json", json ?? "", "--html", html ?? "", "--csv", csv ?? ""];
  const child = Bun.spawn(
    [process.execPath, "adapters/cli/main.ts", "backtest", ...files, ...out],
    { cwd: root, stdout: "pipe", stderr: "pipe" },
  );
  const told = await new Response(child.stdout).text();
  expect(await child.exited).toBe(0);
  const text = readFileSync(json ?? "", "utf8");
  return {
    told,
    text,
    report: JSON.parse(text) as RunReport,
    page: readFileSync(html ?? "", "utf8"),
  };
}

const month = [
  ...["--candles", join(shared, "btc-usd-perp-1m-2022-01.csv.gz")],
  ...["--symbol", "BTC/USD", "--timeframe", "1m"],
];
const coins = ["eth", "ltc", "xlm", "etc", "trx", "ada"];
const pairs = coins.flatMap((coin) => [
  ...["--candles", join(shared, `${coin}-btc-5m-2018-01.csv.gz`)],
  ...["--symbol", `${coin.toUpperCase()}/BTC`, "--timeframe", "5m"],
]);

describe.skipIf(!existsSync(shared))("novactor backtest over real candles", () => {
  test("reports the month of BTC, and the same seed gives the same bytes", async () => {
    const { told, text, report, page } = await backtest(month, "month");
    expect(report.candles).toBe(45_031);
    expect(report.metrics.trades).toBeGreaterThan(10);
    expect(report.metrics.buyAndHold).toBeCloseTo(-0.1679, 3);
    expect(report.metrics.sharpe).not.toBeNull();
    expect(told).toContain(report.ledgerHead);
    expect(page).toContain("<figcaption>Equity, USD</figcaption>");
    expect((await backtest(month, "again")).text).toBe(text);
  });

  test("reports six pairs quoted in BTC as one portfolio", async () => {
    const { report } = await backtest(pairs, "pairs");
    const { groups, metrics, quote, closingEquity, openingEquity, open, trades } = report;
    expect([report.candles, quote]).toEqual([34_513, "BTC"]);
    expect(groups.symbol.map(({ group }) => group).sort()).toEqual(
      coins.map((coin) => `${coin.toUpperCase()}/BTC`).sort(),
    );
    // Twenty days are too few for a year.
    expect([metrics.annualReturn, metrics.calmar]).toEqual([null, null]);
    const profit = [...trades, ...open].reduce((sum, each) => sum + Number(each.profit), 0);
    expect(Math.abs(closingEquity - openingEquity - profit)).toBeLessThan(0.02);
  });
});
