/** Blobs as msgpack, with the keys of their objects kept once, in the same file. */
import type { Database } from "bun:sqlite";
import { Packr, Unpackr } from "msgpackr";

/** Shapes past this carry their keys with them, so that the table has a bound. */
const structuresMax = 1024;

// Without `moreTypes` a Float64Array would come back as some of its bytes.
const options = { moreTypes: true, maxSharedStructures: structuresMax };

/** Reads blobs. Structures are only ever added, so what it has loaded stays true. */
export class Unpacker {
  protected readonly unpackr: Unpackr;

  constructor(database: Database) {
    this.unpackr = new Unpackr({ ...options, getStructures: () => storedStructures(database) });
  }

  unpack(bytes: Uint8Array): unknown {
    return this.unpackr.unpack(bytes);
  }
}

/**
 * Writes blobs. A structure that is met for the first time is inserted in the transaction that
 * is open, which is the one of the blob that needs it: neither is ever there without the other.
 */
export class Packer {
  private packr: Packr;
  private stored: number;

  constructor(private readonly database: Database) {
    this.stored = storedStructures(database).length;
    this.packr = this.fresh();
  }

  pack(value: unknown): Uint8Array {
    return this.packr.pack(value);
  }

  /** After a rollback: forgets the structures that were rolled back with it. */
  reset(): void {
    this.stored = storedStructures(this.database).length;
    this.packr = this.fresh();
  }

  private fresh(): Packr {
    return new Packr({
      ...options,
      getStructures: () => storedStructures(this.database),
      saveStructures: (structures) => this.save(structures),
      // Otherwise it would come back as undefined, without a word.
      writeFunction: () => {
        throw new TypeError("Cannot pack a function: wanted plain data");
      },
    });
  }

  private save(structures: readonly object[]): boolean {
    const insert = this.database.query("INSERT INTO structures (id, keys) VALUES (?, ?)");
    for (let id = this.stored; id < structures.length; id++) {
      insert.run(id, JSON.stringify(structures[id]));
    }
    this.stored = structures.length;
    return true;
  }
}

function storedStructures(database: Database): string[][] {
  const rows = database
    .query<{ keys: string }, []>("SELECT keys FROM structures ORDER BY id")
    .all();
  return rows.map(({ keys }) => JSON.parse(keys) as string[]);
}
