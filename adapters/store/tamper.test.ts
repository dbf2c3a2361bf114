import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { chainHash } from "../../actors/runtime/journal.ts";
import { segmentRecords } from "../../actors/runtime/ports.ts";
import { type Verified, verifyChain } from "../../actors/runtime/verify.ts";
import { Ledger } from "./ledger.ts";
import { LedgerReader } from "./reader.ts";
import { batch, firstRecords, TemporaryFolder } from "./samples.fixture.ts";

const records = firstRecords(segmentRecords + 50);
const notedDown = records.at(-1)?.hash ?? "";

/** Verifies a file of these records after someone was at it with SQL. */
function verifiedAfter(sql: string, head?: string): Verified {
  using folder = new TemporaryFolder();
  const path = folder.file("desk.db");
  {
    using ledger = new Ledger(path);
    ledger.commit(batch({ records }));
  }
  {
    using database = new Database(path);
    database.run(sql);
  }
  using reader = new LedgerReader(path);
  return reader.atOnce(() =>
    verifyChain(reader.journal.range(), {
      storedHead: reader.head(),
      segments: reader.journal.segments(),
      ...(head === undefined ? {} : { head }),
    }),
  );
}

const forged = '{"at":1,"code":null,"correlation":null,"kind":"bar","seq":11,"subject":"x"}';
const insertForged = (after: number) =>
  `UPDATE journal SET seq = -seq WHERE seq > ${after};
   UPDATE journal SET seq = 1 - seq WHERE seq < 0;
   INSERT INTO journal VALUES (${after + 1}, 1, 'bar', 'x', NULL, NULL, '${forged}',
     '${chainHash(records[after - 1]?.hash ?? "", forged)}');`;
const last = records.length;
const cutHead = (seq: number) =>
  `DELETE FROM journal WHERE seq > ${seq};
   UPDATE head SET seq = ${seq}, hash = (SELECT hash FROM journal WHERE seq = ${seq});`;

describe("verifyChain() of a file", () => {
  test("finds nothing in one that nobody touched", () => {
    expect(verifiedAfter("SELECT 1", notedDown)).toEqual({
      records: last,
      head: { seq: last, hash: notedDown },
      findings: [],
      unlisted: 0,
    });
  });

  test.each([
    [
      "a byte of a content",
      `UPDATE journal SET content = replace(content, '"close":10}', '"close":11}') WHERE seq = 10`,
      [["changedContent", 10]],
    ],
    ["a column", "UPDATE journal SET code = 'trade' WHERE seq = 10", [["changedColumn", 10]]],
    [
      "a column that was null",
      "UPDATE journal SET correlation = 'p' WHERE seq = 11",
      [["changedColumn", 11]],
    ],
    ["a time", "UPDATE journal SET at = at + 1 WHERE seq = 10", [["changedColumn", 10]]],
    ["a hash", "UPDATE journal SET hash = upper(hash) WHERE seq = 10", [["changedHash", 10]]],
    ["a deleted record", "DELETE FROM journal WHERE seq = 10", [["deleted", 10]]],
    [
      "swapped records",
      `UPDATE journal SET seq = -1 WHERE seq = 10; UPDATE journal SET seq = 10 WHERE seq = 11;
       UPDATE journal SET seq = 11 WHERE seq = -1;`,
      [["swapped", 10]],
    ],
    [
      "an inserted record",
      insertForged(10),
      [
        ["inserted", 11],
        ["wrongSegment", segmentRecords],
        ["inserted", last + 1],
      ],
    ],
    ["a cut tail", `DELETE FROM journal WHERE seq > ${last - 5}`, [["cut", last - 4]]],
    ["a cut tail with its head", cutHead(last - 5), []],
    [
      "a cut that takes a segment's end with it",
      cutHead(segmentRecords - 1),
      [["cut", segmentRecords]],
    ],
    ["another head", "UPDATE head SET hash = upper(hash)", [["wrongHead", last]]],
    ["a segment that is gone", "DELETE FROM segments", [["wrongSegment", segmentRecords]]],
    [
      "a changed segment",
      "UPDATE segments SET head = upper(head)",
      [["wrongSegment", segmentRecords]],
    ],
  ] as [string, string, [string, number][]][])("finds %s", (_, sql, expected) => {
    const found = verifiedAfter(sql).findings.map(({ kind, seq }) => [kind, seq]);
    expect(found as [string, number][]).toEqual(expected);
  });

  test("finds a tail that was cut with its head by a head that was noted down", () => {
    const { findings } = verifiedAfter(cutHead(last - 5), notedDown);
    expect(findings).toEqual([
      {
        kind: "cut",
        seq: last - 4,
        text: `The journal ends at record ${last - 5} and does not contain the head "${notedDown}": its tail was cut, or it was written anew`,
      },
    ]);
  });
});
