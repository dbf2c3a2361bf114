/** `novactor data fetch|list|check|convert`, as processes, against a venue behind real sockets. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CandleStore } from "../research/candle-store.ts";
import { readSeriesName } from "../research/series-key.ts";
import { type Rehearsal, startRehearsal } from "../venues/rehearsal/mod.ts";
import { exitCode } from "./exit-codes.ts";

const main = join(import.meta.dir, "main.ts");
const folder = mkdtempSync(join(tmpdir(), "data-store-"));
const minuteMs = 60_000;
const header = "timestamp_ms,open,high,low,close,volume";

function spawned(...args: string[]) {
  const command = [process.execPath, main, "data", ...args];
  return Bun.spawn(command, { cwd: folder, stdout: "pipe", stderr: "pipe" });
}

async function data(...args: string[]) {
  const child = spawned(...args);
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, out, err };
}

/** Passes on to a venue, counts requests for candles, and may leave one without an answer. */
function doorOf(venue: Rehearsal) {
  const asked: string[] = [];
  const held = Promise.withResolvers<void>();
  const door = {
    asked,
    held: held.promise,
    holdAt: Number.POSITIVE_INFINITY,
    url: "",
    stop: () => {},
  };
  const server = Bun.serve({
    ...{ hostname: "127.0.0.1", port: 0, idleTimeout: 0 },
    async fetch(request) {
      const { pathname, search, searchParams } = new URL(request.url);
      if (/candles|OHLC/.test(pathname)) {
        asked.push(searchParams.get("start") ?? searchParams.get("since") ?? "");
        if (asked.length === door.holdAt) {
          held.resolve();
          await new Promise(() => {});
        }
      }
      const reply = await fetch(venue.url + pathname + search);
      return new Response(await reply.text(), {
        status: reply.status,
        headers: { "content-type": reply.headers.get("content-type") ?? "application/json" },
      });
    },
  });
  door.url = `http://127.0.0.1:${server.port}`;
  door.stop = () => void server.stop(true);
  return door;
}

describe("novactor data fetch", () => {
  let coinbase: Rehearsal;
  let door: ReturnType<typeof doorOf>;
  const until = Math.floor(Date.now() / minuteMs) * minuteMs - 5 * minuteMs;
  const since = until - 690 * minuteMs;

  beforeAll(async () => {
    coinbase = await startRehearsal({ venue: "coinbase", seed: "7", speed: 1 });
    door = doorOf(coinbase);
  });
  afterAll(async () => {
    door.stop();
    await coinbase[Symbol.asyncDispose]();
  });

  const wanted = (store: string): string[] => [
    ...["fetch", "--venue", "coinbase", "--symbol", "BTC/USD", "--timeframe", "1m"],
    ...["--since", new Date(since).toISOString(), "--until", new Date(until).toISOString()],
    ...["--rest", door.url, "--store", join(folder, store)],
  ];

  test("that is killed goes on where it was, to the same candles as one that was not", async () => {
    const whole = await data(...wanted("whole"));
    expect({ code: whole.code, pages: door.asked.length }).toEqual({ code: 0, pages: 3 });
    expect(whole.out).toContain("coinbase/BTC/USD/1m: ");
    expect(whole.err).toContain(" candles, 100 %");
    door.asked.length = 0;
    door.holdAt = 3;
    const child = spawned(...wanted("killed"));
    await door.held;
    child.kill("SIGKILL");
    await child.exited;
    const key = readSeriesName("coinbase/BTC/USD/1m");
    const store = new CandleStore(join(folder, "killed"));
    const stored = since + 600 * minuteMs;
    expect((await store.index(key))?.covered).toEqual([[since, stored]]);
    door.holdAt = Number.POSITIVE_INFINITY;
    door.asked.length = 0;
    const resumed = await data(...wanted("killed"));
    expect({ code: resumed.code, asked: door.asked }).toEqual({
      ...{ code: 0, asked: [String(stored / 1_000)] },
    });
    const other = new CandleStore(join(folder, "whole"));
    const [got, want] = [await store.read(key), await other.read(key)];
    expect(got.sha256).toBe(want.sha256);
    expect(got.columns.openedAt.length).toBeGreaterThan(600);
  });

  test("asks a venue that tells only its newest bars for them, and says what it no longer has", async () => {
    await using kraken = await startRehearsal({ venue: "kraken", seed: "7", speed: 1 });
    const { code, out } = await data(
      ...["fetch", "--venue", "kraken", "--symbol", "BTC/USD", "--timeframe", "1m"],
      ...["--since", new Date(until - 1_500 * minuteMs).toISOString()],
      ...["--until", new Date(until).toISOString()],
      ...["--rest", kraken.url, "--store", join(folder, "kraken")],
    );
    expect(code).toBe(0);
    expect(out).toContain("kraken does not tell ");
  });

  test("refuses a symbol and a length of candles that the venue does not have", async () => {
    const asked = (symbol: string, timeframe: string) =>
      data(
        ...["fetch", "--venue", "coinbase", "--symbol", symbol, "--timeframe", timeframe],
        ...[
          "--since",
          new Date(since).toISOString(),
          "--rest",
          door.url,
          "--store",
          join(folder, "no"),
        ],
      );
    const symbol = await asked("NONE/USD", "1m");
    expect(symbol.code).toBe(exitCode.badData);
    expect(symbol.err).toContain("coinbase does not list NONE/USD");
    const timeframe = await asked("BTC/USD", "7m");
    expect(timeframe.code).toBe(exitCode.usage);
    expect(timeframe.err).toContain('Cannot fetch candles of "7m"');
  });
});

