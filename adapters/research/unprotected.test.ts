import { expect, test } from "bun:test";
import { deskInput } from "../../actors/desk/config.ts";
import { decimal } from "../../machines/domain/decimal.ts";
import { runConfig } from "../cli/run-config.ts";
import { openGenerator } from "../cli/sources.ts";
import { startConfiguration } from "../cli/start-configuration.ts";
import { crossSettings } from "./reference-cross.ts";

const symbol = { symbol: "BTC/USD", startPrice: decimal(64_000), tick: decimal("0.1") };
const { source } = openGenerator({ seed: 1, symbols: [symbol], timeframeMs: 60_000, startAt: 0 });
const { settings } = startConfiguration({ set: crossSettings(10, 30, "1", "0.001") });
const { desk } = runConfig(source, 1, "none", settings);

test("a paper desk over past data runs without stops", () => {
  expect(desk.position.protects).toBe(false);
  expect(() => deskInput(desk)).not.toThrow();
});

test.each([
  [{ mode: "live" }, 'in mode "live"'],
  [{ mode: "rehearsal" }, 'in mode "rehearsal"'],
  [{ isLive: true }, "on a live market"],
] as const)("a desk with %p does not, whoever put its configuration together", (more, where) => {
  expect(() => deskInput({ ...desk, ...more })).toThrow(
    `Cannot run without protective stops ${where}: wanted "paper" on past data`,
  );
});
