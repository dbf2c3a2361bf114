import { z } from "zod";
import type { RouteSpec } from "../api/route.ts";
import { routes } from "../api/routes.ts";

type Json = Readonly<Record<string, unknown>>;

/** Schemas that hold themselves, such as nested states: each stands once, under a name. */
type Shared = Record<string, unknown>;

/** A schema in JSON; `name` sets apart those that it shares. */
function asJson(schema: z.ZodType, shared: Shared, name: string): Json {
  const whole = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  const { $schema: _, ...bare } = whole;
  // References are of the document, and a route's schema is but a part of it.
  const text = JSON.stringify(bare).replaceAll("#/$defs/", `#/components/schemas/${name}`);
  const { $defs = {}, ...rest } = JSON.parse(text) as Json & { $defs?: Json };
  for (const [key, value] of Object.entries($defs)) shared[`${name}${key}`] = value;
  return rest;
}

const inWords = {
  "application/json": {
    schema: {
      type: "object",
      properties: { error: { type: "string" } },
      required: ["error"],
    },
  },
};

const refusals: Readonly<Record<string, string>> = {
  400: "Not understood, in words",
  401: "Nobody is signed in, or not any more",
  403: "The role does not do, or another site asks",
  404: "Not there",
  409: "Not so any more",
  413: "Too large",
  429: "Too often",
  503: "Not now",
};

/** The names behind colons, and of the query, as OpenAPI has them. */
function parametersOf(path: string, { query }: RouteSpec, shared: Shared, name: string) {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    ...{ name, in: "path", required: true, schema: { type: "string" } },
  }));
  const { properties = {}, required = [] } = (
    query ? asJson(query, shared, `${name}.query`) : {}
  ) as {
    properties?: Record<string, unknown>;
    required?: string[];
  };
  const inQuery = Object.entries(properties).map(([name, schema]) => ({
    ...{ name, in: "query", required: required.includes(name), schema },
  }));
  return [...inPath, ...inQuery];
}

function operationOf(method: string, path: string, spec: RouteSpec, shared: Shared) {
  const name = `${method.toLowerCase()}${path.replace(/[^\w]+/g, ".")}`;
  const { role, summary, changes, body, reply, media = "application/json" } = spec;
  const content = { [media]: { schema: asJson(reply, shared, `${name}.reply`) } };
  const described = Object.entries(refusals).map(([status, description]) => [
    status,
    { description, content: inWords },
  ]);
  const signedIn =
    method === "GET" ? [{ session: [] }, { key: [] }] : [{ session: [], token: [] }, { key: [] }];
  return {
    summary,
    "x-role": role,
    "x-changes": changes,
    security: role === "anyone" ? [] : signedIn,
    parameters: parametersOf(path, spec, shared, name),
    ...(body && {
      requestBody: {
        required: true,
        content: { "application/json": { schema: asJson(body, shared, `${name}.body`) } },
      },
    }),
    responses: { 200: { description: "Done", content }, ...Object.fromEntries(described) },
  };
}

/** The registry in the words of OpenAPI 3.1. */
export function openApi(version: string) {
  const paths: Record<string, Record<string, unknown>> = {};
  const schemas: Shared = {};
  for (const [key, spec] of Object.entries(routes) as [string, RouteSpec][]) {
    const [method = "", path = ""] = key.split(" ");
    const named = path.replace(/:(\w+)/g, "{$1}").replace("*", "{view}");
    paths[named] ??= {};
    Object.assign(paths[named], {
      [method.toLowerCase()]: operationOf(method, named, spec, schemas),
    });
  }
  return {
    openapi: "3.1.0",
    info: { title: "Novactor", version },
    paths,
    components: {
      schemas,
      securitySchemes: {
        key: { type: "http", scheme: "bearer", description: "A key of an operator: nvk_..." },
        session: { type: "apiKey", in: "cookie", name: "__Host-novactor" },
        token: { type: "apiKey", in: "header", name: "X-Novactor-Token" },
      },
    },
  };
}
