import type { Stateful } from "../../market/mod.ts";

/**
 * What an order book says at one moment, in numbers. It is an input of the desk beside the candle
 * that closes then: a decision that it swayed can only be run again with it.
 */
export interface BookReading {
  /** What rests near the touch: (bids - asks) / (bids + asks), -1 (only asks) to 1 (only bids). */
  readonly imbalance: number;
  /**
   * Where the mid weighted by the other side's best quantity stands between the touches: -1 at the
   * bid, 0 at the mid, 1 at the ask.
   */
  readonly lean: number;
  /** Prints since the last reading: (bought - sold) / (bought + sold), 0 without any. */
  readonly pressure: number;
  /** Difference of the touches as a share of the mid. */
  readonly spreadShare: number;
  /** Share of the large orders seen lately that vanished unfilled, 0 to 1. */
  readonly suspicion: number;
  /** 0 to 1, for a buyer: much rests below, little above, and none of it is suspect; 0.5 is even. */
  readonly score: number;
  /** The touches, whole ticks; absent from readings of before they were kept. */
  readonly bid?: number;
  readonly ask?: number;
}

/** Best first: whole ticks, and the quantity that stands there in base coin. */
export type Levels = readonly (readonly [ticks: number, quantity: number])[];

export interface BookWatchOptions {
  /** Levels of each side that are looked at. */
  readonly levels?: number;
  /** How many times the mean level of its side an order is large at. */
  readonly largeFactor?: number;
}

/** Large orders watched on each side; of more, those seen later are not. */
const watchedMost = 8;
/** How much one large order's end moves the suspicion. */
const pace = 0.2;

/**
 * Reads one symbol's book as it changes: feed it prints and books in the order in which they came,
 * then use it as the reading. A large order is a level of many times the mean; one that is gone
 * untraded once price has come nearer to it has vanished, and counts for spoofing. One that goes
 * while price stays or moves away has withdrawn, which is no offence: quotes follow the touch all
 * day. Allocates nothing.
 */
export class BookWatch implements BookReading, Stateful {
  readonly key: string;
  imbalance = 0;
  lean = 0;
  pressure = 0;
  spreadShare = Number.NaN;
  suspicion = 0;
  score = 0.5;
  /** Large orders that ended, by how. */
  vanished = 0;
  traded = 0;
  withdrawn = 0;
  private bought = 0;
  private sold = 0;
  private readonly depth: number;
  private readonly largeFactor: number;
  private readonly bids = new LargeOrders();
  private readonly asks = new LargeOrders();
  // Last, so that state of before they were kept lacks them at its end.
  bid = Number.NaN;
  ask = Number.NaN;

  constructor({ levels = 10, largeFactor = 5 }: BookWatchOptions = {}) {
    this.key = `bookWatch:${levels}:${largeFactor}`;
    if (!(Number.isInteger(levels) && levels >= 1 && levels <= 1_000 && largeFactor > 1)) {
      throw new RangeError(
        `Cannot watch book with ${levels} levels and large factor ${largeFactor}: ` +
          "wanted 1 to 1000 levels and a factor above 1",
      );
    }
    this.depth = levels;
    this.largeFactor = largeFactor;
  }

  /** One print: price in ticks, quantity in base coin, who took. */
  print(ticks: number, quantity: number, isBuy: boolean): void {
    if (isBuy) this.bought += quantity;
    else this.sold += quantity;
    // A buyer takes what is asked.
    (isBuy ? this.asks : this.bids).trade(ticks, quantity);
  }

  /** The book as it stands now; an empty side makes it no reading. */
  book(bids: Levels, asks: Levels): void {
    const bid = bids[0];
    const ask = asks[0];
    if (bid === undefined || ask === undefined) {
      this.imbalance = bid === ask ? 0 : bid === undefined ? -1 : 1;
      this.lean = 0;
      this.spreadShare = Number.NaN;
      this.score = 0;
      return;
    }
    [this.bid, this.ask] = [bid[0], ask[0]];
    const resting = totalOf(bids, this.depth);
    const offered = totalOf(asks, this.depth);
    this.imbalance = (resting - offered) / (resting + offered);
    this.lean = (bid[1] - ask[1]) / (bid[1] + ask[1]);
    this.spreadShare = (2 * (ask[0] - bid[0])) / (ask[0] + bid[0]);
    this.judge(this.bids, bids, resting);
    this.judge(this.asks, asks, offered);
    this.score = (resting / (resting + offered)) * (1 - this.suspicion);
  }

