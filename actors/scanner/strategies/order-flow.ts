import { Opinion } from "../strategy.ts";
import type { BookReading } from "./book-reading.ts";
import {
  checkParameters,
  keyOf,
  type ParametersOf,
  real,
  standardOf,
  whole,
} from "./parameters.ts";

export const orderFlowRules = {
  smoothing: whole(5, 1, 200, "Bars over which the flow is smoothed; so many readings in a row."),
  threshold: real(0.2, 0.01, 0.99, "Smoothed flow, 0 to 1, from which on it counts."),
  maxSuspicion: real(
    0.5,
    0,
    1,
    "Suspicion of spoofing, 0 to 1, above which the book is not heard.",
  ),
};

/**
 * Order flow: the mean of what rests in the book (imbalance) and what trades against it (pressure
 * of prints), smoothed. Hold when it leans to buyers and the weighted mid stands above the mid,
 * leave when both lean the other way. Abstains without a book; a bar without one starts it anew,
 * for what a book said some time ago is no flow.
 */
export class OrderFlowStrategy extends Opinion {
  readonly weight = 0.15;
  readonly key: string;
  readonly warmup: number;
  /** -1 (all sellers) to 1 (all buyers). */
  private flow = 0;
  /** Readings in a row. */
  private readings = 0;
  private lean = Number.NaN;
  private suspicion = Number.NaN;
  private readonly pace: number;
  private readonly threshold: number;
  private readonly maxSuspicion: number;

  constructor(parameters: ParametersOf<typeof orderFlowRules> = standardOf(orderFlowRules)) {
    super();
    checkParameters("orderFlow", orderFlowRules, parameters);
    const { smoothing, threshold, maxSuspicion } = parameters;
    this.key = keyOf("orderFlow", orderFlowRules, parameters);
    this.warmup = smoothing;
    this.pace = 2 / (smoothing + 1);
    this.threshold = threshold;
    this.maxSuspicion = maxSuspicion;
  }

  get name(): string {
    return "orderFlow";
  }

  update(
    _open: number,
    _high: number,
    _low: number,
    _close: number,
    _volume: number,
    book: BookReading | null = null,
  ): void {
    this.direction = 0;
    this.strength = 0;
    if (book === null) {
      this.readings = 0;
      this.lean = Number.NaN;
      this.suspicion = Number.NaN;
      return;
    }
    const flow = (book.imbalance + book.pressure) / 2;
    this.flow = this.readings === 0 ? flow : this.flow + (flow - this.flow) * this.pace;
    this.readings += 1;
    this.lean = book.lean;
    this.suspicion = book.suspicion;
    if (this.readings < this.warmup || book.suspicion > this.maxSuspicion) return;
    if (this.flow >= this.threshold && book.lean > 0) {
      this.say(1, this.flow / (2 * this.threshold));
    } else if (this.flow <= -this.threshold && book.lean < 0) {
      this.say(-1, -this.flow / (2 * this.threshold));
    }
  }

  protected words(): string {
    if (this.readings === 0) return "no order book";
    if (this.readings < this.warmup) return "too few readings of the book in a row";
    if (this.suspicion > this.maxSuspicion) return "the book is suspected of spoofing";
    if (this.direction > 0) return "book and prints lean to the buyers";
    if (this.direction < 0) return "book and prints lean to the sellers";
    return "book and prints lean to neither side";
  }

  protected numbers() {
    const flow = this.readings === 0 ? Number.NaN : this.flow;
    return { flow, lean: this.lean, suspicion: this.suspicion, readings: this.readings };
  }
}
