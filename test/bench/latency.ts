/**
 * From a market message on a socket to a signed order on another one, with the durable intent in
 * between; the same with ccxt alone; and what this machine takes to flush anything at all. All on
 * loopback, each venue in a thread of its own, one order at a time, the three taking turns.
 */
import { Database } from "bun:sqlite";
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LatencyCcxt } from "./latency-ccxt.ts";
import { LatencyDesk } from "./latency-desk.ts";
import { LatencyVenue } from "./latency-venue.ts";
import type { BenchRow } from "./row.ts";

export interface LatencyOptions {
  /** Orders that count; fewer where the time runs out. */
  readonly orders: number;
  /** Orders before those, for code to be compiled and connections to be open. */
  readonly warmUp: number;
  readonly mostMs: number;
}

/** What of an order is made durable may take as many of the machine's own flushes. */
const flushes = { most: 4 } as const;

/** All in milliseconds, one a round. */
interface Samples {
  readonly desk: number[];
  readonly alone: number[];
  readonly decide: number[];
  readonly durable: number[];
  readonly pages: number[];
  readonly commits: number[];
}

/** The least that the machine can make durable: a page of a file, and a row of SQLite. */
class Flush implements Disposable {
  private readonly folder = mkdtempSync(join(tmpdir(), "novactor-bench-"));
  private readonly file = openSync(join(this.folder, "pages"), "a");
  private readonly database = new Database(join(this.folder, "rows.db"), { create: true });
  private readonly bytes = Buffer.alloc(4_096, 1);
  private readonly insert;

  constructor() {
    this.database.run("PRAGMA journal_mode = WAL");
    this.database.run("PRAGMA synchronous = FULL");
    this.database.run("CREATE TABLE rows (value INTEGER)");
    this.insert = this.database.query("INSERT INTO rows VALUES (1)");
  }

  /** Milliseconds of each; which of them goes first changes with the round. */
  both(round: number): { readonly page: number; readonly commit: number } {
    if (round % 4 < 2) return { page: this.page(), commit: this.commit() };
    const commit = this.commit();
    return { page: this.page(), commit };
  }

  private page(): number {
    return timed(() => {
      writeSync(this.file, this.bytes);
      fdatasyncSync(this.file);
    });
  }

  private commit(): number {
    return timed(() => this.insert.run());
  }

  [Symbol.dispose](): void {
    closeSync(this.file);
    this.database.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function timed(run: () => void): number {
  const started = performance.now();
  run();
  return performance.now() - started;
}

/** Rows: the way of an order with the desk and without, its durable part, and their ratios. */
export async function benchLatency(options: LatencyOptions): Promise<BenchRow[]> {
  const samples = await measure(options);
  const { desk, alone, decide, durable, pages, commits } = samples;
  return [
    { name: `orders, after ${options.warmUp} to warm up`, value: desk.length, unit: "measured" },
    ...spread("market message to signed order on the socket, desk", desk),
    ...spread("the same message and order, ccxt alone", alone),
    ...ratios("desk over ccxt alone", desk, alone),
    ...spread("the desk's decision, from the print heard to the turn recorded", decide),
    ...spread("the desk's durable part, from decision to let go", durable),
    ...spread("a page appended and flushed", pages),
    ...spread("SQLite's least commit, synchronous FULL", commits),
    ...ratios("durable part over a page's flush", durable, pages, flushes),
    ...ratios("durable part over SQLite's least commit", durable, commits, flushes),
  ];
}

async function measure({ orders, warmUp, mostMs }: LatencyOptions): Promise<Samples> {
  await using deskVenue = await LatencyVenue.start();
  await using ccxtVenue = await LatencyVenue.start();
  await using desk = await LatencyDesk.start(deskVenue);
  await desk.ready();
  const first = new URLSearchParams((await desk.order()).arrived.body);
  const terms = { quantity: first.get("volume") ?? "", price: first.get("price") ?? "" };
  await using alone = await LatencyCcxt.start(ccxtVenue, terms);
  using flush = new Flush();
  const samples: Samples = { desk: [], alone: [], decide: [], durable: [], pages: [], commits: [] };
  const until = performance.now() + mostMs;
  for (let round = -warmUp; round < orders && performance.now() < until; round += 1) {
    await desk.ready();
    // Before the orders and after them in turn: a disk that was used just now is quicker.
    const before = round % 2 === 0 ? flush.both(round) : null;
    const sample = await desk.order();
    const { page, commit } = before ?? flush.both(round);
    const plain = await alone.next();
    for (const { isSigned } of [sample.arrived, plain]) {
      if (!isSigned) throw new Error("Cannot measure: an order's signature is not the venue's");
    }
    if (round < 0) continue;
    samples.desk.push(sample.tookMs);
    samples.decide.push(sample.decideMs);
    samples.durable.push(sample.durableMs);
    samples.alone.push(plain.tookNs / 1e6);
    samples.pages.push(page);
    samples.commits.push(commit);
  }
  return samples;
}

const shares = [
  ["p50", 0.5],
  ["p99", 0.99],
  ["p99.9", 0.999],
] as const;

function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

function spread(name: string, samples: readonly number[]): BenchRow[] {
  return shares.map(([word, share]) => ({
    ...{ name: `${name}, ${word}`, value: quantile(samples, share), unit: "ms" },
  }));
}

function ratios(
  name: string,
  above: readonly number[],
  below: readonly number[],
  bar: Pick<BenchRow, "most"> = {},
): BenchRow[] {
  return shares.map(([word, share]) => {
    const value = quantile(above, share) / quantile(below, share);
    return { name: `${name}, ${word}`, value, unit: "ratio of times", ...bar };
  });
}
