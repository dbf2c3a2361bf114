import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { chainHash, genesis, genesisHash, journalRecord } from "./journal.ts";
import { type JournalHead, type JournalRecord, type Segment, segmentRecords } from "./ports.ts";
import { type VerifyOptions, verifyChain } from "./verify.ts";

function chain(length: number): JournalRecord[] {
  const records: JournalRecord[] = [];
  let head: JournalHead = genesis;
  for (let index = 1; index <= length; index++) {
    const fields = { at: index * 1000, kind: "bar", subject: "feed:BTC/USD", correlation: null };
    head = journalRecord(head, { ...fields, code: "noSignal", close: index });
    records.push(head as JournalRecord);
  }
  return records;
}

const ten = chain(10);
const storedHead = headOf(ten);

function headOf(records: readonly JournalRecord[]): JournalHead {
  const last = records.at(-1);
  return last ? { seq: last.seq, hash: last.hash } : genesis;
}

/** A copy of the ten records, with some of them changed by seq. */
function tampered(changes: Record<number, Partial<JournalRecord>>): JournalRecord[] {
  return ten.map((record) => ({ ...record, ...changes[record.seq] }));
}

function renumbered(records: readonly JournalRecord[]): JournalRecord[] {
  return records.map((record, index) => ({ ...record, seq: index + 1 }));
}

function at(seq: number): JournalRecord {
  const record = ten[seq - 1];
  if (!record) throw new RangeError(`Cannot find record ${seq}`);
  return record;
}

const content = (seq: number, close: number) =>
  at(seq).content.replace(`"close":${seq},`, `"close":${close},`);
const forgedAfter4 = journalRecord(at(4), {
  at: 4500,
  kind: "command",
  subject: "desk",
  code: null,
  correlation: null,
});
const swapSeq = (a: number, b: number) =>
  ten
    .map((record) => ({ ...record, seq: record.seq === a ? b : record.seq === b ? a : record.seq }))
    .sort((left, right) => left.seq - right.seq);

type Found = [kind: string, seq: number][];

function found(records: readonly JournalRecord[], options: VerifyOptions = { storedHead }): Found {
  return verifyChain(records, options).findings.map(({ kind, seq }) => [kind, seq]);
}

