/** What the actor system left in the file: actors, the archive, and state beside them. */
import type { Database } from "bun:sqlite";
import type { JournalHead, StoredActor } from "../../actors/runtime/ports.ts";
import { StoreUnreadable } from "./errors.ts";
import type { Unpacker } from "./packing.ts";

interface ActorColumns {
  name: string;
  kind: string;
  version: number;
  seq: number;
  snapshot: Uint8Array;
  timers: Uint8Array;
}

interface StateColumns {
  key: string;
  value: Uint8Array;
}

/** Reads what {@link CommitBatch} writes beside the ledger. */
export class RuntimeQueries {
  constructor(
    private readonly database: Database,
    private readonly path: string,
    private readonly unpacker: Unpacker,
  ) {}

  /** Where the store says that the journal ends. */
  head(): JournalHead {
    const head = this.database.query<JournalHead, []>("SELECT seq, hash FROM head").get();
    if (!head) throw new StoreUnreadable(this.path, "it has no journal head");
    return head;
  }

  /** Live actors, in the order in which they were first stored. */
  actors(): StoredActor[] {
    const rows = this.database.query<ActorColumns, []>("SELECT * FROM actors ORDER BY rowid").all();
    return rows.map((columns) => this.actor(columns));
  }

  liveActor(name: string): StoredActor | null {
    return this.named("actors", name);
  }

  archivedActor(name: string): StoredActor | null {
    return this.named("archive", name);
  }

  private named(table: "actors" | "archive", name: string): StoredActor | null {
    const columns = this.database
      .query<ActorColumns, [string]>(`SELECT * FROM ${table} WHERE name = ?`)
      .get(name);
    return columns ? this.actor(columns) : null;
  }

  /** Values by key, in the order in which the keys were first stored. */
  state(space: string): Map<string, unknown> {
    const rows = this.database
      .query<StateColumns, [string]>("SELECT key, value FROM state WHERE space = ? ORDER BY rowid")
      .all(space);
    const values = new Map<string, unknown>();
    for (const { key, value } of rows) {
      values.set(key, this.unpack(value, `state "${key}" of "${space}"`));
    }
    return values;
  }

  private actor({ name, kind, version, seq, snapshot, timers }: ActorColumns): StoredActor {
    return {
      name,
      kind,
      version,
      seq,
      snapshot: this.unpack(snapshot, `snapshot of actor "${name}"`),
      timers: this.unpack(timers, `timers of actor "${name}"`) as StoredActor["timers"],
    };
  }

  private unpack(bytes: Uint8Array, what: string): unknown {
    try {
      return this.unpacker.unpack(bytes);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new StoreUnreadable(this.path, `the ${what} is damaged: ${reason}`, { cause: error });
    }
  }
}
