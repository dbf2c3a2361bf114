/** The rules of the house, as a test: what may import what, what may be called where, how long. */
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { parseSync } from "oxc-parser";

const root = join(import.meta.dir, "..");
const folders = ["actors", "machines", "adapters", "web", "config", "test"];
const maxFileLines = 400;
const maxFunctionLines = 70;

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

interface Source {
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly string[];
  /** `Date.now`, `setTimeout(`, `new Date()` and the like, as found in the code. */
  readonly ambient: readonly string[];
  readonly functions: readonly { readonly name: string; readonly lines: number }[];
}

const bannedCalls = new Set([
  "Date.now",
  "performance.now",
  "Math.random",
  "crypto.randomUUID",
  "crypto.getRandomValues",
  "randomUUID",
  "process.hrtime",
  "Bun.sleep",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "queueMicrotask",
  "fetch",
]);

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as Node).type === "string";
}

function visit(node: Node, enter: (node: Node) => void): void {
  enter(node);
  for (const value of Object.values(node)) {
    if (isNode(value)) visit(value, enter);
    else if (Array.isArray(value)) for (const item of value) if (isNode(item)) visit(item, enter);
  }
}

/** `a.b` or `a` of a plain reference; empty for anything else. */
function nameOf(node: unknown): string {
  if (!isNode(node)) return "";
  if (node.type === "Identifier") return String(node.name);
  if (node.type !== "MemberExpression" || node.computed === true) return "";
  const object = nameOf(node.object);
  return object === "" ? "" : `${object.replace(/^globalThis\./, "")}.${nameOf(node.property)}`;
}

function ambientUse(node: Node): string | null {
  const callee = nameOf(node.callee);
  if (node.type === "CallExpression" && bannedCalls.has(callee)) return callee;
  if (node.type === "NewExpression" && callee === "WebSocket") return "new WebSocket";
  if (node.type === "NewExpression" && callee === "Date") {
    return (node.arguments as unknown[]).length === 0 ? "new Date()" : null;
  }
  return node.type === "MemberExpression" && nameOf(node) === "crypto.subtle"
    ? "crypto.subtle"
    : null;
}

function readSource(path: string): Source {
  const text = readFileSync(path, "utf8");
  const { program, module, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`Cannot parse "${path}": ${errors[0]?.message}`);
  const lineOf = (offset: number) => text.slice(0, offset).split("\n").length;
  const imports = [
    ...module.staticImports.map((each) => each.moduleRequest.value),
    ...module.staticExports.flatMap((each) =>
      each.entries.flatMap((entry) => (entry.moduleRequest ? [entry.moduleRequest.value] : [])),
    ),
  ];
  const ambient: string[] = [];
  const functions: { name: string; lines: number }[] = [];
  visit(program as unknown as Node, (node) => {
    const used = ambientUse(node);
    if (used !== null) ambient.push(used);
    if (node.type === "ImportExpression" && isNode(node.source)) {
      imports.push(String(node.source.value));
    }
    if (/^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type)) {
      const lines = lineOf(node.end) - lineOf(node.start) + 1;
      functions.push({ name: nameOf(node.id) || `line ${lineOf(node.start)}`, lines });
    }
  });
  return {
    path: relative(root, path),
    lines: text.split("\n").length - 1,
    imports: [...new Set(imports)].map((name) =>
      name.startsWith(".") ? relative(root, join(dirname(path), name)) : name,
    ),
    ambient,
    functions,
  };
}

function* filesIn(folder: string): Iterable<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesIn(path);
    else if (/\.tsx?$/.test(entry.name)) yield path;
  }
}

const sources = folders.flatMap((folder) => [...filesIn(join(root, folder))].map(readSource));

const isTest = (path: string): boolean =>
  path.startsWith("test/") || /\.(test|fixture)\.tsx?$/.test(path) || path.includes("/testing/");

/** First path that a rule forbids, or null. */
type Rule = (path: string, name: string) => boolean;

const isLocal = (name: string): boolean => folders.some((folder) => name.startsWith(`${folder}/`));
const actorOf = (path: string): string => path.split("/")[1] ?? "";

const mayImport: Readonly<Record<string, Rule>> = {
  machines: (_path, name) =>
    isLocal(name) ? name.startsWith("machines/") : ["xstate", "bignumber.js"].includes(name),
  actors: (path, name) => {
    if (!isLocal(name))
      return ["xstate", "safe-stable-stringify", "lru-cache", "arquero"].includes(name);
    if (name.startsWith("machines/")) return true;
    if (!name.startsWith("actors/")) return false;
    return actorOf(path) === actorOf(name) || name.endsWith("/mod.ts");
  },
  adapters: (path, name) => {
    // A run for research is put together and started as one from the shell is.
    if (/^adapters\/(cli|research)\//.test(path) || !isLocal(name)) return true;
    if (name.startsWith("machines/") || name.startsWith("adapters/")) {
      return !name.startsWith("adapters/cli/");
    }
    return /^actors\/[^/]+\/ports\.ts$/.test(name) || name.startsWith("config/");
  },
  web: (_path, name) => {
    if (!isLocal(name)) return true;
    return name.startsWith("web/") || name.startsWith("machines/") || name === "actors/desk/mod.ts";
  },
  config: (_path, name) =>
    isLocal(name)
      ? name.startsWith("config/") || name.startsWith("machines/domain/")
      : name === "zod",
};

function violations(
  check: (source: Source) => readonly string[],
  which: (source: Source) => boolean,
): string[] {
  return sources
    .filter(which)
    .flatMap((source) => check(source).map((found) => `${source.path}: ${found}`));
}

describe("house", () => {
  test("there are sources to judge", () => {
    expect(sources.length).toBeGreaterThan(50);
  });

  for (const folder of Object.keys(mayImport)) {
    test(`${folder}/ imports only what it may`, () => {
      const rule = mayImport[folder] as Rule;
      const found = violations(
        ({ path, imports }) => imports.filter((name) => !rule(path, name)),
        ({ path }) => path.startsWith(`${folder}/`) && !isTest(path),
      );
      expect(found).toEqual([]);
    });
  }

  test("only adapters and the page reach time, randomness and the network", () => {
    const found = violations(
      ({ ambient }) => ambient,
      ({ path }) => !isTest(path) && !/^(adapters|web\/client)\//.test(path),
    );
    expect(found).toEqual([]);
  });

  test.each([
    ["bun:sqlite", "adapters/store/"],
    ["ccxt", "adapters/venues/ccxt/"],
  ])("%s is imported in %s alone", (name, home) => {
    const found = violations(
      ({ imports }) => imports.filter((each) => each === name || each.startsWith(`${name}/`)),
      ({ path }) => !isTest(path) && !path.startsWith(home),
    );
    expect(found).toEqual([]);
  });

  test(`no file is longer than ${maxFileLines} lines`, () => {
    const found = violations(
      ({ lines }) => (lines > maxFileLines ? [`${lines} lines`] : []),
      () => true,
    );
    expect(found).toEqual([]);
  });

  test(`no function is longer than ${maxFunctionLines} lines`, () => {
    const found = violations(
      ({ functions }) =>
        functions.flatMap(({ name, lines }) =>
          lines > maxFunctionLines ? [`${name} has ${lines} lines`] : [],
        ),
      // The body of a suite is a list, not a function that anyone has to hold in mind.
      ({ path }) => !isTest(path),
    );
    expect(found).toEqual([]);
  });
});
