import { type Decimal, decimalPlaces } from "../../../machines/domain/decimal.ts";
import { readWrittenNumber, type WrittenNumber, writtenSteps } from "../../market/mod.ts";
import { WireFlaw } from "./wire-message.ts";

/** Turns an instrument's prices, as written, into whole ticks. A tick may be any decimal: "0.05". */
export class TickScale {
  readonly #tick: WrittenNumber;

  /** @param tick above zero, as the instrument has it. */
  constructor(private readonly tick: Decimal) {
    const written = readWrittenNumber(tick);
    if (written === null || written.mantissa === 0) {
      throw new RangeError(`Cannot count in ticks of ${tick}: wanted above zero`);
    }
    this.#tick = written;
  }

  /** Digits behind the point that a price on the grid may have. */
  get places(): number {
    return decimalPlaces(this.tick);
  }

  /** @throws {WireFlaw} if the price is none, or lies between two ticks. */
  ticks(price: string): number {
    const written = readWrittenNumber(price);
    const { mantissa, places } = this.#tick;
    const steps = written
      ? writtenSteps(written.mantissa, places - written.places) / mantissa
      : Number.NaN;
    if (Number.isSafeInteger(steps) && steps > 0) return steps;
    throw new WireFlaw(`has price "${price.slice(0, 40)}", wanted a multiple of ${this.tick}`);
  }
}
