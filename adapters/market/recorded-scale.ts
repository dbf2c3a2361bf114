import { type Decimal, decimalPlaces } from "../../machines/domain/decimal.ts";
import type { RecordedLevel } from "./recorded-book.ts";
import type { WrittenLevel } from "./recording-message.ts";
import { readWrittenNumber, writtenSteps } from "./written-number.ts";

/** Turns a recording's prices into whole ticks. */
export class RecordedScale {
  readonly #places: number;

  /** @param tick a power of ten, as {@link RecordingScan} has it. */
  constructor(tick: Decimal) {
    this.#places = decimalPlaces(tick);
  }

  /** @throws {RangeError} if the price lies between two ticks, which the scan has ruled out. */
  ticks(price: string): number {
    const written = readWrittenNumber(price);
    const steps = written
      ? writtenSteps(written.mantissa, this.#places - written.places)
      : Number.NaN;
    if (Number.isSafeInteger(steps) && steps > 0) return steps;
    throw new RangeError(`Cannot read price ${price} in ticks of ${this.#places} places`);
  }

  level([price, quantity]: WrittenLevel): RecordedLevel {
    return { ticks: this.ticks(price), quantity };
  }

  levels(written: readonly WrittenLevel[]): RecordedLevel[] {
    return written.map((level) => this.level(level));
  }
}
