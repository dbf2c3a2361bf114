/** `novactor data fetch` of venues that the desk does not trade at, as processes. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CandleStore } from "../research/candle-store.ts";
import { readSeriesName } from "../research/series-key.ts";
import { serveBitstamp } from "../venues/ccxt/bitstamp-server.fixture.ts";
import { exitCode } from "./exit-codes.ts";

const main = join(import.meta.dir, "main.ts");
const folder = mkdtempSync(join(tmpdir(), "data-fetch-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const minuteMs = 60_000;
const until = Math.floor(Date.now() / minuteMs) * minuteMs - 10 * minuteMs;
const since = until - 2_500 * minuteMs;
const iso = (at: number): string => new Date(at).toISOString();

async function fetched(args: { venue: string; until: number; rest: string; timeframe?: string }) {
  const { venue, rest, timeframe = "1m" } = args;
  const child = Bun.spawn(
    [
      ...[process.execPath, main, "data", "fetch", "--venue", venue, "--symbol", "BTC/USD"],
      ...["--timeframe", timeframe, "--since", iso(since), "--until", iso(args.until)],
      ...["--rest", rest, "--store", "store"],
    ],
    { cwd: folder, stdout: "pipe", stderr: "pipe" },
  );
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, out, err };
}

test("data fetch takes a venue as ccxt reads it, goes on where it was, and tells gaps", async () => {
  const first = since + 100 * minuteMs;
  using server = serveBitstamp(first, [first + 7 * minuteMs]);
  server.failing = 1;
  const part = await fetched({
    venue: "bitstamp",
    until: since + 1_000 * minuteMs,
    rest: server.url,
  });
  expect([part.code, part.err]).toEqual([0, expect.stringContaining("; trying again in ")]);
  expect(part.out).toContain("bitstamp/BTC/USD/1m: 899 candles fetched, in store");
  expect(part.out).toContain("  bitstamp does not tell 100 candles from ");
  expect(part.out).toContain("  1 candles missing in 1 gaps\n");
  server.asked.length = 0;
  const rest = await fetched({ venue: "bitstamp", until, rest: server.url });
  expect([rest.code, rest.err]).toEqual([0, expect.stringContaining(" candles, 100 %")]);
  // What was before the venue's first candle is asked for again, what is stored is not.
  expect(server.asked).toEqual([since, since + 1_000 * minuteMs, since + 2_000 * minuteMs]);
  const store = new CandleStore(join(folder, "store"));
  const { columns } = await store.read(readSeriesName("bitstamp/BTC/USD/1m"));
  expect(columns.openedAt.length).toBe(2_399);
});

test.each([
  ["a venue that there is not", "krakn", "1m", 'ccxt has no such venue, near it are "kraken"'],
  ["a venue without candles", "zaif", "1m", "it tells none"],
  [
    "candles of another length",
    "bitstamp",
    "7m",
    'Cannot fetch candles of "7m": bitstamp has 1m, ',
  ],
])("data fetch refuses %s", async (_, venue, timeframe, wanted) => {
  const { code, err } = await fetched({ venue, timeframe, until, rest: "http://127.0.0.1:9" });
  expect([code, err]).toEqual([exitCode.usage, expect.stringContaining(wanted)]);
  expect(readdirSync(folder).filter((name) => name !== "store")).toEqual([]);
});
