/** How rows of the ledger become columns and back, and the statements that follow from it. */
import type { Database, Statement } from "bun:sqlite";

export type Column = string | number | null;

/** One table of the ledger. `Columns` has a key per column, as SQLite gives them. */
export interface Table<Row, Columns extends { readonly [name in keyof Columns]: Column }> {
  readonly name: string;
  /** The columns of the primary key, in its order. */
  readonly key: readonly string[];
  /** Rows that come again replace the earlier one; otherwise they are refused. */
  readonly replaces: boolean;
  columns(row: Row): Columns;
  row(columns: Columns): Row;
}

/** Writes rows into a table, with one statement that is prepared with the first of them. */
export class TableWriter<Row, Columns extends { readonly [name in keyof Columns]: Column }> {
  private statement: Statement | null = null;

  constructor(
    private readonly database: Database,
    private readonly table: Table<Row, Columns>,
  ) {}

  write(row: Row): void {
    const columns = this.table.columns(row);
    this.statement ??= this.database.query(insertSql(this.table, Object.keys(columns)));
    this.statement.run({ ...columns });
  }
}

function insertSql(
  table: { readonly name: string; readonly key: readonly string[]; readonly replaces: boolean },
  names: readonly string[],
): string {
  const values = names.map((name) => `$${name}`).join(", ");
  const insert = `INSERT INTO ${table.name} (${names.join(", ")}) VALUES (${values})`;
  if (!table.replaces) return insert;
  const sets = names
    .filter((name) => !table.key.includes(name))
    .map((name) => `${name} = excluded.${name}`);
  return `${insert} ON CONFLICT (${table.key.join(", ")}) DO UPDATE SET ${sets.join(", ")}`;
}

/** Reads rows of a table. Lists have a limit; what has none is read one by one. */
export class TableQueries<Row, Columns extends { readonly [name in keyof Columns]: Column }> {
  constructor(
    private readonly database: Database,
    private readonly table: Table<Row, Columns>,
  ) {}

  one(where: string, ...values: Column[]): Row | null {
    const columns = this.query(where).get(...values);
    return columns === null ? null : this.table.row(columns);
  }

  list(where: string, ...values: Column[]): Row[] {
    const rows = this.query(where).all(...values);
    return rows.map((columns) => this.table.row(columns));
  }

  /** As {@link list}, one by one. */
  *eachOf(where: string, ...values: Column[]): Iterable<Row> {
    const sql = `SELECT * FROM ${this.table.name} ${where}`;
    for (const columns of eachRow<Columns>(this.database, sql, ...values)) {
      yield this.table.row(columns);
    }
  }

  /** Every row in the order of the primary key. */
  *each(): Iterable<Row> {
    const { name, key } = this.table;
    const sql = `SELECT * FROM ${name} ORDER BY ${key.join(", ")}`;
    for (const columns of eachRow<Columns>(this.database, sql)) yield this.table.row(columns);
  }

  private query(where: string): Statement<Columns, Column[]> {
    return this.database.query<Columns, Column[]>(`SELECT * FROM ${this.table.name} ${where}`);
  }
}

/** Rows one by one: a statement of its own, so that two readers do not share a cursor. */
export function* eachRow<Columns>(
  database: Database,
  sql: string,
  ...values: Column[]
): Iterable<Columns> {
  const statement = database.prepare<Columns, Column[]>(sql);
  try {
    yield* statement.iterate(...values);
  } finally {
    statement.finalize();
  }
}
