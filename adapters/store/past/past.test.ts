import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { copyFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { canonicalJson, verifyChain } from "../../../actors/runtime/mod.ts";
import { Ledger } from "../ledger.ts";
import { LedgerReader } from "../reader.ts";
import { discardIndex, indexPath } from "./index-file.ts";
import { Past } from "./past.ts";
import { type FaultyRun, faultyRun } from "./run.fixture.ts";

let run: FaultyRun;
beforeAll(async () => {
  run = await faultyRun({ hours: 36 });
});
afterAll(() => run[Symbol.dispose]());

/** Level with its journal. */
function levelled(path: string, slice = 1_000): Past {
  const past = new Past(path);
  while (past.index(slice));
  return past;
}

/** A copy of the run's ledger, to be changed. */
function copied(name: string): string {
  const path = join(run.folder, `${name}.db`);
  copyFileSync(run.ledgerFile, path);
  return path;
}

/** What a past answers to many questions, as text. */
function answersOf(past: Past): string {
  const lives = past.lives("", [], 10_000);
  const { last } = past.extent();
  const head = last?.seq ?? 0;
  const moments = lives.flatMap(({ name, first, last: end }) =>
    [first, Math.floor((first + end) / 2), end, head].map((seq) => past.moment(name, seq)),
  );
  const steps = lives.slice(0, 20).map(({ name }) => past.steps(name, { most: 40 }));
  const filters = [{}, { kind: "report" }, { event: "order.fill" }, { code: "trade" }];
  const found = filters.map((filter) => past.search(filter, 200));
  const parts = past.parts(undefined, 50);
  return canonicalJson(
    JSON.parse(JSON.stringify({ lives: lives.map(idless), moments, steps, found, parts, last })),
  );
}

/** Numbers of names are the index's own matter. */
const idless = <T extends object>({ id: _, ...life }: T & { id?: number }) => life;

const hashOf = (text: string): string => Bun.hash(text).toString(16);

describe("an index", () => {
  test("folds every actor to what the desk committed of it, whenever that was", () => {
    using past = levelled(run.ledgerFile);
    const wrong = run.seen.filter(({ name, seq, state }) => {
      const moment = past.moment(name, seq);
      return canonicalJson(moment?.state ?? null) !== canonicalJson(state);
    });
    expect(run.seen.length).toBeGreaterThan(2_000);
    expect(wrong.slice(0, 3)).toEqual([]);
  });

  test("ends with the snapshots that the ledger has, live and archived", () => {
    using past = levelled(run.ledgerFile);
    const lives = past.lives("", [], 10_000);
    expect(lives.length).toBeGreaterThan(50);
    for (const { name } of lives) {
      const moment = past.moment(name);
      const stored = past.storedActor(name)?.actor.snapshot as Record<string, unknown>;
      const { value, context } = stored;
      expect([name, canonicalJson(moment?.state)]).toEqual([
        name,
        canonicalJson({ value, context }),
      ]);
    }
  });

  test("says of a step what its record does, with the state before it", () => {
    using past = levelled(run.ledgerFile);
    using reader = new LedgerReader(run.ledgerFile);
    const [order] = past.lives("order:", [], 1);
    const { start, steps, more } = past.steps(order?.name ?? "", { most: 500 });
    expect([start, more, steps.length]).toEqual([null, false, order?.steps ?? 0]);
    expect(steps[0]?.transition.event.type).toBe("xstate.init");
    for (const { seq, index, at, recordKind, transition } of steps) {
      const record = reader.journal.record(seq);
      const { transitions } = JSON.parse(record?.content ?? "{}");
      expect({ at, recordKind }).toEqual({ at: record?.at ?? 0, recordKind: record?.kind ?? "" });
      expect(transitions[index]).toEqual(transition);
    }
    const made = steps[0]?.cause;
    expect(made).toEqual({ actor: "desk", event: "order.place" });
  });

  test("pages through steps both ways without a hole", () => {
    using past = levelled(run.ledgerFile);
    const [order] = past.lives("order:", [], 10_000).toSorted((a, b) => b.steps - a.steps);
    const name = order?.name ?? "";
    const all = past.steps(name, { most: 10_000 }).steps.map(({ seq }) => seq);
    const forth: number[] = [];
    for (let after = 0, more = true; more; ) {
      const page = past.steps(name, { after, most: 7 });
      forth.push(...page.steps.map(({ seq }) => seq));
      more = page.more;
      after = forth.at(-1) ?? 0;
    }
    expect(forth).toEqual(all);
    const middle = all[Math.floor(all.length / 2)] ?? 0;
    const before = past.steps(name, { before: middle, most: 10_000 });
    expect(before.steps.map(({ seq }) => seq)).toEqual(all.filter((seq) => seq < middle));
    const at = past.steps(name, { before: middle + 1, after: middle - 1, most: 10 });
    expect(new Set(at.steps.map(({ seq }) => seq))).toEqual(new Set([middle]));
  });

  test("finds records by all that they are of, as a walk through the journal does", () => {
    using past = levelled(run.ledgerFile);
    using reader = new LedgerReader(run.ledgerFile);
    const all = [...reader.history()].map(({ content, ...record }) => {
      const { transitions = [] } = JSON.parse(content);
      return { ...record, transitions } as typeof record & {
        transitions: { actor: string; event: { type: string } }[];
      };
    });
    const [position] = past.lives("position:", [], 1);
    const correlation = position?.name.slice("position:".length) ?? "";
    const from = all[3_000]?.at ?? 0;
    const until = all[3_500]?.at ?? 0;
    const order = `order:${correlation}/entry`;
    const cases = [
      [{ kind: "timer" }, (each: (typeof all)[0]) => each.kind === "timer"],
      [{ subject: "desk" }, (each: (typeof all)[0]) => each.subject === "desk"],
      [{ code: "trade" }, (each: (typeof all)[0]) => each.code === "trade"],
      [{ correlation }, (each: (typeof all)[0]) => each.correlation === correlation],
      [{ from, until }, (each: (typeof all)[0]) => each.at >= from && each.at <= until],
      [
        { actor: order },
        (each: (typeof all)[0]) => each.transitions.some(({ actor }) => actor === order),
      ],
      [
        { actor: order, event: "venue.order", kind: "report" },
        (each: (typeof all)[0]) =>
          each.kind === "report" &&
          each.transitions.some((t) => t.actor === order && t.event.type === "venue.order"),
      ],
      [
        { event: "order.fill" },
        (each: (typeof all)[0]) => each.transitions.some((t) => t.event.type === "order.fill"),
      ],
    ] as const;
    for (const [filter, isMeant] of cases) {
      const wanted = all.filter(isMeant).map(({ seq }) => seq);
      const found: number[] = [];
      for (let before: number | undefined, more = true; more; ) {
        const page = past.search({ ...filter, ...(before && { before }) }, 37);
        found.push(...page.entries.map(({ seq }) => seq));
        before = found.at(-1);
        more = page.more;
      }
      expect([filter, found.toReversed()]).toEqual([filter, wanted]);
      expect(wanted.length).toBeGreaterThan(0);
    }
    expect(past.search({ actor: "order:nobody" }, 10)).toEqual({ entries: [], more: false });
  });

  test("finds the last record at or before a time", () => {
    using past = levelled(run.ledgerFile);
    using reader = new LedgerReader(run.ledgerFile);
    const all = [...reader.history()];
    for (const { at } of [all[0], all[77], all[5_000], all.at(-1)].filter((each) => each != null)) {
      const wanted = all.findLast((each) => each.at <= at)?.seq ?? 0;
      expect(past.seqAt(at)?.seq).toBe(wanted);
      expect(past.seqAt(at + 0.5)?.seq).toBe(wanted);
    }
    expect(past.seqAt((all[0]?.at ?? 0) - 1)).toBeNull();
  });

  test("counts what is in its parts, and an actor's records", () => {
    using past = levelled(run.ledgerFile);
    const head = past.extent().last?.seq ?? 0;
    for (const most of [3, 10, 1_000]) {
      const parts = past.parts(undefined, most);
      expect(parts.length).toBeLessThanOrEqual(most);
      expect(parts.reduce((sum, { records }) => sum + records, 0)).toBe(head);
      const trades = past.search({ code: "trade" }, 10_000).entries.length;
      expect(parts.reduce((sum, each) => sum + each.trades, 0)).toBe(trades);
    }
    const desk = past.search({ actor: "desk" }, 10_000).entries.length;
    expect(past.parts("desk", 10).reduce((sum, { records }) => sum + records, 0)).toBe(desk);
  });
});

describe("an index that was", () => {
  test("deleted is made again, with the same answers", () => {
    const path = copied("deleted");
    const before = answersOf(levelled(path));
    discardIndex(path);
    expect(existsSync(indexPath(path))).toBe(false);
    expect(hashOf(answersOf(levelled(path, 313)))).toBe(hashOf(before));
  });

  test("made for another ledger is thrown away", async () => {
    using other = await faultyRun({ hours: 8, seed: 2 });
    levelled(other.ledgerFile)[Symbol.dispose]();
    const path = copied("foreign");
    const right = hashOf(answersOf(levelled(path)));
    discardIndex(path);
    copyFileSync(indexPath(other.ledgerFile), indexPath(path));
    expect(hashOf(answersOf(levelled(path)))).toBe(right);
  });

  test("damaged, or of an older program, is made anew", () => {
    const path = copied("damaged");
    const right = hashOf(answersOf(levelled(path)));
    discardIndex(path);
    writeFileSync(
      indexPath(path),
      "no database at all, but long enough to be read as one".repeat(99),
    );
    expect(hashOf(answersOf(levelled(path)))).toBe(right);
  });

  test("killed at its work goes on where it was", async () => {
    const path = copied("killed");
    const module = JSON.stringify(join(import.meta.dir, "past.ts"));
    const script = `
      const { Past } = await import(${module});
      const past = new Past(${JSON.stringify(path)});
      while (past.index(50)) console.log(past.indexed().seq);`;
    const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe" });
    let told = "";
    for await (const chunk of child.stdout) {
      told += new TextDecoder().decode(chunk);
      if (told.split("\n").length > 20) break;
    }
    child.kill("SIGKILL");
    await child.exited;
    using past = new Past(path);
    const { seq, of } = past.indexed();
    expect(seq).toBeGreaterThan(500);
    expect(seq).toBeLessThanOrEqual(of);
    while (past.index(1_000));
    expect(hashOf(answersOf(past))).toBe(hashOf(answersOf(levelled(run.ledgerFile))));
  });

  test("level with a journal follows it as it grows, under two who index at once", async () => {
    using growing = await faultyRun({ hours: 8, seed: 3 });
    using one = levelled(growing.ledgerFile);
    using other = levelled(growing.ledgerFile);
    const before = one.indexed().of;
    await growing.runTo(12);
    expect(one.indexed()).toMatchObject({ seq: before });
    expect(one.indexed().of).toBeGreaterThan(before);
    for (let isBehind = true; isBehind; ) {
      const steps = [one.index(100), other.index(70)];
      isBehind = steps.includes(true);
    }
    const told = answersOf(one);
    expect(hashOf(answersOf(other))).toBe(hashOf(told));
    discardIndex(growing.ledgerFile);
    expect(hashOf(answersOf(levelled(growing.ledgerFile)))).toBe(hashOf(told));
  });
});

describe("archived segments", () => {
  test("are looked into, and change no answer", () => {
    const path = copied("archived");
    using before = levelled(path);
    const right = hashOf(answersOf(before));
    {
      using ledger = new Ledger(path);
      const step = ledger.archiveOldest({ keepRecords: 1, verify: verifyChain });
      expect(step.type).toBe("archived");
    }
    expect(hashOf(answersOf(before))).toBe(right);
    discardIndex(path);
    expect(hashOf(answersOf(levelled(path)))).toBe(right);
  });
});
