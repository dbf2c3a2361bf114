import type { RequestScope, Strike } from "../faults/registry.ts";
import type {
  StreamClient,
  StreamSession,
  Wire,
  WireKind,
  WireReply,
  WireRequest,
} from "../wire.ts";
import * as account from "./account-rest.ts";
import type { Call, CallContext } from "./call.ts";
import type { CoinbaseDesks } from "./desks.ts";
import type { KeyPermission } from "./keys.ts";
import * as market from "./market-rest.ts";
import * as orders from "./order-rest.ts";
import { failure } from "./order-terms.ts";
import { bodyOf, failed, isRequestError, reply, unauthorized } from "./reply.ts";
import { openCoinbaseStream, streamPaths } from "./stream.ts";
import type { CoinbaseVenue } from "./venue.ts";
import * as versionTwo from "./version-two.ts";

interface Route {
  readonly method: string;
  readonly path: RegExp;
  /** In the documentation's words. */
  readonly name: string;
  readonly scope: RequestScope;
  /** Null for a public call. */
  readonly needs: KeyPermission | null;
  readonly call: Call;
}

type Row = readonly [route: string, name: string, needs: KeyPermission | null, call: Call];

const reads: readonly Row[] = [
  ["/api/v3/brokerage/time", "GetServerTime", null, market.serverTime],
  ["/api/v3/brokerage/market/products", "GetPublicProducts", null, market.listProducts],
  ["/api/v3/brokerage/market/products/*", "GetPublicProduct", null, market.getProduct],
  ["/api/v3/brokerage/market/product_book", "GetPublicProductBook", null, market.productBook],
  ["/api/v3/brokerage/market/products/*/candles", "GetPublicCandles", null, market.productCandles],
  ["/api/v3/brokerage/market/products/*/ticker", "GetPublicTrades", null, market.productTrades],
  ["/api/v3/brokerage/products", "ListProducts", "view", market.listProducts],
  ["/api/v3/brokerage/products/*", "GetProduct", "view", market.getProduct],
  ["/api/v3/brokerage/product_book", "GetProductBook", "view", market.productBook],
  ["/api/v3/brokerage/best_bid_ask", "GetBestBidAsk", "view", market.bestBidAsk],
  ["/api/v3/brokerage/products/*/candles", "GetCandles", "view", market.productCandles],
  ["/api/v3/brokerage/products/*/ticker", "GetMarketTrades", "view", market.productTrades],
  ["/api/v3/brokerage/accounts", "ListAccounts", "view", account.listAccounts],
  ["/api/v3/brokerage/accounts/*", "GetAccount", "view", account.getAccount],
  ["/api/v3/brokerage/orders/historical/batch", "ListOrders", "view", account.listOrders],
  ["/api/v3/brokerage/orders/historical/fills", "ListFills", "view", account.listFills],
  ["/api/v3/brokerage/orders/historical/*", "GetOrder", "view", account.getOrder],
  [
    "/api/v3/brokerage/transaction_summary",
    "GetTransactionSummary",
    "view",
    account.transactionSummary,
  ],
  ["/api/v3/brokerage/portfolios", "ListPortfolios", "view", account.listPortfolios],
  ["/api/v3/brokerage/key_permissions", "GetKeyPermissions", "view", account.keyPermissions],
  ["/v2/time", "GetTimeV2", null, versionTwo.time],
  ["/v2/currencies", "GetCurrencies", null, versionTwo.currencies],
  ["/v2/currencies/crypto", "GetCryptoCurrencies", null, versionTwo.cryptoCurrencies],
  ["/v2/exchange-rates", "GetExchangeRates", null, versionTwo.exchangeRates],
  ["/v2/accounts", "ListAccountsV2", "view", versionTwo.accounts],
  ["/v2/accounts/*/transactions", "ListTransactionsV2", "view", versionTwo.transactions],
];

/** Under `/api/v3/brokerage/orders`. Previews change nothing: to faults they are reads. */
const changes: readonly (readonly [path: string, name: string, scope: RequestScope, call: Call])[] =
  [
    ["", "CreateOrder", "submit", orders.createOrder],
    ["/preview", "PreviewOrder", "read", orders.previewOrder],
    ["/batch_cancel", "CancelOrders", "cancel", orders.cancelOrders],
    ["/edit", "EditOrder", "amend", orders.editOrder],
    ["/edit_preview", "PreviewEditOrder", "read", orders.previewEdit],
  ];

