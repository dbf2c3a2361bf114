/** `novactor journal` and `novactor ledger` on what a run left, whole and tampered with. */
import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chainHash } from "../../actors/runtime/journal.ts";
import { novactor } from "../kill/desk-process.ts";
import { type Report, runToEnd, WorkFolder } from "../kill/harness.ts";
import { generated } from "../kill/market-run.ts";

setDefaultTimeout(60_000);

const folder = new WorkFolder();
afterAll(() => folder[Symbol.dispose]());

const whole = folder.file("whole.db");
let report: Report;
beforeAll(async () => {
  report = await runToEnd(generated("2026-01-01T16:00:00Z"), whole);
});

const verify = (file: string, ...args: readonly string[]) =>
  novactor(["journal", "verify", "--db", file, ...args]);

/** A copy of the ledger that someone was at. */
function tampered(name: string, sql: (database: Database) => string): string {
  const path = folder.file(`${name.replaceAll(" ", "-")}.db`);
  {
    using original = new Database(whole, { readonly: true });
    original.run("VACUUM INTO ?", [path]);
  }
  using copy = new Database(path);
  copy.run(sql(copy));
  return path;
}

const contentOf = (database: Database, seq: number): { content: string; hash: string } => {
  const sql = "SELECT content, hash FROM journal WHERE seq = ?";
  const row = database.query<{ content: string; hash: string }, [number]>(sql).get(seq);
  if (!row) throw new Error(`Cannot tamper with record ${seq}: there is none`);
  return row;
};

/** A record that no desk wrote, chained as if one had. */
function forged(database: Database): string {
  const content = contentOf(database, 101).content.replace('"bar"', '"baz"');
  const hash = chainHash(contentOf(database, 100).hash, content);
  return (
    "UPDATE journal SET seq = -seq WHERE seq > 100; UPDATE journal SET seq = 1 - seq WHERE seq < 0;" +
    ` INSERT INTO journal VALUES (101, 1, 'bar', 'x', NULL, NULL, '${content}', '${hash}')`
  );
}

describe("novactor journal verify", () => {
  test("finds nothing in what a run left, with and without its head", async () => {
    const plain = await verify(whole);
    const headed = await verify(whole, "--head", report.journalHead);
    expect([plain.code, headed.code]).toEqual([0, 0]);
    expect(plain.out).toMatch(new RegExp(`^\\d+ records verified, head ${report.journalHead}\\n$`));
  });

  test.each([
    [
      "a changed byte",
      () => `UPDATE journal SET content = replace(content, '"at":1', '"at":2') WHERE seq = 100`,
      "record 100: changed",
    ],
    [
      "a changed column",
      () => "UPDATE journal SET kind = 'poison' WHERE seq = 100",
      "record 100: changedColumn",
    ],
    [
      "a changed hash",
      () => `UPDATE journal SET hash = '${"0".repeat(64)}' WHERE seq = 100`,
      "record 100: changedHash",
    ],
    ["a deleted record", () => "DELETE FROM journal WHERE seq = 100", "record 100: deleted"],
    [
      "two swapped records",
      () =>
        "UPDATE journal SET seq = -1 WHERE seq = 100; UPDATE journal SET seq = 100 WHERE seq = 101;" +
        " UPDATE journal SET seq = 101 WHERE seq = -1",
      "record 100: swapped",
    ],
    ["an inserted record", forged, "record 101: inserted"],
    ["a tail cut without care", () => "DELETE FROM journal WHERE seq > 500", "record 501: cut"],
  ] as const)("names %s and exits with 4", async (name, sql, finding) => {
    const { code, out, err } = await verify(tampered(name, sql));
    expect([code, err]).toEqual([4, ""]);
    expect(out).toContain(finding);
  });

  test("finds a tail that was cut with care by the last report's head", async () => {
    const cut = tampered(
      "a tail cut with care",
      () =>
        "DELETE FROM journal WHERE seq > 500; UPDATE head SET seq = 500," +
        " hash = (SELECT hash FROM journal WHERE seq = 500)",
    );
    const [plain, headed] = [await verify(cut), await verify(cut, "--head", report.journalHead)];
    expect([plain.code, headed.code]).toEqual([0, 4]);
    expect(headed.out).toContain("record 501: cut");
  });
});

describe("novactor journal show", () => {
  test("prints each record's content, the last ones that match, oldest first", async () => {
    const args = ["--kind", "bar", "--subject", "BTC/USD", "--limit", "5", "--json"];
    const { code, out } = await novactor(["journal", "show", "--db", whole, ...args]);
    const records = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { seq: number; kind: string; subject: string });
    expect(code).toBe(0);
    expect(records.map(({ kind, subject }) => `${kind} ${subject}`)).toEqual(
      Array(5).fill("bar BTC/USD"),
    );
    const seqs = records.map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
  });

  test("tells a position's story with its transitions", async () => {
    using database = new Database(whole, { readonly: true });
    const sql = "SELECT position_id FROM positions ORDER BY opened_at LIMIT 1";
    const id = database.query<{ position_id: string }, []>(sql).get()?.position_id ?? "";
    const args = ["--correlation", id, "--limit", "1000"];
    const { code, out } = await novactor(["journal", "show", "--db", whole, ...args]);
    expect(code).toBe(0);
    expect(out).toContain(`position:${id}  order.filled  "opening" -> "protecting"`);
  });
});

test("novactor ledger export prints every row of every table as a line of JSON", async () => {
  const { code, out, err } = await novactor(["ledger", "export", "--db", whole]);
  const rows = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { table: string });
  const counted = Object.fromEntries(
    [...Map.groupBy(rows, ({ table }) => table)].map(([table, all]) => [table, all.length]),
  );
  using database = new Database(whole, { readonly: true });
  const tables = ["orders", "attempts", "fills", "positions", "postings", "balances"];
  const kept = tables.map((table) => {
    const sql = `SELECT count(*) AS count FROM ${table}`;
    return [table, database.query<{ count: number }, []>(sql).get()?.count];
  });
  expect([code, err]).toEqual([0, ""]);
  expect(counted).toEqual(Object.fromEntries(kept));
  expect(counted.fills).toBe(report.fills);
});

test("doctor finds books that were tampered with, which no chain covers", async () => {
  const booksOf = async (file: string): Promise<string[]> => {
    const { out } = await novactor(["doctor", "--json", "--db", file]);
    const { findings } = JSON.parse(out) as {
      findings: { check: string; severity: string; text: string }[];
    };
    return findings.filter(({ check }) => check === "books").map(({ severity }) => severity);
  };
  expect(report.fills).toBeGreaterThan(0);
  const dearer = tampered(
    "a dearer fill",
    () => "UPDATE fills SET price = '1' WHERE trade_id = 'T1'",
  );
  const richer = tampered("a richer balance", () => "UPDATE balances SET total = '1000000'");
  expect([await booksOf(whole), await booksOf(dearer), await booksOf(richer)]).toEqual([
    ["ok"],
    ["critical"],
    ["critical"],
  ]);
});
