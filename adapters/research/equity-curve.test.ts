import { expect, test } from "bun:test";
import { EquityCurve } from "./equity-curve.ts";

test("a curve keeps every point while there is room", () => {
  const curve = new EquityCurve(10_000);
  for (let at = 0; at < 10_000; at += 1) curve.add(at, 2 * at, at / 10_000);
  const { equity, exposure } = curve.points();
  expect([equity.at.length, equity.at[9_999], equity.value[9_999]]).toEqual([
    10_000, 9_999, 19_998,
  ]);
  expect(exposure[5_000]).toBe(0.5);
});

test("a curve that is too long drops every second point, and goes on as thin", () => {
  const curve = new EquityCurve(8_192);
  for (let at = 0; at < 20_000; at += 1) curve.add(at, at, 0);
  const { equity } = curve.points();
  const wanted = Array.from({ length: 5_000 }, (_, index) => 4 * index);
  expect([...equity.at]).toEqual(wanted);
  expect([...equity.value]).toEqual(wanted);
});
