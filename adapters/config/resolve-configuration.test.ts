import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultConfiguration } from "../../config/default-configuration.ts";
import { keys } from "../../config/keys.ts";
import { leavesOf, originText } from "../../config/tree.ts";
import { fileBytesMax, presetNames, readPreset } from "./files.ts";
import { type ConfigurationRequest, resolveConfiguration } from "./resolve-configuration.ts";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "novactor-config-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function written(name: string, text: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function resolved(request: Partial<ConfigurationRequest>) {
  const result = resolveConfiguration({ preset: null, file: null, env: {}, flags: [], ...request });
  if (result.type === "problems") throw new Error(JSON.stringify(result.problems));
  return result;
}

function problemsOf(request: Partial<ConfigurationRequest>) {
  const result = resolveConfiguration({ preset: null, file: null, env: {}, flags: [], ...request });
  return result.type === "ok" ? [] : result.problems;
}

test("resolveConfiguration() without any layer is the defaults", () => {
  expect(resolved({}).configuration).toEqual(defaultConfiguration);
});

test("resolveConfiguration() takes defaults, preset, file, environment and flags in that order", () => {
  const text = "risk:\n  riskShare: 0.02\n  maxShare: 0.3\n  positionCap: 6\nlog:\n  level: warn\n";
  const file = written("layers.yaml", text);
  const { configuration, origins } = resolved({
    preset: "paper-cautious",
    file,
    env: { NOVACTOR_RISK__MAX_SHARE: "0.4", NOVACTOR_RISK__POSITION_CAP: "7" },
    flags: [{ flag: "--set risk.positionCap", path: "risk.positionCap", value: "8" }],
  });
  const origin = (path: string) => originText(origins.get(path)?.origin ?? { layer: "default" });
  expect(configuration.risk).toEqual({
    riskShare: "0.02",
    maxShare: "0.4",
    positionCap: 8,
  } as typeof configuration.risk);
  expect(
    ["risk.riskShare", "risk.maxShare", "risk.positionCap", "log.level", "coolDown.bars"].map(
      origin,
    ),
  ).toEqual([
    `${file}, line 2`,
    "NOVACTOR_RISK__MAX_SHARE",
    "--set risk.positionCap",
    `${file}, line 6`,
    expect.stringMatching(/^preset paper-cautious, line \d+$/),
  ]);
});

test("resolveConfiguration() takes the preset that the highest layer names", () => {
  const file = written("preset.yaml", "preset: paper-cautious\n");
  const env = { NOVACTOR_PRESET: "paper-fast" };
  expect(resolved({ file }).configuration.preset).toBe("paper-cautious");
  expect(resolved({ file, env }).configuration.market.speed).toBe("max");
  expect(resolved({ preset: "paper-demo", file, env }).configuration).toEqual({
    ...defaultConfiguration,
    preset: "paper-demo",
  });
});

test("resolveConfiguration() finds problems of all layers in one go", () => {
  const problems = problemsOf({
    preset: "paper-demmo",
    file: written("several.yaml", "seed: x\nlogs: 1\n"),
    env: { NOVACTOR_SERVER__PORT: "http", NOVACTOR_SEEDS: "1" },
    flags: [{ flag: "--set risk.cap", path: "risk.cap", value: "1" }],
  });
  expect(problems.map(({ path }) => path).sort()).toEqual([
    "NOVACTOR_SEEDS",
    "logs",
    "preset",
    "risk.cap",
    "seed",
    "server.port",
  ]);
});

test("resolveConfiguration() takes paths from the folder of the file that names them", () => {
  written("btc.csv", "timestamp_ms,open,high,low,close,volume\n");
  const text =
    "secretsFile: secrets\nmarket:\n  source: candles\n  files:\n    - symbol: BTC/USD\n      path: btc.csv\n";
  const { configuration } = resolved({ file: written("paths.yaml", text) });
  expect({ secrets: configuration.secretsFile, files: configuration.market.files }).toEqual({
    secrets: join(folder, "secrets"),
    files: [{ symbol: "BTC/USD", path: join(folder, "btc.csv") }],
  });
});

test.each([
  ["a file that is not there", () => join(folder, "absent.yaml"), "does not exist"],
  ["a folder", () => folder, "is a folder"],
  [
    "a file that is too large",
    () => written("large.yaml", `# ${"x".repeat(fileBytesMax)}\n`),
    `has ${fileBytesMax + 3} bytes`,
  ],
  [
    "bytes that are not text",
    () => written("raw.yaml", new Uint8Array([0x61, 0xff])),
    "holds bytes that are not text",
  ],
  ["a zero byte", () => written("zero.yaml", "seed: 1\0\n"), "holds bytes that are not text"],
])("resolveConfiguration() refuses %s", (_, file, state) => {
  expect(problemsOf({ file: file() }).map((each) => each.state)).toEqual([state]);
});

test("resolveConfiguration() keeps a secret of the environment out of every problem", () => {
  const canary = "canary-3f9d1c77";
  const problems = problemsOf({
    env: { NOVACTOR_SECRET_KEY: canary, NOVACTOR_SEED: canary, NOVACTOR_LOG__LEVEL: `x${canary}` },
    flags: [{ flag: "--set mode", path: "mode", value: canary }],
  });
  expect(problems).toHaveLength(3);
  expect(JSON.stringify(problems)).not.toContain(canary);
});

test("presets are the ones that the desk comes with", () => {
  expect(presetNames()).toEqual([
    ...["binanceus-paper", "coinbase-live", "coinbase-paper", "kraken-live", "kraken-paper"],
    ...["paper-books", "paper-cautious", "paper-demo", "paper-fast"],
  ]);
});

test.each(presetNames())("preset %s is whole and in order", (name) => {
  const { configuration, origins } = resolved({ preset: name });
  expect(configuration.preset).toBe(name);
  const preset = readPreset(name, { layer: "default" }).tree;
  const set = new Set(preset ? [...leavesOf(preset)].map(([path]) => path) : []);
  const wanted = keys.filter(({ variable, isOptional }) => variable !== null && !isOptional);
  expect(wanted.map(({ path }) => path).filter((path) => !set.has(path))).toEqual([]);
  expect([...origins.values()].filter(({ origin }) => origin.layer === "default")).toEqual([]);
});

test.each(presetNames())("preset %s says for whom it is", async (name) => {
  const text = await Bun.file(new URL(`../../config/presets/${name}.yaml`, import.meta.url)).text();
  expect(text).toStartWith("# For whoever ");
});
