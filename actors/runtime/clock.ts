import { assert } from "../../machines/domain/assert.ts";
import type { Clock } from "./ports.ts";

/** A clock that stands still until it is moved: runs from files, tests and simulation. */
export class VirtualClock implements Clock {
  constructor(private time: number) {}

  now(): number {
    return this.time;
  }

  /** Moves to a time, never back. */
  advanceTo(time: number): void {
    assert(time >= this.time, `Cannot move clock back from ${this.time} to ${time}`);
    this.time = time;
  }
}
