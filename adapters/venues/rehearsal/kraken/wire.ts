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
import type { KrakenDesks } from "./desks.ts";
import type { KeyPermission } from "./keys.ts";
import * as orders from "./order-rest.ts";
import { type Params, paramsOf } from "./params.ts";
import { publicCalls } from "./public-rest.ts";
import { openKrakenStream, streamPaths } from "./stream.ts";
import { type KrakenResult, type KrakenVenue, refusedWith } from "./venue.ts";

interface PrivateCall {
  /** Any one of them is enough. */
  readonly needs: readonly KeyPermission[];
  /** What it adds to the key's counter. */
  readonly cost: number;
  readonly scope: RequestScope;
  readonly call: (context: account.ReadContext & orders.OrderCallContext) => KrakenResult;
}

const funds = ["query-funds"] as const;
const queries = ["query-open-trades", "query-closed-trades"] as const;
const closing = ["close-trades", "modify-trades"] as const;

function read(
  call: PrivateCall["call"],
  needs: readonly KeyPermission[],
  cost: number,
): PrivateCall {
  return { call, needs, cost, scope: "read" };
}

/** Orders have limits of their own: they add nothing to the key's counter. */
function change(
  call: PrivateCall["call"],
  scope: RequestScope,
  needs: readonly KeyPermission[],
): PrivateCall {
  return { call, needs, cost: 0, scope };
}

const privateCalls: Readonly<Record<string, PrivateCall>> = {
  Balance: read(account.balance, funds, 1),
  BalanceEx: read(account.balanceEx, funds, 1),
  TradeBalance: read(account.tradeBalance, funds, 1),
  OpenOrders: read(account.openOrders, ["query-open-trades"], 1),
  ClosedOrders: read(account.closedOrders, ["query-closed-trades"], 1),
  QueryOrders: read(account.queryOrders, queries, 1),
  TradesHistory: read(account.tradesHistory, queries, 2),
  QueryTrades: read(account.queryTrades, queries, 1),
  Ledgers: read(account.ledgers, ["query-ledger"], 2),
  TradeVolume: read(account.tradeVolume, funds, 1),
  GetWebSocketsToken: read(account.webSocketsToken, ["access-websockets"], 1),
  GetApiKeyInfo: read(account.apiKeyInfo, [], 1),
  WithdrawMethods: read(account.withdrawMethods, ["withdraw-funds"], 1),
  AddOrder: change(orders.addOrder, "submit", ["modify-trades"]),
  AmendOrder: change(orders.amendOrder, "amend", closing),
  EditOrder: change(orders.editOrder, "amend", ["modify-trades"]),
  CancelOrder: change(orders.cancelOrder, "cancel", closing),
  CancelAll: change(orders.cancelAll, "cancel", closing),
  CancelAllOrdersAfter: change(orders.cancelAllOrdersAfter, "cancel", closing),
};

/** Kraken's REST, version 0, and its WebSocket, version 2. */
export class KrakenWire implements Wire {
  readonly name = "kraken";
  readonly emptyReply: WireReply = { status: 200, body: '{"error":[],"result":{}}' };
  readonly #desks: KrakenDesks;
  readonly #venue: KrakenVenue;

  constructor(desks: KrakenDesks) {
    this.#desks = desks;
    this.#venue = desks.main.venue;
  }

  kindOf({ path }: WireRequest): WireKind {
    const name = path.split("/").at(-1) ?? "";
    return { name, scope: privateCalls[name]?.scope ?? "read" };
  }

  handle(request: WireRequest, strike: Strike | null): WireReply {
    const [, version, area, name = "", ...rest] = request.path.split("/");
    if (version !== "0" || rest.length > 0) return replyOf(refusedWith("EGeneral:Unknown method"));
    const params = paramsOf(request);
    if (params === null) return replyOf(refusedWith("EGeneral:Invalid arguments"));
    if (area === "private") return replyOf(this.#private(request, name, params, strike));
    const call = area === "public" ? publicCalls[name] : undefined;
    return replyOf(call?.(this.#venue, params) ?? refusedWith("EGeneral:Unknown method"));
  }

  refusal({ name, text }: Strike, { scope }: WireKind): WireReply {
    if (name === "invalidNonce") return replyOf(refusedWith("EAPI:Invalid nonce"));
    if (name === "maintenance") return replyOf(refusedWith("EService:Unavailable"));
    const usual = scope === "submit" ? "EOrder:Insufficient funds" : "EGeneral:Permission denied";
    return replyOf(refusedWith(text ?? usual));
  }

  streamsAt(path: string): boolean {
    return path === streamPaths.public || path === streamPaths.private;
  }

  open(client: StreamClient): StreamSession {
    return openKrakenStream(this.#desks, client);
  }

  forgetSessions(): void {
    this.#venue.tokens.clear();
  }

  #private(
    request: WireRequest,
    name: string,
    params: Params,
    strike: Strike | null,
  ): KrakenResult {
    const call = privateCalls[name];
    if (call === undefined || request.method !== "POST") {
      return refusedWith("EGeneral:Unknown method");
    }
    const authentication = this.#venue.keys.authenticate(request, params);
    if (authentication.type === "refused") return refusedWith(authentication.text);
    const { key } = authentication;
    const { venue, trading } = this.#desks.of(key.account);
    if (call.needs.length > 0 && !call.needs.some((each) => key.permissions.includes(each))) {
      return refusedWith("EGeneral:Permission denied");
    }
    const { clock, tasks } = venue.exchange;
    if (!venue.limits.takeRest(key.apiKey, call.cost, clock.now)) {
      return refusedWith("EAPI:Rate limit exceeded");
    }
    if (venue.status === "maintenance") return refusedWith("EService:Unavailable");
    const context = { venue, trading, params, key };
    if (strike?.name !== "acceptLate") return call.call({ ...context, strike });
    // The reply never leaves: whoever asked hears nothing of what comes of it.
    tasks.add(clock.now + (strike.delayMs ?? 3_000), () => call.call({ ...context, strike: null }));
    return refusedWith("EGeneral:Internal error");
  }
}

function replyOf(result: KrakenResult): WireReply {
  const body =
    result.type === "done" ? { error: [], result: result.result } : { error: [result.error] };
  return { status: 200, body: JSON.stringify(body) };
}
