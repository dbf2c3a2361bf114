/** The books in the panel, against the ledger of a run. */
import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { LedgerCheck } from "../../adapters/cli/ledger-check.ts";
import { ledgerHead } from "../../adapters/store/ledger-head.ts";
import { LedgerReader } from "../../adapters/store/reader.ts";
import { accountKey } from "../../machines/domain/ids.ts";
import { asking } from "../testing/ask.fixture.ts";
import { type TradedDesk, tradedDesk } from "../testing/traded-desk.fixture.ts";

setDefaultTimeout(180_000);

let world: TradedDesk;
let ask: ReturnType<typeof asking>;
beforeAll(async () => {
  world = await tradedDesk({ hours: 30, hasSecond: true });
  ask = asking(world.panel);
});
afterAll(() => world[Symbol.asyncDispose]());

const books = () => world.parts.reader.books;
const noted = <Row, Id>(rows: Iterable<Row>, id: (row: Row) => Id): Id[] =>
  [...rows].map(id).toSorted();
const lines = (text: string) => text.trim().split("\r\n");

type Key = "GET /api/v1/ledger/orders" | "GET /api/v1/ledger/fills" | "GET /api/v1/ledger/entries";

/** All rows of a list, a few at a time. */
async function walk<Row>(key: Key, query: object = {}): Promise<Row[]> {
  const rows: Row[] = [];
  for (let after: string | undefined; ; ) {
    const asked = { ...query, limit: 7, ...(after !== undefined && { after }) };
    const part = await ask(key, { query: asked } as never);
    rows.push(...(part.rows as Row[]));
    if (part.next === null) return rows;
    after = part.next;
  }
}

type Order = { intentId: string; account: string; state: string; role: string; createdAt: number };
type Fill = { tradeId: string; account: string; symbol: string; intentId: string };
type Entry = { entryId: string; isBalanced: boolean; lines: readonly unknown[] };

describe("lists", () => {
  test("of orders visit each order once, the newest first", async () => {
    const rows = await walk<Order>("GET /api/v1/ledger/orders");
    expect(rows.length).toBeGreaterThan(20);
    expect(noted(rows, ({ intentId }) => intentId)).toEqual(
      noted(books().eachOrder(), ({ intent }) => intent.intentId),
    );
    const times = rows.map(({ createdAt }) => createdAt);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
  });

  test("of orders are filtered by account, symbol, state, role and day", async () => {
    const all = [...books().eachOrder()];
    const [one] = all.filter(({ state }) => state === "filled");
    if (!one) throw new Error("Cannot filter: no order was filled");
    const day = new Date(one.intent.createdAt).toISOString().slice(0, 10);
    const { symbol, role } = one.intent;
    const asked = [
      [{ account: "paper:second" }, (row: typeof one) => row.intent.at.account === "second"],
      [{ symbol }, (row: typeof one) => row.intent.symbol === symbol],
      [{ state: "filled" }, (row: typeof one) => row.state === "filled"],
      [{ role }, (row: typeof one) => row.intent.role === role],
      [
        { from: day, to: day },
        (row: typeof one) => new Date(row.intent.createdAt).toISOString().startsWith(day),
      ],
    ] as const;
    for (const [query, isWanted] of asked) {
      const rows = await walk<Order>("GET /api/v1/ledger/orders", query);
      expect(noted(rows, ({ intentId }) => intentId)).toEqual(
        noted(all.filter(isWanted), ({ intent }) => intent.intentId),
      );
    }
  });

  test("of fills visit each fill once", async () => {
    const rows = await walk<Fill>("GET /api/v1/ledger/fills");
    const id = ({ account, tradeId }: Fill) => `${account} ${tradeId}`;
    expect(noted(rows, id)).toEqual(
      noted(books().eachFill(), (row) => `${accountKey(row.venueAccount)} ${row.tradeId}`),
    );
  });

  test("of entries have each once, of fills and of others, and each comes to zero", async () => {
    const ofFills = await walk<Entry>("GET /api/v1/ledger/entries", { of: "fills" });
    const others = await walk<Entry>("GET /api/v1/ledger/entries", { of: "others" });
    const posted = new Set([...books().eachPosting()].map(({ entryId }) => entryId));
    const told = [...ofFills, ...others].map(({ entryId }) => entryId);
    expect(told.toSorted()).toEqual([...posted].toSorted());
    expect(others.length).toBe(2);
    expect([...ofFills, ...others].every(({ isBalanced }) => isBalanced)).toBe(true);
  });

  test.each(["x", "~", "-1~a", "1e400~"])("refuse to go on after %p", async (after) => {
    const asked = ask("GET /api/v1/ledger/orders", { query: { after } });
    await expect(asked).rejects.toThrow("Cannot go on after");
  });

  test("of balances are those of the ledger", async () => {
    const { rows, accounts } = await ask("GET /api/v1/ledger/balances", {});
    expect(rows).toEqual(
      books()
        .allBalances()
        .map(({ at, coin, total }) => ({ account: accountKey(at), coin, total })),
    );
    expect(accounts).toEqual(["paper:main", "paper:second"]);
  });
});

