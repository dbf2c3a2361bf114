import { type Command, Option } from "commander";
import { keyAt } from "../../config/keys.ts";
import { nearest } from "../../config/nearest.ts";
import { type Problem, problemsText } from "../../config/problem.ts";
import type { Resolved } from "../../config/resolve.ts";
import { pathMax, quoted } from "../../config/tree.ts";
import { readSmallFile, textOf } from "../config/files.ts";
import { loadConfiguration } from "../config/load-configuration.ts";
import { FileChangedError, replaceFile } from "../config/replace-file.ts";
import { readTemplate, type Template, templateNames, withTemplate } from "../config/templates.ts";
import { type ConfigOutput, changeRows, print, table } from "./config.ts";
import { CommandError, exitCode } from "./exit-codes.ts";

export interface TemplateArguments {
  readonly name: string;
  /** The operator's file; null for none. */
  readonly file: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user that a file of secrets must belong to. */
  readonly uid: number;
}

/** @throws {CommandError} for a name that is no template, with the nearest that is */
function templateOf(name: string, action: string): Template {
  const template = readTemplate(name);
  if (template !== null) return template;
  const known = templateNames();
  const meant = nearest(name, known);
  throw new CommandError(
    `Cannot ${action} template ${quoted(name)}: it is not known, wanted one of ` +
      known.join(", ") +
      (meant === undefined ? "" : `; perhaps ${meant} was meant`),
    exitCode.usage,
  );
}

/** `novactor template list`: what there is, and what each is for. */
export function templateList(): ConfigOutput {
  const rows = templateNames().map((name) => [name, templateOf(name, "list").purpose]);
  return { text: table(rows), exitCode: exitCode.ok };
}

type Read = Omit<TemplateArguments, "name"> & { readonly text?: string };

/** @throws {CommandError} with all that is wrong */
function resolved(title: string, { file, env, uid, ...rest }: Read): Resolved {
  const loaded = loadConfiguration({ file, preset: null, env, flags: [], ...rest }, uid);
  if (loaded.type === "ok") return loaded.resolved;
  throw refusal(title, loaded.problems);
}

function refusal(title: string, problems: readonly Problem[]): CommandError {
  return new CommandError(problemsText(title, problems).trimEnd(), exitCode.badConfiguration);
}

/** A configuration as it is, and as it would be with a template. */
interface Prospect {
  readonly now: Resolved;
  readonly next: Resolved;
  /** Of the operator's file as it is. */
  readonly bytes: Uint8Array;
  /** Of the file as it would be; null if it has all of the template already. */
  readonly text: string | null;
}

function prospectOf(template: Template, file: string, args: TemplateArguments): Prospect {
  const { env, uid } = args;
  const title = `Cannot use template "${template.name}" on configuration ${quoted(file, pathMax)}`;
  const now = resolved(title, { file, env, uid });
  const read = readSmallFile(file);
  const before = read.type === "bytes" ? textOf(read.bytes) : null;
  if (read.type !== "bytes" || before === null) {
    throw new CommandError(`${title}: it was changed meanwhile`, exitCode.badConfiguration);
  }
  const version = now.configuration.template.version + 1;
  const text = withTemplate(before, template, version);
  const next = text === null ? now : resolved(title, { file, env, uid, text });
  return { now, next, bytes: read.bytes, text };
}

/** Keys of the template that the environment has the last word on. */
function overruled({ next }: Prospect, template: Template, uid: number): string[] {
  const { origins } = resolved(`Cannot use template "${template.name}"`, {
    file: template.path,
    env: {},
    uid,
  });
  return [...origins].flatMap(([path, { origin }]) => {
    const last = next.origins.get(path);
    if (origin.layer !== "file" || last?.origin.layer !== "environment") return [];
    return [`${last.origin.variable} goes before the file: ${path} stays ${last.text}`];
  });
}

/** A row for each difference; when it counts is said only where that is not at once. */
function rowsOf(now: Resolved, next: Resolved): string[][] {
  return changeRows(now, next).map(([path = "", from = "", arrow = "", to = "", effect = ""]) => {
    const isSafe = keyAt(path)?.reload === "safe";
    return [path, from, arrow, to, isSafe ? "" : effect];
  });
}

