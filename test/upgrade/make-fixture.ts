/**
 * Writes two small ledgers with a position that is held and an entry that rests: `desk-1.db.gz` as
 * the present desk writes it, `desk-0.db.gz` as one before it would have. Run once with each
 * release whose stored actors changed; what is there is never written again, for it shows that
 * later code still takes over what earlier code left.
 */
import { Database } from "bun:sqlite";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bendActors } from "../../actors/desk/testing/bend-ledger.ts";
import { DeskWorld, rise } from "../../actors/desk/testing/desk-world.ts";
import { asVersion0, fixtures } from "./older-desk.ts";

const folder = mkdtempSync(join(tmpdir(), "novactor-fixture-"));

async function writeLedger(path: string): Promise<string[]> {
  using world = await DeskWorld.started({ path });
  // ETH/USD begins later, so that its entry still rests when BTC/USD is held.
  await world.barsOf("BTC/USD", rise.slice(0, 3));
  for (const [index, close] of rise.slice(3).entries()) {
    await world.bar({ "BTC/USD": close, "ETH/USD": rise[index] ?? 0 });
  }
  for (const close of rise.slice(6, 8)) await world.bar({ "BTC/USD": 110_000, "ETH/USD": close });
  world.command("pause", { reason: "before the upgrade" });
  world.desk.stop();
  return world.ledger.load().actors.map(({ name }) => name);
}

function pack(path: string, name: string): void {
  const target = `${fixtures}${name}.db.gz`;
  if (existsSync(target)) {
    throw new Error(`Cannot write fixture "${name}": it is there already, wanted a new release`);
  }
  {
    // Where it was made is of no concern to who reads it.
    using database = new Database(path);
    database.run("UPDATE lease SET host = 'host', machine_id = '', boot_id = '', pid = 1");
    database.run("UPDATE lease SET namespace = '', process_started_at = '1'");
    database.run("VACUUM");
  }
  writeFileSync(target, Bun.gzipSync(readFileSync(path), { level: 9 }));
  console.log(`wrote ${target}`);
}

try {
  const path = join(folder, "desk.db");
  const names = await writeLedger(path);
  pack(path, "desk-1");
  bendActors(path, names, asVersion0);
  pack(path, "desk-0");
} finally {
  rmSync(folder, { recursive: true });
}
