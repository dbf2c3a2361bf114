import { expect, test } from "bun:test";
import fc from "fast-check";
import { leavesOf, type Origin } from "../../config/tree.ts";
import { readYaml } from "./yaml-text.ts";

const originAt = (line: number): Origin => ({ layer: "file", file: "x.yaml", line });

function read(text: string) {
  const { tree, problems } = readYaml(text, originAt);
  const leaves = tree === null ? null : [...leavesOf(tree)];
  return {
    leaves: leaves?.map(([path, { text: value }]) => [path, value]) ?? null,
    lines: leaves?.map(([, { origin }]) => ("line" in origin ? origin.line : 0)) ?? null,
    problems: problems.map(({ state, origin }) => [state, "line" in origin ? origin.line : 0]),
  };
}

test("readYaml() keeps every value as it is written, with its line", () => {
  const text =
    'a:\n  b: 0.010\n  c: "on"\n# aside\nd: 1e3\ne:\n  - f: 2026-01-01\n  - f: 0x10\ng:\nh: ""\n';
  expect(read(text)).toEqual({
    leaves: [
      ["a.b", "0.010"],
      ["a.c", "on"],
      ["d", "1e3"],
      ["e[0].f", "2026-01-01"],
      ["e[1].f", "0x10"],
      ["g", null],
      ["h", ""],
    ],
    lines: [2, 3, 5, 7, 8, 9, 10],
    problems: [],
  });
});

test("readYaml() reads lines that end as Windows ends them", () => {
  expect(read("a: 1\r\nb: 2\r\n").lines).toEqual([1, 2]);
});

test.each([
  ["a tab", "a:\n\tb: 1\n", "is indented with a tab", 2],
  ["a key set twice", "a: 1\na: 2\n", "sets a key a second time", 2],
  ["a second document", "a: 1\n---\nb: 2\n", "begins a second document with ---", 2],
  ["two keys on a line", "a: b: c\n", "has two keys", 1],
  ["an anchor", "a: &x 1\n", "has an anchor (&) or an alias (*)", 1],
  ["an alias", "a: *x\n", "has an anchor (&) or an alias (*)", 1],
  ["a tag", "a: !!binary aGk=\n", "has a tag (!)", 1],
  [
    "a reserved character",
    "a: @b\n",
    "has a value that begins with a character YAML keeps for itself",
    1,
  ],
  ["a key that is a list", "? [a]\n: 1\n", "has a key that is empty or not a word", 1],
  ["a name of the language", "__proto__: 1\n", 'has "__proto__"', 1],
  ["nothing", "# only a comment\n", "is empty", 0],
  ["a list", "- a\n", "is a list", 0],
  ["a word", "hello\n", "is a single value", 0],
  ["endless nesting", "[".repeat(60_000), "is nested too deeply", 1],
])("readYaml() refuses %s", (_, text, state, line) => {
  expect(read(text)).toEqual({ leaves: null, lines: null, problems: [[state, line]] });
});

test("readYaml() never repeats a value in a problem", () => {
  const canary = "canary3f9d1c77";
  const broken = fc.constantFrom(
    `a: "${canary}`,
    `a: [${canary}\nb: 1`,
    `a: *${canary}`,
    `a: &${canary} 1`,
    `a: !${canary} 1`,
    `a: @${canary}`,
    `a: ${canary}: 1`,
    `%${canary}\na: 1`,
    `a: 1\n${canary}`,
    `a: "\\${canary}"`,
    `? [${canary}]\n: 1`,
    canary,
  );
  fc.assert(
    fc.property(broken, fc.constantFrom("", "x: 1\n", "y:\n  z: 2\n"), (text, before) => {
      const { tree, problems } = readYaml(before + text, originAt);
      expect(tree).toBeNull();
      expect(problems.length).toBeGreaterThan(0);
      expect(JSON.stringify(problems)).not.toContain(canary);
    }),
    { seed: 5_150, numRuns: 100 },
  );
});

test("readYaml() answers any text with a tree or with problems", () => {
  const pieces = fc.constantFrom(
    "a",
    ":",
    " ",
    "\n",
    "-",
    "[",
    "{",
    "]",
    '"',
    "'",
    "#",
    "&a",
    "*a",
    "!",
    "|",
    ">",
    "\t",
    "%",
    "?",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
      const { tree, problems } = readYaml(parts.join(""), originAt);
      expect(tree === null).toBe(problems.length > 0);
    }),
    { seed: 91, numRuns: 500 },
  );
});