describe("exports", () => {
  test("have a line for each row that matches", async () => {
    const second = { query: { account: "paper:second" } };
    const orders = lines(await ask("GET /api/v1/ledger/orders.csv", second));
    const all = [...books().eachOrder()].filter(({ intent }) => intent.at.account === "second");
    expect(orders.length - 1).toBe(all.length);
    const fills = lines(await ask("GET /api/v1/ledger/fills.csv", {}));
    expect(fills.length - 1).toBe([...books().eachFill()].length);
    const postings = [...books().eachPosting()];
    const own = lines(await ask("GET /api/v1/ledger/entries.csv", { query: { of: "fills" } }));
    const others = lines(await ask("GET /api/v1/ledger/entries.csv", { query: { of: "others" } }));
    expect(own.length + others.length - 2).toBe(postings.length);
  });
});

describe("the check of the books", () => {
  const ended = async () => {
    for (;;) {
      const check = await ask("GET /api/v1/ledger/check", {});
      if (check.state !== "running") return check;
      await Bun.sleep(5);
    }
  };

  test("finds a sound ledger sound, with the head that the run's report would say", async () => {
    const begun = await ask("POST /api/v1/ledger/check", { body: {} });
    expect(begun.state).toBe("running");
    const { state, done, of, result } = await ended();
    expect([state, done]).toEqual(["done", of]);
    expect(result).toMatchObject({
      ledgerHead: ledgerHead(world.parts.reader),
      ...{ unbalanced: [], differing: [] },
    });
    const assets = result?.trial.filter(({ ledgerAccount }) => ledgerAccount === "asset");
    const { rows } = await ask("GET /api/v1/ledger/balances", {});
    for (const { account, coin, total } of rows) {
      const own = assets?.find((each) => each.account === account && each.coin === coin);
      expect(own?.sum).toBe(total);
    }
  });

  test("names an entry that does not come to zero, and the balance that it bends", async () => {
    world.parts.desk.commit();
    const copy = join(world.folder, "bent.db");
    {
      using source = new Database(world.ledgerFile, { readonly: true });
      source.run("VACUUM INTO ?", [join(world.folder, "whole.db")]);
    }
    copyFileSync(join(world.folder, "whole.db"), copy);
    let entry = "";
    {
      using bent = new Database(copy);
      const first = bent
        .query<{ entry_id: string }, []>("SELECT entry_id FROM postings WHERE account = 'asset'")
        .get();
      entry = first?.entry_id ?? "";
      bent.run("UPDATE postings SET amount = '12345' WHERE entry_id = ? AND line = 0", [entry]);
    }
    const check = new LedgerCheck(
      () => new LedgerReader(copy),
      () => Promise.resolve(),
    );
    check.begin();
    while (check.view.state === "running") await Bun.sleep(1);
    expect(check.view.result?.unbalanced).toEqual([entry]);
    expect(check.view.result?.differing).toHaveLength(1);
  });

  test("that cannot be made says why", async () => {
    const check = new LedgerCheck(
      () => new LedgerReader(join(world.folder, "nothing.db")),
      () => Promise.resolve(),
    );
    check.begin();
    while (check.view.state === "running") await Bun.sleep(1);
    expect([check.view.state, check.view.error]).toEqual([
      "failed",
      expect.stringContaining("nothing.db") as string,
    ]);
  });
});
