/** What one account's venue says before real money is traded there, over real sockets. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Decimal, decimal } from "../../machines/domain/decimal.ts";
import { CcxtVenue } from "../venues/ccxt/mod.ts";
import { PublicMarket } from "../venues/ccxt/public-market.ts";
import {
  type FaultOrder,
  type Rehearsal,
  rehearsalVenues,
  startRehearsal,
} from "../venues/rehearsal/mod.ts";
import { checkAccount } from "./account.ts";
import { failing, type Row, worstOfRows } from "./row.ts";

setDefaultTimeout(120_000);

const symbols = ["BTC/USD"];
type Name = (typeof rehearsalVenues)[number];

function accountAt(name: Name, { url, apiKey, secret }: Rehearsal, atWork: string | null = null) {
  const urls = { rest: url };
  const at = { venue: name, account: "main" };
  const keys = atWork === null ? { apiKey, secret } : null;
  return {
    venue: new CcxtVenue({ at, keys, symbols, urls, timeoutMs: 60_000, tier: "unlimited" }),
    market: new PublicMarket({ venue: name, symbols, urls }),
    ...{ symbols, now: () => Date.now(), isOurs: () => false, atWork },
  };
}

async function rowsAt(
  name: Name,
  { faults = [], ...options }: { faults?: FaultOrder[]; balances?: Record<string, Decimal> } = {},
): Promise<{ rows: readonly Row[]; venue: Rehearsal }> {
  await using venue = await startRehearsal({ venue: name, ...options });
  for (const fault of faults) venue.control.orderFault(fault);
  return { rows: await checkAccount(accountAt(name, venue)), venue };
}

const told = (rows: readonly Row[]) => rows.map(({ check, severity }) => `${check} ${severity}`);

describe.each(rehearsalVenues)("%s", (name) => {
  test("an account that is fit to trade", async () => {
    const { rows, venue } = await rowsAt(name);
    expect(told(rows)).toEqual([
      ...["venue ok", "venueClock ok", "rules ok", "keyRights ok", "balances ok", "orders ok"],
      "validation ok",
    ]);
    expect(rows.every(({ account }) => account === `${name}:main`)).toBe(true);
    expect(venue.control.record().orders).toEqual([]);
  });

  test("no money is a warning, for there is nothing to trade with", async () => {
    const { rows } = await rowsAt(name, { balances: { BTC: decimal(1) } });
    expect(told(rows).slice(-3)).toEqual(["balances warning", "orders ok", "validation warning"]);
    expect(worstOfRows(rows)).toBe("warning");
  });

  test("orders of somebody else are left alone, in words", async () => {
    await using venue = await startRehearsal({ venue: name });
    const order = { symbol: "BTC/USD", side: "buy", type: "limit", quantity: decimal(1) } as const;
    venue.control.placeForeign({ ...order, price: decimal(1_000) });
    const rows = await checkAccount(accountAt(name, venue));
    const text = rows.find(({ check }) => check === "orders")?.text;
    expect(text).toEndWith("1 open, 1 not the desk's, which it leaves alone");
  });

  test("an order that looks like another desk's is a warning", async () => {
    await using venue = await startRehearsal({ venue: name });
    // Asked twice within a second.
    venue.control.setLimits({ rest: false });
    const account = accountAt(name, venue);
    const placed = await account.venue.submit({
      ...{ clientOrderId: "nv0123456789abcdef", symbol: "BTC/USD", side: "buy", type: "limit" },
      ...{ quantity: decimal("0.01"), price: decimal(1_000), stopPrice: null },
      ...{ timeInForce: "gtc", postOnly: false, expiresAt: null },
    });
    expect(placed.type).toBe("confirmed");
    const [orders] = (await checkAccount(account)).filter(({ check }) => check === "orders");
    expect(orders?.severity).toBe("warning");
    const [known] = (await checkAccount({ ...account, isOurs: () => true })).filter(
      ({ check }) => check === "orders",
    );
    expect(known?.severity).toBe("ok");
  });

  test.each([
    ["a gateway that fails", { name: "status503" }, true, "See the network"],
    ["a reply that is cut", { name: "acceptThenCutJson" }, true, "See the network"],
  ] as const)("%s is asked again later", async (_, fault, isTransient, cure) => {
    const target = name === "kraken" ? "BalanceEx" : "ListAccounts";
    const { rows } = await rowsAt(name, { faults: [{ ...fault, target }] });
    const [row, ...others] = failing(rows);
    expect([row?.check, row?.isTransient, others]).toEqual(["balances", isTransient, []]);
    expect(row?.cure).toStartWith(cure);
    // Not even a dry run goes out by who is not fit.
    expect(rows.map(({ check }) => check)).not.toContain("validation");
  });

  test("beside a desk at work nothing is signed", async () => {
    await using venue = await startRehearsal({ venue: name });
    const rows = await checkAccount(accountAt(name, venue, 'process 7 on host "here"'));
    expect(told(rows)).toEqual(["venue ok", "venueClock ok", "rules ok", "keyRights note"]);
    const names = venue.control.requests.map(({ path }) => path);
    expect(names.filter((path) => /private|accounts|key_permissions|summary/.test(path))).toEqual(
      [],
    );
  });
});

test("a nonce that is refused names who may have used it, and is not waited for", async () => {
  const faults: FaultOrder[] = [{ name: "invalidNonce", target: "GetApiKeyInfo", count: 100 }];
  const { rows } = await rowsAt("kraken", { faults });
  const [row] = failing(rows);
  expect(row).toMatchObject({ check: "keyRights", isTransient: false });
  expect(row?.cure).toStartWith("See that no other program uses this key");
});
