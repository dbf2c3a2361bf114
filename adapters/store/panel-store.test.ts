/** The panel's file: what is kept of who is let in, and what cannot be changed any more. */
import { Database } from "bun:sqlite";
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Action } from "../../machines/domain/operator.ts";
import { StoreTooNew, StoreUnreadable } from "./errors.ts";
import { Ledger } from "./ledger.ts";
import { PanelStore } from "./panel-store.ts";

const folder = mkdtempSync(join(tmpdir(), "novactor-panel-store-"));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
const newFile = () => join(folder, `${++files}.panel`);

const action: Action = {
  ...{ at: 1, who: "me", role: "admin", what: "command.pause", target: null },
  ...{ from: "shell", outcome: "done", text: "paused" },
};
const key = (id: string, name = id) => {
  return { id, name, role: "admin", hash: "$argon2id$", createdAt: 1 } as const;
};
const session = { tokenHash: "h1", id: "s1", keyId: "a", from: "here", at: 5, endsAt: 100 };

test("the file and its log are of mode 600, whatever the umask", () => {
  const mask = process.umask(0);
  try {
    using store = new PanelStore(newFile());
    store.record(action);
    for (const end of ["", "-wal", "-shm"]) {
      expect(statSync(`${store.path}${end}`).mode & 0o777).toBe(0o600);
    }
  } finally {
    process.umask(mask);
  }
});

test("an action can be neither changed nor taken back, not even in the file itself", () => {
  using store = new PanelStore(newFile());
  store.record(action);
  using file = new Database(store.path);
  expect(() => file.run("UPDATE actions SET who = 'another'")).toThrow("never changed");
  expect(() => file.run("DELETE FROM actions")).toThrow("is kept");
  expect(store.actions({}, 10)).toEqual([{ ...action, id: 1 }]);
});

test("what is older than the newest 100,000 actions can be dropped, and is", () => {
  using store = new PanelStore(newFile());
  using file = new Database(store.path);
  file.run(`INSERT INTO actions (at, who, role, what, came_from, outcome, text)
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100500)
    SELECT i, 'me', 'admin', 'x', 'shell', 'done', '' FROM n`);
  expect(() => file.run("DELETE FROM actions WHERE id = 501")).toThrow("is kept");
  for (let count = 0; count < 1_000; count++) store.record(action);
  expect(store.counts().actions).toBe(100_000);
  expect(store.actions({ before: 1_502 }, 5).map(({ id }) => id)).toEqual([1_501]);
});

test("actions are filtered by who, outcome, and what or its family, newest first", () => {
  using store = new PanelStore(newFile());
  for (const what of ["command.pause", "commander", "command.halt"])
    store.record({ ...action, what });
  store.record({ ...action, who: "you", outcome: "refused" });
  const ids = (filter: object) => store.actions(filter, 10).map(({ id }) => id);
  expect(ids({ what: "command" })).toEqual([4, 3, 1]);
  expect(ids({ who: "you" })).toEqual([4]);
  expect(ids({ outcome: "done", before: 3 })).toEqual([2, 1]);
});

test("texts of who asks are cut", () => {
  using store = new PanelStore(newFile());
  store.record({ ...action, text: "x".repeat(10_000), from: "y".repeat(10_000) });
  const [kept] = store.actions({}, 1);
  expect([kept?.text.length, kept?.from.length]).toEqual([500, 500]);
});

test("no two keys in use share a name; a revoked one gives it free, and ends its sessions", () => {
  using store = new PanelStore(newFile());
  store.addKey(key("a", "me"));
  expect(() => store.addKey(key("b", "me"))).toThrow();
  store.beginSession(session, null);
  expect(store.session("h1")).toMatchObject({ id: "s1", name: "me", role: "admin" });
  expect([store.revokeKey("a", 7), store.revokeKey("a", 8)]).toEqual([true, false]);
  expect([store.session("h1"), store.hasAdmin(), store.hasName("me")]).toEqual([
    null,
    false,
    false,
  ]);
  store.addKey(key("b", "me"));
  expect(store.keys().map(({ id, revokedAt }) => [id, revokedAt])).toEqual([
    ["a", 7],
    ["b", null],
  ]);
});

test("a session takes the place of the former one, and drops those that have ended", () => {
  using store = new PanelStore(newFile());
  store.addKey(key("a"));
  store.beginSession(session, null);
  store.beginSession({ ...session, tokenHash: "h2", id: "s2", endsAt: 20 }, "h1");
  expect(store.sessions().map(({ id }) => id)).toEqual(["s2"]);
  store.beginSession({ ...session, tokenHash: "h3", id: "s3", at: 20 }, null);
  expect(store.sessions().map(({ id }) => id)).toEqual(["s3"]);
});

test("a request is claimed once for a day, by whoever asks, until it is disclaimed", () => {
  using store = new PanelStore(newFile());
  const day = 24 * 3_600_000;
  const claim = (who: string, at: number) => store.claim(who, "k", "route", "hash", at);
  expect(claim("me", 0)).toBeNull();
  expect(claim("you", 0)).toBeNull();
  expect(claim("me", 1)).toEqual({ route: "route", bodyHash: "hash", reply: null });
  store.keepReply("me", "k", "{}");
  store.disclaim("me", "k");
  store.disclaim("you", "k");
  expect(claim("me", day - 1)?.reply).toBe("{}");
  expect(claim("you", day - 1)).toBeNull();
  expect(claim("me", day)).toBeNull();
});

test("two processes may write it at the same time", () => {
  using one = new PanelStore(newFile());
  using other = new PanelStore(one.path);
  one.addKey(key("a"));
  expect(other.key("a")?.name).toBe("a");
  other.revokeKey("a", 2);
  expect(one.key("a")?.revokedAt).toBe(2);
});

test("a ledger, a newer file and what is no database are left as they are", () => {
  const ledger = newFile();
  new Ledger(ledger).close();
  expect(() => new PanelStore(ledger)).toThrow(StoreUnreadable);
  const newer = newFile();
  new PanelStore(newer).close();
  {
    using file = new Database(newer);
    file.run("PRAGMA user_version = 99");
  }
  expect(() => new PanelStore(newer)).toThrow(StoreTooNew);
  const text = newFile();
  writeFileSync(
    text,
    "no database at all, but long enough to be looked at as if it were one".repeat(20),
  );
  expect(() => new PanelStore(text)).toThrow(StoreUnreadable);
});
