import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  isMap,
  isNode,
  isScalar,
  type Pair,
  type ParsedNode,
  parseDocument,
  type YAMLMap,
} from "yaml";

const templateFolder = fileURLToPath(new URL("../../config/templates/", import.meta.url));

/** A personality of the desk, to be written into an operator's own file. */
export interface Template {
  readonly name: string;
  /** In one line: the first of its document. */
  readonly purpose: string;
  /** Of its document. */
  readonly path: string;
  readonly text: string;
}

/** Names of the templates that come with the desk. */
export function templateNames(): string[] {
  return readdirSync(templateFolder)
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => name.slice(0, -".yaml".length))
    .sort();
}

/** A template of the desk, or null for a name that is none. */
export function readTemplate(name: string): Template | null {
  if (!templateNames().includes(name)) return null;
  const path = `${templateFolder}${name}.yaml`;
  const text = readFileSync(path, "utf8");
  return { name, path, text, purpose: text.split("\n")[0]?.replace(/^# /, "") ?? "" };
}

function nameOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : "";
}

/** A node in the stead of another one, whose comments stay. */
function inSteadOf(before: unknown, node: ParsedNode): ParsedNode {
  if (!isNode(before)) return node;
  node.comment = before.comment ?? null;
  node.commentBefore = before.commentBefore ?? null;
  return node;
}

/** Puts what one map has into another one; what else that has stays as and where it is. */
function overlay(target: YAMLMap, source: YAMLMap<ParsedNode, ParsedNode | null>): void {
  if (target.items.length === 0) target.flow = source.flow ?? false;
  for (const pair of source.items) {
    const known = target.items.find((each) => nameOf(each) === nameOf(pair));
    const { value } = pair;
    if (known === undefined) target.items.push(pair.clone());
    else if (isMap(known.value) && isMap<ParsedNode, ParsedNode | null>(value)) {
      overlay(known.value, value);
    } else if (isScalar(known.value) && isScalar(value)) known.value.value = value.value;
    else if (value !== null) known.value = inSteadOf(known.value, value.clone() as ParsedNode);
  }
}

/** What a file was applied: its own section, so that the file says what it is. */
function record(target: YAMLMap, name: string, version: number): void {
  const source = parseDocument(`template:\n  name: ${name}\n  version: ${version}\n`, failsafe);
  overlay(target, source.contents as YAMLMap<ParsedNode, ParsedNode | null>);
}

/** As configurations are read: every value is a text and stays as it was written. */
const failsafe = { schema: "failsafe" } as const;

/** How a text is laid out, so that what is not changed looks as it did. */
function layoutOf(text: string) {
  const nested = /^\w+:[ \t]*(?:#.*)?\r?\n( +)[\w#]/m.exec(text)?.[1];
  const isFlush = /^( *)\w+:[ \t]*(?:#.*)?\r?\n\1- /m.test(text);
  return { lineWidth: 0, indent: nested?.length ?? 2, indentSeq: !isFlush };
}

/**
 * The text of a configuration file with a template's values in it, every other key and all comments
 * kept. The file says which template it was, under `template`, with the version given. Null if the
 * file has all of it already.
 *
 * @throws {RangeError} for a text that is not a map of keys: such a file cannot be used at all.
 */
export function withTemplate(text: string, template: Template, version: number): string | null {
  const document = parseDocument(text, failsafe);
  const { contents } = document;
  if (document.errors.length > 0 || !isMap(contents)) {
    throw new RangeError(`Cannot apply template "${template.name}": the text is not a map of keys`);
  }
  const target = contents as YAMLMap;
  const sections = target.items.length;
  const isNamed = document.getIn(["template", "name"]) === template.name;
  const before = JSON.stringify(document.toJS());
  const source = parseDocument(template.text, failsafe).contents;
  overlay(target, source as YAMLMap<ParsedNode, ParsedNode | null>);
  if (isNamed && JSON.stringify(document.toJS()) === before) return null;
  record(target, template.name, version);
  for (const { key } of target.items.slice(sections)) if (isNode(key)) key.spaceBefore = true;
  return document.toString(layoutOf(text));
}
