/** Who is let in, for how long, and how often somebody may try. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type SignedIn, type TestPanel, testPanel } from "../testing/panel.fixture.ts";
import { type TradedDesk, tradedDesk } from "../testing/traded-desk.fixture.ts";
import { sessionMs } from "./entrance.ts";

setDefaultTimeout(120_000);

let traded: TradedDesk;
beforeAll(async () => {
  traded = await tradedDesk({ hours: 7 });
});
afterAll(() => traded[Symbol.asyncDispose]());

const idleMs = 900_000;
const who = "/api/v1/session";
const post = (key: string) => ({ method: "POST", body: { key } });
const wrongOf = (key: string) => `${key.slice(0, -6)}AAAAAA`;

describe("a session", () => {
  let panel: TestPanel;
  beforeAll(async () => {
    panel = await testPanel(traded);
  });
  afterAll(() => panel[Symbol.asyncDispose]());

  /** The status of a request at exactly that time. */
  async function at(time: number, as: SignedIn, path = who): Promise<number> {
    panel.clock.now = time - 20;
    return (await panel.ask(path, { as })).status;
  }

  test("ends when it was idle for so long, and not a millisecond before", async () => {
    const held = await panel.signIn(panel.keys.view.text);
    const begun = panel.clock.now;
    expect(await at(begun + idleMs - 1, held)).toBe(200);
    expect(await at(begun + 2 * idleMs - 2, held)).toBe(200);
    expect(await at(begun + 3 * idleMs - 2, held)).toBe(401);
    expect(await at(begun + 3 * idleMs - 3, held)).toBe(200);
  });

  test("ends after twelve hours, however much it is used", async () => {
    const held = await panel.signIn(panel.keys.view.text);
    const begun = panel.clock.now;
    for (let time = begun; time < begun + sessionMs - 1; time += idleMs / 2) {
      expect(await at(time, held)).toBe(200);
    }
    expect(await at(begun + sessionMs - 1, held)).toBe(200);
    expect(await at(begun + sessionMs, held)).toBe(401);
  });

  test("is another one at each signing in, and the former one ends", async () => {
    const first = await panel.signIn(panel.keys.view.text);
    const headers = { Cookie: first.cookie };
    const reply = await panel.ask(who, { ...post(panel.keys.view.text), headers });
    const cookie = reply.headers.get("Set-Cookie")?.split(";")[0] ?? "";
    expect(cookie).not.toBe(first.cookie);
    expect((await panel.ask(who, { as: first })).status).toBe(401);
    expect((await panel.ask(who, { headers: { Cookie: cookie } })).status).toBe(200);
  });

  test("is not taken from a cookie that somebody else made up", async () => {
    const name = (await panel.signIn(panel.keys.view.text)).cookie.split("=")[0];
    for (const value of ["", "x", "A".repeat(43), "A".repeat(5_000)]) {
      const headers = { Cookie: `${name}=${value}` };
      expect((await panel.ask(who, { headers })).status).toBe(401);
    }
  });

  test("signed out is over, and its cookie is cleared", async () => {
    const held = await panel.signIn(panel.keys.operate.text);
    const reply = await panel.ask(who, { method: "DELETE", as: held });
    expect(reply.headers.getSetCookie().every((each) => each.includes("Max-Age=0"))).toBe(true);
    expect((await panel.ask(who, { as: held })).status).toBe(401);
  });

  test("is revoked with its key or by itself, from the next request on, and its stream ends", async () => {
    const admin = { key: panel.keys.admin.text };
    for (const revoke of ["keys", "sessions"] as const) {
      const made = await panel.ask("/api/v1/keys", {
        ...{ method: "POST", as: admin, body: { name: `for ${revoke}`, role: "view" } },
      });
      const { id, key } = (await made.json()) as { id: string; key: string };
      const held = await panel.signIn(key);
      const stream = await panel.ask("/api/v1/stream", { as: held });
      const reader = stream.body?.getReader();
      expect((await reader?.read())?.done).toBe(false);
      const session = panel.store.sessions().find(({ keyId }) => keyId === id);
      const ended = revoke === "keys" ? id : session?.id;
      const path = `/api/v1/${revoke}/${ended}`;
      expect((await panel.ask(path, { method: "DELETE", as: admin })).status).toBe(200);
      expect((await panel.ask(who, { as: held })).status).toBe(401);
      while ((await reader?.read())?.done === false);
      const still = (await panel.ask(who, { as: { key } })).status;
      expect(still).toBe(revoke === "keys" ? 401 : 200);
    }
  });

  test("holds so many streams and no more, and each that ends makes room", async () => {
    const as = { key: panel.keys.operate.text };
    const open = await Promise.all(
      Array.from({ length: 8 }, () => panel.ask("/api/v1/stream", { as })),
    );
    expect(open.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect((await panel.ask("/api/v1/stream", { as })).status).toBe(429);
    await open[0]?.body?.cancel();
    let status = 429;
    while (status === 429) {
      const reply = await panel.ask("/api/v1/stream", { as });
      status = reply.status;
      await reply.body?.cancel();
    }
    expect(status).toBe(200);
    for (const each of open.slice(1)) await each.body?.cancel();
  });
});

