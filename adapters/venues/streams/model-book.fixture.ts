import fc from "fast-check";
import { decimal } from "../../../machines/domain/decimal.ts";
import type { Instrument } from "../../../machines/domain/instrument.ts";
import type { BookLevel } from "../matching/mod.ts";

export const btc: Instrument = {
  venue: "kraken",
  symbol: "BTC/USD",
  base: "BTC",
  quote: "USD",
  tick: decimal("0.1"),
  lot: decimal("0.00000001"),
  minQuantity: decimal("0.0001"),
  minNotional: decimal("5"),
  makerFee: decimal("0.0025"),
  takerFee: decimal("0.004"),
};

export const eth: Instrument = { ...btc, symbol: "ETH/USD", base: "ETH", tick: decimal("0.01") };

/** One change of a book: whole ticks, and hundred-millionths of base coin. */
export interface Change {
  readonly side: "bids" | "asks";
  readonly ticks: number;
  readonly units: number;
}

/** CRC32 bit by bit, written apart from the one under test. */
function crc32(text: string): number {
  let crc = 0xffffffff;
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** A venue's whole book as plain maps, of which a subscriber is shown so many levels. */
export class ModelBook {
  readonly #sides = { bids: new Map<number, number>(), asks: new Map<number, number>() };
  #shown: Readonly<Record<"bids" | "asks", ReadonlyMap<number, number>>> = {
    bids: new Map(),
    asks: new Map(),
  };

  constructor(private readonly depth: number) {}

  /** Whether the change keeps every bid below every ask. */
  allows({ side, ticks, units }: Change): boolean {
    if (units === 0) return true;
    const others = [...this.#sides[side === "bids" ? "asks" : "bids"].keys()];
    return others.every((other) => (side === "bids" ? ticks < other : ticks > other));
  }

  change({ side, ticks, units }: Change): void {
    if (units === 0) this.#sides[side].delete(ticks);
    else this.#sides[side].set(ticks, units);
  }

  levels(side: "bids" | "asks"): BookLevel[] {
    return this.#sorted(side).map(([ticks, units]) => {
      return { ticks, quantity: decimal((units / 1e8).toFixed(8)) };
    });
  }

  /**
   * What changed of the levels shown since it was last asked: those that came into sight are told,
   * those that went out of it are not.
   */
  difference(): Change[] {
    const changes: Change[] = [];
    for (const side of ["bids", "asks"] as const) {
      const before = this.#shown[side];
      const now = new Map(this.#sorted(side));
      for (const [ticks, units] of now) {
        if (before.get(ticks) !== units) changes.push({ side, ticks, units });
      }
      for (const ticks of before.keys()) {
        if (!this.#sides[side].has(ticks)) changes.push({ side, ticks, units: 0 });
      }
      this.#shown = { ...this.#shown, [side]: now };
    }
    return changes;
  }

  checksum(): number {
    const digits = (side: "bids" | "asks") =>
      this.#sorted(side)
        .slice(0, 10)
        .map(([ticks, units]) => `${ticks}${units}`)
        .join("");
    return crc32(digits("asks") + digits("bids"));
  }

  /** A message of Kraken's `book` channel, numbers with all their places. */
  message(type: "snapshot" | "update", changes: readonly Change[], symbol = "BTC/USD"): string {
    const levels = (side: "bids" | "asks") =>
      changes
        .filter((change) => change.side === side)
        .map(
          ({ ticks, units }) =>
            `{"price":${(ticks / 10).toFixed(1)},"qty":${(units / 1e8).toFixed(8)}}`,
        )
        .join(",");
    const fields = `"bids":[${levels("bids")}],"asks":[${levels("asks")}],"checksum":${this.checksum()}`;
    return `{"channel":"book","type":"${type}","data":[{"symbol":"${symbol}",${fields}}]}`;
  }

  snapshot(symbol = "BTC/USD"): string {
    const changes = (["bids", "asks"] as const).flatMap((side) =>
      this.#sorted(side).map(([ticks, units]) => ({ side, ticks, units })),
    );
    return this.message("snapshot", changes, symbol);
  }

  #sorted(side: "bids" | "asks"): [number, number][] {
    const sign = side === "bids" ? -1 : 1;
    return [...this.#sides[side]].sort(([a], [b]) => (a - b) * sign).slice(0, this.depth);
  }
}

export function bookOf(depth: number, ...changes: readonly Change[]): ModelBook {
  const book = new ModelBook(depth);
  for (const change of changes) book.change(change);
  return book;
}

export const bid = (ticks: number, units: number): Change => ({ side: "bids", ticks, units });
export const ask = (ticks: number, units: number): Change => ({ side: "asks", ticks, units });

/** A change near the middle of the book, on either side, sometimes of a level that is not there. */
export const anyChange: fc.Arbitrary<Change> = fc.record({
  side: fc.constantFrom("bids" as const, "asks" as const),
  ticks: fc.integer({ min: 980, max: 1020 }),
  units: fc.oneof(
    { weight: 1, arbitrary: fc.constant(0) },
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 1_000_000_000 }) },
  ),
});
