import { once } from "node:events";
import { createWriteStream } from "node:fs";
import type { Writable } from "node:stream";
import type { Command } from "commander";
import { createIndicators, knownIndicators } from "../../actors/market/mod.ts";
import { readCandleFile } from "../market/mod.ts";
import { CommandError, exitCode } from "./exit-codes.ts";

interface IndicatorsOptions {
  readonly candles: string;
  readonly timeframe: string;
  readonly indicators: string;
  readonly out?: string;
}

/** Rows that are handed to the stream at once. */
const rowsAtOnce = 1_000;

/**
 * `novactor data indicators`: candles in, indicators out, as CSV of full precision. Rows are taken
 * as they stand, gaps not filled; prices are whole ticks inside, so that equal ones compare equal.
 */
async function dataIndicators(options: IndicatorsOptions): Promise<number> {
  const { candles, timeframe, indicators, out } = options;
  const instances = createIndicators(indicators);
  // The symbol names nothing in the output; the reader wants one.
  const { columns, tick } = await readCandleFile({ path: candles, symbol: "ANY/ANY", timeframe });
  const lines = instances.flatMap(({ lines }) => lines);
  const sink: Writable = out === undefined ? process.stdout : createWriteStream(out);
  const opened = out === undefined ? Promise.resolve() : once(sink, "open");
  await opened.catch((cause: Error) => {
    throw new CommandError(`Cannot write "${out}": ${cause.message}`, exitCode.usage, { cause });
  });
  sink.write(`${["timestamp_ms", ...lines.map(({ name }) => name)].join(",")}\n`);
  const price = Number(tick);
  let text = "";
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
    const values = lines.map(({ scale, read }) => {
      const value = scale === "price" ? read() * price : read();
      return Number.isNaN(value) ? "" : String(value);
    });
    text += `${[at, ...values].join(",")}\n`;
    if ((row + 1) % rowsAtOnce === 0) {
      if (!sink.write(text)) await once(sink, "drain");
      text = "";
    }
  }
  sink.write(text);
  if (out !== undefined) {
    sink.end();
    await once(sink, "finish");
  }
  return exitCode.ok;
}

/** Adds `data indicators` to the command line. */
export function registerDataCommands(program: Command): void {
  program
    .command("data")
    .description("market data and what is computed from it")
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
}
