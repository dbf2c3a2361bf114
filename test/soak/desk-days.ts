/** A desk that is run through generated days at full speed, and looked at after each of them. */

import { heapStats } from "bun:jsc";
import { Database } from "bun:sqlite";
import { verifyChain } from "../../actors/runtime/mod.ts";
import { type Composition, compose } from "../../adapters/cli/compose.ts";
import { type FaultLevel, runConfig } from "../../adapters/cli/run-config.ts";
import { unpaced } from "../../adapters/clock/pace.ts";
import { generatorSource } from "../../adapters/market/mod.ts";
import type { StoreStats } from "../../adapters/store/stats.ts";
import { rowPrefix } from "../../adapters/venues/matching/rows.ts";
import { decimal } from "../../machines/domain/decimal.ts";
import { collectionSizes } from "./collections.ts";

export interface SoakOptions {
  readonly days: number;
  readonly symbols: number;
  readonly seed: number;
  readonly ledgerFile: string;
  readonly faults: FaultLevel;
  /** Records that stay in the journal; older segments are archived meanwhile. */
  readonly keepRecords: number;
  /** Ended orders and trades that the paper venue remembers. */
  readonly venueMemory: number;
  /** Orders and trades, each, whose rows the paper venue keeps. */
  readonly venueRecord: number;
  readonly onDay: (sample: DaySample) => void;
}

/** What was seen at the end of a day, everything committed and collected. */
export interface DaySample {
  /** From 1. */
  readonly day: number;
  readonly rssBytes: number;
  /** Live JavaScript objects, after a full collection. */
  readonly heapBytes: number;
  readonly candlesPerSecond: number;
  readonly store: StoreStats;
  /** Bytes of each table in the file, its indexes included. */
  readonly tableBytes: Readonly<Record<string, number>>;
  readonly queues: QueueDepths;
  readonly collections: ReadonlyMap<string, number>;
  readonly objectTypes: Readonly<Record<string, number>>;
}

export interface QueueDepths {
  /** Reports of the venue that nobody took yet. */
  readonly outbox: number;
  /** Effects that are wanted and not done. */
  readonly effects: number;
  readonly timers: number;
  readonly liveActors: number;
  /** Finished actors that wait to be archived. */
  readonly archivedPending: number;
  /** Rows that the paper venue keeps of itself. */
  readonly venueRows: number;
}

const dayMs = 86_400_000;
const startAt = Date.UTC(2026, 0, 1);

/** Simulated minutes between two looks whether a segment can be archived. */
const tidyEveryMinutes = 120;

/** Runs all days, with a look at the end of each. */
export async function soak(options: SoakOptions): Promise<void> {
  const { days, symbols, seed, ledgerFile, faults, venueMemory, venueRecord, keepRecords, onDay } =
    options;
  const source = generatorSource({
    seed,
    symbols: Array.from({ length: symbols }, (_, index) => ({
      symbol: `C${String(index + 1).padStart(3, "0")}/USD`,
      startPrice: decimal(10 * (index + 1)),
      tick: decimal("0.01"),
    })),
    timeframeMs: 60_000,
    startAt,
  });
  const config = runConfig(source, seed, faults);
  const matching = {
    ...config.matching,
    memoryLimit: venueMemory,
    recordLimit: venueRecord,
  };
  const archive = { keepRecords, verify: verifyChain };
  let sampled = 0;
  let dayBegan = performance.now();
  let candles = 0;
  using parts = compose({
    config: { ...config, matching },
    source,
    ledgerFile,
    pace: () => unpaced(),
    until: startAt + days * dayMs,
    reached: () => {},
    onBar([decision]) {
      const at = decision?.at ?? 0;
      candles += 1;
      // One segment at a time, as beside a running desk; a day's records are a few segments.
      if (candles % (tidyEveryMinutes * symbols) === 0) parts.ledger.archiveOldest(archive);
      const day = Math.floor((at - startAt) / dayMs);
      if (day === sampled) return;
      sampled = day;
      const seconds = (performance.now() - dayBegan) / 1000;
      onDay(look(parts, options, day, candles / seconds));
      candles = 0;
      dayBegan = performance.now();
    },
  });
  try {
    await parts.desk.start(() => parts.run.takeReports());
    await parts.run.run();
  } finally {
    parts.desk.stop();
  }
}

function look(
  parts: Composition,
  { ledgerFile }: SoakOptions,
  day: number,
  candlesPerSecond: number,
): DaySample {
  const { desk, run, reader, ledger } = parts;
  desk.commit();
  // Twice: what the first one finalizes, the second one frees.
  Bun.gc(true);
  Bun.gc(true);
  const { heapSize, objectTypeCounts } = heapStats();
  const { rss } = process.memoryUsage();
  ledger.pruneActors();
  const collections = collectionSizes({ desk, run, ledger, reader });
  return {
    day,
    rssBytes: rss,
    heapBytes: heapSize,
    candlesPerSecond,
    store: reader.stats(),
    tableBytes: tableBytes(ledgerFile),
    queues: queueDepths(parts, ledgerFile, collections),
    collections,
    objectTypes: { ...objectTypeCounts },
  };
}

function queueDepths(
  { reader }: Composition,
  ledgerFile: string,
  collections: ReadonlyMap<string, number>,
): QueueDepths {
  const actors = reader.actors();
  // Counted, not read: thousands of rows decoded here would show in the memory that is measured.
  using database = new Database(ledgerFile, { readonly: true });
  const count = (prefix: string): number =>
    database
      .query<{ count: number }, [string]>(
        "SELECT count(*) AS count FROM state WHERE space LIKE 'venue/%' AND key GLOB ? || '*'",
      )
      .get(prefix)?.count ?? 0;
  return {
    outbox: count(rowPrefix.outbox),
    effects: sizeOf(collections, ".effects.wanted"),
    timers: actors.reduce((sum, { timers }) => sum + timers.length, 0),
    liveActors: actors.length,
    archivedPending: sizeOf(collections, ".finished"),
    venueRows: count(""),
  };
}

/** The size of the one collection whose path ends so. @throws {RangeError} if there is none */
export function sizeOf(collections: ReadonlyMap<string, number>, end: string): number {
  for (const [path, size] of collections) if (path.endsWith(end)) return size;
  throw new RangeError(`Cannot find a collection whose path ends with "${end}"`);
}

function tableBytes(ledgerFile: string): Record<string, number> {
  using database = new Database(ledgerFile, { readonly: true });
  const rows = database
    .query<{ name: string; bytes: number }, []>(
      "SELECT tbl_name AS name, sum(pgsize) AS bytes FROM dbstat" +
        " JOIN sqlite_schema USING (name) GROUP BY tbl_name ORDER BY tbl_name",
    )
    .all();
  return Object.fromEntries(rows.map(({ name, bytes }) => [name, bytes]));
}
