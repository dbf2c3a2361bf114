/** Past decisions explained from another process: a thousand at random, archived ones, forged ones. */
import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { copyFileSync, cpSync, existsSync } from "node:fs";
import { type Explanation, explanations, isEvaluation } from "../../actors/desk/mod.ts";
import { chainHash, keyedDraws } from "../../actors/runtime/mod.ts";
import type { JournalRecord } from "../../actors/runtime/ports.ts";
import { exitCode } from "../../adapters/cli/exit-codes.ts";
import { configurationHistory, firstConfiguration } from "../../adapters/cli/why-ledger.ts";
import { settingsChange } from "../../adapters/cli/why-settings.ts";
import { LedgerReader } from "../../adapters/store/reader.ts";
import type { Decision } from "../../machines/domain/decision.ts";
import { HeadWatch, novactor } from "../kill/desk-process.ts";
import { WorkFolder } from "../kill/harness.ts";
import { btcMonth, generated, isAvailable, type MarketRun, startArgs } from "../kill/market-run.ts";
import { pacedDesk } from "./moments.fixture.ts";

// A bound on hanging, not on how fast a machine is.
setDefaultTimeout(180_000);

const folder = new WorkFolder();
afterAll(() => folder[Symbol.dispose]());

/** How many past evaluations are run again, and the seed that they are drawn by. */
const [sample, seed] = [1_000, 5];

/** Runs a desk to its end in a process of its own; alarms that it logs are no failure. */
async function runDesk(run: MarketRun, file: string): Promise<void> {
  const { code, err } = await novactor(startArgs(run, file));
  if (code !== 0) throw new Error(`Cannot run the desk: it ended with ${code}: ${err}`);
}

async function why(file: string, ...args: readonly string[]) {
  const { code, out, err } = await novactor(["why", ...args, "--db", file]);
  return { code, out, err };
}

async function explained(file: string, ...args: readonly string[]): Promise<Explanation> {
  const { code, out, err } = await why(file, ...args, "--json");
  expect([code, err]).toEqual([exitCode.ok, ""]);
  return JSON.parse(out) as Explanation;
}

function evaluations(reader: LedgerReader): JournalRecord[] {
  const symbols = symbolsOf(reader);
  return [...reader.history()].filter((record) =>
    symbols.some((symbol) => isEvaluation(record, symbol)),
  );
}

function symbolsOf(reader: LedgerReader): string[] {
  return firstConfiguration(reader).symbols.map(({ instrument }) => instrument.symbol);
}

/** So many records, drawn at random without taking one twice. */
function drawn(records: readonly JournalRecord[], count: number): JournalRecord[] {
  const draws = keyedDraws(seed);
  const keyed = records.map((record) => [draws.hex(String(record.seq), "sample", 12), record]);
  return (keyed.sort(([a = ""], [b = ""]) => (a < b ? -1 : 1)) as [string, JournalRecord][])
    .slice(0, count)
    .map(([, record]) => record);
}

/** What of a sample comes out, in one pass over each symbol's records. */
function rerun(reader: LedgerReader, wanted: readonly JournalRecord[]) {
  const history = configurationHistory(reader);
  const found = symbolsOf(reader).flatMap((symbol) => {
    const seqs = wanted.filter(({ subject }) => subject === symbol).map(({ seq }) => seq);
    if (seqs.length === 0) return [];
    return [...explanations(reader.history(), new Set(seqs), { symbol, history })];
  });
  return { found, different: found.filter(({ isSame }) => !isSame) };
}

/** Runs a sample again and compares it with what the journal itself says was decided. */
function expectSame(file: string): JournalRecord[] {
  using reader = new LedgerReader(file);
  const wanted = drawn(evaluations(reader), sample);
  const { found, different } = rerun(reader, wanted);
  expect(different).toEqual([]);
  const decided = new Map(
    wanted.map(({ seq, content }) => [
      seq,
      (JSON.parse(content) as { decision: unknown }).decision,
    ]),
  );
  for (const { record, again } of found) {
    expect(again.decision as unknown).toEqual(decided.get(record.seq));
  }
  expect([found.length, decided.size]).toEqual([sample, sample]);
  // A sample of one kind would prove little.
  expect(new Set(wanted.map(({ code }) => code)).size).toBeGreaterThan(5);
  return wanted;
}

