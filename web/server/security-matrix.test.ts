/**
 * Every route of the registry, asked by everybody, in every wrong way: only what the registry
 * allows changes anything. A route that changes something and has no sample here fails the suite.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { ledgerHead } from "../../adapters/store/ledger-head.ts";
import { mayActAs, type Role, roles } from "../../machines/domain/command.ts";
import type { RouteSpec } from "../api/route.ts";
import { type RouteKey, routes } from "../api/routes.ts";
import { type Asking, type SignedIn, type TestPanel, testPanel } from "../testing/panel.fixture.ts";
import { tradedDesk } from "../testing/traded-desk.fixture.ts";
import { sessionMs } from "./entrance.ts";

setDefaultTimeout(120_000);

interface Sample {
  readonly params?: Readonly<Record<string, string>>;
  readonly body?: object;
}

let keyNumber = 0;
const freshKey = () => `${++keyNumber}`.padStart(16, "k");

/** How each unsafe route is asked so that it does what it is for, as far as it may. */
const samples: Readonly<Record<string, (panel: TestPanel) => Sample>> = {
  "POST /api/v1/commands": () => ({
    body: { name: keyNumber % 2 ? "resume" : "pause", idempotencyKey: freshKey() },
  }),
  "POST /api/v1/configuration/reload": () => ({}),
  "PUT /api/v1/log/level": () => ({ body: { level: "info" } }),
  "POST /api/v1/session": ({ keys }) => ({ body: { key: keys.view.text } }),
  "DELETE /api/v1/session": () => ({}),
  "POST /api/v1/keys": () => ({ body: { name: `key ${freshKey()}`, role: "view" } }),
  "DELETE /api/v1/keys/:id": (panel) => {
    const id = freshKey().slice(-12).replace(/k/g, "a");
    panel.store.addKey({ id, name: id, role: "view", hash: "none", createdAt: 1 });
    return { params: { id } };
  },
  "DELETE /api/v1/sessions/:id": (panel) => {
    const id = freshKey();
    const at = panel.clock.now;
    const ends = { at, endsAt: at + 1e9 };
    const session = { tokenHash: id, id, keyId: panel.keys.view.id, from: "here", ...ends };
    panel.store.beginSession(session, null);
    return { params: { id } };
  },
  "POST /api/v1/jobs": () => ({
    body: { kind: "backtest", market: "generator", idempotencyKey: freshKey() },
  }),
  "POST /api/v1/ledger/check": () => ({}),
  "POST /api/v1/what-if": () => ({ body: { actor: "desk", event: { type: "none" } } }),
  "POST /api/v1/actors/:name/send": ({ traded }) => {
    const name = "reconciler:paper:main";
    const seq = traded.parts.reader.actors().find((each) => each.name === name)?.seq;
    const event = { type: "reconcile.now" };
    return { params: { name }, body: { event, expectedSeq: seq, idempotencyKey: freshKey() } };
  },
};

const all = Object.entries(routes) as [RouteKey, RouteSpec][];
const methodOf = (key: string) => key.slice(0, key.indexOf(" "));
const isUnsafe = (key: string) => methodOf(key) !== "GET";

type Who = "anonymous" | Role;
const everybody: readonly Who[] = ["anonymous", ...roles];

const mayAsk = (who: Who, { role }: RouteSpec) =>
  role === "anyone" || (who !== "anonymous" && mayActAs(who, role));

let panel: TestPanel;
const signedIn = new Map<Role, SignedIn>();

beforeAll(async () => {
  const traded = await tradedDesk({ hours: 14 });
  panel = await testPanel(traded);
  for (const role of roles) signedIn.set(role, await panel.signIn(panel.keys[role].text));
});
afterAll(async () => {
  await panel[Symbol.asyncDispose]();
  await panel.traded[Symbol.asyncDispose]();
});

