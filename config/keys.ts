import { z } from "zod";
import { type KeyFacts, keyFacts } from "./key.ts";
import { nearest } from "./nearest.ts";
import { configurationSchema } from "./schema.ts";

export interface Key extends KeyFacts {
  /** `market.symbols[].tick`: items of a list have no number here. */
  readonly path: string;
  readonly type: "value" | "list";
  readonly isOptional: boolean;
  /** `NOVACTOR_RISK__POSITION_CAP`; null for what only a file can set. */
  readonly variable: string | null;
}

export const variablePrefix = "NOVACTOR_";

/** Names of one level are joined by two underscores, words by one. */
function variableOf(path: string): string {
  const names = path.split(".").map((name) => name.replace(/[A-Z]/g, "_$&").toUpperCase());
  return variablePrefix + names.join("__");
}

/** Every key of a schema, in its order. @throws {RangeError} for a key without facts. */
export function keysOf(schema: unknown, path = "", isOptional = false): Key[] {
  if (schema instanceof z.ZodOptional) return keysOf(schema.unwrap(), path, true);
  if (schema instanceof z.ZodObject) {
    return Object.entries(schema.shape).flatMap(([name, child]) =>
      keysOf(child, path === "" ? name : `${path}.${name}`),
    );
  }
  const facts = schema instanceof z.ZodType ? keyFacts.get(schema) : undefined;
  if (facts === undefined) throw new RangeError(`Cannot list key "${path}": it has no facts`);
  const isList = schema instanceof z.ZodArray;
  const variable = isList || path.includes("[]") ? null : variableOf(path);
  const key: Key = { ...facts, path, isOptional, variable, type: isList ? "list" : "value" };
  return isList ? [key, ...keysOf(schema.element, `${path}[]`)] : [key];
}

/** Every key that there is. */
export const keys: readonly Key[] = keysOf(configurationSchema);

const keyByPath = new Map(keys.map((each) => [each.path, each]));

/** Paths that hold keys, not a value: `risk`, `matching.fees`, `market.symbols[]`. */
const sections: ReadonlySet<string> = new Set(
  keys.flatMap(({ path }) => {
    const names = path.split(".");
    return names.slice(1).map((_, index) => names.slice(0, index + 1).join("."));
  }),
);

function withoutNumbers(path: string): string {
  return path.replace(/\[\d+\]/g, "[]");
}

/** The key at a path, item numbers allowed: `market.symbols[2].tick`. */
export function keyAt(path: string): Key | undefined {
  return keyByPath.get(withoutNumbers(path));
}

export function isSection(path: string): boolean {
  return sections.has(withoutNumbers(path));
}

/** Names that may stand directly in a section; "" for the outermost. */
export function namesIn(section: string): string[] {
  const start = section === "" ? "" : `${withoutNumbers(section)}.`;
  const names = keys
    .filter(({ path }) => path.startsWith(start))
    .map(({ path }) => path.slice(start.length).split(/[.[]/)[0] ?? "");
  return [...new Set(names)];
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf(".") + 1);
}

/**
 * The known key that an unknown one was meant for: one like it in the same section, else one of
 * that very name elsewhere, else one like it elsewhere.
 */
export function nearestKey(section: string, name: string): string | undefined {
  const sibling = nearest(name, namesIn(section));
  if (sibling !== undefined) return section === "" ? sibling : `${section}.${sibling}`;
  const settable = keys.filter(({ path }) => !path.includes("[]"));
  const full = nearest(section === "" ? name : `${section}.${name}`, [...keyByPath.keys()]);
  const moved = nearest(
    name,
    settable.map(({ path }) => lastName(path)),
  );
  const exact = settable.find(({ path }) => lastName(path) === name);
  return (exact ?? settable.find(({ path }) => lastName(path) === moved))?.path ?? full;
}
