/** What the command line refuses, with the exit code that is documented for it. */
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { novactor } from "../kill/desk-process.ts";
import { WorkFolder } from "../kill/harness.ts";
import { accountAt, marketAt, setsOf } from "./nervous.fixture.ts";

setDefaultTimeout(60_000);

const folder = new WorkFolder();
afterAll(() => folder[Symbol.dispose]());

const header = "timestamp_ms,open,high,low,close,volume";
const row = "1640995200000,1,2,1,2,10";
const one = ["--symbol", "BTC/USD", "--timeframe", "1m"];

async function fileOf(...lines: readonly string[]): Promise<string> {
  const path = folder.file(`${Bun.hash(lines.join("\n"))}.csv`);
  await Bun.write(path, `${lines.join("\n")}\n`);
  return path;
}

const ledger = folder.file("never.db");
const candles = (...args: readonly string[]) =>
  novactor(["start", "--market", "candles", ...args, "--until", "end", "--db", ledger, "--json"]);

describe("novactor exits with 2 and says what was wanted", () => {
  test.each([
    ["an unknown command", ["strat"], "unknown command 'strat'"],
    ["an unknown option", ["start", "--sped", "max"], "unknown option '--sped'"],
    ["an unknown market", ["start", "--market", "moon"], "Allowed choices are generator, candles"],
    ["a day that no month has", ["start", "--until", "2022-02-30"], 'Wanted "end" or a time'],
    ["a ledger in memory", ["start", "--db", ":memory:"], "wanted a file"],
    ["a symbol for the generator", ["start", "--symbol", "X/Y"], 'wanted "--market candles"'],
    ["a speed of nothing", ["start", "--speed", "0"], 'Wanted "max"'],
    ["an end that is no time", ["start", "--until", "later"], 'Wanted "end" or a time'],
    ["a seed below zero", ["start", "--seed", "-1"], "Wanted a whole number from 0"],
    ["a port out of range", ["start", "--port", "65536"], "Wanted a whole number from 0 to 65535"],
    ["candles without a file", ["start", "--market", "candles"], 'wanted "--candles FILE'],
    ["a file for the generator", ["start", "--candles", "x.csv"], 'wanted "--market candles"'],
    ["a journal that is not there", ["journal", "verify"], "there is no such file"],
    ["a ledger that is not there", ["ledger", "export"], "there is no such file"],
  ] as const)("for %s", async (_name, args, text) => {
    const { code, out, err } = await novactor(args, { NOVACTOR_DB: ledger });
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(text);
  });

  test("for a file without its symbol", async () => {
    const path = await fileOf(header, row);
    const { code, err } = await candles("--candles", path, "--candles", path, ...one);
    expect(code).toBe(2);
    expect(err).toContain("Cannot pair 2 candle files with 1 symbols and 1 timeframes");
  });

  test("for symbols of two quote coins", async () => {
    const path = await fileOf(header, row);
    const other = ["--symbol", "ETH/BTC", "--timeframe", "1m"];
    const { code, err } = await candles("--candles", path, ...one, "--candles", path, ...other);
    expect(code).toBe(2);
    expect(err).toContain('Cannot trade quote coins "USD", "BTC" in one portfolio');
  });

  test("for a symbol that is none", async () => {
    const args = ["--symbol", "BTCUSD", "--timeframe", "1m"];
    const { code, err } = await candles("--candles", await fileOf(header, row), ...args);
    expect(code).toBe(2);
    expect(err).toContain('Cannot read symbol "BTCUSD"');
  });
});

describe("novactor exits with 6 and names file and line", () => {
  test.each([
    ["a column too few", [header, row, "1640995260000,1,2,1,2"], "line 3 has 5 columns, wanted 6"],
    ["no header", [row], "line 1 is"],
    ["a price below zero", [header, "1640995200000,-1,2,1,2,10"], 'line 2 has open "-1"'],
    ["a high below its low", [header, "1640995200000,2,1,2,2,10"], "line 2 has high 1 below low 2"],
    ["rows out of order", [header, "1640995260000,1,2,1,2,10", row], "line 3 has timestamp_ms"],
    ["no rows", [header], "it has no rows"],
  ] as const)("for %s", async (_name, lines, text) => {
    const path = await fileOf(...lines);
    const { code, out, err } = await candles("--candles", path, ...one);
    expect([code, out]).toEqual([6, ""]);
    expect(err).toContain(`Cannot read candle file ${JSON.stringify(path)}`);
    expect(err).toContain(text);
  });

  test("for a file that is not there", async () => {
    const { code, err } = await candles("--candles", folder.file("none.csv"), ...one);
    expect(code).toBe(6);
    expect(err).toContain("wanted a readable file");
  });

  test("for a gzip file that was cut off", async () => {
    const path = folder.file("cut.csv.gz");
    const whole = Bun.gzipSync(`${header}\n${row}\n`);
    await Bun.write(path, whole.slice(0, whole.length - 12));
    const { code, err } = await candles("--candles", path, ...one);
    expect(code).toBe(6);
    expect(err).toContain("wanted a whole gzip file");
  });
});

test.each([
  "start",
  "status",
  "pause",
  "resume",
  "flatten",
  "halt",
  "journal verify",
  "journal show",
  "ledger export",
])("novactor %s --help explains itself and exits with 0", async (name) => {
  const { code, out, err } = await novactor([...name.split(" "), "--help"]);
  expect([code, err]).toEqual([0, ""]);
  expect(out).toContain(`Usage: novactor ${name}`);
});

test.each(["generator", "candles", "recording"])(
  "orders at a venue never follow prices of another place: --market %s",
  async (market) => {
    const url = "http://127.0.0.1:1";
    const settings = { ...marketAt(url), ...accountAt(url) };
    const args = ["start", ...setsOf(settings), "--market", market, "--db", ledger];
    const { code, err } = await novactor(args);
    expect([code, err]).toEqual([
      8,
      expect.stringContaining(`Cannot take "--market ${market}" while mode is rehearsal`) as string,
    ]);
  },
);

test("a venue on a wire is given no faults of a plan: --faults is refused with what is wanted", async () => {
  const url = "http://127.0.0.1:1";
  const settings = { ...marketAt(url), ...accountAt(url) };
  const args = ["start", ...setsOf(settings), "--faults", "calm", "--db", ledger];
  const { code, out, err } = await novactor(args);
  const text =
    'Cannot take "--faults calm" while mode is rehearsal: wanted mode paper, or "novactor';
  expect([code, out, err]).toEqual([2, "", expect.stringContaining(text) as string]);
});
