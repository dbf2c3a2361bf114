/** The page's script on a document of the test's: what it puts where. */
import { expect, test } from "bun:test";
import { livePage, livePageScript } from "./live-page.ts";

/** As much of an element as the script uses. */
class Element {
  hidden = false;
  className = "";
  colSpan = 1;
  readonly attributes = new Map<string, string>();
  readonly classList = { toggle: () => {} };
  private children: (Element | string)[] = [];

  get textContent(): string {
    return this.children
      .map((each) => (typeof each === "string" ? each : each.textContent))
      .join("");
  }

  set textContent(text: string) {
    this.children = [text];
  }

  append(...children: readonly (Element | string)[]): void {
    this.children.push(...children);
  }

  replaceChildren(...children: readonly (Element | string)[]): void {
    this.children = [...children];
  }

  setAttribute(name: string, value: string): void {
    this.attributes.set(name, value);
  }

  /** Texts of a table's cells, row by row. */
  get cells(): string[][] {
    const elements = (of: Element) => of.children.filter((each) => each instanceof Element);
    return elements(this).map((row) => elements(row).map((cell) => cell.textContent));
  }
}

const account = (name: string, equity: string, parts: object = {}) => ({
  ...{ account: name, state: "reconciled", equity, quote: "USD", unreadable: null },
  ...{ coins: [{ coin: "BTC", unmanaged: "0" }], foreignOrders: [], ...parts },
});

/** The page's elements by id, after the script read once. */
async function shown(accounts: readonly object[]): Promise<ReadonlyMap<string, Element>> {
  const elements = new Map(
    [...livePage.matchAll(/ id="(\w+)"/g)].map(([, id = ""]) => [id, new Element()]),
  );
  const document = {
    getElementById: (id: string) => elements.get(id),
    createElement: () => new Element(),
    body: new Element(),
  };
  const status = {
    ...{ mode: "paper", market: "a market", state: "running", equity: "3", quote: "USD", at: 0 },
    ...{ counts: { trades: 0, fills: 0, decisions: 0 }, positions: [], brakes: [], accounts },
  };
  const bodies: Readonly<Record<string, object>> = {
    "/api/v1/status": status,
    "/api/v1/decisions": { decisions: [] },
    "/api/v1/equity": { points: [] },
  };
  const fetch = async (path: string) => ({ ok: true, json: async () => bodies[path] });
  const names = ["document", "fetch", "setInterval"];
  const run = new Function(...names, `${livePageScript}; return refresh();`);
  await run(document, fetch, () => {});
  expect(elements.get("state")?.textContent).toBe("running");
  return elements;
}

test("several accounts are shown in a table, each with what is not the desk's", async () => {
  const second = account("kraken:other", "2000.5", {
    coins: [
      { coin: "BTC", unmanaged: "0.5" },
      { coin: "ETH", unmanaged: "2" },
    ],
    ...{ foreignOrders: [{}, {}], unreadable: { times: 2, cause: "time-out" } },
  });
  const page = await shown([account("kraken:main", "1000"), second]);
  expect(page.get("accountsSection")?.hidden).toBe(false);
  expect(page.get("accounts")?.cells).toEqual([
    ["kraken:main", "reconciled", "1,000 USD", "none", "0"],
    ["kraken:other", "reconciled, unread", "2,000.5 USD", "0.5 BTC, 2 ETH", "2"],
  ]);
});

test("a desk of one account has no such table", async () => {
  const page = await shown([account("kraken:main", "1000")]);
  expect(page.get("accountsSection")?.hidden).toBe(true);
});