function pattern(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(".", "\\.").replaceAll("*", "([^/]+)")}$`);
}

const routes: readonly Route[] = [
  ...reads.map(
    ([path, name, needs, call]): Route => ({
      ...{ method: "GET", path: pattern(path), name, scope: "read", needs, call },
    }),
  ),
  ...changes.map(([path, name, scope, call]): Route => {
    const whole = pattern(`/api/v3/brokerage/orders${path}`);
    return { method: "POST", path: whole, name, scope, needs: "trade", call };
  }),
];

function routeOf({ method, path }: WireRequest): Route | null {
  return routes.find((route) => route.method === method && route.path.test(path)) ?? null;
}

/** Coinbase Advanced's REST, version 3, and its WebSocket. */
export class CoinbaseWire implements Wire {
  readonly name = "coinbase";
  readonly emptyReply: WireReply = { status: 200, body: "{}" };
  readonly #desks: CoinbaseDesks;
  readonly #venue: CoinbaseVenue;

  constructor(desks: CoinbaseDesks) {
    this.#desks = desks;
    this.#venue = desks.main.venue;
  }

  kindOf(request: WireRequest): WireKind {
    const { name, scope } = routeOf(request) ?? { name: request.path, scope: "read" };
    return { name, scope };
  }

  handle(request: WireRequest, strike: Strike | null): WireReply {
    const route = routeOf(request);
    if (route === null) return failed("NOT_FOUND", "no such path");
    const gap = decodeURIComponent(route.path.exec(request.path)?.[1] ?? "");
    const context = { ...this.#desks.main, request, gap, strike };
    if (route.needs !== null) return this.#private(route, route.needs, context);
    const { now } = this.#venue.exchange.clock;
    if (!this.#venue.limits.take("public", "", now)) return tooMany;
    return route.call({ ...context, key: null });
  }

  refusal({ name, text }: Strike, { scope }: WireKind, request: WireRequest): WireReply {
    if (name === "invalidNonce") return unauthorized;
    if (name === "maintenance") return unavailable;
    const usual = scope === "submit" ? "INSUFFICIENT_FUND" : "PERMISSION_DENIED";
    const reason = text ?? usual;
    if (isRequestError(reason)) return failed(reason, reason);
    const body = bodyOf(request);
    switch (scope) {
      case "submit":
        return orders.refusedOrder(failure(reason, reason), body?.order_configuration);
      case "cancel":
        return orders.refusedCancel(body, reason);
      case "amend":
        return orders.refusedEdit(reason);
      default:
        return failed(reason, reason);
    }
  }

  streamsAt(path: string): boolean {
    return Object.values(streamPaths).some((each) => each === path);
  }

  open(client: StreamClient): StreamSession {
    return openCoinbaseStream(this.#desks, client);
  }

  /** Tokens are the client's own: a front end has none to forget. */
  forgetSessions(): void {}

  #private(route: Route, needs: KeyPermission, context: Omit<CallContext, "key">): WireReply {
    const { request, strike } = context;
    const { exchange, keys, limits, status } = this.#venue;
    const token = /^Bearer (\S+)$/.exec(String(request.headers.authorization ?? ""))?.[1] ?? "";
    const { method, path } = request;
    const host = String(request.headers.host ?? "");
    const authentication = keys.authenticate(token, { method, path, host });
    if (authentication === null) return unauthorized;
    const { key, leftMs } = authentication;
    const { clock, tasks } = exchange;
    if (!limits.take("private", key.apiKey, clock.now)) return tooMany;
    if (!key.permissions.includes(needs)) {
      return failed("PERMISSION_DENIED", "Missing required scopes");
    }
    if (status === "maintenance") return unavailable;
    const own = { ...context, ...this.#desks.of(key.account), key };
    if (strike?.name !== "acceptLate") return route.call(own);
    // The reply never leaves: whoever asked hears nothing of what comes of it. Nothing is taken
    // of a token that is no longer good.
    const delayMs = strike.delayMs ?? 3_000;
    if (delayMs < leftMs) {
      tasks.add(clock.now + delayMs, () => route.call({ ...own, strike: null }));
    }
    return reply({});
  }
}

const tooMany = failed("rate_limit_exceeded", "Too many requests");
const unavailable = failed("UNAVAILABLE", "Service is temporarily unavailable");
