import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import ccxt from "ccxt";
import { add, decimal, subtract, sum } from "../../../machines/domain/decimal.ts";
import {
  call,
  ccxtAt,
  type Fields,
  nextNonce,
  publicCall,
  signed,
  still,
} from "./client.fixture.ts";
import type { Rehearsal } from "./mod.ts";

let venue: Rehearsal;

beforeAll(async () => {
  venue = await still();
  venue.control.feedPoint("BTC/USD", decimal(60_000));
});
afterAll(() => venue[Symbol.asyncDispose]());

const limit = { pair: "XBTUSD", type: "buy", ordertype: "limit", price: "50000", volume: "0.01" };

/** The error of a private call, or "" where it went well. */
async function errorOf(name: string, fields: Fields = {}, at = venue): Promise<string> {
  return (await call(at, name, fields)).error.join();
}

async function posted({ path, headers, body }: ReturnType<typeof signed>): Promise<string> {
  const response = await fetch(venue.url + path, { method: "POST", headers, body });
  return ((await response.json()) as { error: string[] }).error.join();
}

describe("keys", () => {
  test("a wrong signature is refused, and its nonce is not used", async () => {
    const right = signed(venue, "Balance");
    const sign = right.headers["API-Sign"].replace(/^./, (first) => (first === "A" ? "B" : "A"));
    const wrong = { ...right, headers: { ...right.headers, "API-Sign": sign } };
    expect(await posted(wrong)).toBe("EAPI:Invalid signature");
    expect(await posted(right)).toBe("");
  });

  test("a signature holds for one path and one body only", async () => {
    const right = signed(venue, "Balance");
    expect(await posted({ ...right, path: "/0/private/OpenOrders" })).toBe(
      "EAPI:Invalid signature",
    );
    expect(await posted({ ...right, body: `${right.body}&x=1` })).toBe("EAPI:Invalid signature");
  });

  test("an unknown key is refused, as ccxt's AuthenticationError", async () => {
    const wrong = { ...venue, apiKey: "nobody" } as Rehearsal;
    expect(await errorOf("Balance", {}, wrong)).toBe("EAPI:Invalid key");
    await expect(ccxtAt(wrong).fetchBalance()).rejects.toThrow(ccxt.AuthenticationError);
  });

  test("a nonce that does not rise is refused, as ccxt's InvalidNonce", async () => {
    const nonce = nextNonce();
    expect(await errorOf("Balance", { nonce })).toBe("");
    expect(await errorOf("Balance", { nonce })).toBe("EAPI:Invalid nonce");
    expect(await errorOf("Balance", { nonce: "1" })).toBe("EAPI:Invalid nonce");
    expect(await errorOf("Balance", { nonce: "soon" })).toBe("EAPI:Invalid nonce");
    const client = ccxtAt(venue);
    await client.loadMarkets();
    client.nonce = () => 1;
    await expect(client.fetchBalance()).rejects.toThrow(ccxt.InvalidNonce);
  });

  test("a nonce window lets a lower one pass that was not used", async () => {
    const key = venue.control.createKey({ nonceWindow: 100 });
    const own = { ...venue, ...key } as Rehearsal;
    const nonces = ["1000", "950", "950", "900", "901", "1001"];
    const errors: string[] = [];
    for (const nonce of nonces) errors.push(await errorOf("Balance", { nonce }, own));
    const bad = "EAPI:Invalid nonce";
    expect(errors).toEqual(["", "", bad, bad, "", ""]);
  });

  test("twenty calls at once with nonces of the millisecond clock are partly refused", async () => {
    const client = ccxtAt(venue);
    await client.loadMarkets();
    const nonce = Number(nextNonce());
    client.nonce = () => nonce;
    const calls = Array.from({ length: 20 }, () => client.fetchBalance());
    const settled = await Promise.allSettled(calls);
    const kinds = settled.map((each) => (each.status === "rejected" ? each.reason.name : "fine"));
    expect(kinds.sort()).toEqual(
      ["InvalidNonce", "fine"].flatMap((kind) =>
        Array.from({ length: kind === "fine" ? 1 : 19 }, () => kind),
      ),
    );
  });

  test("a key without a right is refused, and tells of its rights", async () => {
    const key = venue.control.createKey({ permissions: ["query-funds", "withdraw-funds"] });
    const own = { ...venue, ...key } as Rehearsal;
    expect(await errorOf("AddOrder", limit, own)).toBe("EGeneral:Permission denied");
    expect(await errorOf("WithdrawMethods", {}, own)).toBe("");
    expect(await errorOf("WithdrawMethods")).toBe("EGeneral:Permission denied");
    const { result } = await call(own, "GetApiKeyInfo");
    expect([result.apiKey, result.permissions, result.nonceWindow]).toEqual([
      key.apiKey,
      ["query-funds", "withdraw-funds"],
      0,
    ]);
    expect(() => venue.control.createKey({ permissions: ["everything"] })).toThrow(RangeError);
  });
});