/** All that a request could have changed; who was seen when, and the record of actions, apart. */
function world() {
  const { desk, reader } = panel.traded.parts;
  const { journalHead, brakes } = desk.status();
  const { actions: _, ...rows } = panel.store.counts();
  return {
    ledger: { journalHead, brakes, ledgerHead: ledgerHead(reader) },
    panel: { rows, keys: panel.store.keys().map(({ usedAt: __, ...key }) => key) },
  };
}

const as = (who: Who): Asking => {
  const held = who === "anonymous" ? undefined : signedIn.get(who);
  return held ? { as: held } : {};
};

function requestOf(key: RouteKey, who: Who, sample: Sample): [path: string, asking: Asking] {
  const path = key
    .slice(key.indexOf(" ") + 1)
    .replace(/:(\w+)/g, (_, name) => encodeURIComponent(sample.params?.[name] ?? "1"))
    .replace("*", "somewhere");
  const { body } = sample;
  return [path, { method: methodOf(key), ...as(who), ...(body && { body }) }];
}

const sampleOf = (key: RouteKey): Sample => (isUnsafe(key) ? samples[key]?.(panel) : null) ?? {};

/** Asks, and reads no more than the head of the reply: a stream never ends. */
async function statusOf(path: string, asking: Asking): Promise<number> {
  const reply = await panel.ask(path, asking);
  if (reply.headers.get("Content-Type")?.startsWith("text/event-stream"))
    await reply.body?.cancel();
  else await reply.arrayBuffer();
  return reply.status;
}

/** Signs those in again whose session the request ended. */
async function restore(who: Who): Promise<void> {
  if (who === "anonymous") return;
  const held = signedIn.get(who);
  const reply = await panel.ask("/api/v1/session", held ? { as: held } : {});
  if (reply.status !== 200) signedIn.set(who, await panel.signIn(panel.keys[who].text));
}

/** Asks in a way that must be refused, and sees that nothing has come of it. */
async function refused(key: RouteKey, who: Who, change: (asking: Asking) => Asking) {
  const [path, asking] = requestOf(key, who, sampleOf(key));
  const before = world();
  const status = await statusOf(path, change(asking));
  expect(world()).toEqual(before);
  return status;
}

test("every route that may change something is tried here", () => {
  const unsafe = all.filter(([key]) => isUnsafe(key)).map(([key]) => key);
  expect(Object.keys(samples).filter((key) => key in routes)).toEqual(
    expect.arrayContaining(unsafe),
  );
});

test("nothing that is read changes anything, as the registry has it", () => {
  const found = all.filter(([key, { changes }]) => !isUnsafe(key) && changes !== "nothing");
  expect(found).toEqual([]);
});

