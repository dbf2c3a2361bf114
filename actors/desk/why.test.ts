/** Past decisions come out again, from the ledger's file alone, whatever the desk went through. */
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { LedgerReader } from "../../adapters/store/reader.ts";
import { defaults } from "../../config/defaults.ts";
import type { Decision } from "../../machines/domain/decision.ts";
import { type JournalRecord, keyedDraws } from "../runtime/mod.ts";
import { TestFolder } from "../runtime/testing/small-system.ts";
import type { BookReading } from "../scanner/mod.ts";
import type { DeskConfig } from "./config.ts";
import { ConfigurationHistory } from "./configuration-history.ts";
import { config as base, DeskWorld, minute, symbols, type Traded } from "./testing/desk-world.ts";
import { type Explanation, explanations, isEvaluation } from "./why.ts";

// A bound on hanging, not on how fast a machine is.
setDefaultTimeout(120_000);

const { strategy, stop } = defaults;
const [least, most] = [0.05, 0.8];

/** Every strategy on two frames, entries that pass more often than they should. */
const first: DeskConfig = {
  ...base,
  strategy: {
    ...strategy,
    frames: [1, 2],
    confluence: {
      ...strategy.confluence,
      ...{ minStrategies: 2, minConfidence: least, minRewardToRisk: 0.1, frameBonus: [1, 1.3] },
    },
    standing: { ...strategy.standing, minTrades: 1, minSessionTrades: 1 },
  },
  // Far away, so that exits are called by votes.
  stop: { ...stop, atrMultiple: 9, trailAtrMultiple: 12, targetAtrMultiple: 60 },
};
const stricter: DeskConfig = {
  ...first,
  strategy: {
    ...first.strategy,
    confluence: { ...first.strategy.confluence, minConfidence: most },
  },
};
const narrower: DeskConfig = { ...stricter, risk: { ...stricter.risk, positionCap: 1 } };

const draws = keyedDraws(20_260_107);
/** From 0 to 1, by what it is for. */
const draw = (subject: string, purpose: string): number =>
  Number.parseInt(draws.hex(subject, purpose, 8), 16) / 2 ** 32;

class Market {
  private readonly closes = new Map<string, number>(symbols.map((symbol) => [symbol, 100_000]));
  private minutes = 0;

  constructor(private world: DeskWorld) {}

  /** Bars of both symbols that wander with a trend that turns, some with a book, and some moves. */
  async run(minutes: number): Promise<void> {
    for (let step = 0; step < minutes; step += 1) {
      this.minutes += 1;
      const isWithBook = this.minutes % 5 === 0;
      const closes = Object.fromEntries(symbols.map((symbol) => [symbol, this.next(symbol)]));
      if (isWithBook) await this.barsWithBook(closes);
      else await this.world.bar(closes);
      if (this.minutes % 11 === 0) await this.move("BTC/USD");
    }
  }

  goOnIn(world: DeskWorld): void {
    this.world = world;
  }

  private next(symbol: string): number {
    const name = `${symbol} ${this.minutes}`;
    const trend = Math.sin((this.minutes / 45) * (symbol === "BTC/USD" ? 1 : 1.4)) * 0.0012;
    const change = trend + (draw(name, "close") - 0.5) * 0.004;
    const close = Math.round((this.closes.get(symbol) ?? 0) * (1 + change));
    this.closes.set(symbol, close);
    return close;
  }

  private async barsWithBook(closes: Readonly<Record<string, number>>): Promise<void> {
    const { world } = this;
    const openedAt = Math.ceil(world.clock.now() / minute) * minute;
    await world.passTo(openedAt + minute);
    for (const [symbol, close] of Object.entries(closes)) {
      const candle = { symbol, openedAt, timeframeMs: minute, open: close, close };
      const range = { high: close + 40, low: close - 40, volume: 900 };
      world.desk.bar({ ...candle, ...range }, this.reading(symbol));
      await world.deliver();
    }
  }

  private reading(symbol: string): BookReading {
    const of = (purpose: string) => draw(`${symbol} ${this.minutes}`, purpose);
    return {
      imbalance: of("imbalance") * 2 - 1,
      lean: of("lean") * 2 - 1,
      pressure: of("pressure") * 2 - 1,
      spreadShare: of("spread") * 0.0012,
      suspicion: of("suspicion"),
      score: of("score"),
    };
  }

  private async move(symbol: Traded): Promise<void> {
    const close = this.closes.get(symbol) ?? 0;
    this.world.desk.move(
      symbol,
      Math.round(close * (1 + (draw(String(close), "move") - 0.5) / 40)),
    );
    await this.world.deliver();
  }
}

/** A run that was reloaded twice, and killed and resumed on the way. */
async function run(path: string): Promise<void> {
  let world = await DeskWorld.started({ path, config: first });
  const market = new Market(world);
  await market.run(800);
  world.desk.reconfigure(stricter, { type: "configuration.changed" }, "stricter");
  await market.run(300);
  world.desk.commit();
  world[Symbol.dispose]();
  world = await DeskWorld.started({ path, config: stricter });
  market.goOnIn(world);
  await market.run(200);
  world.desk.reconfigure(narrower, { type: "configuration.changed" }, "narrower");
  await market.run(300);
  world.desk.commit();
  world[Symbol.dispose]();
}

