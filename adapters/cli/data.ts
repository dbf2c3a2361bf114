import { type Command, Option } from "commander";
import { createIndicators, knownIndicators } from "../../actors/market/mod.ts";
import { defaultLedgerFile } from "../../config/defaults.ts";
import { readCandleFile } from "../market/mod.ts";
import { writeCsv } from "./csv-output.ts";
import { dataFeatures, type FeaturesOptions } from "./data-features.ts";
import { addStoreCommands } from "./data-store.ts";
import { exitCode } from "./exit-codes.ts";

interface IndicatorsOptions {
  readonly candles: string;
  readonly timeframe: string;
  readonly indicators: string;
  readonly out?: string;
}

/**
 * `novactor data indicators`: candles in, indicators out, as CSV of full precision. Rows are taken
 * as they stand, gaps not filled; prices are whole ticks inside, so that equal ones compare equal.
 */
async function dataIndicators(options: IndicatorsOptions): Promise<number> {
  const { candles, timeframe, indicators, out } = options;
  const instances = createIndicators(indicators);
  // The symbol names nothing in the output; the reader wants one.
  const file = await readCandleFile({ path: candles, symbol: "ANY/ANY", timeframe });
  const names = instances.flatMap(({ lines }) => lines.map(({ name }) => name));
  await writeCsv(out, ["timestamp_ms", ...names], indicatorRows(file, instances));
  return exitCode.ok;
}

type CandleFile = Awaited<ReturnType<typeof readCandleFile>>;

function* indicatorRows(
  { columns, tick }: CandleFile,
  instances: ReturnType<typeof createIndicators>,
): Iterable<readonly number[]> {
  const lines = instances.flatMap(({ lines }) => lines);
  const price = Number(tick);
  for (let row = 0; row < columns.openedAt.length; row += 1) {
    const at = columns.openedAt[row] ?? 0;
    for (const instance of instances) {
      instance.update(
        at,
        columns.open[row] ?? Number.NaN,
        columns.high[row] ?? Number.NaN,
        columns.low[row] ?? Number.NaN,
        columns.close[row] ?? Number.NaN,
        columns.volume[row] ?? Number.NaN,
      );
    }
    const values = lines.map(({ scale, read }) => (scale === "price" ? read() * price : read()));
    yield [at, ...values];
  }
}

/** Adds `data` and its commands to the command line. */
export function registerDataCommands(program: Command): void {
  const data = program.command("data").description("market data and what is computed from it");
  addStoreCommands(data);
  data
    .command("indicators")
    .description("indicators of a candle file, as CSV")
    .requiredOption("--candles <file>", "CSV of candles, plain or gzip")
    .requiredOption("--timeframe <time>", "what its candles span, such as 5m")
    .requiredOption("--indicators <list>", "such as ema:20,rsi:14,bollinger:20:2")
    .option("--out <file>", "where to write; the terminal unless told")
    .addHelpText("after", `\nIndicators: ${knownIndicators.map(({ usage }) => usage).join(" ")}`)
    .action(async (options: IndicatorsOptions) => {
      process.exitCode = await dataIndicators(options);
    });
  data
    .command("features")
    .description("what the strategies saw at evaluations where timeframes agreed, as CSV")
    .addOption(
      new Option("--db <file>", "the ledger").default(defaultLedgerFile).env("NOVACTOR_DB"),
    )
    .option("--out <file>", "where to write; the terminal unless told")
    .action(async (options: FeaturesOptions) => {
      process.exitCode = await dataFeatures(options);
    });
}
