import { BookSide, type BookSideLevel } from "../../market/mod.ts";
import type { BookLevel } from "../matching/mod.ts";

/** A level with its numbers as the venue wrote them: what a checksum is taken over. */
export interface DepthLevel extends BookSideLevel {
  readonly writtenPrice: string;
  readonly writtenQuantity: string;
}

/** One symbol's book as its venue's changes make it. Nothing is known before the first snapshot. */
export class DepthBook<Level extends BookSideLevel = BookSideLevel> {
  readonly bids = new BookSide<Level>(1);
  readonly asks = new BookSide<Level>(-1);
  #isKnown = false;

  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** A snapshot begins: what was is gone. */
  begin(): void {
    this.lose();
    this.#isKnown = true;
  }

  lose(): void {
    this.bids.clear();
    this.asks.clear();
    this.#isKnown = false;
  }

  truncate(depth: number): void {
    this.bids.truncate(depth);
    this.asks.truncate(depth);
  }

  /** Whether somebody would buy for more than another sells: never true of a venue's book. */
  get isCrossed(): boolean {
    const [bid, ask] = [this.bids.best, this.asks.best];
    return bid !== null && ask !== null && bid.ticks >= ask.ticks;
  }

  /** The best levels of each side, best first, as plain values. */
  top(count: number): { readonly bids: BookLevel[]; readonly asks: BookLevel[] } {
    const plain = ({ ticks, quantity }: Level): BookLevel => ({ ticks, quantity });
    return { bids: this.bids.top(count).map(plain), asks: this.asks.top(count).map(plain) };
  }
}
