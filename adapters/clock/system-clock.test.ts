import { expect, test } from "bun:test";
import { systemClock, systemDraws } from "./system-clock.ts";

test("systemClock tells the host's time and does not go back", () => {
  const before = Date.now();
  const times = Array.from({ length: 1_000 }, () => systemClock.now());
  expect(times[0]).toBeGreaterThanOrEqual(before);
  expect(times).toEqual([...times].sort((a, b) => a - b));
});

test("systemDraws gives as many digits as asked, and other ones each time", () => {
  const drawn = Array.from({ length: 1_000 }, () => systemDraws.hex("intent", "attempt/1", 15));
  expect(drawn.every((text) => /^[0-9a-f]{15}$/.test(text))).toBe(true);
  expect(new Set(drawn).size).toBe(1_000);
});