describe("orders", () => {
  test.each<[string, Fields, string]>([
    ["an unknown pair", { pair: "NOPEUSD" }, "EQuery:Unknown asset pair"],
    ["an unknown side", { type: "hold" }, "EGeneral:Invalid arguments:type"],
    ["an unknown type", { ordertype: "iceberg" }, "EGeneral:Invalid arguments:ordertype"],
    ["no volume", { volume: "" }, "EGeneral:Invalid arguments:volume"],
    ["too fine a volume", { volume: "0.123456789" }, "EGeneral:Invalid arguments:volume"],
    [
      "too fine a price",
      { price: "50000.12" },
      "EOrder:Invalid price:XXBTZUSD price can only be specified up to 1 decimals.",
    ],
    ["an unknown flag", { oflags: "viqc" }, "EGeneral:Invalid arguments:oflags"],
    [
      "a client id that is too long",
      { cl_ord_id: "1234567890123456789" },
      "EGeneral:Invalid arguments:cl_ord_id",
    ],
    [
      "a client id and a userref",
      { cl_ord_id: "a", userref: "1" },
      "EGeneral:Invalid arguments:userref, cl_ord_id",
    ],
    [
      "a time in force of its own",
      { timeinforce: "GTX" },
      "EGeneral:Invalid arguments:timeinforce",
    ],
    ["GTD without a time", { timeinforce: "GTD" }, "EGeneral:Invalid arguments:expiretm"],
    ["a deadline that is past", { deadline: "2020-01-01T00:00:00Z" }, "EService:Deadline elapsed"],
    [
      "a deadline too far ahead",
      { deadline: "2090-01-01T00:00:00Z" },
      "EGeneral:Invalid arguments:deadline",
    ],
  ])("AddOrder with %s is refused", async (_, fields, error) => {
    const before = venue.control.record().orders.length;
    expect(await errorOf("AddOrder", { ...limit, ...fields })).toBe(error);
    expect(venue.control.record().orders).toHaveLength(before);
  });

  test.each([
    ["a UUID", "6d1b345e-2821-40e2-ad83-4ecb18a06876"],
    ["32 hexadecimal digits", "da8e4ad59b78481c93e589746b0cf91f"],
    ["18 characters", "arb-20240509-00010"],
  ])("AddOrder takes %s for a client id", async (_, cl_ord_id) => {
    expect(await errorOf("AddOrder", { ...limit, cl_ord_id })).toBe("");
    expect(await errorOf("CancelOrder", { cl_ord_id })).toBe("");
  });

  test("a deadline ahead is met", async () => {
    const deadline = new Date(venue.control.now + 5_000).toISOString();
    expect(await errorOf("AddOrder", { ...limit, deadline, userref: "77" })).toBe("");
    expect(await errorOf("CancelOrder", { txid: "77" })).toBe("");
  });

  test.each([
    ["CancelOrder", { txid: "OAAAAA-BBBBB-CCCCCC" }],
    ["AmendOrder", { txid: "OAAAAA-BBBBB-CCCCCC", order_qty: "1" }],
    ["EditOrder", { txid: "OAAAAA-BBBBB-CCCCCC", volume: "1" }],
    ["QueryOrders", { txid: "OAAAAA-BBBBB-CCCCCC" }],
  ])("%s of an order that is not there is refused", async (name, fields) => {
    expect(await errorOf(name, fields)).toBe("EOrder:Unknown order");
  });

  test("EditOrder replaces an order; where the new one is refused, the old one stays", async () => {
    const { result } = await call(venue, "AddOrder", limit);
    const [txid = ""] = result.txid as string[];
    const tooMuch = { pair: "XBTUSD", txid, volume: "50" };
    expect(await errorOf("EditOrder", tooMuch)).toBe("EOrder:Insufficient funds");
    const { result: edited } = await call(venue, "EditOrder", { ...tooMuch, volume: "0.02" });
    expect([edited.originaltxid, edited.status, edited.orders_cancelled]).toEqual([txid, "ok", 1]);
    const { open } = (await call(venue, "OpenOrders")).result as { open: object };
    expect(Object.keys(open)).toEqual([String(edited.txid)]);
    await call(venue, "CancelAll");
  });

  test("a status other than online closes the venue to what it says", async () => {
    const errors: string[] = [];
    for (const status of ["maintenance", "cancel_only", "post_only", "limit_only", "online"]) {
      venue.control.setStatus(status);
      errors.push(await errorOf("AddOrder", { ...limit, validate: "true" }));
    }
    expect(errors).toEqual([
      "EService:Unavailable",
      "EService:Market in cancel_only mode",
      "EService:Market in post_only mode",
      "",
      "",
    ]);
    expect(() => venue.control.setStatus("closed")).toThrow(RangeError);
  });
});

