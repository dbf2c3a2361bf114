import type { Decimal } from "../../machines/domain/decimal.ts";

/** A price in whole ticks and the size shown there, base coin; "0" for a level that is gone. */
export interface BookSideLevel {
  readonly ticks: number;
  readonly quantity: Decimal;
}

/** Levels kept on a side; a venue shows at most as many at once. */
const levelsMax = 5_000;

/**
 * One side of a book, worst level first, so that what changes most is at the array's end. Beyond
 * 5,000 levels the worst are dropped and counted: that bounds the memory.
 */
export class BookSide<Level extends BookSideLevel> {
  dropped = 0;
  readonly #levels: Level[] = [];

  /** @param sign 1 for bids, where more is better; -1 for asks. */
  constructor(private readonly sign: 1 | -1) {}

  get size(): number {
    return this.#levels.length;
  }

  get best(): Level | null {
    return this.#levels.at(-1) ?? null;
  }

  /** The best `count` levels, best first. */
  top(count: number): Level[] {
    return this.#levels.slice(-count).reverse();
  }

  /** Replaces the size at a price; a size of "0" removes the level. */
  set(level: Level): void {
    const levels = this.#levels;
    const place = this.#placeOf(level.ticks);
    const isThere = levels[place]?.ticks === level.ticks;
    if (level.quantity === "0") {
      if (isThere) levels.splice(place, 1);
    } else if (isThere) levels[place] = level;
    else if (place === levels.length) levels.push(level);
    else levels.splice(place, 0, level);
    if (levels.length <= levelsMax) return;
    levels.shift();
    this.dropped += 1;
  }

  /** Makes this the best level: what stood before it is gone. */
  setBest(level: Level): void {
    const levels = this.#levels;
    while (levels.length > 0 && this.#isBetter(levels.at(-1) as Level, level)) levels.pop();
    this.set(level);
  }

  /** Keeps the best `depth` levels only. */
  truncate(depth: number): void {
    const levels = this.#levels;
    if (levels.length > depth) levels.splice(0, levels.length - depth);
  }

  clear(): void {
    this.#levels.length = 0;
  }

  #isBetter(a: Level, b: Level): boolean {
    return (a.ticks - b.ticks) * this.sign > 0;
  }

  /** Where a level of this price is, or would be put. */
  #placeOf(ticks: number): number {
    let low = 0;
    let high = this.#levels.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (((this.#levels[middle] as Level).ticks - ticks) * this.sign < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
