/** How the venue's time passes: so many venue milliseconds in a real one, or only when told. */
export type RehearsalSpeed = number | "lockstep";

/**
 * The venue's own time, Unix milliseconds, never going back. Whoever drives the venue moves it;
 * a clock at a speed only says how far it should have come by now.
 */
export class VenueClock {
  /** What clients are told, and judged by, is this much ahead of the venue's inner time. */
  skewMs = 0;
  readonly #speed: RehearsalSpeed;
  readonly #startAt: number;
  readonly #realStart = performance.now();
  #now: number;

  constructor(speed: RehearsalSpeed, startAt: number) {
    if (speed !== "lockstep" && !(speed > 0 && speed <= 1e6)) {
      throw new RangeError(
        `Cannot run venue at speed ${speed}: wanted "lockstep" or a number above 0, at most 1000000`,
      );
    }
    this.#speed = speed;
    this.#startAt = startAt;
    this.#now = startAt;
  }

  /** Inner time: what matching, fills and the record go by. */
  get now(): number {
    return this.#now;
  }

  /** What the venue says the time is. */
  get told(): number {
    return this.#now + this.skewMs;
  }

  get isLockstep(): boolean {
    return this.#speed === "lockstep";
  }

  /** Where time should stand by now; in lockstep, where it stands. */
  get target(): number {
    if (this.#speed === "lockstep") return this.#now;
    const passed = (performance.now() - this.#realStart) * this.#speed;
    return Math.max(this.#now, Math.floor(this.#startAt + passed));
  }

  /** @throws {RangeError} if that would be back in time. */
  moveTo(time: number): void {
    if (time < this.#now) {
      throw new RangeError(`Cannot move venue time to ${time}: it is ${this.#now} already`);
    }
    this.#now = time;
  }
}

/** A time as an RFC 3339 text with microseconds, such as `2026-01-01T00:00:00.000000Z`. */
export function rfc3339(unixMs: number): string {
  return `${new Date(unixMs).toISOString().slice(0, -1)}000Z`;
}
