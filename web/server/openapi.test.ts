import { expect, test } from "bun:test";
import type { RouteSpec } from "../api/route.ts";
import { routes } from "../api/routes.ts";
import { openApi } from "./openapi.ts";

const { paths, components } = openApi("1.2.3");
const all = Object.entries(routes) as [string, RouteSpec][];

test.each(all)("%s is described with its role, its parts and how to be let in", (key, spec) => {
  const [method = "", path = ""] = key.split(" ");
  const named = path.replace(/:(\w+)/g, "{$1}").replace("*", "{view}");
  const found = paths[named]?.[method.toLowerCase()] as {
    readonly "x-role": string;
    readonly security: readonly object[];
    readonly parameters: readonly { readonly name: string; readonly in: string }[];
    readonly requestBody?: object;
    readonly responses: Readonly<Record<string, object>>;
  };
  expect(found["x-role"]).toBe(spec.role);
  expect(found.requestBody !== undefined).toBe(spec.body !== undefined);
  const names = found.parameters.filter((each) => each.in === "path").map(({ name }) => name);
  expect(names).toEqual([...named.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? ""));
  expect(found.responses[200]).toBeDefined();
  const used = found.security.flatMap((each) => Object.keys(each));
  expect(used.length === 0).toBe(spec.role === "anyone");
  expect(used.includes("token")).toBe(spec.role !== "anyone" && method !== "GET");
  for (const name of used) expect(Object.keys(components.securitySchemes)).toContain(name);
});

test("it can be said in JSON, and says nothing of what a key is", () => {
  const text = JSON.stringify(openApi("1.2.3"));
  expect(JSON.parse(text)).toMatchObject({ openapi: "3.1.0", info: { version: "1.2.3" } });
  expect(text).not.toMatch(/nvk_[\da-f]{12}/);
});

test("each reference leads to a schema of the document", () => {
  const text = JSON.stringify(paths);
  const used = [...text.matchAll(/"\$ref":"([^"]*)"/g)].map(([, at = ""]) => at);
  expect(used.length).toBeGreaterThan(0);
  const known = Object.keys(components.schemas).map((name) => `#/components/schemas/${name}`);
  expect(used.filter((each) => !known.includes(each))).toEqual([]);
  expect(text).not.toContain("$defs");
});
