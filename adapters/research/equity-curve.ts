/** Beyond this many points every second one is dropped. */
const mostPoints = 1_000_000;

/** A curve that grows point by point, in typed arrays, and is thinned where it gets too long. */
export class EquityCurve {
  private readonly most: number;
  private at = new Float64Array(4_096);
  private value = new Float64Array(4_096);
  private exposed = new Float64Array(4_096);
  private length = 0;
  private stride = 1;
  private seen = 0;
  private last = Number.NaN;

  /** @param most points that are kept at most */
  constructor(most = mostPoints) {
    this.most = most;
  }

  /**
   * Adds a point: Unix milliseconds, equity in quote coin, share of it in positions. One of the time
   * of the last one takes its place.
   */
  add(at: number, value: number, exposure: number): void {
    if (at === this.last) {
      if (this.at[this.length - 1] !== at) return;
      this.value[this.length - 1] = value;
      this.exposed[this.length - 1] = exposure;
      return;
    }
    this.last = at;
    const isKept = this.seen % this.stride === 0;
    this.seen += 1;
    if (!isKept) return;
    if (this.length === this.at.length) this.makeRoom();
    this.at[this.length] = at;
    this.value[this.length] = value;
    this.exposed[this.length] = exposure;
    this.length += 1;
  }

  points() {
    const cut = (column: Float64Array) => column.slice(0, this.length);
    return {
      equity: { at: cut(this.at), value: cut(this.value) },
      exposure: cut(this.exposed),
    };
  }

  private makeRoom(): void {
    if (this.length >= this.most) {
      for (const column of [this.at, this.value, this.exposed]) {
        for (let to = 0; 2 * to < this.length; to += 1) column[to] = column[2 * to] ?? 0;
      }
      this.length = Math.ceil(this.length / 2);
      this.stride *= 2;
      return;
    }
    const size = Math.min(this.most, 2 * this.at.length);
    const grown = (column: Float64Array) => {
      const larger = new Float64Array(size);
      larger.set(column);
      return larger;
    };
    this.at = grown(this.at);
    this.value = grown(this.value);
    this.exposed = grown(this.exposed);
  }
}