/** Both configurations, where there is a file; else the defaults, and they with the template. */
function pairOf(template: Template, args: TemplateArguments): readonly [Resolved, Resolved] {
  const { file, env, uid } = args;
  if (file !== null) {
    const { now, next } = prospectOf(template, file, args);
    return [now, next];
  }
  // By itself a template is a sound configuration file.
  const title = `Cannot show template "${template.name}"`;
  return [resolved(title, { file, env, uid }), resolved(title, { file: template.path, env, uid })];
}

/** `novactor template show`: the document, and what it changes in the configuration as it is. */
export function templateShow(args: TemplateArguments): ConfigOutput {
  const template = templateOf(args.name, "show");
  const rows = rowsOf(...pairOf(template, args)).filter(([path]) => !path?.startsWith("template."));
  const against = args.file === null ? "the defaults" : quoted(args.file, pathMax);
  const title = rows.length === 0 ? `Changes nothing in ${against}` : `Changes in ${against}:`;
  return { text: `${template.text}\n${title}\n${table(rows)}`, exitCode: exitCode.ok };
}

/**
 * `novactor template apply`: writes a template's keys into the operator's file, as the file's next
 * version; the old one stays beside it. The whole is checked before anything is written.
 *
 * @throws {CommandError} without a file, for an unknown template, for a whole that cannot be used
 */
export function templateApply(
  args: TemplateArguments & { readonly dryRun: boolean },
): ConfigOutput {
  const { name, file, uid, dryRun } = args;
  const template = templateOf(name, "apply");
  if (file === null) {
    throw new CommandError(
      `Cannot apply template "${name}": no file to change is named, wanted --config FILE`,
      exitCode.usage,
    );
  }
  const shownFile = quoted(file, pathMax);
  const prospect = prospectOf(template, file, args);
  const { now, next, bytes, text } = prospect;
  if (text === null) {
    const said = `Template "${name}" is applied to ${shownFile} already: nothing was written\n`;
    return { text: said, exitCode: exitCode.ok };
  }
  const { version } = next.configuration.template;
  const kept = dryRun ? null : written(file, bytes, text);
  const done =
    kept === null
      ? `Would apply template "${name}" to ${shownFile} as version ${version}: nothing was written`
      : `Applied template "${name}" to ${shownFile} as version ${version}; what it was is in ${quoted(kept, pathMax)}`;
  const effect =
    'Takes effect with "novactor config reload" on a running desk, else at the next "start --take-changes"';
  const notes = [...overruled(prospect, template, uid)];
  const lines = [done, ...notes, ...(dryRun ? [] : [effect])];
  return { text: `${table(rowsOf(now, next))}\n${lines.join("\n")}\n`, exitCode: exitCode.ok };
}

/** @throws {CommandError} if the file cannot be written, which then is as it was */
function written(file: string, bytes: Uint8Array, text: string): string {
  try {
    return replaceFile(file, bytes, text);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (cause instanceof FileChangedError) {
      throw new CommandError(cause.message, exitCode.failure, { cause });
    }
    if (code === undefined) throw cause;
    throw new CommandError(
      `Cannot write configuration ${quoted(file, pathMax)}: the system says ${code}; it is as it was`,
      exitCode.failure,
      { cause },
    );
  }
}

interface TemplateOptions {
  readonly config?: string;
  readonly dryRun?: boolean;
}

function argumentsOf(name: string, { config }: TemplateOptions): TemplateArguments {
  return { name, file: config ?? null, env: process.env, uid: process.getuid?.() ?? -1 };
}

/** Adds `template list|show|apply` to the command line. */
export function registerTemplateCommands(program: Command): void {
  const template = program
    .command("template")
    .description("personalities of the desk: strategies, risk and stops by purpose");
  template
    .command("list")
    .description("what there is, and what each is for")
    .action(() => print(templateList()));
  template
    .command("show <name>")
    .description("a template's document, and what it changes in your configuration")
    .addOption(new Option("--config <file>", "your configuration").env("NOVACTOR_CONFIG"))
    .action((name: string, options: TemplateOptions) => {
      print(templateShow(argumentsOf(name, options)));
    });
  template
    .command("apply <name>")
    .description("write a template into your configuration file; the old one stays beside it")
    .option("--config <file>", "the file to change")
    .option("--dry-run", "say what would change, and write nothing")
    .action((name: string, options: TemplateOptions) => {
      const { dryRun = false } = options;
      print(templateApply({ ...argumentsOf(name, options), dryRun }));
    });
}
