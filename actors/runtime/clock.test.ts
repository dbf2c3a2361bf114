import { describe, expect, test } from "bun:test";
import { VirtualClock } from "./clock.ts";

describe("VirtualClock", () => {
  test("stands still until it is moved", () => {
    const clock = new VirtualClock(1_000);
    expect([clock.now(), clock.now()]).toEqual([1_000, 1_000]);
    clock.advanceTo(1_500);
    clock.advanceTo(1_500);
    expect(clock.now()).toBe(1_500);
  });

  test("is never moved back", () => {
    const clock = new VirtualClock(1_000);
    expect(() => clock.advanceTo(999)).toThrow("Cannot move clock back from 1000 to 999");
    expect(clock.now()).toBe(1_000);
  });
});
