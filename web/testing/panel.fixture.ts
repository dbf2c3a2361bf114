/** A panel that is served to keys and sessions, over a desk that has traded. */
import type { Hono } from "hono";
import { locksmith } from "../../adapters/cli/locksmith.ts";
import { PanelAddress, type ServedPanel, servePanel } from "../../adapters/cli/panel.ts";
import { panelDoors } from "../../adapters/cli/panel-doors.ts";
import { PanelStore, panelFileOf } from "../../adapters/store/panel-store.ts";
import { type Role, roles } from "../../machines/domain/command.ts";
import { webApp } from "../server/app.ts";
import type { PanelDoors } from "../server/doors.ts";
import { type TradedDesk, tradedDesk } from "./traded-desk.fixture.ts";

/** What a browser that is signed in holds. */
export interface SignedIn {
  readonly cookie: string;
  readonly token: string;
}

export interface Asking {
  readonly method?: string;
  readonly body?: unknown;
  /** Beside or instead of the usual ones; an empty one is left out. */
  readonly headers?: Readonly<Record<string, string>>;
  /** As whom; nobody unless told. */
  readonly as?: SignedIn | { readonly key: string };
}

export interface TestPanel extends AsyncDisposable {
  readonly traded: TradedDesk;
  readonly store: PanelStore;
  readonly doors: PanelDoors;
  readonly served: ServedPanel;
  readonly app: Hono;
  readonly keys: Readonly<Record<Role, { readonly id: string; readonly text: string }>>;
  /** The machine's clock, as the panel has it. */
  readonly clock: { now: number };
  /** Asks as a page of the panel's own would; time passes, so that no limit is met. */
  ask(path: string, asking?: Asking): Promise<Response>;
  signIn(key: string): Promise<SignedIn>;
  /** Another panel over the same desk and file, with the same keys. */
  again(): Promise<TestPanel>;
}

/** A key of each role. */
async function keysIn(store: PanelStore, now: number): Promise<TestPanel["keys"]> {
  const made = await Promise.all(
    roles.map(async (role) => {
      const { id, text, hash } = await locksmith.make();
      const name = store.hasName(`the ${role}`) ? `the ${role} ${id}` : `the ${role}`;
      store.addKey({ id, name, role, hash, createdAt: now });
      return [role, { id, text }] as const;
    }),
  );
  return Object.fromEntries(made) as unknown as TestPanel["keys"];
}

/** Serves a panel over a desk, of its own unless one is given; `change` has doors be other ones. */
export async function testPanel(
  given: TradedDesk | null = null,
  change: (doors: PanelDoors) => Partial<PanelDoors> = () => ({}),
  known: Pick<TestPanel, "keys" | "clock"> | null = null,
): Promise<TestPanel> {
  const traded = given ?? (await tradedDesk({ hours: 7 }));
  const store = new PanelStore(panelFileOf(traded.ledgerFile));
  const clock = known?.clock ?? { now: Date.now() };
  const keys = known?.keys ?? (await keysIn(store, clock.now));
  const address = new PanelAddress({
    ...{ host: "127.0.0.1", proxy: null, tls: { cert: null, key: null } },
  });
  const usual = panelDoors({
    ...{ store, address, idleMs: 900_000, reload: () => ({ done: true, text: "nothing" }) },
    ...{ log: traded.log, reader: traded.parts.reader, now: () => clock.now },
    pulse: { read: () => ({ recordAgeMs: 1, marketAgeMs: 1, seq: 1 }) },
  });
  const doors = { ...usual, ...change(usual) };
  const app = webApp(traded.panel, doors);
  const served = servePanel(0, { host: "127.0.0.1", port: 0 }, address, app);
  const ask: TestPanel["ask"] = (path, { method = "GET", body, headers = {}, as } = {}) => {
    clock.now += method === "GET" ? 20 : 1_000;
    const all = {
      ...(method !== "GET" && { Origin: served.origin }),
      ...(body !== undefined && { "Content-Type": "application/json" }),
      ...(as && "key" in as && { Authorization: `Bearer ${as.key}` }),
      ...(as && "cookie" in as && { Cookie: as.cookie, "X-Novactor-Token": as.token }),
      ...headers,
    };
    return fetch(`${served.origin}${path}`, {
      method,
      redirect: "manual",
      headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== "")),
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
  };
  const signIn = async (key: string): Promise<SignedIn> => {
    const reply = await ask("/api/v1/session", { method: "POST", body: { key } });
    const { token } = (await reply.json()) as { token: string };
    const cookie = reply.headers.get("Set-Cookie")?.split(";")[0] ?? "";
    return { cookie, token };
  };
  return {
    ...{ traded, store, doors, served, app, keys, clock, ask, signIn },
    again: () => testPanel(traded, () => ({}), { keys, clock }),
    async [Symbol.asyncDispose]() {
      await served.stop();
      store.close();
      if (given === null) await traded[Symbol.asyncDispose]();
    },
  };
}
