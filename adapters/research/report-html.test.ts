import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RoundTrip, type RunOutcome, runReport } from "../../actors/research/mod.ts";
import { writeReportCsv } from "./report-csv.ts";
import { reportHtml } from "./report-html.ts";

const folder = mkdtempSync(join(tmpdir(), "report-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const start = Date.UTC(2022, 0, 1);
const hourMs = 3_600_000;

const trade: RoundTrip = {
  ...{ positionId: "paper:main/A/USD/1", symbol: "A/USD", lane: "A/USD" },
  ...{ openedAt: start + hourMs, closedAt: start + 3 * hourMs, quantity: "2" },
  ...{ entryPrice: "10", exitPrice: "12", profit: "3.9", fees: "0.1", slippage: "0.02" },
  ...{ exitReason: 'a "<b>', votedBy: ["trend", "range"] },
};

function outcome(trades: readonly RoundTrip[], marks = 40): RunOutcome {
  const at = Float64Array.from({ length: marks }, (_, index) => start + (index + 1) * hourMs);
  return {
    candles: marks,
    counts: { decisions: marks, orders: 2, fills: 2, codes: { trade: 1, noSignal: 38 } },
    ...{ trades, open: [], quote: "USD", openingEquity: 100, ledgerHead: "head", held: [] },
    curve: {
      at,
      value: at.map((_, index) => 100 + Math.sin(index) * 5),
      exposure: at.map((_, index) => (index % 3) / 10),
    },
  };
}

const run = {
  ...{ market: 'a file "x" & <others>', symbols: ["A/USD"], seed: 3, configHash: "c0ffee" },
  ...{ data: { "A/USD sha256": "5a" }, version: "0.1.0", costs: { "taker fee": "0.1 %" } },
};

describe("reportHtml()", () => {
  const page = reportHtml(
    runReport(outcome([trade]), run, [
      {
        ...{ fees: 2, slippage: 1, totalReturn: -0.1, profit: "-1", feesPaid: "0.2" },
        ...{ slippagePaid: "0.02", spreadPaid: null, trades: 1, maxDrawdown: 0.1 },
      },
    ]),
  );

  test("needs nothing but itself: no script, no address, no import", () => {
    expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\(|https?:|src=/i);
    expect(page.length).toBeLessThan(500_000);
  });

  test("shows equity, drawdown, exposure, months and trades by profit as charts", () => {
    const titles = [...page.matchAll(/<figcaption>([^<]+)</g)].map(([, title]) => title);
    expect(titles).toEqual([
      ...["Equity, USD", "Drawdown below the peak", "Exposure: share of equity in positions"],
      ...["Return by month", "Trades by profit, USD"],
    ]);
    expect(page.match(/<path class="line (equity|drawdown|exposure)" d="M0\.0 /g)?.length).toBe(3);
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });

  test("says what is too little for a number, and what was run", () => {
    expect(page).toContain("<dt>SQN</dt><dd>not enough data</dd>");
    expect(page).toContain("<dt>A/USD sha256</dt><dd>5a</dd>");
    expect(page).toContain("<dt>taker fee</dt><dd>0.1 %</dd>");
    expect(page).toContain("<td>2 ×</td><td>1 ×</td><td>-10.00 %</td>");
  });

  test("shows texts as texts", () => {
    expect(page).toContain("a file &quot;x&quot; &amp; &lt;others&gt;");
    expect(page).not.toContain("<others>");
  });

  test("stands without a trade and without a curve", () => {
    const bare = reportHtml(runReport(outcome([], 0), run));
    expect(bare).toContain('<p class="none">not enough data</p>');
    expect(bare).not.toMatch(/NaN|undefined|Infinity/);
  });
});

test("writeReportCsv() writes trades, the whole curve, groups and decisions", async () => {
  const told = outcome([trade]);
  await writeReportCsv(folder, runReport(told, run), told.curve);
  const file = (name: string) => readFileSync(join(folder, name), "utf8").trimEnd().split("\n");
  expect(readdirSync(folder).sort()).toEqual([
    ...["equity.csv", "groups.csv", "no-trade.csv", "trades.csv"],
  ]);
  expect(file("trades.csv")).toEqual([
    "positionId,symbol,lane,openedAt,closedAt,quantity,entryPrice,exitPrice,profit,fees,slippage,spread,exitReason,votedBy",
    `paper:main/A/USD/1,A/USD,A/USD,${start + hourMs},${start + 3 * hourMs},2,10,12,3.9,0.1,0.02,,"a ""<b>",trend range`,
  ]);
  expect(file("equity.csv").length).toBe(41);
  expect(file("equity.csv")[1]).toBe(`${start + hourMs},100,0,0`);
  expect(file("no-trade.csv")).toEqual(["code,count", "noSignal,38"]);
  expect(file("groups.csv").map((line) => line.split(",").slice(0, 4).join(" "))).toContain(
    "strategy range 1 1",
  );
});
