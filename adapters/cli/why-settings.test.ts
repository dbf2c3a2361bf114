import { describe, expect, test } from "bun:test";
import type { DeskConfig } from "../../actors/desk/mod.ts";
import { defaults } from "../../config/defaults.ts";
import { runSettingsOf } from "../../config/run-settings.ts";
import { decimal } from "../../machines/domain/decimal.ts";
import { presetNames } from "../config/files.ts";
import { loadConfiguration } from "../config/load-configuration.ts";
import { settingsChange } from "./why-settings.ts";

const none = { mode: "paper", seed: 1, symbols: [], quote: "USD" } as const;
const { account: at, matching: _matching, fees: _fees, ...rules } = defaults;
const config: DeskConfig = { ...none, at, ...rules };

/** A ledger keeps its keys sorted, and so do these. */
function kept(value: DeskConfig): DeskConfig {
  return JSON.parse(JSON.stringify(value)) as DeskConfig;
}

function presetConfig(preset: string): DeskConfig {
  const loaded = loadConfiguration({ file: null, preset, env: {}, flags: [] }, -1);
  if (loaded.type === "problems") throw new Error(`Cannot load preset "${preset}"`);
  const {
    account,
    matching: _m,
    fees: _f,
    ...settings
  } = runSettingsOf(loaded.resolved.configuration);
  return { ...none, at: account, ...settings };
}

describe("settingsChange()", () => {
  test("of a limit changes that one on every account, and leaves each its others", () => {
    const own = { ...config.risk, positionCap: 9 };
    const other = { at: { venue: "paper", account: "twin" }, symbols: [], quote: "USD", risk: own };
    const { risk, others } = settingsChange(["risk.maxShare=0.125"])({
      ...config,
      others: [other],
    });
    const maxShare = decimal("0.125");
    expect(risk).toEqual({ ...config.risk, maxShare });
    expect(others).toEqual([{ ...other, risk: { ...own, maxShare } }]);
  });

  test("of nothing leaves the configuration as it is", () => {
    expect(settingsChange([])(kept(config))).toEqual(config);
  });

  test.each(presetNames())("of nothing leaves preset %s as it is", (name) => {
    const preset = presetConfig(name);
    expect(settingsChange([])(kept(preset))).toEqual(preset);
  });

  test("takes the end of a path where only one key ends so, and the last of two", () => {
    const { strategy, risk, stop } = settingsChange([
      ...["minConfidence=0.4", "strategy.confluence.minConfidence=0.5", "positionCap=7"],
      ...["trend.weight=0.2", "orderFlow.use=false", "atrMultiple=2.5", "riskShare=0.02"],
    ])(config);
    expect([strategy.confluence.minConfidence, risk.positionCap, stop.atrMultiple]).toEqual([
      ...[0.5, 7, 2.5],
    ]);
    expect([
      strategy.votes.trend?.weight,
      strategy.votes.orderFlow,
      String(risk.riskShare),
    ]).toEqual([0.2, undefined, "0.02"]);
    expect(strategy.confluence).toEqual({ ...config.strategy.confluence, minConfidence: 0.5 });
  });

  test("takes rows, which must fit to each other", () => {
    const { strategy } = settingsChange(["frames=1, 4", "frameBonus=1, 1.2"])(config);
    expect([strategy.frames, strategy.confluence.frameBonus]).toEqual([
      [1, 4],
      [1, 1.2],
    ]);
    expect(() => settingsChange(["strategy.frames=1, 4"])(config)).toThrow("frameBonus");
  });

  test("keeps what a past decision had from its journal", () => {
    const other = {
      ...config,
      strategy: { ...config.strategy, eventPriceMove: 0.0071 },
      risk: { ...config.risk, dailyLossShare: config.risk.maxShare },
    };
    expect(settingsChange([])(other)).toEqual(other);
  });

  test.each([
    ["eventPriceMovePct=1", "is not judged again"],
    ["strategy.session.least=0.9", "is not judged again"],
    ["entry.type=market", "is not judged again"],
    ["minFrame=1", "perhaps strategy.confluence.minFrames was meant"],
    ["=1", '"" is not a key'],
    ["period=3", '"period" is the name of'],
  ])("refuses %s", (setting, text) => {
    expect(() => settingsChange([setting])).toThrow(text);
  });

  test.each([
    ["minConfidence", "wanted a number above 0, at most 1"],
    ["minConfidence=much", "wanted a number above 0, at most 1"],
    ["targetAtrMultiple=1", "wanted above strategy.confluence.minRewardToRisk"],
    ["trend.fast=900", "strategy.votes.trend.fast"],
  ])("refuses the value of %s", (setting, text) => {
    expect(() => settingsChange([setting])(config)).toThrow(text);
  });
});
