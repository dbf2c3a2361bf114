import { expect, test } from "bun:test";
import fc from "fast-check";
import { decimal } from "../machines/domain/decimal.ts";
import { defaultLayer } from "./default-configuration.ts";
import { keys } from "./keys.ts";
import { problemText } from "./problem.ts";
import { planReload, refusalText } from "./reload.ts";
import { type Resolved, resolveLayers } from "./resolve.ts";
import { runSettingsOf } from "./run-settings.ts";
import { strategyNames } from "./strategies.ts";
import type { Branch, Leaf, Node } from "./tree.ts";
import { flagLayer } from "./variables.ts";

type Book = Readonly<Record<string, string | readonly string[]>>;

const origin = { layer: "file", file: "books.yaml", line: 1 } as const;
const leaf = (text: string): Leaf => ({ type: "leaf", text, origin });

function branch(children: Readonly<Record<string, Node>>): Branch {
  return { type: "branch", children: new Map(Object.entries(children)), origin };
}

function bookNode(book: Book): Node {
  const children = Object.entries(book).map(([name, value]): [string, Node] => [
    name,
    typeof value === "string" ? leaf(value) : { type: "list", items: value.map(leaf), origin },
  ]);
  return branch(Object.fromEntries(children));
}

function resolution(books: readonly Book[], values: Readonly<Record<string, string>> = {}) {
  const flags = Object.entries(values).map(([path, value]) => ({ flag: "--set", path, value }));
  const file = branch({ books: { type: "list", items: books.map(bookNode), origin } });
  return resolveLayers([defaultLayer, file, flagLayer(flags).tree]);
}

function resolved(...args: Parameters<typeof resolution>): Resolved {
  const result = resolution(...args);
  if (result.type === "problems") throw new Error(result.problems.map(problemText).join("\n"));
  return result;
}

function problemsOf(...args: Parameters<typeof resolution>): string[] {
  const result = resolution(...args);
  return result.type === "ok" ? [] : result.problems.map(problemText);
}

const trend: Book = {
  name: "trend",
  capital: "0.5",
  votes: ["trend", "supertrend"],
  minStrategies: "2",
  minConfidence: "0.55",
};
const reversion: Book = { ...trend, name: "reversion", votes: "reversal,meanReversion" };
const off = { "strategy.votes.supertrend.use": "false" };

test.each<readonly [name: string, books: readonly Book[], problems: readonly string[]]>([
  ["no books are one book of everything", [], []],
  ["a book may have all of the capital", [{ ...trend, capital: "1" }], []],
  ["books may have all of the capital together", [trend, reversion], []],
  [
    "books do not have more than the capital together, by however little",
    [trend, { ...reversion, capital: "0.50000000000000000001" }],
    [
      'books[1].capital is "0.50000000000000000001", wanted at most 0.5, for the books before it have 0.5, and all have at most 1',
    ],
  ],
  [
    "a book after one of all the capital has none left",
    [{ ...trend, capital: "1" }, reversion],
    [
      'books[1].capital is "0.5", wanted less capital in the books before it, for the books before it have 1, and all have at most 1',
    ],
  ],
  ["a strategy may vote in two books", [trend, { ...trend, name: "again" }], []],
  [
    "no two books have one name",
    [trend, { ...reversion, name: "trend" }],
    ['books[1].name is "trend", wanted each name once, and it is also books[0].name'],
  ],
  ["as many strategies as vote in a book may have to agree", [trend], []],
  [
    "no more strategies than vote in a book may have to agree",
    [{ ...trend, minStrategies: "3" }],
    ['books[0].minStrategies is "3", wanted at most 2, for so many strategies vote in the book'],
  ],
])("%s", (_, books, problems) => {
  expect(problemsOf(books)).toEqual([...problems]);
});

test("a book has no strategy that is switched off", () => {
  expect(problemsOf([trend, reversion], off)).toEqual([
    'books[0].votes is a list of 2: "trend, supertrend", wanted only strategies that vote, and strategy.votes.supertrend.use is false',
  ]);
});

test("there are ten books at most", () => {
  const books = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      ...trend,
      name: `book-${index}`,
      capital: "0.01",
    }));
  expect(problemsOf(books(10))).toEqual([]);
  expect(problemsOf(books(11))).toEqual([
    'books is a list of 11, wanted a list of at most 10 maps, each line of it begun with "- "',
  ]);
});

test("runSettingsOf() yields books as the desk takes them", () => {
  expect(runSettingsOf(resolved([trend, reversion]).configuration).books).toEqual([
    {
      name: "trend",
      capital: decimal("0.5"),
      votes: ["trend", "supertrend"],
      confluence: { minStrategies: 2, minConfidence: 0.55 },
    },
    {
      name: "reversion",
      capital: decimal("0.5"),
      votes: ["reversal", "meanReversion"],
      confluence: { minStrategies: 2, minConfidence: 0.55 },
    },
  ]);
  expect(runSettingsOf(resolved([]).configuration).books).toEqual([]);
});