/** A copy of a ledger with its archives, for who changes it. */
function copyOf(file: string, name: string): string {
  const copy = folder.file(name);
  copyFileSync(file, copy);
  if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
  if (existsSync(`${file}.archive`))
    cpSync(`${file}.archive`, `${copy}.archive`, { recursive: true });
  return copy;
}

const days = generated("2026-01-03T00:00:00Z");
const ledger = folder.file("generated.db");

beforeAll(async () => {
  // In two processes, so that the second went on from what the first had stored.
  await runDesk({ ...days, until: "2026-01-01T15:07:00Z" }, ledger);
  await runDesk(days, ledger);
});

describe("a generated run of five symbols, ended and resumed", () => {
  test(`gives ${sample} past decisions again, drawn with seed ${seed}`, () => {
    expectSame(ledger);
  });

  test("gives them again where their records were archived", async () => {
    const copy = copyOf(ledger, "archived.db");
    const { code, out } = await novactor(["db", "archive", "--keep", "2000", "--db", copy]);
    expect([code, out]).toEqual([0, expect.stringMatching(/^[1-9] segments archived/)]);
    const wanted = expectSame(copy);
    const oldest = Math.min(...wanted.map(({ seq }) => seq));
    const { subject } = wanted.find(({ seq }) => seq === oldest) ?? { subject: "" };
    const { record, isSame } = await explained(copy, subject, "--seq", String(oldest));
    expect([record.seq, isSame]).toEqual([oldest, true]);
  });

  test("is explained while its desk runs", async () => {
    const copy = copyOf(ledger, "running.db");
    using watch = new HeadWatch(copy);
    const before = watch.seq();
    await using desk = pacedDesk(copy, 2_000, "--until", "2026-01-20T00:00:00Z");
    expect(await desk.until(() => watch.seq() > before + 100)).toBe(true);
    const { isSame, record } = await explained(copy, "ETH/USD");
    expect([isSame, record.seq > before]).toEqual([true, true]);
    expect(desk.isDone).toBe(false);
  });

  test("is explained at a time: by the last decision at or before it", async () => {
    const exact = await explained(ledger, "BTC/USD", "--at", "2026-01-02T10:31:00Z");
    const later = await explained(ledger, "BTC/USD", "--at", "2026-01-02T11:31:00.5+01:00");
    const latest = await explained(ledger, "BTC/USD");
    expect(exact.at).toBeLessThanOrEqual(Date.parse("2026-01-02T10:31:00Z"));
    expect(later.at).toBeGreaterThanOrEqual(exact.at);
    using reader = new LedgerReader(ledger);
    const own = evaluations(reader).filter(({ subject }) => subject === "BTC/USD");
    const before = own.filter(({ at }) => at <= Date.parse("2026-01-02T10:31:00Z"));
    expect([exact.record.seq, latest.record.seq]).toEqual([
      before.at(-1)?.seq ?? 0,
      own.at(-1)?.seq ?? 0,
    ]);
  });

  test("is printed for people", async () => {
    using reader = new LedgerReader(ledger);
    const own = evaluations(reader).filter(({ code }) => code === "lowConfidence");
    const { seq, hash, subject, content } = own.at(-1) as JournalRecord;
    const { code, out, err } = await why(ledger, subject, "--seq", String(seq));
    expect([code, err]).toEqual([exitCode.ok, ""]);
    expect(out).toContain(`record ${seq}, hash ${hash}`);
    expect(out).toContain("lowConfidence - no trade: too little confidence");
    const { gate } = (JSON.parse(content) as { decision: Decision }).decision;
    expect(out).toMatch(/\n {2}confidence is 0\.\d+, wanted at least /);
    expect(out).toContain(`wanted at least ${gate?.limit}   lowConfidence\n`);
    for (const frame of ["1m", "5m", "15m"]) expect(out).toContain(`\ntimeframe ${frame}  `);
    for (const each of ["keltner", "orderFlow", "breakout"]) expect(out).toContain(`\n  ${each} `);
    expect(out).toMatch(/✓ {2}strategies .*\n {2}✗ {2}confidence /);
    expect(out).toMatch(/what would have to change\n {2}confidence is /);
    expect(out).not.toContain("indicator values");

    const one = await why(ledger, subject, "--seq", String(seq), "--frame", "5m");
    expect(one.out).toContain("\ntimeframe 5m  ");
    expect(one.out).not.toContain("\ntimeframe 1m  ");
    expect(one.out).toMatch(/indicator values.*\n {4}keltner +upper +\d/);
  });
});

