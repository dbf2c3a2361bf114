/** `novactor backtest` and `compare`, as processes, on markets made for it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunReport } from "../../actors/research/mod.ts";
import { writeRecording } from "../market/recording.fixture.ts";
import { crossSettings } from "../research/reference-cross.ts";
import { exitCode } from "./exit-codes.ts";
import { novactorIn } from "./novactor.fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "backtest-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const novactor = novactorIn(folder);

const path = (name: string): string => join(folder, name);
const reportIn = (name: string) => JSON.parse(readFileSync(path(name), "utf8")) as RunReport;
const eager = [
  "--set",
  "strategy.confluence.minStrategies=1",
  "--set",
  "strategy.confluence.minConfidence=0.2",
];
/** A day of the generator's market: five symbols, a candle each minute. */
const day = ["backtest", "--seed", "5", "--until", "2026-01-01T16:00:00Z", ...eager];

describe("novactor backtest", () => {
  beforeAll(async () => {
    const files = ["--json", path("a.json"), "--html", path("a.html"), "--csv", path("a")];
    const { code, out } = await novactor(...day, ...files);
    writeFileSync(path("a.txt"), out);
    expect(code).toBe(0);
  });

  test("tells what the run came to, in the terminal and in files", () => {
    const out = readFileSync(path("a.txt"), "utf8");
    const report = reportIn("a.json");
    const { metrics, candles, ledgerHead } = report;
    expect(metrics.trades).toBeGreaterThan(0);
    expect(candles).toBeGreaterThan(4_000);
    for (const part of [
      "total return",
      "not enough data",
      "fees paid",
      "slippage paid",
      ledgerHead,
    ]) {
      expect(out).toContain(part);
    }
    expect(report.trades.length).toBe(metrics.trades);
    expect(
      readFileSync(join(path("a"), "trades.csv"), "utf8")
        .trim()
        .split("\n").length,
    ).toBe(1 + metrics.trades + metrics.openTrades);
    expect(readFileSync(path("a.html"), "utf8")).toContain("Backtest of BTC/USD");
  });

  test("gives the same bytes for the same seed, and others for another", async () => {
    await novactor(...day, "--json", path("b.json"));
    await novactor(...day, "--seed", "6", "--json", path("c.json"));
    const [a, b, c] = ["a", "b", "c"].map((name) => readFileSync(path(`${name}.json`), "utf8"));
    expect(b).toBe(a ?? "");
    expect(c).not.toBe(a ?? "");
  });

  test("books what a desk with its ledger on disk books", async () => {
    const { code, out } = await novactor(
      ...["start", "--market", "generator", "--speed", "max", "--until", "2026-01-01T16:00:00Z"],
      ...["--seed", "5", ...eager, "--db", path("desk.db"), "--json"],
    );
    expect(code).toBe(0);
    const desk = JSON.parse(out) as { ledgerHead: string; fees: string; trades: number };
    const { ledgerHead, metrics } = reportIn("a.json");
    expect({ ledgerHead, trades: metrics.trades }).toEqual({
      ...{ ledgerHead: desk.ledgerHead, trades: desk.trades },
    });
  });

  test("is compared run by run, trade by trade", async () => {
    await novactor(...day, "--set", "matching.fees.taker=0.01", "--json", path("dear.json"));
    const { code, out } = await novactor(
      "compare",
      path("a.json"),
      path("b.json"),
      path("dear.json"),
    );
    expect(code).toBe(0);
    const { metrics } = reportIn("a.json");
    expect(out).toContain(
      `b.json: ${metrics.trades} the same, 0 entered alike and ended otherwise`,
    );
    expect(out).toMatch(/fees paid +[\d,.]+ USD +[\d,.]+ USD +[\d,.]+ USD/);
    const bad = await novactor("compare", path("a.json"), path("a.html"));
    expect([bad.code, bad.err]).toEqual([exitCode.usage, expect.stringContaining("it is no JSON")]);
  });

  test("runs on stored candles as on the file that they came from, and apart from each cost", async () => {
    const rows = Array.from({ length: 900 }, (_, index) => {
      const price = 1_000 + Math.round(60 * Math.sin(index / 25)) + (index % 3);
      return `${1_640_995_200_000 + index * 60_000},${price},${price + 4},${price - 4},${price + 1},9000`;
    });
    writeFileSync(
      path("wave.csv"),
      `timestamp_ms,open,high,low,close,volume\n${rows.join("\n")}\n`,
    );
    const file = ["--candles", path("wave.csv"), "--symbol", "BTC/USD", "--timeframe", "1m"];
    const store = ["--store", path("store")];
    await novactor("data", "convert", ...file, "--venue", "kraken", ...store);
    const once = [
      "--set",
      "strategy.frames=1, 3",
      "--set",
      "strategy.confluence.frameBonus=1, 1.3",
    ];
    await novactor("backtest", ...file, ...eager, ...once, "--json", path("file.json"));
    const stored = ["--data", "kraken/BTC/USD/1m", ...store];
    const told = await novactor(
      "backtest",
      ...stored,
      ...eager,
      ...once,
      "--sensitivity",
      "--json",
      path("data.json"),
    );
    expect(told.err).toBe("");
    const [ofFile, ofData] = [reportIn("file.json"), reportIn("data.json")];
    expect(ofData.ledgerHead).toBe(ofFile.ledgerHead);
    expect(ofData.metrics.buyAndHold).toBeCloseTo(ofFile.metrics.buyAndHold ?? 9, 12);
    expect(ofFile.metrics.trades).toBeGreaterThan(0);
    const costs = ofData.sensitivity.map(({ fees, slippage }) => `${fees} ${slippage}`);
    expect(costs).toEqual(["1 1", "0 1", "2 1", "3 1", "1 0", "1 2", "1 3", "0 0", "2 2", "3 3"]);
    const free = ofData.sensitivity.find(({ fees, slippage }) => fees + slippage === 0);
    const [usual, noFees] = ofData.sensitivity;
    expect([free?.feesPaid, free?.slippagePaid, noFees?.feesPaid]).toEqual(["0", "0", "0"]);
    expect(Number(usual?.feesPaid)).toBeGreaterThan(0);
    expect(Number(noFees?.slippagePaid)).toBeGreaterThan(0);
    const spread = ["spreadTicks=6", "slippageTicks=0", "slippageShare=0"].flatMap((each) => [
      ...["--set", `matching.${each}`],
    ]);
    await novactor("backtest", ...stored, ...eager, ...once, ...spread, "--json", path("s.json"));
    const { slippagePaid, spreadPaid, feesPaid } = reportIn("s.json").metrics;
    expect(slippagePaid).toBe("0");
    expect(Number(spreadPaid)).toBeGreaterThan(0);
    expect(Number(feesPaid)).toBeGreaterThan(0);
    for (const trade of reportIn("s.json").trades) {
      // Three ticks of 1 for each unit that was taken, at most on both sides.
      expect(Number(trade.spread)).toBeLessThanOrEqual(6 * Number(trade.quantity) + 1e-9);
    }
  });

  test("runs on a recording of the venue's streams", async () => {
    const wanted = { symbol: "BTC/USDT", startPrice: "60000", seconds: 120, seed: 1, skewMs: 0 };
    const recording = await writeRecording(path("streams.jsonl"), wanted);
    const eager = crossSettings(2, 5, "0.01", "0.001").flatMap((each) => ["--set", each]);
    const { code, out, err } = await novactor(
      ...["backtest", "--recording", recording, "--json", path("r.json"), "--sensitivity"],
      ...eager,
    );
    expect({ code, err: err.includes("Cannot") }).toEqual({ code: 0, err: false });
    const { candles, metrics, sensitivity } = reportIn("r.json");
    expect(candles).toBeGreaterThan(60);
    expect(metrics.trades).toBeGreaterThan(0);
    // What taking cost is in the prices of the book: it is not known apart, and is not varied.
    expect([metrics.slippagePaid, metrics.spreadPaid]).toEqual([null, null]);
    expect(out).toContain("in each price");
    expect(sensitivity.map(({ fees, slippage }) => [fees, slippage])).toEqual([
      ...[1, 0, 2, 3].map((fees) => [fees, 1]),
    ]);
    expect(Math.abs(metrics.buyAndHold ?? 1)).toBeLessThan(0.1);
  });

  test("refuses data that cannot be used before anything is run or written", async () => {
    writeFileSync(path("bad.csv"), "timestamp_ms,open,high,low,close,volume\n60000,1,2,1,NaN,1\n");
    const { code, err } = await novactor(
      ...["backtest", "--candles", path("bad.csv"), "--symbol", "BTC/USD", "--timeframe", "1m"],
      ...["--json", path("bad.json")],
    );
    expect(code).toBe(exitCode.badData);
    expect(err).toContain(
      `bad.csv": line 2 has close "NaN", wanted a number above 0\nTo cure it, `,
    );
    expect(existsSync(path("bad.json"))).toBe(false);
  });

  test("refuses to write where it cannot before anything is read", async () => {
    writeFileSync(path("a-file"), "");
    mkdirSync(path("a-folder"));
    const cases = [
      ["--json", path("nowhere/a.json")],
      ["--html", path("a-folder")],
      ["--csv", path("a-file/tables")],
    ] as const;
    for (const [option, target] of cases) {
      const { code, out, err } = await novactor(
        ...["backtest", "--candles", path("none.csv"), "--symbol", "BTC/USD", "--timeframe", "1m"],
        ...[option, target],
      );
      expect([code, out]).toEqual([exitCode.usage, ""]);
      expect(err).toStartWith(`Cannot write "${target}": `);
    }
    expect(readdirSync(path("a-folder"))).toEqual([]);
  });

  test.each([
    ["a market without an end", [], '"--until TIME", for its market has no end'],
    ["two sources", ["--candles", "x", "--data", "kraken/BTC/USD/1m"], "wanted one of them"],
    [
      "a symbol without a file",
      ["--symbol", "BTC/USD", "--until", "2026-01-02"],
      '"--candles FILE"',
    ],
  ])("refuses %s", async (_, args, wanted) => {
    const { code, err } = await novactor("backtest", ...args);
    expect([code, err]).toEqual([exitCode.usage, expect.stringContaining(wanted)]);
    expect(readdirSync(folder)).not.toContain("data");
  });
});