describe("verifyChain()", () => {
  test("finds nothing wrong with a whole journal", () => {
    expect(verifyChain(ten, { storedHead, head: at(10).hash })).toEqual({
      records: 10,
      head: storedHead,
      findings: [],
      unlisted: 0,
    });
    expect(verifyChain([])).toEqual({ records: 0, head: genesis, findings: [], unlisted: 0 });
  });

  const rows: [name: string, records: JournalRecord[], expected: Found][] = [
    ["a changed content", tampered({ 5: { content: content(5, 9) } }), [["changedContent", 5]]],
    [
      "a changed last content",
      tampered({ 10: { content: content(10, 9) } }),
      [["changedContent", 10]],
    ],
    ["a content that is no JSON", tampered({ 5: { content: "gone" } }), [["changedContent", 5]]],
    [
      "a content that says another seq",
      tampered({ 5: { content: at(5).content.replace('"seq":5', '"seq":6') } }),
      [["changedContent", 5]],
    ],
    ["a changed hash", tampered({ 5: { hash: "f".repeat(64) } }), [["changedHash", 5]]],
    ["a changed last hash", tampered({ 10: { hash: "f".repeat(64) } }), [["changedHash", 10]]],
    ["a changed time", tampered({ 5: { at: 1 } }), [["changedColumn", 5]]],
    ["a changed kind", tampered({ 5: { kind: "command" } }), [["changedColumn", 5]]],
    ["a changed subject", tampered({ 5: { subject: "feed:ETH/USD" } }), [["changedColumn", 5]]],
    ["a changed code", tampered({ 5: { code: "trade" } }), [["changedColumn", 5]]],
    ["a changed correlation", tampered({ 5: { correlation: "p/1" } }), [["changedColumn", 5]]],
    [
      "a changed last seq",
      tampered({ 10: { seq: 11 } }),
      [
        ["changedColumn", 11],
        ["inserted", 11],
      ],
    ],
    ["a deleted record", ten.filter(({ seq }) => seq !== 5), [["deleted", 5]]],
    ["deleted records", ten.filter(({ seq }) => seq < 4 || seq > 6), [["deleted", 4]]],
    ["a deleted first record", ten.slice(1), [["deleted", 1]]],
    [
      "a deleted record, the later ones renumbered",
      renumbered(ten.filter(({ seq }) => seq !== 5)),
      [
        ["deleted", 5],
        ["cut", 10],
      ],
    ],
    ["two records that changed places", swapSeq(4, 5), [["swapped", 4]]],
    [
      "two distant records that changed places",
      swapSeq(3, 7),
      [
        ["swapped", 3],
        ["swapped", 7],
      ],
    ],
    ["records out of order", [...ten.slice(0, 3), at(5), at(4), ...ten.slice(5)], [["swapped", 4]]],
    [
      "contents that changed places",
      tampered({ 4: { content: at(5).content }, 5: { content: at(4).content } }),
      [
        ["swapped", 4],
        ["changedColumn", 4],
        ["changedContent", 5],
      ],
    ],
    [
      "a forged record that follows, the later ones renumbered",
      renumbered([...ten.slice(0, 4), forgedAfter4, ...ten.slice(4)]),
      [
        ["inserted", 5],
        ["inserted", 11],
      ],
    ],
    [
      "a forged record that does not follow",
      renumbered([...ten.slice(0, 4), { ...forgedAfter4, hash: "0" }, ...ten.slice(4)]),
      [
        ["inserted", 5],
        ["inserted", 11],
      ],
    ],
    [
      "a record at the end",
      [...ten, journalRecord(at(10), { ...forgedAfter4 })],
      [["inserted", 11]],
    ],
    ["a cut tail", ten.slice(0, 7), [["cut", 8]]],
    ["everything cut", [], [["cut", 1]]],
  ];
  test.each(rows)("finds %s", (_, records, expected) => {
    expect(found(records)).toEqual(expected);
  });

  test("finds a cut tail by a head that was noted down, without the store's", () => {
    expect(found(ten.slice(0, 7), { head: at(9).hash })).toEqual([["cut", 8]]);
    expect(found(ten, { head: at(9).hash })).toEqual([]);
  });

  test("finds a journal that was written anew by a head that was noted down", () => {
    const anew = chain(12);
    const forged = journalRecord(at(8), { ...forgedAfter4 });
    expect(found([...anew.slice(0, 8), forged], { head: at(9).hash })).toEqual([["cut", 10]]);
  });

  test("finds a stored head that says another hash", () => {
    const other = { seq: 10, hash: chainHash(genesisHash, "") };
    expect(found(ten, { storedHead: other })).toEqual([["wrongHead", 10]]);
  });

  test("goes on from where the archive ends", () => {
    expect(found(ten.slice(4), { storedHead, start: at(4) })).toEqual([]);
    expect(found(ten.slice(5), { storedHead, start: at(4) })).toEqual([["deleted", 5]]);
  });

  test("names the record and what is wrong with it in words", () => {
    expect(verifyChain(tampered({ 5: { kind: "command" } })).findings).toEqual([
      {
        kind: "changedColumn",
        seq: 5,
        text: 'Record 5 was changed: its kind is "command", its content says "bar"',
      },
    ]);
  });

  test("counts what it does not list", () => {
    const all = ten.map((record) => ({ ...record, kind: "command" }));
    const { findings, unlisted } = verifyChain(all, { findingsMax: 3 });
    expect([findings.length, unlisted]).toEqual([3, 7]);
  });

  test("finds any single change of any text column", () => {
    const names = ["kind", "subject", "content", "hash"] as const;
    const property = fc.property(
      fc.constantFrom(...names),
      fc.integer({ min: 1, max: 10 }),
      fc.nat(),
      fc.integer({ min: 1, max: 127 }),
      (name, seq, place, flip) => {
        const text = at(seq)[name];
        const index = place % text.length;
        const changed = String.fromCharCode(text.charCodeAt(index) ^ flip);
        const value = text.slice(0, index) + changed + text.slice(index + 1);
        expect(found(tampered({ [seq]: { [name]: value } })).length).toBeGreaterThan(0);
      },
    );
    fc.assert(property, { seed: 20261121, numRuns: 500 });
  });
});

describe("verifyChain() with segments", () => {
  const long = chain(segmentRecords + 5);
  const last = long[segmentRecords - 1]?.hash ?? "";
  const first: Segment = {
    number: 1,
    firstSeq: 1,
    lastSeq: segmentRecords,
    previousHash: genesisHash,
    head: last,
    closedAt: segmentRecords * 1000,
  };

  test.each([
    ["whole", long, [first], []],
    ["missing", long, [], [["wrongSegment", segmentRecords]]],
    ["of another head", long, [{ ...first, head: "f" }], [["wrongSegment", segmentRecords]]],
    ["of another start", long, [{ ...first, previousHash: "f" }], [["wrongSegment", 1]]],
    [
      "of another first record",
      long,
      [{ ...first, firstSeq: 2 }],
      [
        ["wrongSegment", 2],
        ["wrongSegment", segmentRecords],
      ],
    ],
    ["longer than the journal", long.slice(0, 9), [first], [["cut", 10]]],
  ] as [string, JournalRecord[], Segment[], Found][])(
    "judges a segment that is %s",
    (_, records, segments, expected) => {
      expect(found(records, { segments })).toEqual(expected);
    },
  );
});
