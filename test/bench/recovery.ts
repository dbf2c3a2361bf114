/**
 * Recovery: ten thousand live orders, each with its position, over a million journal records; the
 * time to have them live again from the file, against the least that it could take: decoding the
 * same rows from memory and starting the same actors with nothing around them.
 */
import { Database } from "bun:sqlite";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Unpackr } from "msgpackr";
import { createActor } from "xstate";
import { machineKinds } from "../../actors/desk/mod.ts";
import { journalRecord } from "../../actors/runtime/journal.ts";
import { ActorSystem, genesis, VirtualClock } from "../../actors/runtime/mod.ts";
import type { JournalRecord, StoredActor } from "../../actors/runtime/ports.ts";
import { compose } from "../../adapters/cli/compose.ts";
import { runConfig } from "../../adapters/cli/run-config.ts";
import { usualGenerator } from "../../adapters/cli/sources.ts";
import { unpaced } from "../../adapters/clock/pace.ts";
import { Ledger } from "../../adapters/store/ledger.ts";
import { generatedMarket } from "../../config/defaults.ts";
import type { BenchRow } from "./row.ts";

const idleHandler = () => Promise.reject(new Error("Cannot do an effect in a benchmark"));

function system(store: Ledger): ActorSystem {
  return new ActorSystem({
    kinds: machineKinds,
    rootInput: null,
    store,
    clock: new VirtualClock(generatedMarket.startAt + 1e10),
    effects: Object.fromEntries(
      ["submit", "amend", "cancel", "lookUp", "fetchFills", "readAccount"].map((name) => [
        name,
        idleHandler,
      ]),
    ),
    project: () => [],
    outside: () => [],
    onTurn: () => {},
    onCommit: () => {},
    admit: () => ({ correlation: null, act: () => {} }),
    complete: (_kind, input) => input,
    reached: () => {},
    groupLimit: 512,
  });
}

/** A desk that traded until a position was open under its resting stop: the pattern to multiply. */
async function openPosition(folder: string): Promise<readonly StoredActor[]> {
  const { source } = usualGenerator(1);
  const path = join(folder, "pattern.db");
  let protectedAt = false;
  using parts = compose({
    config: runConfig(source, 1, "none"),
    source,
    ledgerFile: path,
    pace: () => unpaced(),
    until: null,
    reached: () => {},
    onBar: () => {
      for (const [, snapshot] of parts.desk.actors()) {
        if (snapshot.hasTag("protected")) protectedAt = true;
      }
      if (protectedAt) parts.run.stop();
    },
  });
  await parts.desk.start(() => parts.run.takeReports());
  await parts.run.run();
  return parts.reader.actors();
}

/** The same actor under another number: names and ids change, the rest stays. */
function renumbered(actor: StoredActor, positionId: string, number: number): StoredActor {
  const other = positionId.replace(/\d+$/, String(number));
  return JSON.parse(JSON.stringify(actor).replaceAll(positionId, other)) as StoredActor;
}

function fill(ledger: Ledger, actors: readonly StoredActor[], records: number): void {
  let head = genesis;
  const group = 2_000;
  for (let first = 0; first < records; first += group) {
    const batch: JournalRecord[] = [];
    for (let index = first; index < Math.min(first + group, records); index += 1) {
      const fields = {
        at: index,
        kind: "command",
        subject: "bench",
        code: null,
        correlation: null,
      };
      const record = journalRecord(head, { ...fields, input: { index } });
      batch.push(record);
      head = { seq: record.seq, hash: record.hash };
    }
    const from = Math.floor((first / records) * actors.length);
    const to = Math.floor(((first + group) / records) * actors.length);
    ledger.commit({
      records: batch,
      actors: actors.slice(from, to),
      archived: [],
      revived: [],
      ledger: [],
      state: [],
    });
  }
}

interface Row {
  readonly name: string;
  readonly kind: string;
  readonly snapshot: Uint8Array;
  readonly timers: Uint8Array;
}

/** Decodes rows that are in memory and starts their actors, with no runtime around them. */
function startBare(rows: readonly Row[], structures: object[]): number {
  const started = performance.now();
  const unpackr = new Unpackr({ moreTypes: true, getStructures: () => structures });
  const children: Record<string, object> = {};
  let root: object = {};
  for (const { name, kind, snapshot, timers } of rows) {
    const decoded = unpackr.unpack(snapshot) as object;
    unpackr.unpack(timers);
    if (name === "desk") root = decoded;
    else children[name] = { snapshot: decoded, src: kind, syncSnapshot: false };
  }
  const { desk, ...others } = machineKinds;
  const actors = Object.fromEntries(
    Object.entries(others).map(([kind, { machine }]) => [kind, machine]),
  );
  const machine = desk.machine.provide({ actors } as never);
  const snapshot = { ...root, children };
  createActor(machine, { id: "desk", snapshot: snapshot as never }).start();
  return performance.now() - started;
}

/** Rows: time, ratio to the bare start (at most 3), and memory for each order. */
export async function benchRecovery(orders: number, records: number): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), "novactor-bench-"));
  try {
    const pattern = await openPosition(folder);
    const position = pattern.find(({ name }) => name.startsWith("position:"));
    const stop = pattern.find(({ name }) => /^order:.*\/stop-\d+$/.test(name));
    if (!position || !stop) throw new Error("Cannot find an open position to multiply");
    const positionId = position.name.slice("position:".length);
    const fixed = pattern.filter(({ kind }) => kind !== "position" && kind !== "order");
    const many = Array.from({ length: orders }, (_, index) => [
      renumbered(position, positionId, index + 1_000),
      renumbered(stop, positionId, index + 1_000),
    ]).flat();
    const path = join(folder, "recovery.db");
    {
      using ledger = new Ledger(path);
      fill(ledger, [...fixed, ...many], records);
    }
    let ours = Number.POSITIVE_INFINITY;
    let bare = Number.POSITIVE_INFINITY;
    let bytes = 0;
    for (let round = 0; round < 3; round += 1) {
      Bun.gc(true);
      const before = process.memoryUsage().heapUsed;
      const started = performance.now();
      using ledger = new Ledger(path);
      const actors = system(ledger);
      const { setAside } = actors.start();
      ours = Math.min(ours, performance.now() - started);
      if (setAside.length > 0) throw new Error(`Cannot restore: ${setAside[0]?.error}`);
      Bun.gc(true);
      bytes = (process.memoryUsage().heapUsed - before) / orders;
      if (actors.snapshot(many.at(-1)?.name ?? "") === undefined) {
        throw new Error("Cannot find the last order among the recovered");
      }
      using database = new Database(path, { readonly: true });
      const rows = database.query("SELECT name, kind, snapshot, timers FROM actors").all() as Row[];
      const keys = database.query("SELECT keys FROM structures ORDER BY id").all();
      const structures = keys.map((row) => JSON.parse((row as { keys: string }).keys) as object);
      bare = Math.min(bare, startBare(rows, structures));
    }
    const name = `${orders.toLocaleString("en-US")} orders and positions, ${records.toLocaleString("en-US")} records`;
    return [
      { name: `recovery of ${name}`, value: ours, unit: "ms" },
      { name: "decoding and starting the same actors alone", value: bare, unit: "ms" },
      { name: "recovery over that", value: ours / bare, unit: "ratio of times", most: 3 },
      { name: "memory for an order with its position", value: bytes, unit: "bytes" },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
