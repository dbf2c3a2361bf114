import { assert } from "../../machines/domain/assert.ts";
import type { MovableClock } from "./ports.ts";

/** A clock that stands still until it is moved: runs from files, tests and simulation. */
export class VirtualClock implements MovableClock {
  constructor(private time: number) {}

  now(): number {
    return this.time;
  }

  advanceTo(time: number): void {
    // The text is made where it is needed: a run moves its clock millions of times.
    if (!(time >= this.time)) {
      assert(false, `Cannot move clock back from ${this.time} to ${time}`);
    }
    this.time = time;
  }
}
