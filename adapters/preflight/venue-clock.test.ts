import { expect, test } from "bun:test";
import { clockFound } from "./venue-clock.ts";

const noon = Date.UTC(2026, 0, 1, 12);

test.each([
  ["on time", 7, 0, "ok"],
  ["half a second ahead, the way there and back counted", 7, 540, "ok"],
  ["more than half a second ahead", 7, 560, "warning"],
  ["more than half a second behind", 7, -560, "warning"],
  ["as far off as a proof may be", 7, 2_049, "warning"],
  ["further ahead than a proof may be", 7, 2_060, "critical"],
  ["further behind than a proof may be", 7, -2_060, "critical"],
  // A venue of whole seconds may be nearly one further than it says.
  ["on time by whole seconds", 0, 900, "ok"],
  ["two seconds ahead by whole seconds", 0, 3_040, "warning"],
  ["further ahead by whole seconds", 0, 3_060, "critical"],
] as const)("a clock %s", (_, milliseconds, aheadMs, severity) => {
  const told = noon + milliseconds;
  const found = clockFound({
    ...{ venue: "kraken", told, skewMostMs: 2_000 },
    askedAt: told + aheadMs - 50,
    answeredAt: told + aheadMs + 50,
  });
  expect(found.severity).toBe(severity);
  expect(found.cure === undefined).toBe(severity === "ok");
});
