/** Asks the panel's handlers as its server does: what is asked and answered is of the schema. */
import { expect } from "bun:test";
import type { z } from "zod";
import type { Given, RouteSpec } from "../api/route.ts";
import { type RouteKey, type Routes, routes } from "../api/routes.ts";
import type { Answer } from "../client/api.ts";
import { viewsOf as allViewsOf } from "../server/handlers.ts";
import type { PanelOptions } from "../server/ports.ts";

type Handler = (asked: object) => unknown;

/** What a route answers; a stream is read whole. */
export type Asked<Key extends RouteKey> = Answer<Key>;

/** @param viewsOf what makes the views that are asked; all of them unless told */
export function asking(
  options: PanelOptions,
  viewsOf: (options: PanelOptions) => object = allViewsOf,
) {
  return async <Key extends RouteKey>(
    key: Key,
    given: Given<Key, Routes[Key]>,
  ): Promise<Asked<Key>> => {
    const spec: RouteSpec = routes[key];
    const views = viewsOf(options) as Readonly<Record<string, Handler>>;
    const handler = views[key] as Handler;
    const { params = {}, query = {}, body } = given as Readonly<Record<string, unknown>>;
    const checked = (schema: z.ZodType | undefined, value: unknown) => schema?.parse(value);
    const reply = await handler({
      ...{ params, query: checked(spec.query, query), body: checked(spec.body, body) },
      who: { name: "ann", role: "admin" },
    });
    if (spec.isStreamed) {
      let text = "";
      for await (const part of reply as AsyncIterable<string>) text += part;
      return text as Asked<Key>;
    }
    // What a schema does not name it leaves out: then the two differ.
    const parsed = spec.reply.parse(reply);
    expect(parsed).toEqual(reply);
    return parsed as Asked<Key>;
  };
}
