/** One figure of a benchmark. */
export interface BenchRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The bar: the least (or the most) that `value` may be; absent where none is set. */
  readonly least?: number;
  readonly most?: number;
}

/** Rows as a table for people. */
export function benchTable(rows: readonly BenchRow[]): string {
  const width = Math.max(...rows.map(({ name }) => name.length));
  const number = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 5 });
  return rows
    .map(({ name, value, unit, least, most }) => {
      const bar =
        least === undefined ? (most === undefined ? "" : `at most ${most}`) : `at least ${least}`;
      const met = (least === undefined || value >= least) && (most === undefined || value <= most);
      const verdict = bar === "" ? "" : `  (${bar}: ${met ? "met" : "MISSED"})`;
      return `  ${name.padEnd(width)}  ${number.format(value).padStart(12)} ${unit}${verdict}`;
    })
    .join("\n");
}