const folder = new TestFolder();
afterAll(() => folder[Symbol.dispose]());
const path = folder.file("run.db");
await run(path);

function records(): JournalRecord[] {
  using reader = new LedgerReader(path);
  return [...reader.history()];
}
const journal = records();
const reloads = journal.filter(({ kind }) => kind === "configuration");
// As the ledger keeps it: sorted keys, which must not matter.
const history = new ConfigurationHistory(
  JSON.parse(JSON.stringify(sorted(first))) as DeskConfig,
  reloads,
);

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([name, each]) => [name, sorted(each)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const evaluations = (symbol: string): JournalRecord[] =>
  journal.filter((record) => isEvaluation(record, symbol));

function explained(
  wanted: readonly number[],
  change?: (config: DeskConfig) => DeskConfig,
  from: readonly JournalRecord[] = journal,
): Explanation[] {
  const bySymbol = symbols.flatMap((symbol) => {
    const own = evaluations(symbol).filter(({ seq }) => wanted.includes(seq));
    const options = { symbol, history, ...(change ? { change } : {}) };
    return [...explanations(from, new Set(own.map(({ seq }) => seq)), options)];
  });
  return bySymbol.sort((a, b) => a.record.seq - b.record.seq);
}

const recordedIn = ({ content }: JournalRecord): Decision =>
  (JSON.parse(content) as { decision: Decision }).decision;

/** With another decision in one record, its chain aside. */
function withDecision(seq: number, change: (decision: Decision) => Decision): JournalRecord[] {
  return journal.map((record) => {
    if (record.seq !== seq) return record;
    const content = JSON.parse(record.content) as { decision: Decision };
    const text = JSON.stringify({ ...content, decision: change(content.decision) });
    return { ...record, content: text };
  });
}

describe("explanations()", () => {
  test("give each decision of a run as it was, over reloads and a kill", () => {
    const all = symbols.flatMap((symbol) => evaluations(symbol));
    expect(all.length).toBeGreaterThan(1_500);
    expect(reloads).toHaveLength(2);
    const codes = new Set(all.map(({ code }) => code));
    for (const code of [
      "warmingUp",
      "trade",
      "exit",
      "inPosition",
      "lowConfidence",
      "wideSpread",
    ]) {
      expect([...codes]).toContain(code);
    }
    expect(all.some(({ content }) => content.includes('"standing"'))).toBe(true);
    const found = explained(all.map(({ seq }) => seq));
    expect(found.filter(({ isSame }) => !isSame)).toEqual([]);
    expect(found).toHaveLength(all.length);
  });

  test("heed a reload: under the first configuration alone some come out otherwise", () => {
    const before = new ConfigurationHistory(first, []);
    const seqs = new Set(evaluations("BTC/USD").map(({ seq }) => seq));
    const found = [...explanations(journal, seqs, { symbol: "BTC/USD", history: before })];
    const different = found.filter(({ isSame }) => !isSame).map(({ record }) => record.seq);
    expect(different.length).toBeGreaterThan(0);
    expect(Math.min(...different)).toBeGreaterThan(reloads[0]?.seq ?? 0);
  });

  test("give the votes, numbers and gates that led to one", () => {
    const trade = evaluations("BTC/USD").find(({ code }) => code === "trade");
    const [found] = explained([trade?.seq ?? 0]);
    const { again, record, recorded } = found as Explanation;
    expect(record).toEqual({ seq: trade?.seq ?? 0, hash: trade?.hash ?? "", kind: "bar" });
    expect(recorded).toEqual(recordedIn(trade as JournalRecord));
    expect(again.gates.every(({ isOpen }) => isOpen)).toBe(true);
    expect(again.gates.map(({ name }) => name)).toEqual([
      ...["warmup", "gap", "age", "signal", "gaps", "frames", "strategies", "confidence"],
      ...["rewardToRisk", "spread", "coolDown", "brake", "coldStart", "unknownOrders"],
      ...["openPositions", "size"],
    ]);
    expect(again.evaluation.frames.map(({ frameMs, votes }) => [frameMs, votes.length])).toEqual([
      [minute, 11],
      [2 * minute, 11],
    ]);
    expect(Number(again.levels.stopPrice)).toBeLessThan(Number(found?.price));
    expect(Number(again.levels.quantity)).toBeGreaterThan(0);
  });

  test("say so where the record's decision is not what its inputs give", () => {
    const all = symbols.flatMap((symbol) => evaluations(symbol));
    const seq = all.find(({ code }) => code === "lowConfidence")?.seq ?? 0;
    const forged = withDecision(seq, (decision) => ({
      ...decision,
      gate: { name: "confidence", value: "0.001", limit: String(least) },
    }));
    expect(explained([seq])[0]?.isSame).toBe(true);
    expect(explained([seq], undefined, forged)[0]?.isSame).toBe(false);
  });

  test("refuse a record that is no evaluation of the symbol, and a symbol that is not traded", () => {
    const [other] = evaluations("ETH/USD");
    const options = { symbol: "BTC/USD", history };
    expect(() => [...explanations(journal, new Set([other?.seq ?? 0]), options)]).toThrow(
      'Cannot explain 1 of 1 records: they are no evaluations of "BTC/USD"',
    );
    expect(() => [
      ...explanations(journal, new Set([1]), { ...options, symbol: "XRP/USD" }),
    ]).toThrow(
      'Cannot explain decisions of "XRP/USD": it is not traded, wanted one of BTC/USD, ETH/USD',
    );
  });
});

const withConfidence = (minConfidence: number) => (config: DeskConfig) => ({
  ...config,
  strategy: {
    ...config.strategy,
    confluence: { ...config.strategy.confluence, minConfidence },
  },
});

describe("a change of the configuration", () => {
  test("lets pass what its old value stopped", () => {
    const stopped = symbols
      .flatMap((symbol) => evaluations(symbol))
      .filter(({ code }) => code === "lowConfidence")
      .filter((record) => recordedIn(record).facts !== null);
    const found = explained(
      stopped.map(({ seq }) => seq),
      withConfidence(1e-9),
    );
    const passed = found.filter(({ changed }) => changed?.judgement.decision?.code === "trade");
    expect(passed.length).toBeGreaterThan(0);
    const [{ again, changed } = {}] = passed;
    expect([again?.decision?.code, changed?.judgement.decision?.gate]).toEqual([
      "lowConfidence",
      null,
    ]);
    expect(changed?.differences[0]).toEqual({
      ...{ what: "decision", before: "lowConfidence", after: "trade" },
    });
    expect(changed?.differences.map(({ what }) => what)).toContain("gate confidence");
  });

  test("of nothing makes no difference", () => {
    const seqs = evaluations("BTC/USD").slice(-200);
    const found = explained(
      seqs.map(({ seq }) => seq),
      (config) => config,
    );
    expect(found.flatMap(({ changed }) => changed?.differences)).toEqual([]);
  });

  test("that would need what was not kept says so, and guesses nothing", () => {
    const cold = evaluations("BTC/USD").findLast(({ code }) => code === "warmingUp");
    const [found] = explained([cold?.seq ?? 0], (config) => ({
      ...config,
      strategy: {
        ...config.strategy,
        votes: { supertrend: config.strategy.votes.supertrend ?? { weight: 1, parameters: {} } },
        confluence: { ...config.strategy.confluence, minStrategies: 1 },
      },
    }));
    const judgement = found?.changed?.judgement;
    expect(judgement?.decision).toBe(null);
    expect(judgement?.lacks).toContain("whether a position was held");
    expect(judgement?.evaluation.frames.every(({ votes }) => votes.length === 1)).toBe(true);
  });
});

describe("ConfigurationHistory", () => {
  test("knows what was in force when, and which planes judged", () => {
    const [one, two] = reloads.map(({ seq }) => seq) as [number, number];
    const firstBar = evaluations("BTC/USD")[0]?.seq ?? 0;
    expect(history.eras.map(({ since }) => since)).toEqual([0, one, two]);
    expect([one, one + 1, two + 1].map((seq) => history.at(seq).risk.positionCap)).toEqual([
      ...[3, 3, 1],
    ]);
    expect(history.at(one + 1).strategy.confluence.minConfidence).toBe(most);
    expect(history.planes.map(({ since, hearFrom }) => [since, hearFrom])).toEqual([
      [0, 0],
      [one, firstBar],
    ]);
  });

  test.each([
    ["from the record that they heard first", 700, 700],
    ["from the reload on, where they heard nothing", null, reloads[0]?.seq ?? 0],
  ])("hears again %s", (_name, planesFrom, hearFrom) => {
    const changed = reloads.slice(0, 1).map((record) => {
      const content = JSON.parse(record.content) as { input: object };
      const input = { ...content.input, planesFrom };
      return { ...record, content: JSON.stringify({ ...content, input }) };
    });
    const other = new ConfigurationHistory(first, changed);
    const own = evaluations("ETH/USD").filter(({ kind }) => kind === "bar");
    const { seq } = own.at(-1) as JournalRecord;
    const options = { symbol: "ETH/USD", history: other };
    const [found] = [...explanations(journal, new Set([seq]), options)];
    const heard = own.filter((record) => record.seq >= hearFrom).length;
    expect(heard).toBeLessThan(own.length);
    // The first gate looks at how many bars there were.
    expect(found?.again.gates[0]?.value).toBe(String(heard));
  });

  test("refuses a configuration of another version", () => {
    const older = { ...first, strategy: { fast: 20, slow: 50 } } as unknown as DeskConfig;
    expect(() => new ConfigurationHistory(older, [])).toThrow(
      'Cannot read the ledger\'s configuration: it has no "strategy.votes", it is of another version',
    );
  });
});
