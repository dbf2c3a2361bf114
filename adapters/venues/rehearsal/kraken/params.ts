import type { WireRequest } from "../wire.ts";

/** What a request says, by name: from the query, a form or a flat JSON object. */
export type Params = ReadonlyMap<string, string>;

/** Reads a request's parameters; null where the body is not what it says it is. */
export function paramsOf(request: WireRequest): Params | null {
  const params = new Map(request.query);
  const type = String(request.headers["content-type"] ?? "");
  if (request.body === "") return params;
  if (!type.includes("json")) {
    for (const [name, value] of new URLSearchParams(request.body)) params.set(name, value);
    return params;
  }
  try {
    const read: unknown = JSON.parse(request.body);
    if (typeof read !== "object" || read === null || Array.isArray(read)) return null;
    for (const [name, value] of Object.entries(read)) {
      params.set(name, typeof value === "object" ? JSON.stringify(value) : String(value));
    }
    return params;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

export function isTrue(params: Params, name: string): boolean {
  const value = params.get(name)?.toLowerCase();
  return value === "true" || value === "1";
}
