import { type CatalogEntry, catalog, type IndicatorInstance } from "./catalog.ts";

/** The names that `createIndicator` knows, with the defaults of their parameters. */
export const knownIndicators: readonly { readonly name: string; readonly usage: string }[] =
  Object.entries(catalog).map(([name, entry]) => ({
    name,
    usage: [name, ...entry.defaults].join(":"),
  }));

/**
 * An indicator from its specification: a name and its parameters, as in "macd:12:26:9"; parameters
 * left out at the end take their defaults. The key of an instance is such a specification.
 * @throws {RangeError} for an unknown name (with the nearest known one) or unusable parameters
 */
export function createIndicator(specification: string): IndicatorInstance {
  const [name = "", ...texts] = specification.trim().split(":");
  const entry = Object.hasOwn(catalog, name) ? catalog[name] : undefined;
  if (entry === undefined) {
    throw new RangeError(
      `Cannot create indicator "${specification}": unknown name "${name}", ` +
        `the nearest known is "${nearestName(name)}"`,
    );
  }
  const [first = Number.NaN, second = Number.NaN, third = Number.NaN] = readParameters(
    specification,
    name,
    entry,
    texts,
  );
  return entry.create(first, second, third);
}

/**
 * Indicators from a list such as "sma:20,rsi:14". No two lines may have the same name.
 * @throws {RangeError} as `createIndicator`, or for an empty list, or a line named twice
 */
export function createIndicators(list: string): IndicatorInstance[] {
  const instances = list.split(",").map(createIndicator);
  const owners = new Map<string, string>();
  for (const { key, lines } of instances) {
    for (const { name } of lines) {
      const owner = owners.get(name);
      if (owner !== undefined) {
        throw new RangeError(
          `Cannot create indicators "${list}": both "${owner}" and "${key}" name a line "${name}"`,
        );
      }
      owners.set(name, key);
    }
  }
  return instances;
}

function readParameters(
  specification: string,
  name: string,
  entry: CatalogEntry,
  texts: readonly string[],
): number[] {
  const known = entry.defaults.length;
  if (texts.length > known) {
    throw new RangeError(
      `Cannot create indicator "${specification}": ${texts.length} parameters, ` +
        `wanted at most ${known}, as in "${[name, ...entry.defaults].join(":")}"`,
    );
  }
  return entry.defaults.map((fallback, index) => {
    const text = texts[index];
    if (text === undefined) return fallback;
    if (!/^\d{1,6}(\.\d{1,6})?$/.test(text)) {
      throw new RangeError(
        `Cannot create indicator "${specification}": parameter "${text}" is not a number, ` +
          `wanted the form "${[name, ...entry.defaults].join(":")}"`,
      );
    }
    return Number(text);
  });
}

function nearestName(name: string): string {
  const wanted = name.toLowerCase();
  let nearest = "";
  let least = Number.POSITIVE_INFINITY;
  for (const known of Object.keys(catalog)) {
    const distance = editDistance(wanted, known.toLowerCase());
    if (distance < least) {
      least = distance;
      nearest = known;
    }
  }
  return nearest;
}

/** Levenshtein's distance: the fewest letters to insert, drop or replace. */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replace = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const drop = (previous[column] ?? 0) + 1;
      const insert = (current[column - 1] ?? 0) + 1;
      current.push(Math.min(replace, drop, insert));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}
