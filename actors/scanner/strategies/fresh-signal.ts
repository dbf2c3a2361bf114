/**
 * A signal that was given at one bar and stands for a while: frames and strategies seldom speak in
 * the very same bar. It falls after `freshBars` more bars, or at once when price closes back
 * beyond the edge that it was given at.
 */
export class FreshSignal {
  /** 0 where none stands. */
  side: -1 | 0 | 1 = 0;
  strength = 0;
  /** Bars since it was given. */
  age = 0;
  private edge = Number.NaN;
  private readonly freshBars: number;

  constructor(freshBars: number) {
    this.freshBars = freshBars;
  }

  /** One bar goes by. */
  pass(close: number): void {
    if (this.side === 0) return;
    this.age += 1;
    if (this.age > this.freshBars || (close - this.edge) * this.side < 0) this.end();
  }

  give(side: -1 | 1, strength: number, edge: number): void {
    this.side = side;
    this.strength = strength;
    this.edge = edge;
    this.age = 0;
  }

  end(): void {
    this.side = 0;
    this.strength = 0;
    this.edge = Number.NaN;
    this.age = 0;
  }
}
