import { afterAll, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { templateNames } from "../config/templates.ts";
import { configShow } from "./config.ts";
import { CommandError, exitCode } from "./exit-codes.ts";
import {
  registerTemplateCommands,
  type TemplateArguments,
  templateApply,
  templateList,
  templateShow,
} from "./template.ts";

const root = mkdtempSync(join(tmpdir(), "novactor-template-"));
const original = "# Mine.\nrisk:\n  riskShare: 0.02 # much\nlog:\n  level: warn\n";
let folder = "";
let file = "";

beforeEach(() => {
  folder = mkdtempSync(join(root, "case-"));
  file = join(folder, "desk.yaml");
  writeFileSync(file, original, { mode: 0o640 });
});

afterAll(() => {
  rmSync(root, { recursive: true });
});

const uid = process.getuid?.() ?? -1;

function args(name: string, given: Partial<TemplateArguments> = {}): TemplateArguments {
  return { name, file, env: {}, uid, ...given };
}

function apply(name: string, given: Partial<TemplateArguments & { dryRun: boolean }> = {}): string {
  const output = templateApply({ dryRun: false, ...args(name, given), ...given });
  expect(output.exitCode).toBe(exitCode.ok);
  return output.text;
}

/** Rows of changes: their first four columns. */
function changes(text: string): string[][] {
  return text
    .split("\n")
    .filter((line) => line.includes(" -> "))
    .map((line) => line.split(/ {2,}/).slice(0, 4));
}

function refused(run: () => unknown): { readonly message: string; readonly code: number } {
  try {
    run();
  } catch (error) {
    if (error instanceof CommandError) return { message: error.message, code: error.code };
    throw error;
  }
  throw new Error("Cannot go on: nothing was refused");
}

test("templateList() has a line with the purpose of each", () => {
  const { text } = templateList();
  expect(
    text
      .trimEnd()
      .split("\n")
      .map((line) => line.split(/ {2,}/)[0]),
  ).toEqual(templateNames());
  expect(text).toContain("scalper          Many short trades with quick indicators");
});

test("templateShow() prints the document and what it changes in the file", () => {
  const { text } = templateShow(args("cautious"));
  expect(text).toStartWith("# Few trades, small ones");
  expect(text).toContain(`\nChanges in "${file}":\n`);
  const rows = changes(text);
  expect(rows).toContainEqual(["risk.riskShare", "0.02", "->", "0.0025"]);
  expect(rows).toContainEqual(["strategy.confluence.minStrategies", "3", "->", "4"]);
  expect(rows.some(([path]) => path === "log.level" || path?.startsWith("template."))).toBe(false);
  expect(readFileSync(file, "utf8")).toBe(original);
});

test("templateShow() without a file compares with the defaults", () => {
  const { text } = templateShow(args("scalper", { file: null }));
  expect(changes(text)).toContainEqual(["strategy.frames", "standard", "->", '"1, 3, 5"']);
  expect(templateShow(args("balanced", { file: null })).text).toEndWith(
    "\nChanges nothing in the defaults\n",
  );
});

test("templateApply() writes the keys, keeps the rest, and keeps the old file", () => {
  const text = apply("cautious");
  expect(changes(text)).toContainEqual(["risk.riskShare", "0.02", "->", "0.0025"]);
  expect(text).toContain(
    `Applied template "cautious" to "${file}" as version 1; what it was is in "${file}.1"\n`,
  );
  expect(text).toContain('Takes effect with "novactor config reload" on a running desk');
  const now = readFileSync(file, "utf8");
  expect(now).toStartWith("# Mine.\nrisk:\n  riskShare: 0.0025 # much\n");
  expect(now).toContain("\nlog:\n  level: warn\n");
  expect(readFileSync(`${file}.1`, "utf8")).toBe(original);
  expect(statSync(file).mode & 0o777).toBe(0o640);
  const { text: shown } = configShow({ file, preset: null, set: [], env: {}, uid, json: true });
  expect(JSON.parse(shown).settings).toContainEqual({
    path: "template.name",
    value: "cautious",
    origin: expect.stringContaining("desk.yaml, line "),
  });
});

test("templateApply() counts versions, and leaves nothing of the template before", () => {
  apply("scalper");
  apply("trend-follower");
  apply("scalper");
  const third = readFileSync(file, "utf8");
  expect(third).toContain("template:\n  name: scalper\n  version: 3\n");
  expect(readdirSync(folder).sort()).toEqual([
    "desk.yaml",
    "desk.yaml.1",
    "desk.yaml.2",
    "desk.yaml.3",
  ]);
  // What the first one wrote is what the second one found, and kept as 2.
  const first = readFileSync(`${file}.2`, "utf8");
  expect(third).toBe(first.replace("\n  version: 1\n", "\n  version: 3\n"));
});

test("templateApply() of what is applied already writes nothing", () => {
  apply("scalper");
  const before = readFileSync(file, "utf8");
  expect(apply("scalper")).toBe(
    `Template "scalper" is applied to "${file}" already: nothing was written\n`,
  );
  expect(readFileSync(file, "utf8")).toBe(before);
  expect(readdirSync(folder).sort()).toEqual(["desk.yaml", "desk.yaml.1"]);
});

test("templateApply() on trial says what would change, and writes nothing", () => {
  const text = apply("scalper", { dryRun: true });
  expect(changes(text)).toContainEqual(["entry.patienceBars", "3", "->", "1"]);
  expect(text).toContain(
    `Would apply template "scalper" to "${file}" as version 1: nothing was written\n`,
  );
  expect(readdirSync(folder)).toEqual(["desk.yaml"]);
  expect(readFileSync(file, "utf8")).toBe(original);
});

test("templateApply() says what the environment overrules; all of it a ledger under way can take up", () => {
  const text = apply("scalper", { env: { NOVACTOR_RISK__MAX_SHARE: "0.3" } });
  expect(text).toContain(
    "NOVACTOR_RISK__MAX_SHARE goes before the file: risk.maxShare stays 0.3\n",
  );
  expect(changes(text).some(([path]) => path === "coolDown.bars")).toBe(true);
  expect(text).not.toContain("needs a new ledger");
});

test("templateApply() refuses an unknown template with the nearest", () => {
  expect(refused(() => apply("scalpr"))).toEqual({
    message:
      'Cannot apply template "scalpr": it is not known, wanted one of balanced, breakout-hunter, ' +
      "cautious, mean-reverter, order-flow, scalper, trend-follower; perhaps scalper was meant",
    code: exitCode.usage,
  });
  expect(refused(() => templateShow(args("../presets/paper-demo"))).code).toBe(exitCode.usage);
});

test("templateApply() refuses without a file", () => {
  expect(refused(() => apply("scalper", { file: null }))).toEqual({
    message: 'Cannot apply template "scalper": no file to change is named, wanted --config FILE',
    code: exitCode.usage,
  });
});

test.each<readonly [name: string, text: string | null, env: Record<string, string>, said: string]>([
  ["a file that is not there", null, {}, "the file does not exist"],
  ["an empty file", "", {}, "the file is empty"],
  ["a file with a wrong key", "sead: 7\n", {}, "sead is not a key"],
  ["a file that is no YAML", "seed: [\n", {}, "Cannot use template"],
  [
    "a whole that only the template makes wrong",
    "seed: 7\n",
    { NOVACTOR_STOP__TRAIL_ATR_MULTIPLE: "3.2" },
    'stop.trailAtrMultiple is "3.2", wanted at least stop.atrMultiple, which is 3.5',
  ],
])("templateApply() refuses %s, and leaves it as it is", (_, text, env, said) => {
  if (text === null) rmSync(file);
  else writeFileSync(file, text);
  const { message, code } = refused(() => apply("trend-follower", { env }));
  expect(code).toBe(exitCode.badConfiguration);
  expect(message).toContain(said);
  expect(readdirSync(folder)).toEqual(text === null ? [] : ["desk.yaml"]);
  if (text !== null) expect(readFileSync(file, "utf8")).toBe(text);
});

test("registerTemplateCommands() adds list, show and apply", () => {
  const program = new Command();
  registerTemplateCommands(program);
  const template = program.commands.find((command) => command.name() === "template");
  expect(template?.commands.map((command) => command.name())).toEqual(["list", "show", "apply"]);
});
