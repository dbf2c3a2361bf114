import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { StoreTooNew, StoreTooOld, StoreUnreadable } from "./errors.ts";
import { Ledger } from "./ledger.ts";
import { migrate } from "./migrate.ts";
import { migrations } from "./migrations/index.ts";
import { LedgerReader } from "./reader.ts";
import { everything, TemporaryFolder } from "./samples.fixture.ts";

const next = {
  name: "next",
  sql: "ALTER TABLE meta ADD COLUMN note TEXT; UPDATE meta SET note = 'new'",
};

function thrownBy(run: () => unknown): unknown {
  try {
    run();
    return null;
  } catch (error) {
    return error;
  }
}

function ledgerOfVersion(path: string, version: number): void {
  new Ledger(path).close();
  using database = new Database(path);
  database.run(`PRAGMA user_version = ${version}`);
}

describe("Ledger", () => {
  test("refuses a file of a newer version and leaves it alone", () => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    ledgerOfVersion(path, 99);
    for (const open of [() => new Ledger(path), () => new LedgerReader(path)]) {
      const error = thrownBy(open);
      expect(error).toBeInstanceOf(StoreTooNew);
      expect(error).toMatchObject({
        path,
        version: 99,
        wanted: migrations.length,
        message: `Cannot open ledger "${path}": its schema is version 99, wanted ${migrations.length} or less`,
      });
    }
    using database = new Database(path);
    expect(database.query("PRAGMA user_version").values()).toEqual([[99]]);
  });

  test("refuses the database of something else", () => {
    using folder = new TemporaryFolder();
    const path = folder.file("other.db");
    {
      using database = new Database(path);
      database.run("CREATE TABLE theirs (a)");
    }
    const error = thrownBy(() => new Ledger(path));
    expect(error).toBeInstanceOf(StoreUnreadable);
    expect(error).toMatchObject({
      message: `Cannot read ledger "${path}": it is the database of something else`,
    });
  });

  test("refuses a file that is no database", async () => {
    using folder = new TemporaryFolder();
    const path = folder.file("text.db");
    await Bun.write(path, "open,high,low,close\n".repeat(100));
    expect(() => new Ledger(path)).toThrow("file is not a database");
    expect(await Bun.file(path).text()).toStartWith("open,high,low,close");
  });
});

describe("LedgerReader", () => {
  test("refuses a file that is yet to be migrated", () => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    ledgerOfVersion(path, 0);
    expect(thrownBy(() => new LedgerReader(path))).toBeInstanceOf(StoreTooOld);
  });
});

describe("migrate()", () => {
  test("copies the file before it changes it, and applies what is missing", () => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    {
      using ledger = new Ledger(path);
      ledger.commit(everything);
      ledger.writeMeta({ createdAt: "1" });
    }
    {
      using database = new Database(path);
      migrate(database, path, [...migrations, next]);
      expect(database.query("SELECT value, note FROM meta").values()).toEqual([["1", "new"]]);
      expect(database.query("PRAGMA user_version").values()).toEqual([[migrations.length + 1]]);
    }
    using copy = new LedgerReader(`${path}.v${migrations.length}.bak`);
    expect([copy.head().seq, copy.counts().fills]).toEqual([12, 1]);
    expect(copy.actors()).toEqual(everything.actors);
  });

  test("leaves a file as it was where a step fails half-way", () => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    new Ledger(path).close();
    using database = new Database(path);
    const broken = { name: "broken", sql: "DROP TABLE meta; CREATE TABLE journal (a)" };
    expect(() => migrate(database, path, [...migrations, broken])).toThrow("already exists");
    expect(database.query("SELECT count(*) FROM meta").values()).toEqual([[0]]);
    expect(database.query("PRAGMA user_version").values()).toEqual([[migrations.length]]);
  });

  test("makes no copy of a new file, nor of one that is up to date", async () => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    new Ledger(path).close();
    new Ledger(path).close();
    expect([...new Bun.Glob("*.bak*").scanSync({ cwd: folder.file(".") })]).toEqual([]);
  });
});
