import { Database } from "bun:sqlite";
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TrialStore } from "./trials.ts";

const folder = mkdtempSync(join(tmpdir(), "novactor-trials-"));
afterAll(() => rmSync(folder, { recursive: true }));

const key = { configHash: "c", dataHash: "d", codeVersion: "v" };
const row = { ...key, point: { a: "1" }, result: { scores: { sharpe: 1 } }, finishedAt: 5 };

describe("a file of trials", () => {
  test("keeps each under configuration, data and code, the first one for good", () => {
    const path = join(folder, "trials.db");
    {
      using store = new TrialStore(path);
      store.keep(row);
      store.keep({ ...row, result: { scores: { sharpe: 2 } } });
    }
    using store = new TrialStore(path);
    using beside = new TrialStore(path);
    beside.keep({ ...row, codeVersion: "w" });
    expect(store.size).toBe(2);
    expect(store.find(key)).toEqual(row);
    for (const other of ["configHash", "dataHash", "codeVersion"]) {
      expect(store.find({ ...key, [other]: "other" })).toBeNull();
    }
  });

  test("is refused where it is the database of something else", () => {
    const path = join(folder, "other.db");
    const other = new Database(path);
    other.run("CREATE TABLE mine (n INTEGER)");
    other.close();
    expect(() => new TrialStore(path)).toThrow("it is the database of something else");
  });
});
