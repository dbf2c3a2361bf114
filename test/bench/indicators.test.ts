import { beforeAll, describe, expect, test } from "bun:test";
import { catalog } from "../../actors/market/indicators/catalog.ts";
import { benchIndicators } from "./indicators.ts";

const candles = 100_000;
/** Two pages, for what the engine itself may take; eight bytes a candle would be 49 of them. */
const pages = 2 * 16_384;

describe("nothing is allocated per candle after warm-up", () => {
  let growths: Record<string, number> = {};

  // In a process of its own: in a large one, what is free of the heap already hides what is taken.
  beforeAll(async () => {
    const script = new URL("allocation.ts", import.meta.url).pathname;
    const child = Bun.spawn([process.execPath, script, String(candles)], { stderr: "inherit" });
    const said = await new Response(child.stdout).text();
    expect(await child.exited).toBe(0);
    growths = (JSON.parse(said) as { growths: Record<string, number> }).growths;
  }, 120_000);

  test.each([...Object.keys(catalog), "vwap:20"])("%s", (name) => {
    expect(growths[name]).toBeLessThanOrEqual(pages);
  });

  test("an object a candle would be seen", () => {
    expect(growths["an object a candle"]).toBeGreaterThan(8 * candles);
  });
});

test("benchIndicators finds that all libraries compute the same, and measures each", () => {
  const rows = benchIndicators({ candles: 2_000 });
  expect(rows.filter(({ value }) => !Number.isFinite(value))).toEqual([]);
  expect(rows.slice(0, 8).map(({ name, unit }) => `${name}, ${unit}`)).toEqual([
    "seven indicators: ours, ns a candle",
    "seven indicators: ours, as plug-ins, ns a candle",
    "seven indicators: fast-technical-indicators, ns a candle",
    "seven indicators: trading-signals, ns a candle",
    "seven indicators: technicalindicators, ns a candle",
    "fastest library, times ours",
    "trading-signals, times ours",
    "technicalindicators, times ours",
  ]);
});
