import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { keys } from "../../config/keys.ts";
import {
  type ConfigArguments,
  configCheck,
  configDiff,
  configShow,
  registerConfigCommands,
} from "./config.ts";
import { exitCode } from "./exit-codes.ts";

const canary = "canary-3f9d1c77";
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "novactor-cli-config-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function written(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

function args(given: Partial<ConfigArguments>): ConfigArguments {
  const uid = process.getuid?.() ?? -1;
  return { file: null, preset: null, set: [], env: {}, uid, ...given };
}

test("configCheck() of a sound configuration says what it comes to", () => {
  const output = configCheck(args({ preset: "paper-demo", set: ["seed=9"] }));
  expect(output.exitCode).toBe(exitCode.ok);
  expect(output.text).toMatch(
    /^Configuration is in order\n {2}mode +paper\n {2}preset +paper-demo\n {2}market +generator: BTC\/USD.*\n {2}secrets +none\n {2}hash +[0-9a-f]{64}\n$/,
  );
});

test("configShow() has a line for every key, with its value and where it comes from", () => {
  const file = written("show.yaml", "risk:\n  positionCap: 2\n");
  const env = { NOVACTOR_LOG__LEVEL: "warn" };
  const { text } = configShow({ ...args({ file, env, set: ["seed=9"] }), json: false });
  const rows = text.split("\n").map((line) => line.split(/ {2,}/));
  const wanted = keys.filter(({ variable, isOptional }) => variable !== null && !isOptional);
  const shown = new Set(rows.map(([path]) => path));
  expect(wanted.map(({ path }) => path).filter((path) => !shown.has(path))).toEqual([]);
  expect(rows).toContainEqual(["risk.positionCap", "2", `${file}, line 2`]);
  expect(rows).toContainEqual(["log.level", "warn", "NOVACTOR_LOG__LEVEL"]);
  expect(rows).toContainEqual(["seed", "9", "--set seed"]);
  expect(rows).toContainEqual(["mode", "paper", "default"]);
});

test("no command ever prints a secret, wherever it was put", () => {
  const secretsFile = written("secrets", `NOVACTOR_SECRET_FILED=${canary}-filed\n`);
  const sound = args({
    file: written("sound.yaml", `secretsFile: ${secretsFile}\n`),
    env: { NOVACTOR_SECRET_KEY: canary },
  });
  const attempts: Partial<ConfigArguments>[] = [
    { file: written("key.yaml", `apiKey: ${canary}\n`) },
    { file: written("deep.yaml", `venues:\n  - name: x\n    secret: ${canary}\n`) },
    { file: written("unknown.yaml", `whatever: ${canary}\n`) },
    {
      file: written(
        "value.yaml",
        `secretsFile: ${secretsFile}\naccount:\n  account: ${canary}-filed\n`,
      ),
    },
    { file: written("broken.yaml", `secret: "${canary}\n`) },
    { env: { NOVACTOR_SECRET_KEY: canary, NOVACTOR_ACCOUNT__ACCOUNT: canary } },
    { env: { NOVACTOR_SECRET_KEY: canary, NOVACTOR_SEED: canary } },
    { env: { NOVACTOR_SECRETS_KEY: canary } },
    { env: { NOVACTOR_SECRET_KEY: canary }, preset: canary },
    { set: [`token=${canary}`] },
    { env: { NOVACTOR_SECRET_KEY: canary, NOVACTOR_SECRETS_FILE: canary } },
    {
      env: { NOVACTOR_SECRET_KEY: canary },
      file: written(
        "path.yaml",
        `market:\n  source: candles\n  files:\n    - {symbol: BTC/USD, path: ${canary}.csv}\n`,
      ),
    },
  ];
  const outputs = attempts.map((attempt) => configCheck(args(attempt)));
  expect(outputs.map((each) => each.exitCode)).toEqual(
    attempts.map(() => exitCode.badConfiguration),
  );
  outputs.push(configCheck(sound), configShow({ ...sound, json: false }));
  outputs.push(configShow({ ...sound, json: true }), configDiff(args({}), sound));
  expect(outputs.filter(({ text }) => text.includes("canary"))).toEqual([]);
});

test("configShow() names secrets and where they are", () => {
  const { text } = configShow({ ...args({ env: { NOVACTOR_SECRET_KEY: canary } }), json: true });
  const { hash, secrets, settings } = JSON.parse(text);
  expect(secrets).toEqual([{ name: "KEY", value: "[redacted]", origin: "NOVACTOR_SECRET_KEY" }]);
  expect(settings).toContainEqual({ path: "mode", value: "paper", origin: "default" });
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
});

test("configDiff() says what a running desk would do about each difference", () => {
  const from = args({ set: ["seed=1", "risk.positionCap=3", "server.port=8080"] });
  const to = args({ set: ["seed=2", "risk.positionCap=4", "server.port=9090"] });
  const { text } = configDiff(from, to);
  expect(text.split("\n").map((line) => line.split(/ {2,}/).slice(0, 4))).toEqual([
    ["risk.positionCap", "3", "->", "4"],
    ["seed", "1", "->", "2"],
    ["server.port", "8080", "->", "9090"],
    [""],
  ]);
  expect(text).toContain("at once: counts from the next entry on");
  expect(text).toContain("needs a new ledger: every draw");
  expect(text).toContain("needs a restart: the panel");
});

test("configDiff() of books has a line for each of their values, and what it takes", () => {
  const { text } = configDiff(args({ preset: "paper-demo" }), args({ preset: "paper-books" }));
  const rows = text.split("\n").map((line) => line.split(/ {2,}/));
  expect(rows).toContainEqual([
    "books[2].votes",
    "not set",
    "->",
    '"keltner, squeeze, breakout"',
    "needs a new ledger: a book's positions and scanners belong to it",
  ]);
  expect(rows.filter(([path]) => path?.startsWith("books"))).toHaveLength(15);
});

test("configDiff() of what means the same is none", () => {
  const to = args({ set: ["order.settle=30000ms"] });
  expect(configDiff(args({ set: ["order.settle=30s"] }), to).text).toBe("No difference\n");
});

test("registerConfigCommands() adds check, show and diff", () => {
  const program = new Command();
  registerConfigCommands(program);
  const config = program.commands.find((command) => command.name() === "config");
  expect(config?.commands.map((command) => command.name())).toEqual(["check", "show", "diff"]);
});
