import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { verifyChain } from "../../actors/runtime/verify.ts";
import { contentsOf } from "./contents.fixture.ts";
import { Ledger } from "./ledger.ts";
import { migrate } from "./migrate.ts";
import { migrations } from "./migrations/index.ts";
import { LedgerReader } from "./reader.ts";
import { actor, batch, recordsFrom, TemporaryFolder } from "./samples.fixture.ts";

const fixtures = new URL("../../test/fixtures/store/", import.meta.url);

/** Puts the ledger that code of that schema wrote into the folder. */
async function placeFixture(folder: TemporaryFolder, version: number): Promise<string> {
  const path = folder.file("desk.db");
  const packed = readFileSync(new URL(`ledger-v${version}.db.gz`, fixtures));
  await Bun.write(path, Bun.gunzipSync(packed));
  return path;
}

function expectedOf(version: number): ReturnType<typeof contentsOf> {
  const lines = readFileSync(new URL(`ledger-v${version}.jsonl`, fixtures), "utf8");
  return Object.fromEntries(
    lines
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  );
}

const versionOf = (path: string): unknown => {
  using database = new Database(path);
  return database.query("PRAGMA user_version").values()[0]?.[0];
};

const copiesIn = (folder: TemporaryFolder): string[] =>
  [...new Bun.Glob("*.bak*").scanSync({ cwd: folder.file(".") })].sort();

const versions = migrations.map((_, index) => index + 1);

describe.each(versions)("a ledger of schema %i", (version) => {
  test("is migrated with all that it holds, and goes on", async () => {
    using folder = new TemporaryFolder();
    const path = await placeFixture(folder, version);
    expect(versionOf(path)).toBe(version);
    using ledger = new Ledger(path);
    using reader = ledger.reader();
    expect(contentsOf(reader)).toEqual(expectedOf(version));
    expect(reader.integrityFindings()).toEqual([]);
    const added = actor("order:2", { value: { held: "open" }, aShape: { notSeenBefore: 1 } });
    ledger.commit(batch({ records: recordsFrom(reader.head(), 2), actors: [added] }));
    expect(reader.actors().at(-1)).toEqual(added);
    const verified = verifyChain(reader.journal.range(), { storedHead: reader.head() });
    expect(verified).toMatchObject({ records: 14, findings: [] });
  });
});

describe.each(versions.slice(0, -1))("a ledger of the earlier schema %i", (version) => {
  test("is copied once, as it was, before it is migrated", async () => {
    using folder = new TemporaryFolder();
    const path = await placeFixture(folder, version);
    new Ledger(path).close();
    new Ledger(path).close();
    expect(copiesIn(folder)).toEqual([`desk.db.v${version}.bak`]);
    expect([versionOf(path), versionOf(`${path}.v${version}.bak`)]).toEqual([
      migrations.length,
      version,
    ]);
    // The copy is a ledger as good as the first: it can be put back, and migrated again.
    using again = new Ledger(`${path}.v${version}.bak`);
    expect(contentsOf(again.reader())).toEqual(expectedOf(version));
  });

  test("is left as it was where a step fails, beside its copy", async () => {
    using folder = new TemporaryFolder();
    const path = await placeFixture(folder, version);
    const steps = [
      ...migrations.slice(0, version),
      { name: "broken", sql: "DELETE FROM orders; CREATE TABLE half (a); CREATE TABLE meta (a)" },
    ];
    {
      using database = new Database(path);
      expect(() => migrate(database, path, steps)).toThrow("already exists");
    }
    expect([versionOf(path), copiesIn(folder)]).toEqual([version, [`desk.db.v${version}.bak`]]);
    // A start of sound code is as if the other had never been.
    using ledger = new Ledger(path);
    expect(contentsOf(ledger.reader())).toEqual(expectedOf(version));
    expect(copiesIn(folder)).toEqual([`desk.db.v${version}.bak`]);
  });

  test("takes no harm from a copy that was cut off", async () => {
    using folder = new TemporaryFolder();
    const path = await placeFixture(folder, version);
    await Bun.write(`${path}.v${version}.bak.partial`, "half of it");
    using ledger = new Ledger(path);
    expect(copiesIn(folder)).toEqual([`desk.db.v${version}.bak`]);
    using copy = new Database(`${path}.v${version}.bak`);
    expect(copy.query("SELECT count(*) FROM fills").values()).toEqual([[1]]);
    expect(ledger.load().head.seq).toBe(12);
  });
});

describe("LedgerReader", () => {
  test("refuses an earlier schema and changes nothing of it", async () => {
    using folder = new TemporaryFolder();
    const path = await placeFixture(folder, 1);
    expect(() => new LedgerReader(path)).toThrow(
      `Cannot read ledger "${path}": its schema is version 1, wanted ${migrations.length}: start the desk on it once`,
    );
    expect([versionOf(path), copiesIn(folder)]).toEqual([1, []]);
  });
});
