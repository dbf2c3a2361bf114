/** Paper on a live venue's market, over real sockets: a process of its own against a served Kraken. */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { exitCode } from "../../adapters/cli/exit-codes.ts";
import { LedgerReader } from "../../adapters/store/reader.ts";
import type { Rehearsal } from "../../adapters/venues/rehearsal/mod.ts";
import { decimal } from "../../machines/domain/decimal.ts";
import { DeskProcess, novactor } from "../kill/desk-process.ts";
import { WorkFolder } from "../kill/harness.ts";
import {
  lastClose,
  marketAt,
  nervous,
  past,
  setsOf,
  startVenue,
  symbol,
} from "./nervous.fixture.ts";

setDefaultTimeout(240_000);

const folder = new WorkFolder();
afterAll(() => folder[Symbol.dispose]());

const startArgs = (url: string, file: string): string[] => [
  "start",
  ...setsOf({
    ...nervous,
    ...marketAt(url),
    "matching.fees.maker": "0",
    "matching.fees.taker": "0",
  }),
  ...["--db", file, "--port", "0"],
];

interface Status {
  readonly market: string;
  readonly mode: string;
  readonly counts: Readonly<Record<string, number>>;
}

async function statusOf(file: string): Promise<Status | null> {
  const { code, out } = await novactor(["status", "--db", file, "--json"]);
  return code === 0 ? (JSON.parse(out) as Status) : null;
}

/** Moves the price up a little, again and again, until the desk has bought. */
async function rising(venue: Rehearsal, desk: DeskProcess, file: string): Promise<boolean> {
  let ticks = lastClose;
  return desk.until(async () => {
    ticks += 200;
    venue.control.feedPoint(symbol, decimal((ticks / 10).toFixed(1)));
    return ((await statusOf(file))?.counts.fills ?? 0) > 0;
  });
}

test("a desk on a venue's market is warm from its history, buys from its book, and goes on", async () => {
  const file = folder.file("live.db");
  await using venue = await startVenue();
  const args = startArgs(venue.url, file);
  const seen: string[] = [];
  {
    await using desk = new DeskProcess(args);
    expect(await rising(venue, desk, file)).toBe(true);
    const status = await statusOf(file);
    expect(status).toMatchObject({ mode: "paper", market: expect.stringContaining("Kraken") });
    // History comes as bars of the past: heard, and not acted on.
    expect(status?.counts.candles).toBeGreaterThanOrEqual(past - 1);
    expect(desk.out).toContain("PAPER  live market data: Kraken");
    desk.signal("SIGKILL");
    await desk.ended;
  }
  using before = new LedgerReader(file);
  const orders = [...before.books.eachOrder()].length;
  for (const record of before.journal.range()) if (record.kind === "bar") seen.push(record.content);
  await using desk = new DeskProcess(args);
  expect(await desk.until(async () => (await statusOf(file)) !== null)).toBe(true);
  expect(await desk.until(() => desk.out.includes("market data live"))).toBe(true);
  const again = await statusOf(file);
  expect(again?.counts.fills).toBeGreaterThan(0);
  desk.signal("SIGINT");
  expect((await desk.ended).code).toBe(0);
  using after = new LedgerReader(file);
  expect([...after.books.eachOrder()].length).toBeGreaterThanOrEqual(orders);
  // No bar was heard twice, over both lives.
  const opened = [...after.journal.range()]
    .filter(({ kind }) => kind === "bar")
    .map(({ content }) => (JSON.parse(content) as { input: { openedAt: number } }).input.openedAt);
  expect(new Set(opened).size).toBe(opened.length);
  expect((await novactor(["journal", "verify", "--db", file])).code).toBe(0);
  // Not one private request was made: paper needs no keys.
  expect(venue.control.requests.filter(({ path }) => path.includes("private"))).toEqual([]);
});

test("a venue that is not there is waited for, in words, and no ledger is begun on other prices", async () => {
  const file = folder.file("nowhere.db");
  const { port } = await unusedPort();
  await using desk = new DeskProcess(startArgs(`http://127.0.0.1:${port}`, file));
  expect(await desk.until(() => /trying again in 2 s/.test(desk.out))).toBe(true);
  desk.signal("SIGINT");
  const { code, out } = await desk.ended;
  expect(code).toBe(0);
  expect(out).toContain("Cannot reach Kraken: ");
  expect(out).toContain(`. See this machine's network, whether its address "http://127.0.0.1:`);
  expect(out).toContain("stopped before the venue was reached");
  expect(existsSync(file)).toBe(false);
});

test("a venue that goes away is told of, and its market goes on when it is back", async () => {
  const file = folder.file("away.db");
  await using venue = await startVenue();
  await using desk = new DeskProcess(startArgs(venue.url, file));
  expect(await desk.until(() => desk.out.includes("market data live"))).toBe(true);
  await venue.control.restart(300);
  expect(
    await desk.until(() => /market data down: .*\n(.*\n)*Kraken market data live/.test(desk.out)),
  ).toBe(true);
  expect(await rising(venue, desk, file)).toBe(true);
  desk.signal("SIGINT");
  expect((await desk.ended).code).toBe(0);
});

test.each([
  [
    "a symbol that it does not list",
    { "market.live.symbols": "NOPE/USD" },
    "does not list NOPE/USD",
  ],
  ["bars that it keeps no history of", { "market.timeframe": "7m" }, "wanted market.timeframe"],
])("%s is refused, with what is wanted", async (_, changed, text) => {
  await using venue = await startVenue();
  const file = folder.file("refused.db");
  const sets = Object.entries(changed).flatMap(([path, value]) => ["--set", `${path}=${value}`]);
  const { code, err } = await novactor([...startArgs(venue.url, file), ...sets]);
  expect(code).toBe(exitCode.badConfiguration);
  expect(err).toContain(text);
  expect(existsSync(file)).toBe(false);
});

/** A port that was free a moment ago. */
async function unusedPort(): Promise<{ readonly port: number | undefined }> {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("") });
  const { port } = server;
  await server.stop(true);
  return { port };
}
