import { keyAt } from "./keys.ts";
import type { Configuration } from "./schema.ts";
import { rowSeparator } from "./tree.ts";

/** A value in a configuration, a row as one text; null for an optional key that is not set. */
export type Value = string | number | boolean | null;

/** What only one of the markets uses, by the path's beginning. */
const usedBy: Readonly<Record<Configuration["market"]["source"], readonly string[]>> = {
  generator: ["market.symbols", "market.startAt"],
  candles: ["market.files"],
  live: ["market.live"],
};

/** Only one of the markets counts, whatever is written under the others; `live` only live. */
function isUnused({ market, mode }: Configuration, path: string): boolean {
  if (path.startsWith("live.")) return mode !== "live";
  return Object.entries(usedBy).some(
    ([source, beginnings]) =>
      source !== market.source && beginnings.some((each) => path.startsWith(each)),
  );
}

function isRow(value: unknown): value is readonly (number | string)[] {
  return Array.isArray(value) && value.length > 0 && typeof value[0] !== "object";
}

function* flatten(value: unknown, path: string): Generator<readonly [string, Value]> {
  if (isRow(value)) yield [path, value.join(rowSeparator)];
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* flatten(item, `${path}[${index}]`);
  } else if (typeof value === "object" && value !== null) {
    for (const [name, child] of Object.entries(value)) {
      yield* flatten(child, path === "" ? name : `${path}.${name}`);
    }
  } else if (value !== undefined) yield [path, value as Value];
}

/** Every value that is in use, by path. */
export function valuesOf(configuration: Configuration): Map<string, Value> {
  const used = [...flatten(configuration, "")].filter(([path]) => !isUnused(configuration, path));
  return new Map(used);
}

/**
 * SHA-256, in hexadecimal, of all that sways a decision: as canonical JSON, paths sorted. Two
 * configurations that mean the same have one hash, however they were written (`1m` or `60s`).
 */
export function hashOf(configuration: Configuration): string {
  const swaying = [...valuesOf(configuration)]
    .filter(([path]) => keyAt(path)?.sways === true)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const json = JSON.stringify(Object.fromEntries(swaying));
  return new Bun.CryptoHasher("sha256").update(json).digest("hex");
}
