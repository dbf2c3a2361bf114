/**
 * Random numbers by key and place instead of by turn: the draw for (seed, subject, index, purpose)
 * is always the same, whatever was drawn before it or by whom. The function is Threefry-2x32 with
 * 20 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011); the key is cut
 * from SHA-256 of seed and subject.
 */
export class KeyedDraws {
  /** The two words of the last {@link at}, whole numbers below 2^32. */
  first = 0;
  second = 0;
  readonly #key0: number;
  readonly #key1: number;
  readonly #key2: number;

  constructor(key0: number, key1: number) {
    this.#key0 = key0 | 0;
    this.#key1 = key1 | 0;
    this.#key2 = 0x1bd11bda ^ this.#key0 ^ this.#key1;
  }

  static of(seed: string, subject: string): KeyedDraws {
    const digest = new Bun.CryptoHasher("sha256").update(JSON.stringify([seed, subject])).digest();
    return new KeyedDraws(digest.readUInt32LE(0), digest.readUInt32LE(4));
  }

  /** Draws 64 bits for a place into `first` and `second`; both numbers are taken modulo 2^32. */
  at(index: number, purpose: number): void {
    let k0 = this.#key0;
    let k1 = this.#key1;
    let k2 = this.#key2;
    let x = (index + k0) | 0;
    let y = (purpose + k1) | 0;
    // Rounds are written out, not looped over: they are most of the cost of a generated candle.
    for (let group = 1; group <= 5; group += 1) {
      if ((group & 1) === 1) {
        x = (x + y) | 0;
        y = ((y << 13) | (y >>> 19)) ^ x;
        x = (x + y) | 0;
        y = ((y << 15) | (y >>> 17)) ^ x;
        x = (x + y) | 0;
        y = ((y << 26) | (y >>> 6)) ^ x;
        x = (x + y) | 0;
        y = ((y << 6) | (y >>> 26)) ^ x;
      } else {
        x = (x + y) | 0;
        y = ((y << 17) | (y >>> 15)) ^ x;
        x = (x + y) | 0;
        y = ((y << 29) | (y >>> 3)) ^ x;
        x = (x + y) | 0;
        y = ((y << 16) | (y >>> 16)) ^ x;
        x = (x + y) | 0;
        y = ((y << 24) | (y >>> 8)) ^ x;
      }
      x = (x + k1) | 0;
      y = (y + k2 + group) | 0;
      const spent = k0;
      k0 = k1;
      k1 = k2;
      k2 = spent;
    }
    this.first = x >>> 0;
    this.second = y >>> 0;
  }

  /** A number in (0, 1), never its ends. */
  unit(index: number, purpose: number): number {
    this.at(index, purpose);
    return unitOf(this.first);
  }

  /**
   * A nearly normal number of mean 0 and variance 1, within ±4.9: the sum of eight 16-bit draws.
   * Only sums, products and square roots are used in this market, for these give the same bits on
   * every machine, which logarithms and cosines do not. Uses `purpose` and `purpose + 1`.
   */
  normal(index: number, purpose: number): number {
    this.at(index, purpose);
    const a = this.first;
    const b = this.second;
    this.at(index, purpose + 1);
    const c = this.first;
    const d = this.second;
    const high = (a >>> 16) + (b >>> 16) + (c >>> 16) + (d >>> 16);
    const low = (a & 0xffff) + (b & 0xffff) + (c & 0xffff) + (d & 0xffff);
    // Each part is a whole number below 2^16, its mean 2^15 - 0.5; a sum of eight uniform
    // numbers of width 1 has the variance 8/12.
    return ((high + low + 4) / 65_536 - 4) * Math.sqrt(1.5);
  }
}

/** A 32-bit word as a number in (0, 1). */
export function unitOf(word: number): number {
  return (word + 0.5) / 4_294_967_296;
}
