/** The page's own weight: it opens on a phone over a poor line. */
import { beforeAll, expect, test } from "bun:test";
import { type Asset, buildPage, pageDocument } from "./bundle.ts";

/** Bytes of script, compressed. */
const scriptMost = 120_000;

let assets: ReadonlyMap<string, Asset>;

beforeAll(async () => {
  assets = await buildPage();
});

const scripts = () => [...assets].filter(([path]) => path.endsWith(".js"));
const decoded = (assets: readonly (readonly [string, Asset])[]) =>
  assets.map(([, { body }]) => new TextDecoder().decode(body)).join("\n");

test("the page's script is at most 120 KB, compressed", () => {
  const bytes = scripts().reduce((total, [, { gzip }]) => total + gzip.length, 0);
  console.log(`the page's script: ${(bytes / 1_000).toFixed(1)} KB compressed, at most 120`);
  expect(scripts().length).toBeGreaterThan(0);
  expect(bytes).toBeLessThanOrEqual(scriptMost);
});

test.each([
  ["zod", /prettifyError|invalid_union|ZodError/],
  ["xstate", /xstate\.(init|done|stop|after)|@xstate/],
  ["bignumber.js", /_isBigNumber|EXPONENTIAL_AT/],
  ["elkjs", /org\.eclipse\.elk/],
])("has nothing of %s in it, which is the server's", (_, sign) => {
  expect(decoded(scripts())).not.toMatch(sign);
});

test("asks for nothing from elsewhere, and has no script or style in its document", () => {
  const document = pageDocument(assets);
  expect(document).not.toMatch(/<style|style=|<script(?![^>]*src=)|\son\w+=/);
  const style = [...assets].filter(([path]) => path.endsWith(".css"));
  expect(decoded(style)).not.toMatch(/url\(|@import/);
});

test("names each file after what is in it", async () => {
  const again = await buildPage();
  expect([...again.keys()]).toEqual([...assets.keys()]);
  for (const path of assets.keys())
    expect(path).toMatch(/^\/assets\/[\w-]+-[a-z0-9]{8,}\.(js|css)$/);
});
