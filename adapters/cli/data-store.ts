import { type Command, Option } from "commander";
import { timeframeMs } from "../../machines/domain/market.ts";
import { type CandleFile, CandleFileError, readCandleFile } from "../market/mod.ts";
import {
  CandleStore,
  candleRows,
  type SeriesIndex,
  shiftedMonths,
  writeWhole,
} from "../research/candle-store.ts";
import { readSeriesName, type SeriesKey, seriesName } from "../research/series-key.ts";
import type { Span } from "../research/spans.ts";
import { dataFetch, type FetchOptions } from "./data-fetch.ts";
import { gapLines, gapsIn } from "./data-gaps.ts";
import { CommandError, exitCode } from "./exit-codes.ts";
import { fileRequests } from "./sources.ts";
import { minuteText, readTime } from "./times.ts";

const defaultStore = "data/candles";

/** Where candles are kept, as a running desk knows it. */
export function candleFolder(): string {
  return process.env.NOVACTOR_CANDLES ?? defaultStore;
}

/** Where candles are kept. */
export function storeOption(): Option {
  return new Option("--store <folder>", "where candles are kept")
    .default(defaultStore)
    .env("NOVACTOR_CANDLES");
}

interface FileFlags {
  readonly candles: readonly string[];
  readonly symbol: readonly string[];
  readonly timeframe: readonly string[];
}

interface ConvertOptions extends FileFlags {
  readonly store: string;
  readonly venue?: string;
  readonly data?: string;
  readonly out?: string;
}

const countOf = ({ months }: SeriesIndex): number =>
  months.reduce((sum, { candles }) => sum + candles, 0);

/** `novactor data list`: the store's series, what they hold, what is missing in them. */
async function dataList(folder: string, asJson: boolean): Promise<number> {
  const store = new CandleStore(folder);
  const series = await store.list();
  const rows = series.map((each) => {
    const stepMs = timeframeMs(each.timeframe);
    const expected = each.covered.reduce((sum, [from, until]) => sum + (until - from) / stepMs, 0);
    const [first = null, last = null] = [each.months[0]?.first, each.months.at(-1)?.last];
    const candles = countOf(each);
    return { series: seriesName(each), candles, first, last, missing: expected - candles };
  });
  if (asJson) console.log(JSON.stringify(rows));
  else if (rows.length === 0)
    console.log(`no candles in "${folder}": "novactor data fetch" gets some`);
  else {
    for (const { series: name, candles, first, last, missing } of rows) {
      const span =
        first === null || last === null ? "" : `${minuteText(first)} to ${minuteText(last)}`;
      const gaps = missing > 0 ? `, ${missing.toLocaleString("en-US")} missing` : "";
      console.log(
        `${name.padEnd(28)} ${candles.toLocaleString("en-US").padStart(10)} candles  ${span}${gaps}`,
      );
    }
  }
  return exitCode.ok;
}

/** What is wrong with a stored series, its months by themselves and together, and its gaps. */
async function checkSeries(store: CandleStore, index: SeriesIndex) {
  const problems: string[] = [];
  const times: number[] = [];
  for (const month of index.months) {
    try {
      for (const openedAt of (await store.monthRows(index, month)).keys()) times.push(openedAt);
    } catch (error) {
      if (!(error instanceof CandleFileError)) throw error;
      problems.push(error.message);
    }
  }
  for (const { month, file, first } of shiftedMonths(index)) {
    const start = index.months[0]?.first ?? 0;
    const [anchor, found] = [start, first].map((at) => new Date(at).toISOString());
    problems.push(
      `The candles of ${month} ("${file}") open at ${found}, wanted ${anchor} and every ` +
        `${index.timeframe} from there\nTo cure it, remove "${store.pathOf(index)}" and fetch or ` +
        "convert the series anew",
    );
  }
  const stepMs = timeframeMs(index.timeframe);
  const gaps = index.covered.flatMap((span) => gapsIn(times, span, stepMs));
  const notes = store
    .leftovers(index, index)
    .map((file) => `  "${file}" was left by a write that was cut off: it may be removed`);
  return { problems, notes: [...gapLines(problems.length > 0 ? [] : gaps, stepMs), ...notes] };
}

/** What was tolerated in a file, in words: its gaps, and the rows left out of it. */
function fileNotes({ columns: { openedAt }, timeframeMs: stepMs, report }: CandleFile): string[] {
  const span: Span = [openedAt[0] ?? 0, (openedAt.at(-1) ?? 0) + stepMs];
  const notes = gapLines(gapsIn(openedAt, span, stepMs), stepMs);
  const { duplicates } = report;
  if (duplicates.length === 0) return notes;
  return [
    ...notes,
    `  ${duplicates.length} exact duplicates left out, the first in line ${duplicates[0]}`,
  ];
}

