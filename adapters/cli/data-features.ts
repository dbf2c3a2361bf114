import { type FeatureRow, featureNamesAt, featuresSpace } from "../../actors/desk/mod.ts";
import type { LedgerReader } from "../store/reader.ts";
import { writeCsv } from "./csv-output.ts";
import { CommandError, exitCode } from "./exit-codes.ts";
import { openReader } from "./inspect.ts";
import { configurationHistory } from "./why-ledger.ts";

export interface FeaturesOptions {
  readonly db: string;
  readonly out?: string;
}

interface FeatureTable {
  readonly names: readonly string[];
  readonly rows: readonly FeatureRow[];
  readonly namesOf: (row: FeatureRow) => readonly string[];
}

/**
 * `novactor data features`: the feature vectors that the ledger has kept, as CSV, oldest first.
 * Where the configuration changed in between, a column of one time is empty in rows of the other.
 *
 * @throws {CommandError} if the ledger cannot be read, or its vectors are of another version
 */
export async function dataFeatures({ db, out }: FeaturesOptions): Promise<number> {
  using reader = openReader(db);
  const { names, rows, namesOf } = reader.atOnce(() => featureTable(reader));
  const cells = rows.values().map((row) => {
    const values = new Map(namesOf(row).map((name, index) => [name, row.values[index]]));
    const numbers = names.map((name) => singleText(values.get(name) ?? Number.NaN));
    return [row.seq, row.symbol, row.at, ...numbers];
  });
  await writeCsv(out, ["seq", "symbol", "timestamp_ms", ...names], cells);
  return exitCode.ok;
}

function featureTable(reader: LedgerReader): FeatureTable {
  const namesAt = featureNamesAt(configurationHistory(reader));
  const namesOf = ({ symbol, seq }: FeatureRow) => namesAt(symbol, seq);
  const rows = ([...reader.state(featuresSpace).values()] as FeatureRow[]).sort(
    (a, b) => a.seq - b.seq,
  );
  const names = new Set<string>();
  for (const row of rows) {
    const own = namesOf(row);
    if (own.length !== row.values.length) throw ofAnotherVersion(row, own.length);
    for (const name of own) names.add(name);
  }
  return { names: [...names], rows, namesOf };
}

function ofAnotherVersion({ seq, values }: FeatureRow, wanted: number): CommandError {
  return new CommandError(
    `Cannot name the feature vector of record ${seq}: it has ${values.length} numbers, ` +
      `wanted ${wanted}; another version of the program kept it`,
    exitCode.ledgerRefused,
  );
}

/** The shortest text that reads as the same number of single precision; empty for NaN. */
function singleText(value: number): string {
  if (Number.isNaN(value)) return "";
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(Number(value.toPrecision(9)));
}
