import type { z } from "zod";
import { hashOf } from "./hash.ts";
import { isSection, keyAt, namesIn, nearestKey } from "./keys.ts";
import type { Problem } from "./problem.ts";
import { type Configuration, configurationSchema } from "./schema.ts";
import { namesSecret, secretsWanted } from "./secret-names.ts";
import {
  type Branch,
  leavesOf,
  merge,
  type Node,
  nodeAt,
  type Origin,
  pathText,
  plainOf,
  quoted,
  rowText,
} from "./tree.ts";

/** A value as it was written, and where. */
export interface Setting {
  readonly text: string;
  readonly origin: Origin;
}

export interface Resolved {
  readonly type: "ok";
  readonly configuration: Configuration;
  /** By path, `market.symbols[0].tick` included. */
  readonly origins: ReadonlyMap<string, Setting>;
  /** SHA-256 of all that sways a decision, 64 hexadecimal digits. */
  readonly hash: string;
}

export interface Refused {
  readonly type: "problems";
  readonly problems: readonly Problem[];
}

export type Resolution = Resolved | Refused;

type Issue = z.core.$ZodIssue;

/** Whether a key within, at any depth, has the name of a secret. */
function holdsSecret(node: Node): boolean {
  if (node.type === "leaf") return false;
  if (node.type === "list") return node.items.some(holdsSecret);
  return [...node.children].some(([name, child]) => namesSecret(name) || holdsSecret(child));
}

function unknownKey(tree: Branch, path: readonly PropertyKey[], name: string): Problem {
  const node = nodeAt(tree, [...path, name]);
  const origin = node?.origin ?? tree.origin;
  const section = pathText(path);
  // The value stays unshown: it may be a secret under a name that nobody thought of.
  const base = { path: pathText([...path, name]), value: null, origin };
  if (namesSecret(name) || (node && holdsSecret(node)))
    return { ...base, state: "is or holds a secret", wanted: secretsWanted };
  const close = nearestKey(section, name);
  const state = section === "" ? "is not a key" : `is not a key of ${section}`;
  return {
    ...base,
    state,
    wanted: `one of ${namesIn(section).join(", ")}`,
    ...(close === undefined ? {} : { nearest: close }),
  };
}

function stateOf(node: Node | undefined): string {
  if (node === undefined) return "is not set";
  if (node.type === "branch") return "is a group of keys";
  if (node.type === "leaf") return node.text === null ? "is empty" : `is ${quoted(node.text)}`;
  const row = rowText(node);
  return `is a list of ${node.items.length}${row === undefined ? "" : `: ${quoted(row)}`}`;
}

/** The nearest thing above that is written somewhere: where a missing key should be added. */
function originOf(tree: Branch, path: readonly PropertyKey[]): Origin {
  for (let length = path.length; length > 0; length -= 1) {
    const node = nodeAt(tree, path.slice(0, length));
    if (node) return node.origin;
  }
  return tree.origin;
}

function wantedAt(path: string, issue: Issue): string {
  if (issue.code === "custom" && issue.params?.rule === true) return issue.message;
  const known = keyAt(path);
  if (known) return known.wanted;
  return `keys of its own, each on a line below: ${namesIn(path).join(", ")}`;
}

function textOf(node: Node | undefined): string | null {
  if (node?.type === "leaf") return node.text;
  return node?.type === "list" ? (rowText(node) ?? null) : null;
}

function wrongValue(tree: Branch, issue: Issue): Problem {
  const path = pathText(issue.path);
  const node = nodeAt(tree, issue.path);
  const known = keyAt(path);
  const text = textOf(node);
  const suggested = text === null ? undefined : known?.suggest?.(text);
  const meant = suggested === text ? undefined : suggested;
  return {
    path,
    value: text,
    state: stateOf(node),
    wanted: wantedAt(path, issue),
    origin: originOf(tree, issue.path),
    ...(meant === undefined ? {} : { nearest: meant }),
    ...(known === undefined || isSection(path) ? {} : { about: known.about }),
  };
}

function problemsOf(tree: Branch, issues: readonly Issue[]): Problem[] {
  return issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((name) => unknownKey(tree, issue.path, name))
      : [wrongValue(tree, issue)],
  );
}

/** The order in which a person reads: by file, then by line. */
function byPlace(a: Problem, b: Problem): number {
  const lineOf = ({ origin }: Problem) => ("line" in origin ? origin.line : 0);
  return lineOf(a) - lineOf(b);
}

/** Checks layers of which later ones win. The first one should be whole. */
export function resolveLayers(layers: readonly [Branch, ...Branch[]]): Resolution {
  const tree = layers.reduce(merge);
  const result = configurationSchema.safeParse(plainOf(tree));
  if (!result.success) {
    const problems = problemsOf(tree, result.error.issues).sort(byPlace);
    return { type: "problems", problems };
  }
  const origins = new Map<string, Setting>();
  for (const [path, { text, origin }] of leavesOf(tree))
    origins.set(path, { text: text ?? "", origin });
  return { type: "ok", configuration: result.data, origins, hash: hashOf(result.data) };
}
