import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { canonicalJson, chainHash, genesis, genesisHash, journalRecord } from "./journal.ts";

const circle: Record<string, unknown> = {};
circle.self = circle;

describe("canonicalJson()", () => {
  test.each([
    [
      "sorts keys at every depth",
      { b: 1, a: { d: [{ z: 1, y: 2 }], c: 2 } },
      '{"a":{"c":2,"d":[{"y":2,"z":1}]},"b":1}',
    ],
    ["drops keys that are undefined", { a: undefined, b: null }, '{"b":null}'],
    [
      "sorts by code unit, digits as text",
      { "10": 1, "9": 2, B: 3, a: 4 },
      '{"10":1,"9":2,"B":3,"a":4}',
    ],
    ["uses toJSON where there is one", { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    ["keeps text exactly", 'é\n"\ud800', '"é\\n\\"\\ud800"'],
  ])("%s", (_, value, expected) => {
    expect(canonicalJson(value)).toBe(expected);
  });

  test.each([
    ["NaN", { a: Number.NaN }, "value.a is NaN, wanted a finite number"],
    ["infinity", { a: [1, -Infinity] }, "value.a.1 is -Infinity, wanted a finite number"],
    ["bigint", { a: { b: 2n } }, "value.a.b is of type bigint, wanted plain data"],
    ["a function", { a: () => 1 }, "value.a is of type function, wanted plain data"],
    ["a symbol", Symbol("a"), "value is of type symbol, wanted plain data"],
    ["undefined by itself", undefined, "value is of type undefined, wanted plain data"],
    ["undefined in an array", [undefined], "value.0 is of type undefined, wanted plain data"],
    ["a map", { a: new Map() }, "value.a is of class Map, wanted plain data"],
    ["an error", { a: new Error("no") }, "value.a is of class Error, wanted plain data"],
    ["a circle", circle, "value.self contains itself, wanted plain data"],
  ])("refuses %s", (_, value, expected) => {
    expect(() => canonicalJson(value)).toThrow(
      new TypeError(`Cannot write canonical JSON: ${expected}`),
    );
  });

  test("says the same whatever the order of the keys, and loses nothing", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(reversed(value))).toBe(text);
        // JSON has no minus zero: what is read back is what JSON itself gives.
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { seed: 20261121 },
    );
  });
});

describe("journalRecord()", () => {
  const fields = { at: 7, kind: "bar", subject: "feed:BTC/USD", code: "trade", correlation: "p/1" };

  test("repeats every column in the content and hashes it over the last hash", () => {
    const record = journalRecord({ seq: 41, hash: "ab" }, { ...fields, input: { close: 3 } });
    const content =
      '{"at":7,"code":"trade","correlation":"p/1","input":{"close":3},"kind":"bar","seq":42,"subject":"feed:BTC/USD"}';
    const hash = new Bun.CryptoHasher("sha256").update(`ab\n${content}`).digest("hex");
    expect(record).toEqual({ ...fields, seq: 42, content, hash });
  });

  test("starts at 1 after 64 zeros", () => {
    const record = journalRecord(genesis, { ...fields, code: null, correlation: null });
    expect(record.seq).toBe(1);
    expect(genesisHash).toBe("0".repeat(64));
    expect(record.hash).toBe(chainHash(genesisHash, record.content));
  });
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, reversed(item)] as const);
  return Object.fromEntries(entries.reverse());
}
