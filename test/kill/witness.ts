/** What the venue held at each commit, kept by the database itself, whoever writes and dies. */
import { Database } from "bun:sqlite";
import { Ledger } from "../../adapters/store/ledger.ts";
import { Unpacker } from "../../adapters/store/packing.ts";
import type { EngineOrder } from "../../adapters/venues/matching/rows.ts";

/** An order as the venue had it when a commit ended with this record. */
export interface OrderVersion {
  readonly seq: number;
  readonly order: EngineOrder;
}

export interface Witnessed {
  /** In the order in which they were committed. */
  readonly versions: readonly OrderVersion[];
  /** By client order id: the last record of the commit that made the attempt durable. */
  readonly attemptSeqs: ReadonlyMap<string, number>;
}

const note = (event: string) => `
  CREATE TRIGGER witness_${event.toLowerCase()} AFTER ${event} ON state
  WHEN new.space LIKE 'venue/%' AND new.key LIKE 'orders/%' BEGIN
    INSERT INTO witnessed_orders (seq, value) VALUES ((SELECT seq FROM head), new.value);
  END;`;

const schema = `
  CREATE TABLE witnessed_orders (id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, value BLOB NOT NULL);
  CREATE TABLE witnessed_attempts (client_order_id TEXT PRIMARY KEY, seq INTEGER NOT NULL);
  ${note("INSERT")}
  ${note("UPDATE")}
  CREATE TRIGGER witness_attempts AFTER INSERT ON attempts BEGIN
    INSERT INTO witnessed_attempts VALUES (new.client_order_id, (SELECT seq FROM head));
  END;`;

/** Makes a ledger that notes every version of every order of the venue, and when it was committed. */
export function makeWitnessedLedger(file: string): void {
  new Ledger(file).close();
  using database = new Database(file, { readwrite: true });
  database.run(schema);
}

export function readWitnessed(file: string): Witnessed {
  using database = new Database(file, { readonly: true });
  const unpacker = new Unpacker(database);
  const orders = database
    .query<{ seq: number; value: Uint8Array }, []>(
      "SELECT seq, value FROM witnessed_orders ORDER BY id",
    )
    .all();
  const attempts = database
    .query<{ client_order_id: string; seq: number }, []>("SELECT * FROM witnessed_attempts")
    .all();
  return {
    versions: orders.map(({ seq, value }) => ({
      seq,
      order: unpacker.unpack(value) as EngineOrder,
    })),
    attemptSeqs: new Map(attempts.map((row) => [row.client_order_id, row.seq])),
  };
}