describe("novactor why --set", () => {
  const setting = "minConfidence=0.01";

  test("makes a decision pass that its old value stopped", async () => {
    using reader = new LedgerReader(ledger);
    const options = { history: configurationHistory(reader), change: settingsChange([setting]) };
    const stopped = evaluations(reader).filter(({ code }) => code === "lowConfidence");
    const passing = symbolsOf(reader)
      .flatMap((symbol) => {
        const own = stopped.filter(({ subject }) => subject === symbol).map(({ seq }) => seq);
        return [...explanations(reader.history(), new Set(own), { symbol, ...options })];
      })
      .find(({ changed }) => changed?.judgement.decision?.outcome === "trade");
    const { symbol = "", record } = passing ?? {};
    const args = [symbol, "--seq", String(record?.seq), "--set", setting];
    const { recorded, changed, isSame } = await explained(ledger, ...args);
    const codes: readonly unknown[] = [recorded.code, changed?.judgement.decision?.code];
    expect([isSame, ...codes]).toEqual([true, "lowConfidence", "trade"]);
    const { out } = await why(ledger, ...args);
    expect(out).toContain(`with ${setting}\n  trade - buy: every gate was open`);
    expect(out).toMatch(/decision +lowConfidence +-> +trade\n/);
  });

  test.each([
    ["minConfidense=0.5", "perhaps strategy.confluence.minConfidence was meant"],
    ["minConfidence=2", "wanted a number above 0, at most 1"],
    ["weight=0.2", '"weight" is the name of 12 keys, wanted one of strategy.votes.keltner.weight'],
    ["seed=3", '"seed" is not judged again'],
    ["minFrames=4", "strategy.confluence.minFrames is"],
  ])("refuses %s", async (set, text) => {
    const { code, out, err } = await why(ledger, "BTC/USD", "--set", set);
    expect([code, out]).toEqual([exitCode.badConfiguration, ""]);
    expect(err).toContain(text);
  });
});

describe("novactor why refuses", () => {
  test.each([
    [["DOGE/USD"], "wanted one of BTC/USD, ETH/USD, SOL/USD, ADA/USD, XRP/USD"],
    [["BTC/USD", "--at", "2025-12-31"], "the first one was made at 2026-01-01T00:01:00.000Z"],
    [["BTC/USD", "--at", "noon"], "Wanted a time such as"],
    [["BTC/USD", "--seq", "1"], 'Cannot explain record 1: it is no decision on "BTC/USD"'],
    [["BTC/USD", "--seq", "9", "--at", "2026-01-02"], "Cannot take --at and --seq at once"],
    [["BTC/USD", "--frame", "7m"], "Cannot show timeframe 7m: wanted one of 1m, 5m, 15m"],
  ])("%p", async (args, text) => {
    const { code, out, err } = await why(ledger, ...args);
    expect([code, out]).toEqual([exitCode.usage, ""]);
    expect(err).toContain(text);
  });

  test("a ledger in which nothing was decided yet", async () => {
    const file = folder.file("young.db");
    await runDesk({ ...days, until: "2026-01-01T00:00:00Z" }, file);
    const { code, err } = await why(file, "BTC/USD");
    expect([code, err.trim()]).toEqual([
      exitCode.usage,
      'Cannot explain decisions of "BTC/USD": none was made yet',
    ]);
  });

  test("a journal that was tampered with before the decision, not one that was after it", async () => {
    const copy = copyOf(ledger, "tampered.db");
    const seq = lastOf(copy, "SOL/USD");
    {
      using database = new Database(copy);
      const sql = `UPDATE journal SET content = replace(content, '"volume":', '"volume":1') WHERE seq = ?`;
      expect(database.query(sql).run(seq).changes).toBe(1);
    }
    const { code, out, err } = await why(copy, "SOL/USD");
    expect([code, out]).toEqual([exitCode.finding, ""]);
    expect(err).toContain(
      `does not verify at record ${seq}: The content of record ${seq} was changed`,
    );
    const before = seq - 500;
    using reader = new LedgerReader(copy);
    const earlier = evaluations(reader).findLast((record) => record.seq < before);
    const { isSame } = await explained(copy, earlier?.subject ?? "", "--seq", String(earlier?.seq));
    expect(isSame).toBe(true);
  });
});