  /** Closes the reading: takes the prints since the last one, and starts counting anew. */
  close(): Required<BookReading> {
    const printed = this.bought + this.sold;
    this.pressure = printed === 0 ? 0 : (this.bought - this.sold) / printed;
    this.bought = 0;
    this.sold = 0;
    return this;
  }

  private judge(watched: LargeOrders, levels: Levels, total: number): void {
    const count = Math.min(levels.length, this.depth);
    watched.compare(levels, count);
    this.vanished += watched.vanishedNow;
    this.traded += watched.tradedNow;
    this.withdrawn += watched.withdrawnNow;
    for (let each = 0; each < watched.vanishedNow; each++) {
      this.suspicion += (1 - this.suspicion) * pace;
    }
    const honest = watched.tradedNow + watched.withdrawnNow;
    for (let each = 0; each < honest; each++) this.suspicion -= this.suspicion * pace;
    // One level alone is its own mean.
    if (count >= 2) watched.admit(levels, count, (this.largeFactor * total) / count);
  }
}

function totalOf(levels: Levels, depth: number): number {
  const count = Math.min(levels.length, depth);
  let total = 0;
  for (let level = 0; level < count; level++) total += levels[level]?.[1] as number;
  return total;
}

/** The large orders of one side that are being watched; empty places have no price. */
class LargeOrders {
  vanishedNow = 0;
  tradedNow = 0;
  withdrawnNow = 0;
  private readonly prices = new Float64Array(watchedMost).fill(Number.NaN);
  private readonly quantities = new Float64Array(watchedMost);
  /** Ticks from the touch when it was seen. */
  private readonly distances = new Float64Array(watchedMost);
  /** Traded at its price since it was seen. */
  private readonly taken = new Float64Array(watchedMost);

  trade(ticks: number, quantity: number): void {
    const place = this.placeOf(ticks);
    if (place >= 0) this.taken[place] = (this.taken[place] as number) + quantity;
  }

  compare(levels: Levels, count: number): void {
    this.vanishedNow = 0;
    this.tradedNow = 0;
    this.withdrawnNow = 0;
    const best = levels[0]?.[0] as number;
    for (let place = 0; place < watchedMost; place++) {
      const price = this.prices[place] as number;
      if (Number.isNaN(price)) continue;
      const quantity = this.quantities[place] as number;
      const left = quantityAt(levels, count, price);
      if (left >= quantity / 2) continue;
      this.prices[place] = Number.NaN;
      if ((this.taken[place] as number) >= (quantity - left) / 2) this.tradedNow += 1;
      else if (Math.abs(price - best) < (this.distances[place] as number)) this.vanishedNow += 1;
      else this.withdrawnNow += 1;
    }
  }

  admit(levels: Levels, count: number, large: number): void {
    const best = levels[0]?.[0] as number;
    for (let level = 0; level < count; level++) {
      const [price, quantity] = levels[level] as Levels[number];
      if (quantity < large || this.placeOf(price) >= 0) continue;
      const place = this.freePlace();
      if (place < 0) return;
      this.prices[place] = price;
      this.quantities[place] = quantity;
      this.distances[place] = Math.abs(price - best);
      this.taken[place] = 0;
    }
  }

  private placeOf(ticks: number): number {
    for (let place = 0; place < watchedMost; place++)
      if (this.prices[place] === ticks) return place;
    return -1;
  }

  private freePlace(): number {
    for (let place = 0; place < watchedMost; place++) {
      if (Number.isNaN(this.prices[place])) return place;
    }
    return -1;
  }
}

function quantityAt(levels: Levels, count: number, price: number): number {
  for (let level = 0; level < count; level++) {
    if (levels[level]?.[0] === price) return levels[level]?.[1] as number;
  }
  return 0;
}
