import type { CandleColumns } from "../ring.ts";
import type { IndicatorInstance } from "./catalog.ts";

/**
 * An indicator over whole columns, oldest first: one array a line, in the order of `lines`, NaN
 * where it is not defined. It feeds the very object that a stream would, so that the two agree bit
 * for bit. The instance goes on from where it stands: hand in a new one.
 */
export function batch(indicator: IndicatorInstance, columns: CandleColumns): Float64Array[] {
  const { openedAt, open, high, low, close, volume } = columns;
  const length = openedAt.length;
  const outputs = indicator.lines.map(() => new Float64Array(length));
  for (let row = 0; row < length; row++) {
    indicator.update(
      openedAt[row] as number,
      open[row] as number,
      high[row] as number,
      low[row] as number,
      close[row] as number,
      volume[row] as number,
    );
    for (const [index, line] of indicator.lines.entries()) {
      (outputs[index] as Float64Array)[row] = line.read();
    }
  }
  return outputs;
}