describe("pages", () => {
  test("closed orders and trades come fifty at a time, newest first", async () => {
    await using own = await still({ seed: "pages" });
    own.control.feedPoint("BTC/USD", decimal(60_000));
    const market = { pair: "XBTUSD", type: "buy", ordertype: "market", volume: "0.001" };
    for (let order = 0; order < 60; order += 1) {
      own.control.advanceBy(1_000);
      expect(await errorOf("AddOrder", market, own)).toBe("");
    }
    const ids = own.control.record().orders.map(({ orderId }) => orderId);
    const page = async (name: string, key: string, fields: Fields) => {
      const { result } = await call(own, name, fields);
      return { ids: Object.keys(result[key] as object), count: result.count };
    };
    const newest = ids.toReversed();
    expect(await page("ClosedOrders", "closed", {})).toEqual({
      ids: newest.slice(0, 50),
      count: 60,
    });
    expect(await page("ClosedOrders", "closed", { ofs: "50" })).toEqual({
      ids: newest.slice(50),
      count: 60,
    });
    const start = String((own.control.now - 5_000) / 1_000);
    expect(await page("ClosedOrders", "closed", { start })).toEqual({
      ids: newest.slice(0, 5),
      count: 5,
    });
    const trades = await page("TradesHistory", "trades", { start, ofs: "1" });
    expect([trades.ids.length, trades.count]).toEqual([4, 5]);
    const ledger = await page("Ledgers", "ledger", { asset: "XXBT", start });
    expect([ledger.ids.length, ledger.count]).toEqual([5, 5]);
  });
});

test("what trades tell of cost and fee is what balances changed by, to the last digit", async () => {
  await using own = await still({ seed: "money" });
  own.control.feedPoint("BTC/USD", decimal("60000.7"));
  for (const volume of ["0.00012345", "0.01", "0.00777777"]) {
    await call(own, "AddOrder", { ...limit, ordertype: "market", volume });
  }
  const { trades } = (await call(own, "TradesHistory")).result as { trades: object };
  const told = Object.values(trades) as { cost: string; fee: string; vol: string }[];
  const paid = sum(told.flatMap(({ cost, fee }) => [decimal(cost), decimal(fee)]));
  const bought = sum(told.map(({ vol }) => decimal(vol)));
  const { ZUSD, XXBT } = (await call(own, "Balance")).result as Record<string, string>;
  expect(decimal(ZUSD ?? "")).toBe(subtract(decimal(100_000), paid));
  expect(decimal(XXBT ?? "")).toBe(add(decimal(1), bought));
  const { closed } = (await call(own, "ClosedOrders")).result as { closed: object };
  const orders = Object.values(closed) as { cost: string; fee: string }[];
  expect(sum(orders.flatMap(({ cost, fee }) => [decimal(cost), decimal(fee)]))).toBe(paid);
});

describe("limits", () => {
  test("calls beyond the key's counter are refused until it has decayed", async () => {
    await using own = await still({ limits: { tier: "starter", rest: true } });
    const errors: string[] = [];
    for (let number = 0; number < 16; number += 1) errors.push(await errorOf("Balance", {}, own));
    expect(errors.filter((error) => error !== "")).toEqual(["EAPI:Rate limit exceeded"]);
    own.control.advanceBy(4_000);
    expect(await errorOf("Balance", {}, own)).toBe("");
    expect(await errorOf("Balance", {}, own)).toBe("EAPI:Rate limit exceeded");
  });

  test("young orders' cancels use up a pair's counter, another pair's is its own", async () => {
    await using own = await still({ limits: { tier: "starter", engine: true } });
    const errors: string[] = [];
    for (let number = 0; number < 7; number += 1) {
      errors.push(await errorOf("AddOrder", { ...limit, userref: "1" }, own));
      errors.push(await errorOf("CancelOrder", { txid: "1" }, own));
    }
    const bad = "EOrder:Rate limit exceeded";
    expect(errors).toEqual([...Array.from({ length: 13 }, () => ""), bad]);
    const other = { pair: "ETHUSD", type: "buy", ordertype: "limit", price: "100", volume: "0.1" };
    expect(await errorOf("AddOrder", other, own)).toBe("");
    own.control.advanceBy(60_000);
    expect(await errorOf("CancelOrder", { txid: "1" }, own)).toBe("");
  });

  test("they can be switched while it runs", async () => {
    await using own = await still({ limits: { tier: "starter", rest: true } });
    own.control.setLimits({ rest: false });
    const errors = new Set<string>();
    for (let number = 0; number < 30; number += 1) errors.add(await errorOf("Balance", {}, own));
    expect([...errors]).toEqual([""]);
    expect(() => own.control.setLimits({ tier: "gold" })).toThrow(RangeError);
  });
});

test("an unknown call is refused, and a body that is no JSON", async () => {
  expect((await publicCall(venue, "Nothing")).error).toEqual(["EGeneral:Unknown method"]);
  expect(await errorOf("Nothing")).toBe("EGeneral:Unknown method");
  const { path, headers } = signed(venue, "Balance");
  const json = { ...headers, "Content-Type": "application/json" };
  expect(await posted({ path, headers: json, body: "{" })).toBe("EGeneral:Invalid arguments");
});
