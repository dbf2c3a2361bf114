import type { Command } from "commander";
import { keyAt } from "../../config/keys.ts";
import { type Problem, problemsText } from "../../config/problem.ts";
import { planReload } from "../../config/reload.ts";
import type { Resolved } from "../../config/resolve.ts";
import type { Configuration } from "../../config/schema.ts";
import { originText, pathMax, pathText, quoted } from "../../config/tree.ts";
import type { Flag } from "../../config/variables.ts";
import { type Loaded, loadConfiguration } from "../config/load-configuration.ts";
import { exitCode } from "./exit-codes.ts";

/** What a command says and ends with. The text ends with a line break. */
export interface ConfigOutput {
  readonly text: string;
  readonly exitCode: number;
}

/** Where a configuration is to come from. */
export interface ConfigArguments {
  /** Path of the file; null for none. */
  readonly file: string | null;
  readonly preset: string | null;
  /** As after `--set`: `risk.positionCap=2`. */
  readonly set: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user that a file of secrets must belong to. */
  readonly uid: number;
}

function titleOf({ file }: ConfigArguments): string {
  return file === null ? "configuration" : `configuration ${quoted(file, pathMax)}`;
}

/** `risk.positionCap=2` as a flag; without an equals sign the value is empty, and refused as such. */
export function flagOf(setting: string): Flag {
  const [path = "", ...rest] = setting.split("=");
  return { flag: `--set ${pathText([path])}`, path, value: rest.join("=") };
}

function load(args: ConfigArguments): Loaded {
  const { file, preset, env, uid } = args;
  return loadConfiguration({ file, preset, env, flags: args.set.map(flagOf) }, uid);
}

function refused(args: ConfigArguments, problems: readonly Problem[]): ConfigOutput {
  const text = problemsText(`Cannot use ${titleOf(args)}`, problems);
  return { text, exitCode: exitCode.badConfiguration };
}

/** Rows as lines, their columns aligned. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join("");
}

/** `novactor config check`: whether a configuration can be used, and if not, all that is wrong. */
export function configCheck(args: ConfigArguments): ConfigOutput {
  const loaded = load(args);
  if (loaded.type === "problems") return refused(args, loaded.problems);
  const { configuration, hash } = loaded.resolved;
  const { market } = configuration;
  const rows = [
    ["  mode", configuration.mode],
    ["  preset", configuration.preset ?? "none"],
    ["  market", marketText(market)],
    ["  secrets", [...loaded.secrets.keys()].join(", ") || "none"],
    ["  hash", hash],
  ];
  const title = titleOf(args).replace(/^./, (first) => first.toUpperCase());
  return { text: `${title} is in order\n${table(rows)}`, exitCode: exitCode.ok };
}

function marketText({ source, symbols, files, live }: Configuration["market"]): string {
  if (source === "live") return `${source}: ${live.venue}, ${live.symbols.join(", ")}`;
  const traded = source === "generator" ? symbols : files;
  return `${source}: ${traded.map(({ symbol }) => symbol).join(", ")}`;
}

/** `novactor config show`: every value with where it comes from; secrets by name only. */
export function configShow(args: ConfigArguments & { readonly json: boolean }): ConfigOutput {
  const loaded = load(args);
  if (loaded.type === "problems") return refused(args, loaded.problems);
  const { origins, hash } = loaded.resolved;
  const settings = [...origins].map(([path, { text, origin }]) => {
    return { path, value: text, origin: originText(origin) };
  });
  const secrets = [...loaded.secrets.values()].map(({ name, secret, origin }) => {
    return { name, value: String(secret), origin: originText(origin) };
  });
  if (args.json) {
    return { text: `${JSON.stringify({ hash, settings, secrets })}\n`, exitCode: exitCode.ok };
  }
  const rows = [
    ...settings.map(({ path, value, origin }) => [path, shown(value), origin]),
    ...secrets.map(({ name, value, origin }) => [`secret ${name}`, value, origin]),
  ];
  return { text: `${table(rows)}\nhash ${hash}\n`, exitCode: exitCode.ok };
}

/** Plain values as they are, all others quoted, so that none can pose as another line. */
export function shown(text: string): string {
  return /^[\w./:+-]+$/.test(text) ? text : quoted(text);
}

const effects = { safe: "at once", restart: "needs a restart", newLedger: "needs a new ledger" };

/** `novactor config diff`: what differs, and what a running desk would do about each. */
export function configDiff(from: ConfigArguments, to: ConfigArguments): ConfigOutput {
  const before = load(from);
  if (before.type === "problems") return refused(from, before.problems);
  const after = load(to);
  if (after.type === "problems") return refused(to, after.problems);
  const rows = changeRows(before.resolved, after.resolved);
  return { text: rows.length === 0 ? "No difference\n" : table(rows), exitCode: exitCode.ok };
}

/** A row for each difference of two configurations: path, from, to, and when a change counts. */
export function changeRows(before: Resolved, after: Resolved): string[][] {
  const textOf = ({ origins }: Resolved, path: string): string => {
    const setting = origins.get(path);
    return setting === undefined ? "not set" : shown(setting.text);
  };
  const plan = planReload(before.configuration, after.configuration);
  return [...plan.apply, ...plan.refuse].map(({ path }) => {
    const known = keyAt(path);
    const effect = known === undefined ? "" : `${effects[known.reload]}: ${known.reason}`;
    return [path, textOf(before, path), "->", textOf(after, path), effect];
  });
}

interface ConfigOptions {
  readonly preset?: string;
  readonly set: readonly string[];
  readonly json?: boolean;
}

function argumentsOf(file: string | undefined, { preset, set }: ConfigOptions): ConfigArguments {
  const { env } = process;
  return {
    file: file ?? env.NOVACTOR_CONFIG ?? null,
    preset: preset ?? null,
    set,
    env,
    uid: process.getuid?.() ?? -1,
  };
}

/** Says it, on the error output unless all is well, and ends with its code. */
export function print({ text, exitCode: code }: ConfigOutput): void {
  (code === exitCode.ok ? process.stdout : process.stderr).write(text);
  process.exitCode = code;
}

function withLayers(command: Command): Command {
  const collect = (value: string, before: readonly string[]) => [...before, value];
  return command
    .option("--preset <name>", "whole configuration to start from")
    .option(
      "--set <path=value>",
      "one value, such as risk.positionCap=2; again for more",
      collect,
      [],
    );
}

/** Adds `config check|show|diff` to the command line, and returns `config` for more. */
export function registerConfigCommands(program: Command): Command {
  const config = program.command("config").description("check, show and compare configurations");
  withLayers(config.command("check [file]"))
    .description("say whether a configuration can be used, and all that is wrong with it")
    .action((file: string | undefined, options: ConfigOptions) => {
      print(configCheck(argumentsOf(file, options)));
    });
  withLayers(config.command("show [file]"))
    .description("show every value and where it comes from; secrets by name only")
    .option("--json", "for machines")
    .action((file: string | undefined, options: ConfigOptions) => {
      print(configShow({ ...argumentsOf(file, options), json: options.json ?? false }));
    });
  withLayers(config.command("diff <file> [other]"))
    .description("compare a configuration with the defaults, or one file with another")
    .action((file: string, other: string | undefined, options: ConfigOptions) => {
      const plain = { file: null, preset: null, set: [], env: {}, uid: process.getuid?.() ?? -1 };
      const first = other === undefined ? plain : argumentsOf(file, options);
      print(configDiff(first, argumentsOf(other ?? file, options)));
    });
  return config;
}
