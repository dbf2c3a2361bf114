import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { migrate } from "./migrate.ts";
import { Packer, Unpacker } from "./packing.ts";

function open(): Database {
  const database = new Database(":memory:", { strict: true });
  migrate(database, ":memory:");
  return database;
}

const keysOf = (database: Database) =>
  database.query("SELECT id, keys FROM structures ORDER BY id").values();

describe("Packer", () => {
  test("keeps the keys of its objects once, beside the blobs", () => {
    const database = open();
    const packer = new Packer(database);
    const first = packer.pack({ held: "open", orders: [{ price: "1" }, { price: "2" }] });
    const second = packer.pack({ held: "done", orders: [] });
    expect(keysOf(database)).toEqual([
      [0, '["held","orders"]'],
      [1, '["price"]'],
    ]);
    expect(second.length).toBeLessThan("held,orders,done".length);
    const unpacker = new Unpacker(database);
    expect([unpacker.unpack(first), unpacker.unpack(second)]).toEqual([
      { held: "open", orders: [{ price: "1" }, { price: "2" }] },
      { held: "done", orders: [] },
    ]);
  });

  test("is not ahead of the stored structures after a rollback", () => {
    const database = open();
    const packer = new Packer(database);
    packer.pack({ kept: 1 });
    database.run("BEGIN");
    packer.pack({ lost: 1, andThis: { too: 2 } });
    database.run("ROLLBACK");
    packer.reset();
    database.run("BEGIN");
    const other = packer.pack({ another: 1 });
    const again = packer.pack({ lost: 2, andThis: { too: 3 } });
    database.run("COMMIT");
    expect(keysOf(database).map(([, keys]) => keys)).toEqual([
      '["kept"]',
      '["another"]',
      '["lost","andThis"]',
      '["too"]',
    ]);
    const unpacker = new Unpacker(database);
    expect([unpacker.unpack(other), unpacker.unpack(again)]).toEqual([
      { another: 1 },
      { lost: 2, andThis: { too: 3 } },
    ]);
  });

  test("refuses to go on where another writer added structures", () => {
    const database = open();
    const packer = new Packer(database);
    new Packer(database).pack({ theirs: 1 });
    expect(() => packer.pack({ ours: 1 })).toThrow("UNIQUE constraint failed: structures.id");
  });

  test("has a bound on its structures, and reads what came after it", () => {
    const database = open();
    const packer = new Packer(database);
    const blobs: Uint8Array[] = [];
    for (let index = 0; index < 1100; index++) {
      blobs.push(Uint8Array.from(packer.pack({ [`key${index}`]: { [`inner${index}`]: index } })));
    }
    expect(keysOf(database).length).toBe(1024);
    const unpacker = new Unpacker(database);
    expect(blobs.map((blob) => unpacker.unpack(blob))).toEqual(
      blobs.map((_, index) => ({ [`key${index}`]: { [`inner${index}`]: index } })),
    );
  });

  test("gives back every plain value, whatever was packed and rolled back in between", () => {
    const step = fc.record({ value: fc.jsonValue({ maxDepth: 3 }), isLost: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const database = open();
        const packer = new Packer(database);
        const kept: [unknown, Uint8Array][] = [];
        for (const { value, isLost } of steps) {
          database.run("BEGIN");
          // The buffer that pack returns is used again.
          const blob = Uint8Array.from(packer.pack(value));
          database.run(isLost ? "ROLLBACK" : "COMMIT");
          if (isLost) packer.reset();
          else kept.push([value, blob]);
        }
        const unpacker = new Unpacker(database);
        for (const [value, blob] of kept) {
          expect(unpacker.unpack(blob)).toEqual(withoutMinusZero(value));
        }
      }),
      { seed: 20261121 },
    );
  });

  test("keeps the bits of typed arrays and of numbers that are not whole", () => {
    const database = open();
    const packer = new Packer(database);
    const series = new Float64Array([0.1 + 0.2, -0, Number.NaN, Infinity, 5e-324]);
    const value = { series, part: series.subarray(1, 3), sum: 0.1 + 0.2, none: undefined };
    const back = new Unpacker(database).unpack(packer.pack(value)) as typeof value;
    expect([...back.series].map((item, index) => Object.is(item, series[index]))).not.toContain(
      false,
    );
    expect([...back.part].map((item, index) => Object.is(item, series[index + 1]))).toEqual([
      true,
      true,
    ]);
    expect({ sum: back.sum, none: back.none }).toEqual({ sum: 0.1 + 0.2, none: undefined });
  });
});

/** A whole number's minus sign is lost where it is zero; typed arrays keep it. */
function withoutMinusZero(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
