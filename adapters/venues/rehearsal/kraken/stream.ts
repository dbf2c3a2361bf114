import { rfc3339 } from "../clock.ts";
import type { ExchangeEvent } from "../exchange.ts";
import type { Strike } from "../faults/registry.ts";
import type { StreamClient, StreamSession } from "../wire.ts";
import type { KrakenDesk, KrakenDesks } from "./desks.ts";
import type { ApiKey } from "./keys.ts";
import {
  balanceSnapshot,
  balanceUpdate,
  executionsOf,
  openExecution,
  snapshotTrades,
  tradeExecution,
} from "./stream-account.ts";
import { instrumentMessage, type MarketFeed } from "./stream-market.ts";
import { type Asked, type OrderMethod, orderMethods, textOf } from "./stream-orders.ts";
import { StreamSender } from "./stream-sender.ts";
import { feedKey, feedOf, termsOfFeed } from "./stream-subscriptions.ts";
import type { KrakenTrading } from "./trading.ts";
import { type KrakenResult, type KrakenVenue, refusedWith } from "./venue.ts";

/** Where streams are spoken, on the same port as REST. */
export const streamPaths = { public: "/v2", private: "/auth/v2" } as const;

/** Faults after whose work the connection is reset; other lost answers are just not sent. */
const resetting: ReadonlySet<string> = new Set(["acceptThenReset", "acceptThenCutBody"]);
/** Faults of the venue itself, which answers as ever. */
const answered: ReadonlySet<string> = new Set([
  "partialFill",
  "fillRacesCancel",
  "fillAfterCancel",
]);

/** Begins to speak WebSocket v2 with a client. */
export function openKrakenStream(desks: KrakenDesks, client: StreamClient): StreamSession {
  return new KrakenStream(desks, client);
}

class KrakenStream implements StreamSession {
  readonly #desks: KrakenDesks;
  /** The main one until a token says whose connection it is. */
  #desk: KrakenDesk;
  #account: string | null = null;
  readonly #client: StreamClient;
  readonly #sender: StreamSender;
  readonly #feeds = new Map<string, MarketFeed>();
  readonly #own = new Set<string>();
  #stopListening: () => void;

  constructor(desks: KrakenDesks, client: StreamClient) {
    this.#desks = desks;
    this.#desk = desks.main;
    const { venue } = desks.main;
    this.#client = client;
    this.#sender = new StreamSender(client, venue.faults);
    this.#stopListening = venue.exchange.listen((event) => this.#happened(event));
    const system = { version: "2.0.10", system: venue.status, api_version: "v2" };
    const data = [{ ...system, connection_id: 1_000_000 + Math.floor(performance.now()) }];
    this.#sender.answer({ channel: "status", type: "update", data });
  }

