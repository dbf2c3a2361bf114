/** JSON as tests look into it. */

export type Json = Record<string, unknown>;

/** Follows a path; `*` is the first of what is there. */
export function at(value: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((inner, step) => {
    if (step === "") return inner;
    const json = inner as Json;
    return step === "*" ? Object.values(json)[0] : json[step];
  }, value);
}

/** Types by key; of an array, those of its first element, or of each of a short one. */
export function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) {
    const kinds = new Set(value.map((each) => typeof each));
    return kinds.size > 1 ? value.map(shapeOf) : value.slice(0, 1).map(shapeOf);
  }
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shapeOf(each)]));
}