describe("a key", () => {
  let panel: TestPanel;
  let hashes = 0;
  beforeAll(async () => {
    panel = await testPanel(traded, ({ locksmith }) => ({
      locksmith: {
        ...locksmith,
        isRight: (text, hash) => {
          hashes += 1;
          return locksmith.isRight(text, hash);
        },
      },
    }));
  });
  afterAll(() => panel[Symbol.asyncDispose]());

  test("that is unknown, wrong, revoked or none is refused in one way, with the same work", async () => {
    const { view, operate } = panel.keys;
    const revoked = await panel.doors.locksmith.make();
    const { id, hash } = revoked;
    panel.store.addKey({ id, name: "former", role: "admin", hash, createdAt: 1 });
    panel.store.revokeKey(id, 2);
    const unknown = `nvk_${"0".repeat(12)}_${"A".repeat(43)}`;
    const replies = [];
    for (const key of [wrongOf(view.text), unknown, revoked.text, "none"]) {
      const before = hashes;
      const reply = await panel.ask(who, post(key));
      replies.push([reply.status, await reply.text(), hashes - before]);
    }
    expect(new Set(replies.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(replies[0]?.[0]).toBe(401);
    expect((await panel.ask(who, post(operate.text))).status).toBe(200);
  });

  test("is looked at once a minute, and not with each request", async () => {
    const as = { key: panel.keys.view.text };
    await Promise.all(Array.from({ length: 20 }, () => panel.ask("/api/v1/strip", { as })));
    const before = hashes;
    for (let asked = 0; asked < 50; asked++) await panel.ask("/api/v1/strip", { as });
    expect(hashes).toBe(before);
    panel.clock.now += 60_000;
    await panel.ask("/api/v1/strip", { as });
    expect(hashes).toBe(before + 1);
  });

  test("is guessed at no faster than the pauses let it, and nobody is locked out for good", async () => {
    panel.clock.now += 86_400_000;
    const before = hashes;
    const wrong = wrongOf(panel.keys.admin.text);
    const statuses = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        panel.ask(who, post(`${wrong.slice(0, -3)}${100 + index}`)),
      ),
    );
    expect(hashes - before).toBeLessThanOrEqual(6);
    expect(statuses.at(-1)?.status).toBe(429);
    expect(Number(statuses.at(-1)?.headers.get("Retry-After"))).toBeGreaterThan(0);
    for (let tried = 0; tried < 1_000; tried++) await panel.ask(who, post(wrong));
    // A thousand seconds and more went by: pauses of a quarter of an hour let a handful through.
    expect(hashes - before).toBeLessThanOrEqual(20);
    expect((await panel.ask(who, post(panel.keys.admin.text))).status).toBe(429);
    panel.clock.now += 900_000;
    expect((await panel.ask(who, post(panel.keys.admin.text))).status).toBe(200);
  });

  test("that was in use before others were guessed lets its machine go on", async () => {
    const as = { key: panel.keys.operate.text };
    panel.clock.now += 900_000;
    expect((await panel.ask("/api/v1/strip", { as })).status).toBe(200);
    const { now } = panel.clock;
    for (let tried = 0; tried < 10; tried++) await panel.ask(who, post(wrongOf(as.key)));
    panel.clock.now = now;
    const body = { name: "pause", idempotencyKey: "0123456789abcdef" };
    const reply = await panel.ask("/api/v1/commands", { method: "POST", as, body });
    expect(reply.status).toBe(200);
  });

  test("of the last admin is not revoked over the panel", async () => {
    const { admin } = panel.keys;
    panel.clock.now += 900_000;
    for (const { id, role, revokedAt } of panel.store.keys()) {
      if (role === "admin" && id !== admin.id && revokedAt === null) panel.store.revokeKey(id, 1);
    }
    const as = { key: admin.text };
    const reply = await panel.ask(`/api/v1/keys/${admin.id}`, { method: "DELETE", as });
    expect(reply.status).toBe(409);
    expect((await panel.ask(who, { as })).status).toBe(200);
  });
});

test("reads of one session are bounded, and those of another one are not", async () => {
  const panel = await testPanel(traded);
  const { now } = panel.clock;
  const one = { key: panel.keys.view.text };
  const statuses = [];
  for (let asked = 0; asked < 400; asked++) {
    statuses.push((await panel.ask("/api/v1/log/level", { as: one })).status);
    panel.clock.now = now;
  }
  expect(statuses.filter((status) => status === 200)).toHaveLength(300);
  expect(statuses.filter((status) => status === 429)).toHaveLength(100);
  const other = { key: panel.keys.admin.text };
  expect((await panel.ask("/api/v1/log/level", { as: other })).status).toBe(200);
  panel.clock.now = now + 1_000;
  expect((await panel.ask("/api/v1/log/level", { as: one })).status).toBe(200);
  await panel[Symbol.asyncDispose]();
});