  get #venue(): KrakenVenue {
    return this.#desk.venue;
  }

  get #trading(): KrakenTrading {
    return this.#desk.trading;
  }

  onText(text: string): void {
    this.#venue.exchange.catchUp();
    const asked = messageOf(text);
    if (asked === null) {
      this.#answer({}, refusedWith("Malformed request"));
      return;
    }
    const method = String(asked.method);
    if (method === "ping") this.#answerTimed({ method: "pong", ...requestId(asked) });
    else if (method === "subscribe") this.#subscribe(asked);
    else if (method === "unsubscribe") this.#unsubscribe(asked);
    else this.#order(asked, method, orderMethods[method]);
  }

  onClose(): void {
    this.#stopListening();
    this.#sender.close();
    this.#venue.tokens.release(this);
  }

  onSecond(): void {
    this.#sender.flushHeld();
    const isSubscribed = this.#feeds.size + this.#own.size > 0;
    if (isSubscribed && this.#sender.takeIdle()) this.#sender.answer({ channel: "heartbeat" });
  }

  #happened(event: ExchangeEvent): void {
    const { skewMs } = this.#venue.exchange.clock;
    if (event.type === "market") {
      for (const feed of this.#feeds.values()) {
        if (feed.symbol !== event.symbol) continue;
        const message = feed.update(event.trade);
        if (message !== null) this.#sender.send(feed.channel, message);
      }
    } else if (event.type === "ledger") {
      if (!this.#own.has("balances")) return;
      this.#sender.send("balances", { type: "update", data: balanceUpdate(event.entry, skewMs) });
    } else if (this.#own.has("executions")) {
      for (const execution of executionsOf(event, skewMs)) {
        this.#sender.send("executions", { type: "update", data: [execution] });
      }
    }
  }

  #subscribe(asked: Asked): void {
    const params = (asked.params ?? {}) as Asked;
    const channel = String(params.channel);
    const isPrivate = channel === "executions" || channel === "balances";
    if (isPrivate !== (this.#client.path === streamPaths.private)) {
      this.#answer(asked, refusedWith("EGeneral:Invalid arguments:channel"));
    } else if (isPrivate) this.#subscribeOwn(asked, params, channel);
    else if (channel === "instrument") {
      const result = { channel, snapshot: true };
      this.#answer(asked, { type: "done", result });
      this.#sender.send(channel, instrumentMessage(this.#venue));
    } else {
      const symbols = Array.isArray(params.symbol) ? params.symbol : [];
      if (symbols.length === 0) {
        this.#answer(asked, refusedWith("EGeneral:Invalid arguments:symbol"));
      }
      for (const symbol of symbols) this.#subscribeMarket(asked, params, channel, String(symbol));
    }
  }

  #subscribeMarket(asked: Asked, params: Asked, channel: string, symbol: string): void {
    const venue = this.#venue;
    const pair = venue.pairs.inStream(symbol);
    if (pair === null) {
      this.#answer(asked, refusedWith(`Currency pair not supported ${symbol}`), { symbol });
      return;
    }
    const market = venue.exchange.market(symbol);
    const feed = feedOf(channel, params, { venue, pair, market });
    if ("error" in feed) {
      this.#answer(asked, feed, { symbol });
      return;
    }
    const key = feedKey(channel, symbol, params);
    if (this.#feeds.has(key)) {
      this.#answer(asked, refusedWith("Already subscribed"), { symbol });
      return;
    }
    this.#feeds.set(key, feed);
    // Trades come without a snapshot unless it is asked for.
    const snapshot = channel === "trade" ? params.snapshot === true : params.snapshot !== false;
    const terms = termsOfFeed(channel, params);
    this.#answer(asked, { type: "done", result: { channel, symbol, snapshot, ...terms } });
    // Taken in any case: what a book's updates start from.
    const message = feed.snapshot();
    if (snapshot && message !== null) this.#sender.send(channel, message);
  }

  /** Whose token it is: a connection is one account's, from its first token on. */
  #keyOf(params: Asked): ApiKey | null {
    const { tokens, exchange } = this.#venue;
    const key = tokens.use(textOf(params.token) ?? "", this, exchange.clock.now);
    if (key === null) return null;
    if (this.#account === null) {
      this.#account = key.account;
      this.#desk = this.#desks.of(key.account);
      this.#stopListening();
      this.#stopListening = this.#venue.exchange.listen((event) => this.#happened(event));
    }
    return key.account === this.#account ? key : null;
  }

  #subscribeOwn(asked: Asked, params: Asked, channel: string): void {
    const key = this.#keyOf(params);
    const venue = this.#venue;
    const { clock, account } = venue.exchange;
    if (key === null) {
      this.#answer(asked, refusedWith("ESession:Invalid session"));
      return;
    }
    if (this.#own.has(channel)) {
      this.#answer(asked, refusedWith("Already subscribed"));
      return;
    }
    this.#own.add(channel);
    this.#sender.restart(channel);
    if (channel === "balances") {
      const snapshot = params.snapshot !== false;
      this.#answer(asked, { type: "done", result: { channel, snapshot } });
      if (!snapshot) return;
      const data = balanceSnapshot(venue.exchange.balances());
      this.#sender.send(channel, { type: "snapshot", data });
      return;
    }
    const [orders, trades] = [params.snap_orders !== false, params.snap_trades === true];
    const maxratecount = venue.limits.engineLimit;
    const result = { channel, maxratecount, snap_orders: orders, snap_trades: trades };
    this.#answer(asked, { type: "done", result });
    const open = this.#trading.living().map((order) => openExecution(order, clock.skewMs));
    const made = account.trades
      .slice(-snapshotTrades)
      .map((trade) => tradeExecution(trade, clock.skewMs));
    const data = [...(orders ? open : []), ...(trades ? made : [])];
    if (orders || trades) this.#sender.send(channel, { type: "snapshot", data });
  }

  #unsubscribe(asked: Asked): void {
    const params = (asked.params ?? {}) as Asked;
    const channel = String(params.channel);
    if (this.#own.delete(channel)) {
      this.#answer(asked, { type: "done", result: { channel } });
      return;
    }
    for (const symbol of Array.isArray(params.symbol) ? params.symbol : []) {
      const wasThere = this.#feeds.delete(feedKey(channel, String(symbol), params));
      const result: KrakenResult = wasThere
        ? { type: "done", result: { channel, symbol } }
        : refusedWith("Subscription Not Found");
      this.#answer(asked, result, { symbol });
    }
  }

  #order(asked: Asked, name: string, method: OrderMethod | undefined): void {
    const params = (asked.params ?? {}) as Asked;
    const problem = this.#orderProblem(params, method);
    const venue = this.#venue;
    if (problem !== null || method === undefined) {
      this.#answer(asked, refusedWith(problem ?? "EGeneral:Unknown method"));
      return;
    }
    const strike = venue.faults.next(method.scope, name);
    const run = (befallen: Strike | null) =>
      method.call({ venue, trading: this.#trading, params, strike: befallen });
    if (strike === null || answered.has(strike.name)) {
      for (const result of run(strike)) this.#answer(asked, result);
    } else if (strike.name === "acceptLate") {
      const { clock, tasks } = venue.exchange;
      tasks.add(clock.now + (strike.delayMs ?? 3_000), () => run(null));
      this.#client.reset();
    } else if (strike.accepts) this.#doneUnheard(asked, strike, run(strike));
    else this.#notDone(asked, strike);
  }

  /** Why a client may not do this here, in Kraken's words. */
  #orderProblem(params: Asked, method: OrderMethod | undefined): string | null {
    const { status } = this.#venue;
    if (method === undefined || this.#client.path !== streamPaths.private) {
      return "EGeneral:Unknown method";
    }
    const key = this.#keyOf(params);
    if (key === null) return "ESession:Invalid session";
    const isAllowed = method.needs.some((each) => key.permissions.includes(each));
    if (!isAllowed) return "EGeneral:Permission denied";
    return status === "maintenance" ? "EService:Unavailable" : null;
  }

  /** It was done, and a fault keeps the client from hearing so, or from hearing it soon. */
  #doneUnheard(asked: Asked, { name, delayMs }: Strike, results: readonly KrakenResult[]): void {
    if (resetting.has(name)) this.#client.reset();
    if (name !== "slow") return;
    setTimeout(() => {
      for (const result of results) this.#answer(asked, result);
    }, delayMs ?? 1_000);
  }

  /** A fault kept it from being done: the connection ends, nothing comes, or an error does. */
  #notDone(asked: Asked, { name, text, status }: Strike): void {
    if (name === "dropBeforeAcceptance" || name === "acceptThenReset") this.#client.reset();
    else if (name === "refuse") this.#answer(asked, refusedWith(text ?? "EOrder:Invalid order"));
    else if (name === "maintenance") this.#answer(asked, refusedWith("EService:Unavailable"));
    else if (name === "tooManyRequests" || name === "banned") {
      this.#answer(asked, refusedWith("EOrder:Rate limit exceeded"));
    } else if (status !== null || name === "invalidNonce") {
      this.#answer(asked, refusedWith("EGeneral:Internal error"));
    }
  }

  #answer(asked: Asked, result: KrakenResult, beside: object = {}): void {
    this.#answerTimed({
      ...(asked.method === undefined ? {} : { method: asked.method }),
      ...requestId(asked),
      ...(result.type === "done"
        ? { result: result.result, success: true }
        : { error: result.error, success: false, ...beside }),
    });
  }

  #answerTimed(message: object): void {
    const told = rfc3339(this.#venue.exchange.clock.told);
    this.#sender.answer({ ...message, time_in: told, time_out: told });
  }
}

function messageOf(text: string): Asked | null {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === "object" && read !== null && !Array.isArray(read) ? { ...read } : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function requestId({ req_id }: Asked): object {
  return req_id === undefined ? {} : { req_id };
}
