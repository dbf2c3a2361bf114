/** The three venues with keys, signatures that are checked, and markets, on a scripted server. */
import { createHash, createHmac, generateKeyPairSync, verify } from "node:crypto";
import { decimal } from "../../../machines/domain/decimal.ts";
import type { OrderRequest } from "../../../machines/domain/order.ts";
import type { CcxtVenueId } from "./assumptions.ts";
import { CcxtVenue } from "./ccxt-venue.ts";
import type { VenueClock } from "./clock.ts";
import type { VenueKeys } from "./keys.ts";
import type { CcxtVenueOptions } from "./options.ts";
import { type Recorded, ScriptedServer, type Verifier } from "./scripted-server.fixture.ts";

const ecKeys = generateKeyPairSync("ec", { namedCurve: "P-256" });
export const ecPem = ecKeys.privateKey.export({ type: "sec1", format: "pem" }).toString();
export const ecPkcs8 = ecKeys.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const krakenSecret = Buffer.from("k".repeat(64)).toString("base64");

export const keysOf: Readonly<Record<CcxtVenueId, VenueKeys>> = {
  kraken: { apiKey: "kraken-key", secret: krakenSecret },
  coinbase: { apiKey: "organizations/1/apiKeys/2", secret: ecPem },
  binanceus: { apiKey: "binance-key", secret: "binance-secret" },
};

const verifiers: Readonly<Record<CcxtVenueId, Verifier>> = {
  kraken: ({ path, headers, body }) => {
    if (!path.startsWith("/0/private/")) return null;
    const nonce = new URLSearchParams(body).get("nonce") ?? "";
    const digest = createHash("sha256")
      .update(nonce + body)
      .digest();
    const wanted = createHmac("sha512", Buffer.from(krakenSecret, "base64"))
      .update(Buffer.concat([Buffer.from(path), digest]))
      .digest("base64");
    return headers["api-sign"] === wanted ? null : "signature";
  },
  coinbase: ({ path, headers }) => {
    if (path.startsWith("/api/v3/brokerage/market/") || path.endsWith("/time")) return null;
    const [head = "", claims = "", signature = ""] = (headers.authorization ?? "")
      .replace("Bearer ", "")
      .split(".");
    const isValid = verify(
      "sha256",
      Buffer.from(`${head}.${claims}`),
      { key: ecKeys.publicKey, dsaEncoding: "ieee-p1363" },
      Buffer.from(signature, "base64url"),
    );
    const { uri } = JSON.parse(Buffer.from(claims, "base64url").toString() || "{}");
    return isValid && String(uri).endsWith(path) ? null : "token";
  },
  binanceus: ({ method, query, body, path }) => {
    if (/\/(exchangeInfo|time|status)$/.test(path)) return null;
    const signed = method === "POST" ? body : query.toString();
    const [payload = "", signature = ""] = signed.split("&signature=");
    const wanted = createHmac("sha256", "binance-secret").update(payload).digest("hex");
    return signature === wanted ? null : "signature";
  },
};

/** Time that stands still until it is slept away; nobody waits. */
export class TestClock implements VenueClock {
  #now = 1_700_000_000_000;

  now(): number {
    return this.#now;
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }

  async sleep(milliseconds: number): Promise<void> {
    this.#now += milliseconds;
    await Promise.resolve();
  }
}

export const krakenPair = {
  altname: "XBTUSD",
  wsname: "XBT/USD",
  base: "XXBT",
  quote: "ZUSD",
  pair_decimals: 1,
  lot_decimals: 8,
  fees: [[0, 0.4]],
  fees_maker: [[0, 0.25]],
  ordermin: "0.00005",
  costmin: "0.5",
  tick_size: "0.1",
  status: "online",
};

export const coinbaseProduct = {
  product_id: "BTC-USD",
  product_type: "SPOT",
  base_currency_id: "BTC",
  quote_currency_id: "USD",
  base_increment: "0.00000001",
  quote_increment: "0.01",
  price_increment: "0.01",
  base_min_size: "0.00000001",
  quote_min_size: "1",
  trading_disabled: false,
};

export const binanceSymbol = {
  symbol: "BTCUSD",
  status: "TRADING",
  baseAsset: "BTC",
  quoteAsset: "USD",
  filters: [
    { filterType: "PRICE_FILTER", tickSize: "0.01000000" },
    { filterType: "LOT_SIZE", stepSize: "0.00001000", minQty: "0.00001000" },
    { filterType: "NOTIONAL", minNotional: "1.00000000" },
  ],
};

export interface Stand extends AsyncDisposable {
  readonly server: ScriptedServer;
  readonly venue: CcxtVenue;
  readonly clock: TestClock;
  readonly notices: string[];
}

/** A venue before a scripted server that knows its markets and checks its signatures. */
export async function stand(
  id: CcxtVenueId,
  overrides: Partial<CcxtVenueOptions> = {},
): Promise<Stand> {
  const server = await ScriptedServer.start(verifiers[id]);
  server.on("/0/public/AssetPairs", { body: { error: [], result: { XXBTZUSD: krakenPair } } });
  server.on("/api/v3/brokerage/market/products", { body: { products: [coinbaseProduct] } });
  server.on("/api/v3/brokerage/transaction_summary", {
    body: { fee_tier: { maker_fee_rate: "0.004", taker_fee_rate: "0.006" } },
  });
  server.on("/api/v3/exchangeInfo", { body: { symbols: [binanceSymbol] } });
  server.on("/api/v3/account", {
    body: {
      commissionRates: { maker: "0.001", taker: "0.002" },
      canTrade: true,
      canWithdraw: false,
      balances: [{ asset: "BTC", free: "1.00000001", locked: "0.5" }],
    },
  });
  const clock = new TestClock();
  const notices: string[] = [];
  const venue = new CcxtVenue({
    at: { venue: id, account: "main" },
    keys: keysOf[id],
    symbols: ["BTC/USD"],
    urls: { rest: server.url },
    clock,
    timeoutMs: 5_000,
    settle: { looks: 2, pauseMs: 1 },
    onNotice: ({ code, text }) => notices.push(`${code}: ${text}`),
    ...overrides,
  });
  return {
    server,
    venue,
    clock,
    notices,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Where an order is placed at each venue. */
export const placePath: Readonly<Record<CcxtVenueId, string>> = {
  kraken: "/0/private/AddOrder",
  coinbase: "/api/v3/brokerage/orders",
  binanceus: "/api/v3/order",
};

/** What was sent, whatever way the venue takes it, without signature, nonce and time. */
export function sent(request: Recorded | undefined): Record<string, unknown> {
  if (request === undefined) throw new Error("Cannot tell what was sent: no request came");
  if (request.headers["content-type"] === "application/json" && request.body !== "") {
    return JSON.parse(request.body);
  }
  const fields = new URLSearchParams(request.body === "" ? request.query : request.body);
  for (const name of ["nonce", "signature", "timestamp"]) fields.delete(name);
  return Object.fromEntries(fields);
}

export const limitBuy: OrderRequest = {
  clientOrderId: "nv00112233445566ab",
  symbol: "BTC/USD",
  side: "buy",
  type: "limit",
  quantity: decimal("0.01"),
  price: decimal("50000.1"),
  stopPrice: null,
  timeInForce: "gtc",
  postOnly: false,
  expiresAt: null,
};
