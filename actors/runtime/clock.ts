import { assert } from "../../machines/domain/assert.ts";
import type { MovableClock } from "./ports.ts";

/** A clock that stands still until it is moved: runs from files, tests and simulation. */
export class VirtualClock implements MovableClock {
  constructor(private time: number) {}

  now(): number {
    return this.time;
  }

  advanceTo(time: number): void {
    assert(time >= this.time, `Cannot move clock back from ${this.time} to ${time}`);
    this.time = time;
  }
}
