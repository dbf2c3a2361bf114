/** Reads what a request asks, and refuses in words what is not understood. */
import type { Context } from "hono";
import { z } from "zod";
import { RouteError, type RouteSpec } from "../api/route.ts";

/** The most bytes of a body, and of an address. */
export const bodyMost = 64 * 1024;
const addressMost = 8_192;
/** No body of ours is nested deeper. */
const depthMost = 32;

/** The query as the route declares it. @throws {RouteError} 400 */
export function queryOf(context: Context, { query }: RouteSpec): unknown {
  if (context.req.url.length > addressMost) {
    throw new RouteError(400, `Cannot read the address: wanted at most ${addressMost} characters`);
  }
  const given = context.req.queries();
  const repeated = Object.keys(given).find((name) => (given[name]?.length ?? 0) > 1);
  if (repeated !== undefined) throw new RouteError(400, `Cannot read "${repeated}": given twice`);
  if (query) return checked(query, context.req.query());
  const [name] = Object.keys(given);
  if (name !== undefined) throw new RouteError(400, `Cannot read "${name}": not known here`);
  return undefined;
}

/** The JSON body as the route declares it. @throws {RouteError} 400 */
export async function bodyOf(context: Context, { body }: RouteSpec): Promise<unknown> {
  if (!body) return undefined;
  const type = context.req.header("Content-Type") ?? "";
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new RouteError(400, 'Cannot read the body: wanted the content type "application/json"');
  }
  return checked(body, parsed(await context.req.text()));
}

function parsed(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RouteError(400, "Cannot read the body: wanted JSON");
  }
  requireShallow(value);
  return value;
}

/** Without recursion: what is nested too deep must not be walked to be refused. */
function requireShallow(value: unknown): void {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > depthMost) {
      throw new RouteError(400, `Cannot read the body: wanted at most ${depthMost} levels`);
    }
    level = level.flatMap((each) => {
      if (typeof each !== "object" || each === null) return [];
      if (Object.hasOwn(each, "__proto__")) {
        throw new RouteError(400, 'Cannot read the body: "__proto__" is no field');
      }
      return Object.values(each);
    });
  }
}

function checked(schema: z.ZodType, value: unknown): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new RouteError(400, z.prettifyError(result.error).slice(0, 2_000));
}
