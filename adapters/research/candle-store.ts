/**
 * Candles on disk, keyed by venue, symbol and timeframe: a folder each, of gzipped CSV files, one
 * for each month (UTC), and an index. CSV, because any tool reads it, and `--candles` too; months,
 * because a fetch that goes on writes the last one anew and leaves the others. Files are named by
 * their content, and the index is replaced in one rename: whatever is cut off, the series is as it
 * was, or as it was to become.
 */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { fromSteps } from "../../machines/domain/decimal.ts";
import { timeframeMs } from "../../machines/domain/market.ts";
import {
  type CandleFile,
  CandleFileError,
  candleFileHeader,
  parseCandleFile,
  readCandleBytes,
} from "../market/mod.ts";
import { type SeriesKey, seriesName, seriesPath } from "./series-key.ts";
import { joinedSpans, type Span } from "./spans.ts";

const indexFile = "index.json";

const whole = z.number().int().min(0);
const monthSchema = z.strictObject({
  month: z.string().regex(/^\d{4}-\d\d$/),
  file: z.string().regex(/^\d{4}-\d\d\.[0-9a-f]{16}\.csv\.gz$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  candles: whole,
  first: whole,
  last: whole,
});
const indexSchema = z.strictObject({
  version: z.literal(1),
  venue: z.string(),
  symbol: z.string(),
  timeframe: z.string(),
  covered: z.array(z.tuple([whole, whole])),
  months: z.array(monthSchema),
});

/** What a series' index says. */
export type SeriesIndex = Readonly<z.infer<typeof indexSchema>>;
type StoredMonth = SeriesIndex["months"][number];

/** Rows of a series by open time, each as its line of CSV. */
export type CandleRows = ReadonlyMap<number, string>;

/** A file's candles as canonical rows: the same candle is the same text, wherever it came from. */
export function candleRows({ columns, tick }: Pick<CandleFile, "columns" | "tick">): CandleRows {
  const rows = new Map<number, string>();
  for (const [index, openedAt] of columns.openedAt.entries()) {
    const prices = [columns.open, columns.high, columns.low, columns.close].map((column) =>
      fromSteps(column[index] ?? 0, tick),
    );
    rows.set(openedAt, [openedAt, ...prices, columns.volume[index]].join(","));
  }
  return rows;
}

/** Something is wrong with a series as it lies on disk. */
function damaged(path: string, text: string): CandleFileError {
  const cure = `remove "${path}" and its series, and fetch or convert it anew`;
  return new CandleFileError(path, [{ line: null, text, cure }]);
}

const sha256 = (bytes: Uint8Array): string =>
  new Bun.CryptoHasher("sha256").update(bytes).digest("hex");

const monthOf = (openedAt: number): string => new Date(openedAt).toISOString().slice(0, 7);

/** A store of candles in a folder. */
export class CandleStore {
  constructor(readonly folder: string) {}

  /** Where a series lies. */
  pathOf(key: SeriesKey): string {
    return join(this.folder, seriesPath(key));
  }

  /** All series, by name. @throws {CandleFileError} for an index that cannot be read */
  async list(): Promise<SeriesIndex[]> {
    if (!existsSync(this.folder)) return [];
    const paths = [...new Bun.Glob(`*/*/*/${indexFile}`).scanSync(this.folder)].sort();
    return await Promise.all(paths.map((path) => readIndex(join(this.folder, path))));
  }

  /** What is known of a series; null of one that is not there. @throws {CandleFileError} */
  async index(key: SeriesKey): Promise<SeriesIndex | null> {
    const path = join(this.pathOf(key), indexFile);
    return existsSync(path) ? await readIndex(path) : null;
  }

  /**
   * Adds candles to a series, all of them or none, and notes the span that is known by them.
   *
   * @throws {CandleFileError} where the series has another candle at one of these times, or opens
   * its candles at other times, or is damaged, or was written by somebody else meanwhile
   */
  async add(key: SeriesKey, rows: CandleRows, covered: Span | null): Promise<void> {
    const before = await this.index(key);
    const folder = this.pathOf(key);
    refuseOffGrid(folder, { key, before, rows, covered });
    const months = new Map((before?.months ?? []).map((each) => [each.month, each]));
    const changed = new Map<string, CandleRows>();
    for (const [month, news] of Map.groupBy(rows, ([openedAt]) => monthOf(openedAt))) {
      const stored = months.get(month);
      const known = stored ? await this.#rows(key, stored) : new Map<number, string>();
      changed.set(month, merged(folder, known, news));
    }
    await mkdir(folder, { recursive: true });
    for (const [month, all] of changed) months.set(month, await writeMonth(folder, month, all));
    const spans = [...(before?.covered ?? []), ...(covered ? [covered] : [])];
    const { venue, symbol, timeframe } = key;
    const after: SeriesIndex = {
      ...{ version: 1, venue, symbol, timeframe },
      covered: joinedSpans(spans).map(([from, until]) => [from, until]),
      months: [...months.values()].sort((a, b) => (a.month < b.month ? -1 : 1)),
    };
    if (JSON.stringify(await this.index(key)) !== JSON.stringify(before)) {
      const text = "another process wrote it meanwhile, wanted one at a time";
      const cure = "wait until the other one is done and give the same command again";
      throw new CandleFileError(folder, [{ line: null, text, cure }]);
    }
    await writeWhole(join(folder, indexFile), `${JSON.stringify(after, null, 1)}\n`);
    const kept = new Set(after.months.map(({ file }) => file));
    for (const { file } of before?.months ?? []) {
      if (!kept.has(file)) rmSync(join(folder, file), { force: true });
    }
  }

  /**
   * A whole series in memory, its checksums and rows verified.
   *
   * @throws {CandleFileError} where it is not there or damaged
   */
  async read(key: SeriesKey): Promise<CandleFile> {
    const folder = this.pathOf(key);
    const index = await this.index(key);
    if (index === null || index.months.length === 0) {
      const text = `there is no series "${seriesName(key)}" in the store`;
      const cure = `fetch it ("novactor data fetch") or see what there is ("novactor data list")`;
      throw new CandleFileError(folder, [{ line: null, text, cure }]);
    }
    const lines = [candleFileHeader];
    for (const month of index.months) {
      for (const row of (await this.#rows(key, month)).values()) lines.push(row);
    }
    const { symbol, timeframe } = key;
    const bytes = new TextEncoder().encode(`${lines.join("\n")}\n`);
    return parseCandleFile({ path: folder, symbol, timeframe }, bytes);
  }

  /** One month's rows. @throws {CandleFileError} where they are not what the index says */
  async monthRows(key: SeriesKey, month: StoredMonth): Promise<CandleRows> {
    return await this.#rows(key, month);
  }

  /** Files of a series' folder that its index does not name: a write that was cut off left them. */
  leftovers(key: SeriesKey, { months }: SeriesIndex): string[] {
    const named = new Set([indexFile, ...months.map(({ file }) => file)]);
    return readdirSync(this.pathOf(key)).filter((file) => !named.has(file));
  }

  async #rows(key: SeriesKey, stored: StoredMonth): Promise<CandleRows> {
    const path = join(this.pathOf(key), stored.file);
    const packed = await readFile(path).catch((cause: Error) => {
      throw damaged(path, `wanted a readable file: ${cause.message}`);
    });
    const found = sha256(packed);
    if (found !== stored.sha256) {
      throw damaged(path, `its SHA-256 is ${found}, wanted ${stored.sha256}`);
    }
    const { symbol, timeframe } = key;
    const file = parseCandleFile({ path, symbol, timeframe }, await readCandleBytes(path));
    const rows = candleRows(file);
    if (rows.size !== stored.candles) {
      throw damaged(path, `it has ${rows.size} candles, wanted ${stored.candles}`);
    }
    return rows;
  }
}

async function readIndex(path: string): Promise<SeriesIndex> {
  const text = await readFile(path, "utf8");
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw damaged(path, "it is no JSON, wanted the index of a series");
  }
  const read = indexSchema.safeParse(content);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw damaged(path, `it is no index of a series: ${issue?.path.join(".")}: ${issue?.message}`);
}

/** The first candle's open of what a series has, which all its others keep step with. */
const firstOpen = (index: SeriesIndex | null): number | undefined => index?.months[0]?.first;

/** What of a series is out of step with its first candle: a month's first open, Unix milliseconds. */
export function shiftedMonths(index: SeriesIndex): StoredMonth[] {
  const anchor = firstOpen(index) ?? 0;
  const stepMs = timeframeMs(index.timeframe);
  return index.months.filter(({ first }) => (first - anchor) % stepMs !== 0);
}

/**
 * Holds candles and the span known by them to the times at which the series' candles open.
 *
 * @throws {CandleFileError} where one of them would open in between
 */
function refuseOffGrid(
  folder: string,
  added: {
    readonly key: SeriesKey;
    readonly before: SeriesIndex | null;
    readonly rows: CandleRows;
    readonly covered: Span | null;
  },
): void {
  const { key, before, rows, covered } = added;
  const stored = firstOpen(before) ?? before?.covered[0]?.[0];
  const anchor = stored ?? covered?.[0] ?? rows.keys().next().value;
  if (anchor === undefined) return;
  const stepMs = timeframeMs(key.timeframe);
  for (const at of [...rows.keys(), ...(covered ?? [])]) {
    if ((at - anchor) % stepMs === 0) continue;
    const what = stored === undefined ? "what is to be added" : `"${seriesName(key)}"`;
    const text =
      `${what} has candles that open at ${new Date(anchor).toISOString()} and every ` +
      `${key.timeframe} from there, and one that is to be added opens at ${new Date(at).toISOString()}`;
    const cure =
      "give candles that open at those times, or keep them in a series of their own " +
      '(another name after "--venue")';
    throw new CandleFileError(folder, [{ line: null, text, cure }]);
  }
}

/** @throws {CandleFileError} for a candle that is there already and is another one */
function merged(
  folder: string,
  known: CandleRows,
  news: Iterable<readonly [number, string]>,
): CandleRows {
  const all = new Map(known);
  for (const [openedAt, row] of news) {
    const other = all.get(openedAt);
    if (other !== undefined && other !== row) {
      const text = `it has "${other}", and what is to be added has "${row}"`;
      const cure = "keep the two in series of their own, or remove the one that is wrong";
      throw new CandleFileError(folder, [{ line: null, text, cure }]);
    }
    all.set(openedAt, row);
  }
  return new Map([...all].sort(([a], [b]) => a - b));
}

async function writeMonth(folder: string, month: string, rows: CandleRows): Promise<StoredMonth> {
  const packed = Bun.gzipSync(`${[candleFileHeader, ...rows.values()].join("\n")}\n`);
  const hash = sha256(packed);
  const file = `${month}.${hash.slice(0, 16)}.csv.gz`;
  await writeWhole(join(folder, file), packed);
  const times = [...rows.keys()];
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  return { month, file, sha256: hash, candles: rows.size, first, last };
}

/** Writes a file so that after any crash it is there whole, or as it was before. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  const file = await open(draft, "w");
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  const folder = await open(join(path, ".."), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
