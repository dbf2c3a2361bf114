/** `novactor data indicators` against reference values that another program computed. */
import { describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dir, "../..");
const shared = join(root, "../shared");
const list =
  "sma:20,ema:20,rsi:14,atr:14,adx:14,bollinger:20:2,macd:12:26:9,stochastic:14:3:3,cci:20,mfi:14," +
  "obv,roc:10,williamsR:14,sar:0.02:0.2,stddev:20,linregSlope:14,aroon:14";

async function indicators(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const command = [process.execPath, "adapters/cli/main.ts", "data", "indicators", ...args];
  const child = Bun.spawn(command, { cwd: root, stdout: "pipe", stderr: "pipe" });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, out, err };
}

function table(text: string): { header: string[]; rows: Map<string, string[]> } {
  const [head = "", ...lines] = text.trim().split("\n");
  return {
    header: head.split(","),
    rows: new Map(lines.map((line) => [line.split(",", 1)[0] ?? "", line.split(",")])),
  };
}

const golden = [
  ["btc-usd-perp-1m-2022-01.csv.gz", "1m", "talib-btc-usd-perp-1m-2022-01.csv.gz"],
  ["ada-btc-5m-2018-01.csv.gz", "5m", "talib-ada-btc-5m-2018-01.csv.gz"],
] as const;

describe("data indicators", () => {
  for (const [data, timeframe, reference] of golden) {
    test.skipIf(!existsSync(join(shared, "golden", reference)))(
      `agrees with ${reference} in every column`,
      async () => {
        const path = join(shared, "data", data);
        const { code, out, err } = await indicators(
          ...["--candles", path, "--timeframe", timeframe, "--indicators", list],
        );
        expect({ code, err }).toEqual({ code: 0, err: "" });
        const ours = table(out);
        const bytes = readFileSync(join(shared, "golden", reference));
        const theirs = table(new TextDecoder().decode(Bun.gunzipSync(bytes)));
        expect(ours.header).toEqual(theirs.header);
        const largest = theirs.header.map((_, column) =>
          Math.max(...[...theirs.rows.values()].map((row) => Math.abs(Number(row[column] || 0)))),
        );
        const wrong: string[] = [];
        for (const [at, wanted] of theirs.rows) {
          const row = ours.rows.get(at) ?? [];
          for (const [column, text] of wanted.entries()) {
            const value = row[column] ?? "missing";
            const off = Math.abs(Number(value) - Number(text));
            const allowed = Math.max(Math.abs(Number(text)) * 1e-9, (largest[column] ?? 0) * 1e-9);
            if ((value === "") !== (text === "") || off > allowed) {
              wrong.push(`${at} ${theirs.header[column]}: ${value}, wanted ${text}`);
            }
          }
        }
        expect(theirs.rows.size).toBeGreaterThan(400);
        expect(wrong.slice(0, 10)).toEqual([]);
      },
    );
  }

  test("writes plain means to a file, empty until they are defined", async () => {
    const folder = mkdtempSync(join(tmpdir(), "novactor-data-"));
    try {
      const candles = join(folder, "candles.csv");
      const out = join(folder, "out.csv");
      const rows = [10.5, 11, 12, 13.5].map((close, index) => {
        const high = Math.max(close, 20);
        return `${index * 60_000},${close},${high},1,${close},5`;
      });
      writeFileSync(candles, `timestamp_ms,open,high,low,close,volume\n${rows.join("\n")}\n`);
      const { code } = await indicators(
        ...["--candles", candles, "--timeframe", "1m", "--indicators", "sma:2", "--out", out],
      );
      expect(code).toBe(0);
      expect(readFileSync(out, "utf8")).toBe(
        "timestamp_ms,sma_2\n0,\n60000,10.75\n120000,11.5\n180000,12.75\n",
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test("names the nearest indicator for one that it does not know", async () => {
    const { code, err } = await indicators(
      ...["--candles", "none.csv", "--timeframe", "1m", "--indicators", "emma:20"],
    );
    expect({ code, hint: err.includes('the nearest known is "ema"') }).toEqual({
      code: 2,
      hint: true,
    });
  });
});