test("capital is accepted exactly where it adds up to one at most", () => {
  const shares = fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 10 });
  let accepted = 0;
  fc.assert(
    fc.property(shares, fc.integer({ min: 1, max: 5 }), (weights, over) => {
      // Parts of 10^4 that add up to 10^4 less a few, to just that, or to a few more.
      const whole = weights.reduce((sum, weight) => sum + weight, 0);
      const parts = weights.map((weight) => Math.max(1, Math.floor((weight * 10_000) / whole)));
      parts[0] = (parts[0] ?? 0) + over;
      const books = parts.map((part, index) => ({
        ...trend,
        name: `book-${index}`,
        capital: part >= 10_000 ? "1" : `0.${String(part).padStart(4, "0")}`,
      }));
      const total = parts.reduce((sum, part) => sum + Math.min(part, 10_000), 0);
      const isAccepted = problemsOf(books).length === 0;
      expect(isAccepted).toBe(total <= 10_000);
      if (isAccepted) accepted += 1;
    }),
    { seed: 53, numRuns: 200 },
  );
  expect(accepted).toBeGreaterThan(20);
  expect(accepted).toBeLessThan(180);
});

test("books and all about them belong to the run", () => {
  const about = keys.filter(({ path }) => path.startsWith("books"));
  expect(about.map(({ path }) => path)).toEqual([
    "books",
    "books[].name",
    "books[].capital",
    "books[].votes",
    "books[].minStrategies",
    "books[].minConfidence",
  ]);
  expect(about.filter(({ sways, reload }) => !sways || reload !== "newLedger")).toEqual([]);
});

test("the hash moves with every value of a book, and not with how its votes are written", () => {
  const changes = [
    { name: "other" },
    { capital: "0.4" },
    { votes: ["trend", "ichimoku"] },
    { votes: ["supertrend", "trend"] },
    { minStrategies: "1" },
    { minConfidence: "0.5" },
  ];
  const first = resolved([trend]).hash;
  expect(resolved([{ ...trend, votes: "trend,  supertrend", capital: "0.50" }]).hash).toBe(first);
  const hashes = [first, resolved([]).hash, resolved([trend, reversion]).hash];
  for (const change of changes) hashes.push(resolved([{ ...trend, ...change }]).hash);
  expect(new Set(hashes).size).toBe(changes.length + 3);
});

test("planReload() refuses every change of a book, a row of votes as one value", () => {
  const current = resolved([trend]).configuration;
  const next = resolved([{ ...trend, capital: "0.4", votes: ["trend", "ichimoku"] }]).configuration;
  const plan = planReload(current, next);
  expect({ apply: plan.apply, configuration: plan.configuration }).toEqual({
    apply: [],
    configuration: current,
  });
  const reason = "a book's positions and scanners belong to it; it takes a new ledger";
  expect(plan.refuse.map(refusalText)).toEqual([
    `Cannot change books[0].capital from 0.5 to 0.4 now: ${reason}`,
    `Cannot change books[0].votes from trend, supertrend to trend, ichimoku now: ${reason}`,
  ]);
});

test("planReload() keeps a strategy on that a book of the run votes with", () => {
  const current = resolved([reversion, trend]).configuration;
  const next = resolved([reversion], { ...off, "strategy.votes.ichimoku.use": "false" });
  const plan = planReload(current, next.configuration);
  expect(plan.apply.map(({ path }) => path)).toEqual(["strategy.votes.ichimoku.use"]);
  expect(plan.refuse[0]).toEqual({
    path: "strategy.votes.supertrend.use",
    from: true,
    to: false,
    needs: "newLedger",
    reason: "books[1].votes has it, and a run keeps its books",
  });
});

const someVotes = fc.subarray([...strategyNames], { minLength: 1 });

test("what planReload() takes up is in order beside the books that stay", () => {
  const useOf = (names: readonly string[]) =>
    Object.fromEntries(
      strategyNames.map((name) => [`strategy.votes.${name}.use`, String(names.includes(name))]),
    );
  const judged = { "strategy.confluence.minStrategies": "1" };
  const bookOf = (votes: readonly string[]) => [{ ...trend, votes, minStrategies: "1" }];
  const configurationOf = (use: readonly string[], votes: readonly string[]) =>
    resolved(bookOf(votes), { ...useOf(use), ...judged }).configuration;
  const one = someVotes.chain((use) =>
    fc.record({ use: fc.constant(use), votes: fc.subarray(use, { minLength: 1 }) }),
  );
  fc.assert(
    fc.property(one, one, (before, after) => {
      const current = configurationOf(before.use, before.votes);
      const { configuration } = planReload(current, configurationOf(after.use, after.votes));
      const use = strategyNames.filter((name) => configuration.strategy.votes[name].use);
      expect(problemsOf(bookOf(before.votes), { ...useOf(use), ...judged })).toEqual([]);
      expect(configuration.books).toEqual(current.books);
      // All that is wished for and all that the book holds, and nothing else.
      expect(use).toEqual(
        strategyNames.filter((name) => after.use.includes(name) || before.votes.includes(name)),
      );
    }),
    { seed: 54, numRuns: 100 },
  );
});
