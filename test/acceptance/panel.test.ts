/** The panel of a running desk: its key, its doors, and what must never come out of them. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { PanelStore } from "../../adapters/store/panel-store.ts";
import { LedgerReader } from "../../adapters/store/reader.ts";
import { routes } from "../../web/api/routes.ts";
import { DeskProcess, novactor } from "../kill/desk-process.ts";
import { WorkFolder } from "../kill/harness.ts";
import { startArgs } from "../kill/market-run.ts";
import { day, pacedDesk } from "./moments.fixture.ts";
import { askWith, bannerLink } from "./panel.fixture.ts";

setDefaultTimeout(120_000);

const folder = new WorkFolder();
afterAll(() => folder[Symbol.dispose]());

const file = folder.file("panel.db");
const log = folder.file("panel.log");
const canary = { id: "CANARY-ID-7f3a9c", secret: "Q0FOQVJZLXNlY3JldC05YjFl" };

function panelDesk(): DeskProcess {
  const args = startArgs({ ...day, speed: "60" }, file).filter((arg) => arg !== "--json");
  return new DeskProcess([...args, "--port", "0", "--log-level", "debug", "--log-file", log], {
    NOVACTOR_SECRET_KRAKEN_API_KEY: canary.id,
    NOVACTOR_SECRET_KRAKEN_SECRET: canary.secret,
  });
}

let desk: DeskProcess;
let origin = "";
let admin = "";

beforeAll(async () => {
  desk = panelDesk();
  const link = await bannerLink(desk);
  origin = link.origin;
  admin = link.key ?? "";
});
afterAll(() => desk[Symbol.asyncDispose]());

const ask = (path: string, body?: object) => askWith(admin, `${origin}${path}`, body);

describe("without a key", () => {
  test("health, readiness and heartbeat tell how the desk is, and nothing else", async () => {
    const health = await fetch(`${origin}/health`);
    expect([health.status, await health.json()]).toEqual([
      200,
      { ok: true, uptimeMs: expect.any(Number) },
    ]);
    await desk.until(async () => (await fetch(`${origin}/ready`)).status === 200);
    expect(await (await fetch(`${origin}/ready`)).json()).toEqual({
      ...{ ready: true, reconciled: true, warm: true },
    });
    expect(await (await fetch(`${origin}/heartbeat`)).json()).toEqual({
      recordAgeMs: expect.any(Number),
      marketAgeMs: expect.any(Number),
      seq: expect.any(Number),
      uptimeMs: expect.any(Number),
    });
  });

  test("every page is closed to frames, sniffing and foreign scripts", async () => {
    for (const path of ["/", "/health", "/api/v1/strip", "/api/v1/nothing", "/trade/X"]) {
      const { headers } = await fetch(`${origin}${path}`);
      expect(headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(headers.get("content-security-policy")).toContain("script-src 'self'");
      expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
      expect(headers.get("content-security-policy")).not.toContain("unsafe");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("x-frame-options")).toBe("DENY");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
      expect(headers.get("strict-transport-security")).toBeNull();
      expect(headers.get("server") ?? headers.get("x-powered-by")).toBeNull();
      const isPage = path === "/" || path.startsWith("/trade");
      expect(headers.get("cache-control")).toBe(isPage ? "no-cache" : "no-store");
    }
  });

  test("nothing can be read or changed", async () => {
    for (const path of ["/api/v1/strip", "/api/v1/stream", "/api/v1/openapi.json"]) {
      expect((await fetch(`${origin}${path}`)).status).toBe(401);
    }
    const body = JSON.stringify({ name: "pause", idempotencyKey: "0123456789abcdef" });
    const headers = { Origin: origin, "Content-Type": "application/json" };
    const reply = await fetch(`${origin}/api/v1/commands`, { method: "POST", body, headers });
    expect(reply.status).toBe(401);
    expect(await (await ask("/api/v1/strip")).json()).toMatchObject({ brakes: [] });
  });

  test("it listens on 127.0.0.1 and nowhere else", async () => {
    const { hostname, port } = new URL(origin);
    expect(hostname).toBe("127.0.0.1");
    const others = Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .filter(({ family, address }) => family === "IPv4" && address !== "127.0.0.1")
      .map(({ address }) => address);
    for (const address of ["127.0.0.2", "[::1]", ...others]) {
      const answer = fetch(`http://${address}:${port}/health`).then((reply) => reply.status);
      await expect(answer).rejects.toThrow();
    }
  });
});

describe("keys", () => {
  test("the panel's file is its user's alone, and holds no key", () => {
    expect(statSync(`${file}.panel`).mode & 0o777).toBe(0o600);
    using store = new PanelStore(`${file}.panel`);
    expect(store.keys()).toMatchObject([{ name: "admin", role: "admin", revokedAt: null }]);
    expect(store.key(store.keys()[0]?.id ?? "")?.hash).toStartWith("$argon2id$v=19$m=19456,t=2,");
  });

  test("one created in the shell lets in beside the running desk, until it is revoked", async () => {
    const { code, out } = await novactor([
      "key",
      "create",
      "--name",
      "grafana",
      "--role",
      "view",
      "--db",
      file,
    ]);
    expect(code).toBe(0);
    const key = out.trim();
    const status = async () => (await askWith(key, `${origin}/api/v1/strip`)).status;
    expect(await status()).toBe(200);
    const body = { name: "pause", idempotencyKey: "0123456789abcdef" };
    expect((await askWith(key, `${origin}/api/v1/commands`, body)).status).toBe(403);
    const id = key.split("_")[1] ?? "";
    expect((await novactor(["key", "revoke", id, "--db", file])).code).toBe(0);
    expect(await status()).toBe(401);
    expect((await novactor(["key", "list", "--db", file])).out).toMatch(
      /grafana {2}last used .+ revoked/,
    );
  });

  test("what the shell does stands in the same record as what the panel does", async () => {
    expect((await novactor(["pause", "--reason", "lunch", "--db", file])).code).toBe(0);
    const body = { name: "resume", idempotencyKey: "fedcba9876543210" };
    expect(await (await ask("/api/v1/commands", body)).json()).toMatchObject({ done: true });
    const { actions } = (await (await ask("/api/v1/actions?what=command")).json()) as {
      actions: { who: string; what: string; from: string; outcome: string }[];
    };
    expect(actions.slice(0, 2)).toMatchObject([
      { who: "admin", what: "command.resume", from: expect.stringContaining("127.0.0.1") },
      { what: "command.pause", from: "shell", outcome: "done" },
    ]);
  });
});

test("a command that was answered is the same after SIGKILL, and has one effect", async () => {
  const body = { name: "pause", idempotencyKey: "00000000deadbeef" };
  const first = await (await ask("/api/v1/commands", body)).text();
  desk.signal("SIGKILL");
  await desk.ended;
  desk = panelDesk();
  const link = await bannerLink(desk);
  expect(link.key).toBeNull();
  origin = link.origin;
  expect(await (await ask("/api/v1/commands", body)).text()).toBe(first);
  using reader = new LedgerReader(file);
  const pauses = [...reader.journal.page({ kind: "command", subject: "pause" }, 100)];
  expect(pauses.filter(({ content }) => content.includes("00000000deadbeef"))).toHaveLength(1);
});

test("no secret comes out, by whatever door, nor lies in a file", async () => {
  const headers = { Origin: origin, "Content-Type": "application/json" };
  const signedIn = await fetch(`${origin}/api/v1/session`, {
    ...{ method: "POST", headers, body: JSON.stringify({ key: admin }) },
  });
  const cookie = signedIn.headers.get("set-cookie")?.split(";")[0] ?? "";
  const token = cookie.split("=")[1] ?? "";
  expect(token.length).toBe(43);
  const made = (await (await ask("/api/v1/keys", { name: "another", role: "view" })).json()) as {
    key: string;
  };
  // Said where somebody might say it by mistake, it is still not told on by the log.
  await ask("/api/v1/commands", { name: "pause", reason: "none", idempotencyKey: "a".repeat(20) });
  await ask(`/api/v1/nothing?key=${made.key}`);
  const secrets = [canary.id, canary.secret, admin, token, made.key].flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString("base64").slice(0, -4),
    Buffer.from(secret).toString("hex"),
  ]);
  const finds = (text: string) => secrets.filter((secret) => text.includes(secret));
  for (const key of Object.keys(routes).filter(
    (each) => each.startsWith("GET ") && !each.endsWith("/stream"),
  )) {
    const path = key.slice(4).replace(/:\w+/g, "desk").replace("*", "");
    const reply = await fetch(`${origin}${path}`, { headers: { Cookie: cookie } });
    const told = `${JSON.stringify([...reply.headers])}${await reply.text()}`;
    expect([key, finds(told)]).toEqual([key, []]);
  }
  const stream = await fetch(`${origin}/api/v1/stream`, { headers: { Cookie: cookie } });
  const { value } = (await stream.body?.getReader().read()) ?? {};
  expect(finds(new TextDecoder().decode(value))).toEqual([]);
  const document = await (await fetch(`${origin}/`)).text();
  for (const [asset] of document.matchAll(/\/assets\/[^"]+/g)) {
    expect(finds(await (await fetch(`${origin}${asset}`)).text())).toEqual([]);
  }
  desk.signal("SIGINT");
  const { out, err } = await desk.ended;
  expect(finds(out + err)).toEqual([]);
  const files = readdirSync(folder.path).filter((name) => name.startsWith("panel."));
  expect(files).toEqual(expect.arrayContaining(["panel.db", "panel.db.panel", "panel.log"]));
  for (const name of files) {
    const path = folder.file(name);
    if (statSync(path).isFile())
      expect([name, finds(readFileSync(path, "latin1"))]).toEqual([name, []]);
  }
});

describe("another address than loopback", () => {
  const start = (...set: readonly string[]) => {
    const sets = set.flatMap((each) => ["--set", each]);
    return pacedDesk(folder.file("open.db"), 60, "--port", "0", ...sets);
  };

  test("is refused without TLS or a proxy, in words", async () => {
    await using open = start("server.host=0.0.0.0");
    const { code, err } = await open.ended;
    expect(code).toBe(8);
    expect(err).toContain('server.host is "0.0.0.0", wanted 127.0.0.1, or else server.tls.cert');
  });

  test("speaks TLS, and tells browsers to insist on it", async () => {
    const [cert, key] = [folder.file("cert.pem"), folder.file("key.pem")];
    const made = Bun.spawnSync([
      ...["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
      ...["-nodes", "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=desk.example"],
      ...["-addext", "subjectAltName=DNS:desk.example,DNS:localhost"],
    ]);
    expect(made.exitCode).toBe(0);
    await using open = start(
      "server.host=0.0.0.0",
      `server.tls.cert=${cert}`,
      `server.tls.key=${key}`,
    );
    const { origin: at, key: first } = await bannerLink(open);
    expect(at).toStartWith("https://localhost:");
    const tls = { ca: readFileSync(cert, "utf8") };
    const asked = (headers: Record<string, string>, init: RequestInit = {}) =>
      fetch(`${at}/api/v1/session`, { ...init, tls, headers } as RequestInit);
    const { port } = new URL(at);
    const named = `desk.example:${port}`;
    const reply = await asked(
      { Host: named, Origin: `https://${named}`, "Content-Type": "application/json" },
      { method: "POST", body: JSON.stringify({ key: first }) },
    );
    expect(reply.status).toBe(200);
    expect(reply.headers.get("strict-transport-security")).toBe("max-age=31536000");
    expect(reply.headers.get("set-cookie")).toMatch(
      /^__Host-novactor=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
    expect((await asked({ Host: `evil.example:${port}` })).status).toBe(421);
    await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow();
  });

  test("is told by a proxy where browsers are, and takes its word for who asks", async () => {
    const free = Bun.serve({ port: 0, fetch: () => new Response() });
    const { port } = free;
    await free.stop(true);
    const file = folder.file("proxied.db");
    const set = ["--set", "server.proxy=https://desk.example"];
    await using proxied = pacedDesk(file, 60, "--port", String(port), ...set);
    const { origin: at, key } = await bannerLink(proxied);
    expect(at).toBe("https://desk.example");
    const reply = await fetch(`http://127.0.0.1:${port}/api/v1/session`, {
      method: "POST",
      headers: {
        ...{ Host: "desk.example", Origin: "https://desk.example" },
        ...{ "X-Forwarded-For": "1.2.3.4, 203.0.113.9", "Content-Type": "application/json" },
      },
      body: JSON.stringify({ key }),
    });
    expect(reply.status).toBe(200);
    expect(reply.headers.get("strict-transport-security")).toBe("max-age=31536000");
    expect(reply.headers.get("set-cookie")).toStartWith("__Host-novactor=");
    using store = new PanelStore(`${file}.panel`);
    expect(store.sessions()[0]?.from).toStartWith("203.0.113.9 ");
  });
});
