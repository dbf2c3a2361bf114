import type { SourceSymbol } from "../../actors/market/ports.ts";
import {
  type BookReading,
  BookWatch,
  restoreState,
  type SavedState,
  saveState,
} from "../../actors/scanner/ports.ts";

/** Levels of each side that are looked at: no more has to be turned into numbers. */
export const levelsWatched = 10;

const keyOf = (symbol: string) => `book ${symbol}`;

/** State of before the touches were kept goes on without them until the next book. */
function withTouches(saved: SavedState, into: BookWatch): SavedState {
  const wanted = saveState(into).values.length;
  if (saved.values.length !== wanted - 2) return saved;
  return { ...saved, values: Float64Array.from([...saved.values, Number.NaN, Number.NaN]) };
}

/** What each symbol's book says, of the very prints and books that its venue is told. */
export class BookWatches {
  private readonly watches: ReadonlyMap<string, BookWatch>;
  private readonly changed = new Set<string>();

  /** @param stored what {@link changes} said, by key; nothing for watches that begin. */
  constructor(symbols: readonly SourceSymbol[], stored: ReadonlyMap<string, unknown> = new Map()) {
    this.watches = new Map(
      symbols.map(({ symbol }) => {
        const watch = new BookWatch({ levels: levelsWatched });
        const saved = stored.get(keyOf(symbol)) as SavedState | undefined;
        if (saved) restoreState(watch, withTouches(saved, watch));
        return [symbol, watch];
      }),
    );
  }

  /** The symbol's watch, to be fed. */
  of(symbol: string): BookWatch {
    const watch = this.watches.get(symbol);
    if (!watch) throw new RangeError(`Cannot watch book of "${symbol}": not in the source`);
    this.changed.add(symbol);
    return watch;
  }

  /**
   * Closes the symbol's reading. It is a copy, for it is journaled when the watch has moved on; and
   * null without a two-sided book, of which nothing can be said.
   */
  close(symbol: string): BookReading | null {
    const { bid, ask, ...reading } = this.of(symbol).close();
    const { imbalance, lean, pressure, spreadShare, suspicion, score } = reading;
    if (Number.isNaN(spreadShare)) return null;
    const touches = Number.isNaN(bid) ? {} : { bid, ask };
    return { imbalance, lean, pressure, spreadShare, suspicion, score, ...touches };
  }

  /** State of the watches that changed since it was last asked. */
  changes(): { key: string; value: unknown }[] {
    const changes = [...this.changed].map((symbol) => {
      return { key: keyOf(symbol), value: saveState(this.of(symbol)) };
    });
    this.changed.clear();
    return changes;
  }
}
