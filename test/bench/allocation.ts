/** Prints by how many bytes the heap grows while each indicator hears candles: in a process of its own. */
import { catalog } from "../../actors/market/indicators/catalog.ts";
import { createIndicator } from "../../actors/market/indicators/registry.ts";
import { sampleCandles } from "../../actors/market/indicators/testing/sample-candles.ts";
import { heapGrowth } from "./indicators.ts";

const candles = Number(process.argv[2]);
const { openedAt, open, high, low, close, volume } = sampleCandles({ seed: 8, candles });
const growths: Record<string, number> = {};

let kept: object = {};
growths["an object a candle"] = heapGrowth(candles, (row) => {
  kept = { row };
});
for (const name of [...Object.keys(catalog), "vwap:20"]) {
  const indicator = createIndicator(name);
  growths[name] = heapGrowth(candles, (row) => {
    indicator.update(
      openedAt[row] as number,
      open[row] as number,
      high[row] as number,
      low[row] as number,
      close[row] as number,
      volume[row] as number,
    );
  });
}
process.stdout.write(JSON.stringify({ growths, kept }));
