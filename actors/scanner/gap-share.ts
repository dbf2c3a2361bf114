import { type Stateful, WindowSum } from "../market/mod.ts";

/**
 * Share of base candles that were missing among the last `window`, or among all so far while there
 * are fewer.
 */
export class GapShare implements Stateful {
  readonly key: string;
  value = 0;
  private expected = 0;
  private missing = 0;
  private readonly recent: WindowSum;

  constructor(window: number) {
    this.key = `gapShare:${window}`;
    this.recent = new WindowSum(window);
  }

  /** A candle came, and so many were missing just before it. */
  update(missed: number): void {
    // More than the window holds would only push itself out.
    for (let step = Math.min(missed, this.recent.warmup); step > 0; step--) this.add(1);
    this.add(0);
  }

  private add(missing: 0 | 1): void {
    this.recent.update(missing);
    const sum = this.recent.value;
    if (Number.isNaN(sum)) {
      this.expected += 1;
      this.missing += missing;
      this.value = this.missing / this.expected;
    } else this.value = sum / this.recent.warmup;
  }
}
