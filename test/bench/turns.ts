/**
 * Durable turns against what the disk and SQLite alone can do: the turns of a real machine, each
 * journaled, chained and committed with its snapshots; then raw bun:sqlite inserts of the very
 * same bytes in the very same transactions, in one process, taking turns.
 */
import { Database } from "bun:sqlite";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EventObject } from "xstate";
import { machineKinds } from "../../actors/desk/mod.ts";
import { ActorSystem, VirtualClock } from "../../actors/runtime/mod.ts";
import { Ledger } from "../../adapters/store/ledger.ts";
import { actorName } from "../../machines/domain/ids.ts";
import type { BenchRow } from "./row.ts";

const breaker = actorName.breaker("dailyLoss/desk");
const rounds = 5;

// The machines of orders and reconcilers want these to exist; no turn here asks for one.
const effects = Object.fromEntries(
  ["submit", "amend", "cancel", "lookUp", "fetchFills", "readAccount"].map((name) => [
    name,
    () => Promise.reject(new Error(`Cannot do effect "${name}" in a benchmark of turns`)),
  ]),
);

function system(ledger: Ledger, groupLimit: number): ActorSystem {
  return new ActorSystem({
    kinds: machineKinds,
    rootInput: {
      feeds: [],
      scanners: [],
      accounts: [],
      reconcilers: [],
      breakers: [{ rule: "dailyLoss", scope: "desk", limit: "0.05", releasedBy: "the next day" }],
    },
    store: ledger,
    clock: new VirtualClock(1_700_000_000_000),
    effects,
    project: () => [],
    outside: () => [],
    onTurn: () => {},
    onCommit: () => {},
    admit: () => ({ correlation: null, act: () => {} }),
    complete: (_kind, input) => input,
    reached: () => {},
    groupLimit,
  });
}

/** Runs turns that move two actors each; returns the seconds that they took. */
function runTurns(path: string, turns: number, group: number): number {
  using ledger = new Ledger(path);
  const actors = system(ledger, group);
  actors.start();
  actors.commit();
  const started = performance.now();
  for (let index = 0; index < turns; index += 1) {
    const event =
      index % 2 === 0
        ? { type: "breaker.tripped", reason: `loss ${index}`, at: index }
        : { type: "breaker.probe" };
    actors.turn({ kind: "command", subject: breaker, payload: event }, () =>
      actors.send(breaker, event as EventObject),
    );
  }
  actors.commit();
  return (performance.now() - started) / 1000;
}

interface Bytes {
  readonly records: { content: string; hash: string }[];
  readonly actors: { name: string; snapshot: Uint8Array; timers: Uint8Array }[];
}

function bytesOf(path: string, turns: number): Bytes {
  using database = new Database(path, { readonly: true });
  const records = database
    .query("SELECT content, hash FROM journal ORDER BY seq DESC LIMIT ?")
    .all(turns) as Bytes["records"];
  const actors = database
    .query("SELECT name, snapshot, timers FROM actors WHERE name IN (?, 'desk')")
    .all(breaker) as Bytes["actors"];
  return { records: records.reverse(), actors };
}

/** Inserts the same bytes in the same transactions with nothing around them. */
function runRaw(path: string, { records, actors }: Bytes, group: number): number {
  using database = new Database(path, { create: true });
  database.run("PRAGMA journal_mode = WAL");
  database.run("PRAGMA synchronous = FULL");
  database.run("CREATE TABLE journal (seq INTEGER PRIMARY KEY, content TEXT, hash TEXT)");
  database.run("CREATE TABLE actors (name TEXT PRIMARY KEY, snapshot BLOB, timers BLOB)");
  const record = database.query("INSERT INTO journal VALUES (?, ?, ?)");
  const actor = database.query("INSERT OR REPLACE INTO actors VALUES (?, ?, ?)");
  const started = performance.now();
  for (let first = 0; first < records.length; first += group) {
    database.run("BEGIN IMMEDIATE");
    for (let seq = first; seq < Math.min(first + group, records.length); seq += 1) {
      const row = records[seq];
      if (row) record.run(seq, row.content, row.hash);
    }
    for (const { name, snapshot, timers } of actors) actor.run(name, snapshot, timers);
    database.run("COMMIT");
  }
  return (performance.now() - started) / 1000;
}

/** Rows for group sizes 1 and 64: turns a second, raw inserts a second, and their ratio. */
export function benchTurns(turns: number): BenchRow[] {
  const folder = mkdtempSync(join(tmpdir(), "novactor-bench-"));
  const rows: BenchRow[] = [];
  try {
    for (const group of [1, 64]) {
      let ours = Number.POSITIVE_INFINITY;
      let raw = Number.POSITIVE_INFINITY;
      for (let round = 0; round < rounds; round += 1) {
        const path = join(folder, `turns-${group}-${round}.db`);
        ours = Math.min(ours, runTurns(path, turns, group));
        const bytes = bytesOf(path, turns);
        raw = Math.min(raw, runRaw(join(folder, `raw-${group}-${round}.db`), bytes, group));
      }
      rows.push(
        { name: `durable turns, groups of ${group}`, value: turns / ours, unit: "a second" },
        { name: `raw inserts, groups of ${group}`, value: turns / raw, unit: "a second" },
        { name: `turns over raw, groups of ${group}`, value: raw / ours, unit: "ratio of rates" },
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return rows;
}
