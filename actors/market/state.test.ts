import { describe, expect, test } from "bun:test";
import { catalog, type IndicatorInstance } from "./indicators/catalog.ts";
import { createIndicator } from "./indicators/registry.ts";
import { sampleCandles } from "./indicators/testing/sample-candles.ts";
import { CandleSeries } from "./series.ts";
import { restoreState, type SavedState, saveState } from "./state.ts";

const columns = sampleCandles({ seed: 5, candles: 700, startTicks: 50_000 });

function feed(
  target: Pick<IndicatorInstance, "update"> | Pick<CandleSeries, "push">,
  row: number,
): void {
  const candle = [
    columns.openedAt[row] as number,
    columns.open[row] as number,
    columns.high[row] as number,
    columns.low[row] as number,
    columns.close[row] as number,
    columns.volume[row] as number,
  ] as const;
  if ("update" in target) target.update(...candle);
  else target.push(...candle);
}

/** As a store would keep it: bytes, and nothing shared with the original. */
function stored({ key, values }: SavedState): SavedState {
  return { key, values: new Float64Array(values.slice().buffer) };
}

describe("saved in mid-stream and restored, it goes on bit for bit", () => {
  for (const name of [...Object.keys(catalog), "vwap:20"]) {
    // Before, during and after the first window, and off any multiple of it.
    for (const savedAfter of [0, 1, 13, 53, 333]) {
      test(`${name} after ${savedAfter} candles`, () => {
        const original = createIndicator(name);
        for (let row = 0; row < savedAfter; row++) feed(original, row);
        const restored = createIndicator(original.key);
        restoreState(restored.state, stored(saveState(original.state)));
        for (let row = savedAfter; row < columns.close.length; row++) {
          feed(original, row);
          feed(restored, row);
          const values = restored.lines.map((line) => line.read());
          expect(values).toEqual(original.lines.map((line) => line.read()));
        }
        const values = [...saveState(restored.state).values];
        expect(values).toEqual([...saveState(original.state).values]);
      });
    }
  }

  test("a series with its rings, frames and counts", () => {
    const options = { baseMs: 60_000, capacity: 50, fillLimit: 10 };
    const original = new CandleSeries(options);
    const restored = new CandleSeries(options);
    // Every seventh candle is missing, and once more than can be filled.
    const rows = Array.from(columns.close.keys()).filter((row) => row % 7 !== 0 && row % 90 > 12);
    for (const row of rows.slice(0, 317)) feed(original, row);
    restoreState(restored, stored(saveState(original)));
    for (const row of rows.slice(317)) {
      feed(original, row);
      feed(restored, row);
    }
    expect(restored).toEqual(original);
    expect(original.filled > 0 && original.unfilled > 0 && original.base.evicted > 0).toBe(true);
  });
});

describe("saved state", () => {
  test("keeps NaN and the sign of 0", () => {
    const holder = {
      key: "x",
      nothing: Number.NaN,
      zero: -0,
      list: Float64Array.of(Number.NaN, -0),
    };
    const other = { key: "x", nothing: 1, zero: 1, list: Float64Array.of(1, 1) };
    restoreState(other, stored(saveState(holder)));
    // As lists, for NaN in one typed array is not equal to NaN in another here.
    const plain = ({ nothing, zero, list }: typeof holder) => [nothing, zero, ...list];
    expect(plain(other)).toEqual(plain(holder));
  });

  test("is refused by another key", () => {
    const saved = saveState(createIndicator("ema:20").state);
    expect(() => restoreState(createIndicator("ema:50").state, saved)).toThrow(
      'Cannot restore state into "ema:50": it was saved from "ema:20"',
    );
  });

  test("is refused with another number of values", () => {
    const { key, values } = saveState(createIndicator("ema:20").state);
    const shorter = { key, values: values.slice(1) };
    expect(() => restoreState(createIndicator("ema:20").state, shorter)).toThrow(
      `Cannot restore state into "ema:20": it has ${values.length - 1} values, wanted ${values.length}`,
    );
  });

  test("cannot be taken of a field that is no number", () => {
    expect(() => saveState({ key: "x", callback: () => 1 } as { key: string })).toThrow(
      'Cannot save field "callback": it is a function',
    );
  });
});
