import type { Database } from "bun:sqlite";
import { LRUCache } from "lru-cache";

/** Names that are kept at hand; there are as many as orders, so not all of them. */
const wordsMost = 20_000;

/** Names by number, so that an index has each of them once. */
export class Words {
  private readonly ids = new LRUCache<string, number>({ max: wordsMost });
  private readonly texts = new LRUCache<number, string>({ max: wordsMost });

  constructor(private readonly database: Database) {}

  /** The number of a name, made where it has none. Only within a transaction that writes. */
  id(text: string): number {
    const known = this.find(text);
    if (known !== null) return known;
    const { lastInsertRowid } = this.database
      .query("INSERT INTO words (text) VALUES (?)")
      .run(text);
    const id = Number(lastInsertRowid);
    this.ids.set(text, id);
    return id;
  }

  /** The number of a name; null for one that the journal has nowhere. */
  find(text: string): number | null {
    const known = this.ids.get(text);
    if (known !== undefined) return known;
    const row = this.database
      .query<{ id: number }, [string]>("SELECT id FROM words WHERE text = ?")
      .get(text);
    if (!row) return null;
    this.ids.set(text, row.id);
    return row.id;
  }

  text(id: number): string {
    let text = this.texts.get(id);
    if (text === undefined) {
      const row = this.database
        .query<{ text: string }, [number]>("SELECT text FROM words WHERE id = ?")
        .get(id);
      text = row?.text ?? "";
      this.texts.set(id, text);
    }
    return text;
  }

  /** After a rollback, or what another process wrote: what is at hand may not be so any more. */
  forget(): void {
    this.ids.clear();
    this.texts.clear();
  }
}