describe.each(everybody)("%s", (who) => {
  test.each(all)("asks %s and is answered if the role does", async (key, spec) => {
    const [path, asking] = requestOf(key, who, sampleOf(key));
    const before = world();
    const status = await statusOf(path, asking);
    const after = world();
    if (!mayAsk(who, spec)) {
      expect(status).toBe(who === "anonymous" ? 401 : 403);
      expect(after).toEqual(before);
      return;
    }
    expect([200, 400, 404, 409]).toContain(status);
    if (spec.changes !== "desk") expect(after.ledger).toEqual(before.ledger);
    if (spec.changes === "nothing") expect(after.panel).toEqual(before.panel);
    await restore(who);
  });

  test.each(all)("asks %s from another site in vain", async (key, spec) => {
    for (const headers of [{ Origin: "https://evil.example" }, { "Sec-Fetch-Site": "same-site" }]) {
      const status = await refused(key, who, (asking) => ({ ...asking, headers }));
      // What tells nothing secret is answered to whoever asks; no script of that site can read it.
      if (spec.role === "anyone" && !isUnsafe(key)) expect(status).toBeLessThan(500);
      else expect(status).toBe(403);
    }
  });

  test.each(all)("is refused %s once the session has expired", async (key, spec) => {
    if (spec.role === "anyone" || who === "anonymous") return;
    const { now } = panel.clock;
    for (const later of [900_000, sessionMs]) {
      const status = await refused(key, who, (asking) => {
        panel.clock.now = now + later;
        return asking;
      });
      panel.clock.now = now;
      expect(status).toBe(401);
    }
  });

  test.each(all.filter(([key]) => isUnsafe(key)))(
    "asks %s without an origin in vain",
    async (key, spec) => {
      for (const Origin of ["", "null"]) {
        const status = await refused(key, who, (asking) => ({ ...asking, headers: { Origin } }));
        expect(status).toBe(
          who === "anonymous" && Origin === "" && spec.role !== "anyone" ? 401 : 403,
        );
      }
    },
  );

  test.each(all.filter(([key, { role }]) => isUnsafe(key) && role !== "anyone"))(
    "asks %s without the session's token in vain",
    async (key) => {
      for (const token of ["", "0".repeat(64), signedIn.get("view")?.token ?? ""]) {
        if (who === "view" && token === signedIn.get("view")?.token) continue;
        const status = await refused(key, who, (asking) => ({
          ...asking,
          headers: { "X-Novactor-Token": token },
        }));
        expect(status).toBe(who === "anonymous" ? 401 : 403);
      }
    },
  );

  test.each(all.filter(([, { body }]) => body))(
    "asks %s with a body that is none in vain",
    async (key, spec) => {
      const [, proper] = requestOf(key, who, sampleOf(key));
      const bodies = ["", "{", "[]", "null", "7", { ...(proper.body as object), unheardOf: 1 }];
      for (const body of bodies) {
        const status = await refused(key, who, (asking) => ({ ...asking, body }));
        expect(status).toBe(mayAsk(who, spec) ? 400 : who === "anonymous" ? 401 : 403);
      }
      const plain = await refused(key, who, (asking) => ({
        ...asking,
        headers: { "Content-Type": "text/plain" },
      }));
      expect(plain).toBe(mayAsk(who, spec) ? 400 : who === "anonymous" ? 401 : 403);
    },
  );

  test.each(all.filter(([key]) => isUnsafe(key)))(
    "asks %s twice to one effect",
    async (key, spec) => {
      if (!mayAsk(who, spec) || key === "POST /api/v1/session") return;
      const [path, asking] = requestOf(key, who, sampleOf(key));
      const first = await panel.ask(path, asking);
      const between = world();
      const second = await panel.ask(path, asking);
      expect(world()).toEqual(between);
      const { body } = asking as { body?: { idempotencyKey?: string } };
      if (body?.idempotencyKey && first.status === 200) {
        expect(await second.text()).toBe(await first.text());
      }
      await restore(who);
    },
  );
});

test("a request under a foreign host is answered nowhere", async () => {
  for (const [key] of all) {
    const [path, asking] = requestOf(key, "admin", sampleOf(key));
    for (const Host of [
      "evil.example",
      `127.0.0.1.evil.example:${panel.served.port}`,
      "127.0.0.1:1",
    ]) {
      expect(await statusOf(path, { ...asking, headers: { Host } })).toBe(421);
    }
  }
});

test("a key serves as well as a session, and no cookie beside it counts", async () => {
  const view = { key: panel.keys.view.text };
  const { cookie = "", token = "" } = signedIn.get("admin") ?? {};
  const headers = { Cookie: cookie, "X-Novactor-Token": token };
  expect(await statusOf("/api/v1/strip", { as: view })).toBe(200);
  expect(await statusOf("/api/v1/keys", { as: view, headers })).toBe(403);
  const wrong = { key: `${panel.keys.admin.text.slice(0, -4)}xxxx` };
  expect(await statusOf("/api/v1/keys", { as: wrong, headers })).toBe(401);
});

test("a route stands in no other place than in the registry", async () => {
  const served = panel.app.routes.filter(({ method }) => method !== "ALL");
  const keys = served.map(({ method, path }) => `${method} ${path}`);
  expect(keys.sort()).toEqual(Object.keys(routes).sort());
});