/** `novactor data check`: every checksum and row of the store, or of files. */
async function dataCheck(
  names: readonly string[],
  { store: folder, ...files }: FileFlags & { readonly store: string },
): Promise<number> {
  let failed = 0;
  const tell = (
    name: string,
    candles: number,
    problems: readonly string[],
    notes: readonly string[],
  ) => {
    failed += problems.length;
    console.log(
      `${name}: ${problems.length > 0 ? "damaged" : "sound"}, ${candles.toLocaleString("en-US")} candles`,
    );
    for (const note of notes) console.log(note);
    for (const problem of problems) console.error(problem);
  };
  if (files.candles.length > 0) {
    for (const request of fileRequests(files.candles, files.symbol, files.timeframe)) {
      try {
        const file = await readCandleFile(request);
        tell(request.path, file.report.candles, [], fileNotes(file));
      } catch (error) {
        if (!(error instanceof CandleFileError)) throw error;
        tell(request.path, 0, [error.message], []);
      }
    }
    return failed > 0 ? exitCode.badData : exitCode.ok;
  }
  const store = new CandleStore(folder);
  const series =
    names.length > 0
      ? await Promise.all(names.map((name) => known(store, name)))
      : await store.list();
  for (const index of series) {
    const { problems, notes } = await checkSeries(store, index);
    tell(seriesName(index), countOf(index), problems, notes);
  }
  return failed > 0 ? exitCode.badData : exitCode.ok;
}

async function known(store: CandleStore, name: string): Promise<SeriesIndex> {
  const index = await store.index(readSeriesName(name));
  if (index) return index;
  throw new CommandError(
    `Cannot check series "${name}": it is not in "${store.folder}"`,
    exitCode.usage,
  );
}

/** `novactor data convert`: a file into the store, the store into a file, a file into a file. */
async function dataConvert(options: ConvertOptions): Promise<number> {
  const { data, out, venue } = options;
  const store = new CandleStore(options.store);
  if (data !== undefined) {
    if (options.candles.length > 0 || venue !== undefined || out === undefined) throw unclear();
    const file = await store.read(readSeriesName(data));
    await writeFile(out, candleRows(file).values());
    for (const note of fileNotes(file)) console.log(note);
    return exitCode.ok;
  }
  const requests = fileRequests(options.candles, options.symbol, options.timeframe);
  const [request] = requests;
  if (!request || requests.length > 1 || (venue === undefined) === (out === undefined))
    throw unclear();
  const file = await readCandleFile(request);
  const rows = candleRows(file);
  if (out !== undefined) await writeFile(out, rows.values());
  else {
    const key: SeriesKey = readSeriesName(`${venue}/${request.symbol}/${request.timeframe}`);
    const { openedAt } = file.columns;
    const [first = 0, last = 0] = [openedAt[0], openedAt.at(-1)];
    await store.add(key, rows, [first, last + file.timeframeMs]);
    console.log(
      `${seriesName(key)}: ${rows.size.toLocaleString("en-US")} candles taken, in ${store.pathOf(key)}`,
    );
  }
  for (const note of fileNotes(file)) console.log(note);
  return exitCode.ok;
}

function unclear(): CommandError {
  return new CommandError(
    'Cannot convert: wanted one source ("--candles FILE --symbol S --timeframe T" or ' +
      '"--data venue/symbol/timeframe") and one target ("--out FILE", or "--venue V" for the store)',
    exitCode.usage,
  );
}

/** Gzipped where its name says so. */
async function writeFile(path: string, rows: Iterable<string>): Promise<void> {
  const text = `timestamp_ms,open,high,low,close,volume\n${[...rows].join("\n")}\n`;
  await writeWhole(path, path.endsWith(".gz") ? Bun.gzipSync(text) : text).catch((cause: Error) => {
    throw new CommandError(`Cannot write "${path}": ${cause.message}`, exitCode.usage, { cause });
  });
}

const collect = (value: string, all: readonly string[]): string[] => [...all, value];

function withFiles(command: Command): Command {
  return command
    .option("--candles <file>", "CSV of candles, plain or gzip", collect, [])
    .option("--symbol <symbol>", "what the file holds, such as BTC/USD", collect, [])
    .option("--timeframe <time>", "what its candles span, such as 1m", collect, [])
    .addOption(storeOption());
}

/** Adds `data fetch|list|check|convert` to the command line. */
export function addStoreCommands(data: Command): void {
  data
    .command("fetch")
    .description("candles of a venue into the store; the same command goes on where it was")
    .requiredOption("--venue <name>", "whose candles: any that ccxt has, such as kraken, bitstamp")
    .requiredOption("--symbol <symbol>", "such as BTC/USD")
    .requiredOption("--timeframe <time>", "what a candle spans, such as 1m")
    .requiredOption("--since <time>", "the first candle's open, such as 2022-01-01", readTime)
    .option("--until <time>", "before which candles open; now unless told", readTime)
    .option("--rest <url>", "where the venue's REST is, if not at its own address")
    .addOption(storeOption())
    .action(async (options: FetchOptions) => {
      process.exitCode = await dataFetch(options);
    });
  data
    .command("list")
    .description("the stored series, what they hold and what is missing in them")
    .option("--json", "as JSON", false)
    .addOption(storeOption())
    .action(async ({ store, json }: { store: string; json: boolean }) => {
      process.exitCode = await dataList(store, json);
    });
  withFiles(data.command("check [series...]"))
    .description("checksums, rows and gaps of stored series, or of files; exits with 6 on damage")
    .action(async (names: string[], options: FileFlags & { store: string }) => {
      process.exitCode = await dataCheck(names, options);
    });
  withFiles(data.command("convert"))
    .description("a file into the store, a stored series into a file, a file into another")
    .option("--venue <name>", "into the store, under this venue's name")
    .option("--data <series>", "a stored series, such as kraken/BTC/USD/1m")
    .option("--out <file>", "into a file of CSV; gzipped if its name ends with .gz")
    .action(async (options: ConvertOptions) => {
      process.exitCode = await dataConvert(options);
    });
}
