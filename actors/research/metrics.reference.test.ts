/**
 * Measures against those that backtesting.py's own tests publish for its cross of two means on
 * GOOG (`test_compute_stats`): 10 and 30 closes, always long or short with the whole account,
 * at the next open, without costs.
 */
import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { drawdowns, totalReturn } from "./metrics.ts";
import { profitFactor, sqn, winRate } from "./trade-metrics.ts";

const file = join(import.meta.dir, "../../../shared/data/goog-usd-1d-2004-2013.csv.gz");
const dayMs = 86_400_000;

type Row = readonly [at: number, open: number, close: number];

function rowsOf(): Row[] {
  const text = new TextDecoder().decode(Bun.gunzipSync(readFileSync(file)));
  return text
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => {
      const [at, open, , , close] = line.split(",").map(Number);
      return [at ?? 0, open ?? 0, close ?? 0];
    });
}

const meanOf = (rows: readonly Row[], end: number, length: number): number =>
  rows.slice(end - length + 1, end + 1).reduce((total, [, , close]) => total + close, 0) / length;

/** The cross as backtesting.py trades it: whole units, 10,000 to begin with. */
function crossed(rows: readonly Row[]) {
  const trades: { profit: number; share: number }[] = [];
  const value: number[] = [];
  let cash = 10_000;
  let units = 0;
  let entry = 0;
  let wanted = 0;
  for (const [index, [, open, close]] of rows.entries()) {
    if (wanted !== 0) {
      if (units !== 0) {
        trades.push({
          profit: units * (open - entry),
          share: Math.sign(units) * (open / entry - 1),
        });
        cash += units * (open - entry);
      }
      units = wanted * Math.floor(cash / open);
      entry = open;
      wanted = 0;
    }
    value.push(cash + units * (close - entry));
    if (index < 30) continue;
    const before = meanOf(rows, index - 1, 10) - meanOf(rows, index - 1, 30);
    const now = meanOf(rows, index, 10) - meanOf(rows, index, 30);
    if (before < 0 && now > 0) wanted = 1;
    if (before > 0 && now < 0) wanted = -1;
  }
  return { trades, value };
}

test.skipIf(!existsSync(file))("measures of a published run are the published ones", () => {
  const rows = rowsOf();
  const { trades, value } = crossed(rows);
  const profits = trades.map(({ profit }) => profit);
  const shares = trades.map(({ share }) => share);
  const at = Float64Array.from(rows, ([time]) => time);
  const curve = { at, value: Float64Array.from(value), exposure: new Float64Array(value.length) };
  const { most, longestMs } = drawdowns(curve, 10_000);
  expect(trades.length).toBe(65);
  expect(totalReturn(10_000, value.at(-1) ?? 0)).toBeCloseTo(4.1959949999999964, 12);
  expect(most).toBeCloseTo(0.4798012705007589, 12);
  expect(longestMs / dayMs).toBe(584);
  expect(winRate(profits)).toBeCloseTo(0.4615384615384615, 12);
  // There the profit factor is one of returns, the quality number one of money, as here.
  expect(profitFactor(shares)).toBeCloseTo(2.0880175388920286, 12);
  expect(sqn(profits)).toBeCloseTo(0.916892986080858, 12);
});
