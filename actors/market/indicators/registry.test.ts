import { describe, expect, test } from "bun:test";
import { createIndicator, createIndicators, knownIndicators } from "./registry.ts";

function linesOf(specification: string): readonly string[] {
  return createIndicators(specification).flatMap(({ lines }) => lines.map(({ name }) => name));
}

describe("createIndicators", () => {
  const cases: readonly (readonly [specification: string, lines: string])[] = [
    ["sma:20,ema:20,wma:20", "sma_20 ema_20 wma_20"],
    ["rsi:14,atr:14", "rsi_14 atr_14"],
    ["adx:14", "adx_14 plus_di_14 minus_di_14"],
    ["bollinger:20:2", "bb_upper_20_2 bb_mid_20_2 bb_lower_20_2"],
    ["bollinger:10:2.5", "bb_upper_10_25 bb_mid_10_25 bb_lower_10_25"],
    ["keltner", "kc_upper_20_10_2 kc_mid_20_10_2 kc_lower_20_10_2"],
    ["donchian:20", "dc_upper_20 dc_mid_20 dc_lower_20"],
    ["macd:12:26:9", "macd_12_26_9 macd_signal macd_hist"],
    ["macd:5:35:5", "macd_5_35_5 macd_signal_5_35_5 macd_hist_5_35_5"],
    ["stochastic:14:3:3", "stoch_k_14_3 stoch_d_3"],
    ["stochastic:5:3:3", "stoch_k_5_3_3 stoch_d_5_3_3"],
    ["cci,mfi,obv,roc,williamsR", "cci_20 mfi_14 obv roc_10 willr_14"],
    ["sar:0.02:0.2", "sar_002_02"],
    ["supertrend", "supertrend_10_3 supertrend_dir_10_3"],
    ["squeeze", "squeeze_momentum_20_2_15 squeeze_on_20_2_15"],
    ["stddev,linregSlope,garmanKlass", "stddev_20 linreg_slope_14 garman_klass_20"],
    ["vwap,vwap:20", "vwap vwap_20"],
    ["aroon:14", "aroon_down_14 aroon_up_14"],
    [
      "ichimoku",
      "ichimoku_conversion_9_26_52 ichimoku_base_9_26_52 ichimoku_span_a_9_26_52 " +
        "ichimoku_span_b_9_26_52 ichimoku_cloud_a_9_26_52 ichimoku_cloud_b_9_26_52",
    ],
    [
      "macd,macd:5:35:5",
      "macd_12_26_9 macd_signal macd_hist macd_5_35_5 macd_signal_5_35_5 macd_hist_5_35_5",
    ],
  ];
  for (const [specification, lines] of cases) {
    test(`"${specification}" has the lines ${lines}`, () => {
      expect(linesOf(specification).join(" ")).toBe(lines);
    });
  }

  test("every known name creates an indicator whose key is its full specification", () => {
    for (const { name, usage } of knownIndicators) {
      const { key } = createIndicator(name);
      expect([usage, "vwap"]).toContain(key);
      expect(createIndicator(key).key).toBe(key);
    }
  });

  const refusals: readonly (readonly [specification: string, message: string])[] = [
    [
      "rsii:14",
      'Cannot create indicator "rsii:14": unknown name "rsii", the nearest known is "rsi"',
    ],
    ["williamsr", 'unknown name "williamsr", the nearest known is "williamsR"'],
    ["stdev:20", 'unknown name "stdev", the nearest known is "stddev"'],
    ["constructor", 'unknown name "constructor"'],
    ["", 'unknown name ""'],
    ["sma:20,,rsi", 'unknown name ""'],
    [
      "sma:20:3",
      'Cannot create indicator "sma:20:3": 2 parameters, wanted at most 1, as in "sma:20"',
    ],
    ["obv:3", 'Cannot create indicator "obv:3": 1 parameters, wanted at most 0, as in "obv"'],
    [
      "sma:x",
      'Cannot create indicator "sma:x": parameter "x" is not a number, wanted the form "sma:20"',
    ],
    ["sma:-3", 'parameter "-3" is not a number'],
    ["sma:", 'parameter "" is not a number'],
    [
      "sma:0",
      'Cannot create indicator "sma:0": period is 0, wanted a whole number from 1 to 10000',
    ],
    ["sma:2.5", "period is 2.5, wanted a whole number from 1 to 10000"],
    ["ema:10001", "period is 10001, wanted a whole number from 1 to 10000"],
    ["rsi:1", "period is 1, wanted a whole number from 2 to 10000"],
    [
      "macd:26:12:9",
      'Cannot create indicator "macd:26:12:9": fast period is 26, wanted less than 12',
    ],
    ["bollinger:20:0", "width is 0, wanted above 0, at most 1000"],
    ["sma:20,rsi,sma", 'both "sma:20" and "sma:20" name a line "sma_20"'],
  ];
  for (const [specification, message] of refusals) {
    test(`"${specification}" is refused: ${message}`, () => {
      expect(() => createIndicators(specification)).toThrow(message);
      expect(() => createIndicators(specification)).toThrow(RangeError);
    });
  }
});
