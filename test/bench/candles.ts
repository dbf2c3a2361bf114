/** Candles a second through the whole desk: real machines, real ledger file, paper venue. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compose } from "../../adapters/cli/compose.ts";
import { runConfig } from "../../adapters/cli/run-config.ts";
import { openCandleFiles, usualGenerator } from "../../adapters/cli/sources.ts";
import { unpaced } from "../../adapters/clock/pace.ts";
import { generatedMarket } from "../../config/defaults.ts";
import type { BenchRow } from "./row.ts";

const month = join(import.meta.dir, "../../../shared/data/btc-usd-perp-1m-2022-01.csv.gz");

/** The month of BTC candles where it is at hand, else as many generated ones. */
export async function benchCandles(): Promise<BenchRow[]> {
  const isReal = existsSync(month);
  const { source } = isReal
    ? await openCandleFiles([{ path: month, symbol: "BTC/USD", timeframe: "1m" }])
    : usualGenerator(7);
  const folder = mkdtempSync(join(tmpdir(), "novactor-bench-"));
  try {
    let candles = 0;
    using parts = compose({
      config: runConfig(source, 7, "none"),
      source,
      ledgerFile: join(folder, "candles.db"),
      pace: () => unpaced(),
      until: isReal ? null : generatedMarket.startAt + 9_000 * 60_000,
      reached: () => {},
      onBar: () => {
        candles += 1;
      },
    });
    const started = performance.now();
    await parts.desk.start(() => parts.run.takeReports());
    await parts.run.run();
    const seconds = (performance.now() - started) / 1000;
    const { trades } = parts.desk.counts;
    const name = isReal ? "month of BTC candles" : "generated candles";
    return [
      {
        name: `${name}, ${trades} round trips, ledger on disk`,
        value: candles / seconds,
        unit: "candles a second",
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
