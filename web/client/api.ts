import type { z } from "zod";
import type { Given } from "../api/route.ts";
import type { RouteKey, Routes } from "../api/routes.ts";
import { session, tokenHeader } from "./session.ts";

/** What the server answers on a route, as the page reads it. */
export type Answer<Key extends RouteKey> = z.output<Routes[Key]["reply"]>;

/** A refusal, in the server's words. */
export class Refusal extends Error {
  override readonly name = "Refusal";

  constructor(
    readonly status: number,
    message: string,
    readonly body: Readonly<Record<string, unknown>>,
  ) {
    super(message);
  }
}

/** `GET /api/v1/actors/:name` with `{ name }` as the address to ask at. */
export function addressOf(
  key: RouteKey,
  params: Readonly<Record<string, string>> = {},
  query: Readonly<Record<string, unknown>> = {},
): string {
  const path = key.slice(key.indexOf(" ") + 1);
  const filled = path.replace(/:(\w+)/g, (_, name) => encodeURIComponent(params[name] ?? ""));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") search.set(name, String(value));
  }
  return search.size === 0 ? filled : `${filled}?${search}`;
}

/** Asks the server on one of its routes. @throws {Refusal} @throws {TypeError} if it is not heard */
export async function call<Key extends RouteKey>(
  key: Key,
  given: Given<Key, Routes[Key]>,
): Promise<Answer<Key>> {
  const { params, query, body } = given as {
    params?: Record<string, string>;
    query?: Record<string, unknown>;
    body?: unknown;
  };
  const method = key.slice(0, key.indexOf(" "));
  const token = method === "GET" ? null : session.value?.token;
  const reply = await fetch(addressOf(key, params, query), {
    method,
    cache: "no-store",
    headers: {
      ...(body !== undefined && { "Content-Type": "application/json" }),
      ...(token && { [tokenHeader]: token }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  // Nobody is signed in any more: the page asks for a key.
  if (reply.status === 401 && session.value) session.value = null;
  const answer = (await reply.json()) as Record<string, unknown>;
  if (!reply.ok) throw new Refusal(reply.status, String(answer.error ?? reply.status), answer);
  return answer as Answer<Key>;
}
