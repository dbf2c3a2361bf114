/** Whatever is sent to the panel, it is answered in words, and never by a failure. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import type { RouteSpec } from "../api/route.ts";
import { routes } from "../api/routes.ts";
import { type TestPanel, testPanel } from "../testing/panel.fixture.ts";

setDefaultTimeout(300_000);

let panel: TestPanel;
beforeAll(async () => {
  panel = await testPanel();
});
afterAll(() => panel[Symbol.asyncDispose]());

const all = Object.entries(routes) as [string, RouteSpec][];
const withBody = all.filter(([, { body }]) => body).map(([key]) => key);

/** Names that some route knows, so that what is generated comes further than the door. */
const known = [
  ...[
    "name",
    "target",
    "reason",
    "details",
    "expected",
    "idempotencyKey",
    "brakes",
    "actor",
    "seq",
  ],
  ...[
    "key",
    "isPlain",
    "role",
    "level",
    "kind",
    "market",
    "event",
    "type",
    "ledger",
    "set",
    "vary",
  ],
  ...["__proto__", "constructor", "toString", "length", ""],
];
const texts = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.constantFrom("pause", "admin", "\u0000", "0x10", "NaN", "'; DROP TABLE keys; --", "../../etc"),
  fc.constant("k".repeat(20)),
);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6 },
    texts,
    fc.double(),
    fc.constantFrom(null, true, 1e308, -0, 2 ** 53),
    fc.array(tie("tree"), { maxLength: 5 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...known), texts), tie("tree"), { maxKeys: 8 }),
  ),
}));
const bodies = fc.oneof(
  tree.map((value) => JSON.stringify(value)),
  fc.string(),
  fc.constantFrom(
    '{"name":"pause","idempotencyKey":"0123456789abcdef","target":1e309}',
    '{"name":NaN}',
    '{"name":"pause","name":"halt","__proto__":{"role":"admin"}}',
    `${"[".repeat(30_000)}${"]".repeat(30_000)}`,
    `${'{"a":'.repeat(12_000)}1${"}".repeat(12_000)}`,
    `{"name":"${"x".repeat(70_000)}"}`,
    `[${"0,".repeat(30_000)}0]`,
    "\ufeff{}",
  ),
);

async function isInWords(reply: Response): Promise<void> {
  expect(reply.status).toBeLessThan(reply.headers.has("Retry-After") ? 504 : 500);
  if (reply.status < 400) {
    await reply.body?.cancel();
    return;
  }
  expect(reply.headers.get("Cache-Control")).toBe("no-store");
  expect(reply.headers.get("Content-Security-Policy")).toContain("default-src 'none'");
  const { error } = (await reply.json()) as { error: string };
  expect(error.length).toBeGreaterThan(5);
  expect(error).not.toMatch(/\bat .+:\d+:\d+/);
}

test("no body makes it fail", async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...withBody), bodies, async (key, body) => {
      const [method = "", path = ""] = key.split(" ");
      const as = { key: panel.keys.admin.text };
      await isInWords(await panel.ask(path.replace(/:\w+/g, "1"), { method, body, as }));
    }),
    { numRuns: 2_000 },
  );
});

test("no address makes it fail", async () => {
  const parts = fc.oneof(
    texts.map(encodeURIComponent),
    fc.constantFrom("%ff", "%", "..", "%2e%2e"),
  );
  const queries = fc.dictionary(
    fc.oneof(fc.constantFrom("limit", "before", "seq", "at", "text", "from", "what"), texts),
    fc.oneof(texts, fc.double().map(String), fc.constantFrom("-1", "1e309", "0x10", " 1 ")),
    { maxKeys: 4 },
  );
  const reads = all.map(([key]) => key).filter((key) => key.startsWith("GET /api"));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...reads), parts, queries, async (key, part, query) => {
      const path = key.slice(4).replace(/:\w+/g, () => part);
      const search = new URLSearchParams(query).toString();
      const as = { key: panel.keys.admin.text };
      await isInWords(await panel.ask(search === "" ? path : `${path}?${search}`, { as }));
    }),
    { numRuns: 300 },
  );
});

test("a repeated or unheard-of part of the query is refused", async () => {
  const as = { key: panel.keys.admin.text };
  for (const query of ["limit=1&limit=2", "unheardOf=1", "limit=1e309", "before=-1"]) {
    expect((await panel.ask(`/api/v1/actions?${query}`, { as })).status).toBe(400);
  }
  expect((await panel.ask("/api/v1/keys?x=1", { as })).status).toBe(400);
  expect((await panel.ask(`/api/v1/actions?who=${"x".repeat(9_000)}`, { as })).status).toBe(400);
});

test("other methods are named as what they are", async () => {
  const as = { key: panel.keys.admin.text };
  for (const method of ["PATCH", "OPTIONS", "TRACE", "PROPFIND", "HEAD"]) {
    const reply = await panel.ask("/api/v1/keys", { method, as });
    expect([reply.status, reply.headers.get("Allow")]).toEqual([405, "GET, POST"]);
  }
  expect((await panel.ask("/api/v1/strip", { method: "POST", as, body: {} })).status).toBe(405);
  expect((await panel.ask("/anything", { method: "POST", as, body: {} })).status).toBe(405);
  expect((await panel.ask("/api/v1/nothing", { as })).status).toBe(404);
});
