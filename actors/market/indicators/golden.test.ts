import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import type { CandleColumns } from "../ring.ts";
import { batch } from "./batch.ts";
import { createIndicators } from "./registry.ts";

const shared = new URL("../../../../shared/", import.meta.url).pathname;

/**
 * How many ticks a unit of price has: as many as the finest price in the file needs. In the first
 * it is a single candle, filled in between its neighbours, that takes three decimals; rounded to
 * two, it alone moves the means after it by more than 1e-9.
 */
const files = [
  { name: "btc-usd-perp-1m-2022-01", ticksPerUnit: 1_000 },
  { name: "ada-btc-5m-2018-01", ticksPerUnit: 1e8 },
] as const;

const specification =
  "sma:20,ema:20,rsi:14,atr:14,adx:14,bollinger:20:2,macd:12:26:9,stochastic:14:3:3,cci:20," +
  "mfi:14,obv,roc:10,williamsR:14,sar:0.02:0.2,stddev:20,linregSlope:14,aroon:14";

async function readRows(path: string): Promise<string[][]> {
  const bytes = Bun.gunzipSync(await Bun.file(path).bytes());
  const lines = new TextDecoder().decode(bytes).trimEnd().split("\n");
  return lines.map((line) => line.split(","));
}

function columnsOf(rows: readonly string[][], ticksPerUnit: number): CandleColumns {
  const column = (index: number) => Float64Array.from(rows, (row) => Number(row[index]));
  const ticks = (index: number) => column(index).map((price) => Math.round(price * ticksPerUnit));
  return {
    openedAt: column(0),
    open: ticks(1),
    high: ticks(2),
    low: ticks(3),
    close: ticks(4),
    volume: column(5),
  };
}

/** The largest difference, in units of what is allowed: 1 is the limit. */
function worstOf(wanted: readonly number[], actual: readonly number[]): number {
  const largest = Math.max(...wanted.filter((value) => !Number.isNaN(value)).map(Math.abs));
  let worst = 0;
  for (const [row, value] of wanted.entries()) {
    const computed = actual[row] ?? Number.NaN;
    // Undefined exactly where the reference is.
    if (Number.isNaN(value) !== Number.isNaN(computed)) return Number.POSITIVE_INFINITY;
    if (Number.isNaN(value)) continue;
    const nearZero = Math.abs(value) < 1e-3 * largest;
    const allowed = 1e-9 * (nearZero ? largest : Math.abs(value));
    worst = Math.max(worst, Math.abs(computed - value) / allowed);
  }
  return worst;
}

for (const { name, ticksPerUnit } of files) {
  const candlesPath = `${shared}data/${name}.csv.gz`;
  const valuesPath = `${shared}golden/talib-${name}.csv.gz`;
  const present = existsSync(candlesPath) && existsSync(valuesPath);
  if (!present) console.warn(`Skipped: no reference values at ${valuesPath}`);

  describe.skipIf(!present)(`indicators on ${name}`, async () => {
    const golden = present ? await readRows(valuesPath) : [[""]];
    const candles = present
      ? columnsOf((await readRows(candlesPath)).slice(1), ticksPerUnit)
      : null;
    const header = golden[0] as string[];
    const values = golden.slice(1);
    const computed = new Map<string, Float64Array>();
    if (candles !== null) {
      for (const indicator of createIndicators(specification)) {
        for (const [index, output] of batch(indicator, candles).entries()) {
          const { name: line = "", scale } = indicator.lines[index] ?? {};
          const unit = scale === "price" ? ticksPerUnit : 1;
          computed.set(
            line,
            output.map((value) => value / unit),
          );
        }
      }
    }
    const rowOf = new Map(Array.from(candles?.openedAt ?? [], (time, row) => [time, row]));

    test("the lines are the reference's columns", () => {
      expect([...computed.keys()].sort()).toEqual(header.slice(1).sort());
    });

    for (const column of header.slice(1)) {
      test(`${column} agrees to 1e-9 from its first defined row`, () => {
        const index = header.indexOf(column);
        const wanted = values.map((row) => (row[index] ? Number(row[index]) : Number.NaN));
        const actual = values.map((row) => {
          return (
            computed.get(column)?.[rowOf.get(Number(row[0])) ?? -1] ?? Number.POSITIVE_INFINITY
          );
        });
        expect(wanted.filter((value) => !Number.isNaN(value)).length).toBeGreaterThan(500);
        expect(worstOf(wanted, actual)).toBeLessThan(1);
      });
    }
  });
}