describe("novactor data list, check and convert", () => {
  const at = (minute: number): number => 1_640_995_200_000 + minute * minuteMs;
  const good = [0, 1, 2, 4].map((minute) => `${at(minute)},10.5,11,10,10.75,3`);
  const path = (name: string): string => join(folder, name);
  const of = ["--symbol", "BTC/USD", "--timeframe", "1m"];

  beforeAll(() => {
    writeFileSync(path("good.csv"), `${[header, ...good].join("\n")}\n`);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("bring a file into the store, show it, check it, and give the same candles back", async () => {
    const store = ["--store", path("converted")];
    const taken = await data(
      "convert",
      "--candles",
      path("good.csv"),
      ...of,
      "--venue",
      "kraken",
      ...store,
    );
    expect([taken.code, taken.out]).toEqual([
      0,
      `kraken/BTC/USD/1m: 4 candles taken, in ${path("converted")}/kraken/BTC-USD/1m\n` +
        "  1 candles missing in 1 gaps\n    2022-01-01 00:03 to 2022-01-01 00:04: 1\n",
    ]);
    const listed = await data("list", "--json", ...store);
    expect(JSON.parse(listed.out)).toEqual([
      { series: "kraken/BTC/USD/1m", candles: 4, first: at(0), last: at(4), missing: 1 },
    ]);
    const checked = await data("check", ...store);
    expect(checked.out).toContain(
      "kraken/BTC/USD/1m: sound, 4 candles\n  1 candles missing in 1 gaps",
    );
    const out = path("back.csv.gz");
    expect(
      (await data("convert", "--data", "kraken/BTC/USD/1m", "--out", out, ...store)).code,
    ).toBe(0);
    expect(new TextDecoder().decode(Bun.gunzipSync(readFileSync(out)))).toBe(
      readFileSync(path("good.csv"), "utf8"),
    );
  });

  test("say what was left out of a file, and refuse one of longer candles", async () => {
    const doubled = [good[0], good[0], good[1], good[1], good[1], good[2]];
    writeFileSync(path("doubled.csv"), `${[header, ...doubled].join("\n")}\n`);
    const into = ["--out", path("single.csv")];
    const taken = await data("convert", "--candles", path("doubled.csv"), ...of, ...into);
    expect([taken.code, taken.out]).toEqual([
      0,
      "  3 exact duplicates left out, the first in line 3\n",
    ]);
    const longer = [0, 5, 10].map((minute) => `${at(minute)},10.5,11,10,10.75,3`);
    writeFileSync(path("longer.csv"), `${[header, ...longer].join("\n")}\n`);
    const store = ["--venue", "kraken", "--store", path("longer")];
    const refused = await data("convert", "--candles", path("longer.csv"), ...of, ...store);
    expect(refused.code).toBe(exitCode.badData);
    expect(refused.err).toContain("its candles open every 5m or a multiple of it");
    expect(refused.err).toContain("give --timeframe 5m");
    expect(readdirSync(folder)).not.toContain("longer");
  });

  const flawed: readonly (readonly [string, string | Uint8Array, string, string])[] = [
    ["unsorted rows", [good[1], good[0]].join("\n"), "line 3 has timestamp_ms", "sort the rows"],
    ["a repeated time", `${good[0]}\n${at(0)},9,11,9,10,3`, "line 3 repeats", "keep one row"],
    ["a negative price", `${at(0)},-1,2,1,2,3`, 'line 2 has open "-1"', "correct these rows"],
    ["NaN", `${at(0)},1,2,1,NaN,3`, 'line 2 has close "NaN"', "correct these rows"],
    ["wrong columns", `${at(0)},1,2,1,2`, "line 2 has 5 columns", "correct these rows"],
    [
      "a cut gzip",
      Bun.gzipSync(`${header}\n${good.join("\n")}\n`).slice(0, -9),
      "line 5 is the last that can be unpacked, wanted a whole gzip",
      "copy or",
    ],
  ];
  test.each(flawed)(
    "refuse %s with file, line and cure, and take nothing",
    async (name, content, found, cure) => {
      const file = path(`${name}.csv`);
      writeFileSync(file, typeof content === "string" ? `${header}\n${content}\n` : content);
      const store = path(`store of ${name}`);
      const checked = await data("check", "--candles", file, ...of);
      const taken = await data(
        "convert",
        "--candles",
        file,
        ...of,
        "--venue",
        "kraken",
        "--store",
        store,
      );
      for (const { code, err } of [checked, taken]) {
        expect(code).toBe(exitCode.badData);
        expect(err).toContain(`Cannot read candle file ${JSON.stringify(file)}: ${found}`);
        expect(err).toContain(`To cure it, ${cure}`);
      }
      expect(readdirSync(folder)).not.toContain(`store of ${name}`);
    },
  );

  test("find damage in the store, and say which file", async () => {
    const store = path("damaged");
    await data(
      "convert",
      "--candles",
      path("good.csv"),
      ...of,
      "--venue",
      "kraken",
      "--store",
      store,
    );
    const series = join(store, "kraken/BTC-USD/1m");
    const [file = ""] = readdirSync(series).filter((name) => name.endsWith(".gz"));
    writeFileSync(join(series, file), Bun.gzipSync(`${header}\n${good[0]}\n`));
    const { code, out, err } = await data("check", "--store", store);
    expect([code, out]).toEqual([exitCode.badData, "kraken/BTC/USD/1m: damaged, 4 candles\n"]);
    expect(err).toContain(`${file}": its SHA-256 is `);
  });

  test("find months whose candles open out of step with one another", async () => {
    const store = path("shifted");
    const border = Date.UTC(2022, 1, 1);
    for (const [name, from] of [
      ["a", border - 3 * minuteMs],
      ["b", border + 10_000],
    ] as const) {
      const lines = [0, 1, 2].map((minute) => `${from + minute * minuteMs},10.5,11,10,10.75,3`);
      writeFileSync(path(`${name}.csv`), `${[header, ...lines].join("\n")}\n`);
      const into = ["--venue", name, "--store", store];
      expect((await data("convert", "--candles", path(`${name}.csv`), ...of, ...into)).code).toBe(
        0,
      );
    }
    const into = ["--venue", "a", "--store", store];
    const refused = await data("convert", "--candles", path("b.csv"), ...of, ...into);
    expect([refused.code, refused.out]).toEqual([exitCode.badData, ""]);
    expect(refused.err).toContain("and one that is to be added opens at 2022-02-01T00:00:10.000Z");
    // As a store that was written before such rows were refused.
    const [a, b] = ["a", "b"].map((venue) => join(store, venue, "BTC-USD/1m"));
    const [index, other] = [a, b].map((each) =>
      JSON.parse(readFileSync(`${each}/index.json`, "utf8")),
    );
    index.months.push(...other.months);
    for (const { file } of other.months)
      writeFileSync(`${a}/${file}`, readFileSync(`${b}/${file}`));
    writeFileSync(`${a}/index.json`, JSON.stringify(index));
    const { code, out, err } = await data("check", "a/BTC/USD/1m", "--store", store);
    expect([code, out]).toEqual([exitCode.badData, "a/BTC/USD/1m: damaged, 6 candles\n"]);
    expect(err).toContain("The candles of 2022-02 (");
    expect(err).toContain("open at 2022-02-01T00:00:10.000Z, wanted 2022-01-31T23:57:00.000Z");
  });

  test("refuse what is no conversion", async () => {
    const { code, err } = await data("convert", "--candles", path("good.csv"), ...of);
    expect([code, err]).toEqual([exitCode.usage, expect.stringContaining("wanted one source")]);
  });
});