function lastOf(file: string, symbol: string): number {
  using reader = new LedgerReader(file);
  return evaluations(reader).findLast(({ subject }) => subject === symbol)?.seq ?? 0;
}

test("a decision that was forged with the whole chain after it does not come out again", async () => {
  const copy = copyOf(ledger, "forged.db");
  const seq = lastOf(copy, "BTC/USD");
  {
    using database = new Database(copy);
    forge(database, seq);
  }
  expect((await novactor(["journal", "verify", "--db", copy])).code).toBe(exitCode.ok);
  const { code, out, err } = await why(copy, "BTC/USD");
  expect(code).toBe(exitCode.finding);
  expect(out).toContain(`record ${seq}, `);
  expect(err).toContain(`The decision of record ${seq} does not come out again\n  recorded   {`);
  expect(err).toContain('"value":"forged"');
  expect(err).toContain("\n  run again  {");
});

/** Rewrites a decision and every hash from there on, as only who has the whole file can. */
function forge(database: Database, seq: number): void {
  const rows = database
    .query<JournalRecord, [number]>("SELECT * FROM journal WHERE seq >= ? ORDER BY seq")
    .all(seq - 1);
  let hash = rows[0]?.hash ?? "";
  for (const row of rows.slice(1)) {
    let { content } = row;
    if (row.seq === seq) content = content.replace(/"value":"[^"]*"/, '"value":"forged"');
    hash = chainHash(hash, content);
    const sql = "UPDATE journal SET content = ?, hash = ? WHERE seq = ?";
    database.query(sql).run(content, hash, row.seq);
  }
  database.query("UPDATE head SET hash = ?").run(hash);
}

describe("novactor data features", () => {
  test("gives the kept vectors as CSV, by the names of their numbers", async () => {
    const file = folder.file("features.csv");
    const { code, err } = await novactor(["data", "features", "--db", ledger, "--out", file]);
    expect([code, err]).toEqual([exitCode.ok, ""]);
    const [header = "", ...lines] = (await Bun.file(file).text()).trimEnd().split("\n");
    using reader = new LedgerReader(ledger);
    expect(lines).toHaveLength(reader.state("features").size);
    const names = header.split(",");
    expect(names.slice(0, 5)).toEqual(["seq", "symbol", "timestamp_ms", "leaning", "frames"]);
    expect(lines.every((line) => line.split(",").length === names.length)).toBe(true);
    // The numbers are those of the decision's explanation, in single precision.
    const cells = (lines.at(-1) ?? "").split(",");
    const cell = (name: string) => cells[names.indexOf(name)] ?? "";
    const { again } = await explained(ledger, cell("symbol"), "--seq", cell("seq"));
    const { evaluation, numbers } = again;
    expect([cell("leaning"), cell("frames"), cell("bookScore")].map(String)).toEqual([
      String(evaluation.leaning),
      String(numbers.agreeingFrames),
      "",
    ]);
    expect(Math.fround(Number(cell("confidence")))).toBe(Math.fround(evaluation.confidence));
    const [, middle] = evaluation.frames;
    expect(Math.fround(Number(cell("score@300s")))).toBe(Math.fround(middle?.score ?? Number.NaN));
  });
});

describe("the month of BTC", () => {
  test.skipIf(!isAvailable(btcMonth))(
    `gives ${sample} past decisions again, drawn with seed ${seed}`,
    async () => {
      const file = folder.file("btc.db");
      await runDesk({ ...btcMonth, until: "2022-01-14T03:03:00Z" }, file);
      await runDesk(btcMonth, file);
      const wanted = expectSame(file);
      for (const { seq, code } of wanted.slice(0, 3)) {
        const { recorded, again, isSame } = await explained(file, "BTC/USD", "--seq", String(seq));
        expect([isSame, recorded.code as string | null]).toEqual([true, code]);
        expect(again.decision).toEqual(recorded);
      }
    },
  );
});
