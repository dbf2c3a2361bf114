import type { OrderVersion } from "../account.ts";
import type { ExchangeEvent } from "../exchange.ts";
import type { PublicTrade } from "../market/candle-series.ts";
import type { StreamClient, StreamSession } from "../wire.ts";
import type { CoinbaseDesk, CoinbaseDesks } from "./desks.ts";
import { userIdOf, userOrderJson } from "./order-json.ts";
import { type Fields, isFields, textIn } from "./reply.ts";
import { type MarketFeed, marketChannels, statusEvent } from "./stream-market.ts";
import { StreamSender } from "./stream-sender.ts";
import type { CoinbaseTrading } from "./trading.ts";
import { type CoinbaseVenue, isLiving } from "./venue.ts";

/**
 * Where streams are spoken, on the same port as REST. The real venue has two hosts, each at its
 * root; here the second one is at `/user`, so that the two can be told apart, and each speaks all
 * channels.
 */
export const streamPaths = { market: "/", user: "/user" } as const;

/** Who has not subscribed by then is cut off: "websocket overview". */
const subscribeMs = 5_000;
/** "Most channels close within 60-90 seconds if no updates are sent." */
const [idleLeastMs, idleSpreadMs] = [60_000, 30_000];
/** Open orders of one message of the user channel's snapshot. */
const ordersInMessage = 50;
/** How often a batch of tickers and the products' status are told, seconds. */
const batchSeconds = 5;

/** Begins to speak with a client. */
export function openCoinbaseStream(desks: CoinbaseDesks, client: StreamClient): StreamSession {
  return new CoinbaseStream(desks, client);
}

class CoinbaseStream implements StreamSession {
  readonly #desks: CoinbaseDesks;
  /** The main one until a token says whose connection it is. */
  #desk: CoinbaseDesk;
  #account: string | null = null;
  readonly #sender: StreamSender;
  readonly #client: StreamClient;
  #stopListening: () => void;
  /** By channel: its feeds by product. */
  readonly #feeds = new Map<string, Map<string, MarketFeed>>();
  /** By channel, those that are not of the market: the products asked for, none for all. */
  readonly #others = new Map<string, Set<string>>();
  /** How far into the time that idle connections are given this one gets, 0 to 1. */
  readonly #patience: number;
  #timer: ReturnType<typeof setTimeout>;
  #beats = 0;
  #seconds = 0;

  constructor(desks: CoinbaseDesks, client: StreamClient) {
    this.#desks = desks;
    this.#desk = desks.main;
    const { venue } = desks.main;
    this.#client = client;
    this.#sender = new StreamSender(venue, client);
    this.#patience = Math.random();
    this.#stopListening = venue.exchange.listen((event) => this.#happened(event));
    this.#timer = this.#closeAfter(subscribeMs, "no subscription");
  }

  get #venue(): CoinbaseVenue {
    return this.#desk.venue;
  }

  get #trading(): CoinbaseTrading {
    return this.#desk.trading;
  }

  onText(text: string): void {
    this.#venue.exchange.catchUp();
    const asked = messageOf(text);
    if (asked === null) this.#sender.refuse("malformed request");
    else if (asked.type === "subscribe") this.#subscribe(asked);
    else if (asked.type === "unsubscribe") this.#unsubscribe(asked);
    else this.#sender.refuse(`type ${asked.type} is invalid`);
  }

  onClose(): void {
    clearTimeout(this.#timer);
    this.#stopListening();
    this.#sender.close();
  }

  onSecond(): void {
    this.#sender.flushHeld();
    this.#seconds += 1;
    if (this.#others.has("heartbeats")) this.#beat();
    if (this.#seconds % batchSeconds !== 0) return;
    for (const feed of this.#feeds.get("ticker_batch")?.values() ?? []) {
      const snapshot = feed.snapshot();
      if (snapshot !== null) this.#tell("ticker_batch", { ...snapshot, type: "update" });
    }
    const ids = this.#others.get("status");
    if (ids !== undefined) this.#tell("status", statusEvent(this.#venue, [...ids]));
  }

  #beat(): void {
    const at = new Date(this.#venue.exchange.clock.told).toISOString();
    const current_time = `${at.replace("T", " ").replace("Z", "")}000000+00:00`;
    this.#beats += 1;
    this.#sender.answer("heartbeats", [{ current_time, heartbeat_counter: this.#beats }]);
  }

  #happened(event: ExchangeEvent): void {
    if (event.type === "market") this.#moved(event.symbol, event.trade);
    else if (event.type !== "ledger" && this.#others.has("user")) {
      // An order that a trade ended is told once, by its end.
      if (event.type !== "trade" || isLiving(event.order)) this.#tellOrder(event.order);
    }
  }

  #moved(symbol: string, trade: PublicTrade | null): void {
    const { id } = this.#venue.products.of(symbol);
    for (const [channel, feeds] of this.#feeds) {
      const update = feeds.get(id)?.update(trade) ?? null;
      if (update !== null) this.#tell(marketChannels[channel]?.told ?? channel, update);
    }
  }

  #tellOrder(order: OrderVersion): void {
    const ids = this.#others.get("user");
    const told = userOrderJson(this.#venue, this.#trading, order);
    if (ids === undefined || (ids.size > 0 && !ids.has(told.product_id))) return;
    this.#tell("user", { type: "update", orders: [told] });
  }

  #tell(channel: string, event: object): void {
    this.#stir();
    this.#sender.send(channel, [event]);
  }

  #subscribe(asked: Fields): void {
    const channel = textIn(asked, "channel") ?? "";
    const ids = idsIn(asked);
    const refusal = this.#refusal(asked, channel, ids);
    if (refusal !== null) {
      this.#sender.refuse(refusal);
      return;
    }
    if (channel in marketChannels) this.#subscribeMarket(channel, ids);
    else {
      this.#others.set(channel, new Set([...(this.#others.get(channel) ?? []), ...ids]));
      if (channel === "user") this.#tellOpenOrders();
      if (channel === "status") this.#tell(channel, statusEvent(this.#venue, ids));
    }
    this.#stir();
    this.#confirm();
  }

  /** Why a client may not have a channel, in Coinbase's words as far as they are known. */
  #refusal(asked: Fields, channel: string, ids: readonly string[]): string | null {
    const isMarket = channel in marketChannels;
    if (!(isMarket || ["heartbeats", "status", "user"].includes(channel))) {
      return `channel ${channel} is invalid`;
    }
    const jwt = textIn(asked, "jwt");
    const isKnown = jwt !== null && this.#isOwn(jwt);
    // A token that is not good is refused even where none is needed.
    if (!isKnown && (channel === "user" || jwt !== null)) return "authentication failure";
    const unknown = ids.find((id) => this.#venue.products.find(id) === null);
    if (unknown !== undefined) return `ProductID ${unknown} is invalid`;
    return isMarket && ids.length === 0 ? "product_ids are required" : null;
  }

  /** Whether a token is good here: a connection is one account's, from its first token on. */
  #isOwn(jwt: string): boolean {
    const account = this.#venue.keys.authenticate(jwt, null)?.key.account;
    if (account === undefined) return false;
    if (this.#account === null) {
      this.#account = account;
      this.#desk = this.#desks.of(account);
      this.#stopListening();
      this.#stopListening = this.#venue.exchange.listen((event) => this.#happened(event));
    }
    return account === this.#account;
  }

  /** The whole market as it stands comes before the subscription is confirmed. */
  #subscribeMarket(channel: string, ids: readonly string[]): void {
    const { told, feedOf } = marketChannels[channel] ?? {};
    const feeds = this.#feeds.get(channel) ?? new Map<string, MarketFeed>();
    this.#feeds.set(channel, feeds);
    for (const id of ids) {
      const product = this.#venue.products.find(id);
      if (product === null || feedOf === undefined || told === undefined) continue;
      const feed = feeds.get(id) ?? feedOf(this.#venue, product);
      feeds.set(id, feed);
      const snapshot = feed.snapshot();
      if (snapshot !== null) this.#tell(told, snapshot);
    }
  }

  #tellOpenOrders(): void {
    const ids = this.#others.get("user") ?? new Set();
    const open = this.#venue.exchange.account
      .living()
      .map((order) => userOrderJson(this.#venue, this.#trading, order))
      .filter((told) => ids.size === 0 || ids.has(told.product_id));
    // An account without orders is told to be one.
    for (let start = 0; start === 0 || start < open.length; start += ordersInMessage) {
      const orders = open.slice(start, start + ordersInMessage);
      this.#tell("user", { type: "snapshot", orders });
    }
  }

  /** Without products, a whole channel ends. */
  #unsubscribe(asked: Fields): void {
    const channel = textIn(asked, "channel") ?? "";
    const ids = idsIn(asked);
    const named = this.#feeds.get(channel) ?? this.#others.get(channel);
    for (const id of ids) named?.delete(id);
    if (ids.length === 0 || named?.size === 0) {
      this.#feeds.delete(channel);
      this.#others.delete(channel);
    }
    this.#stir();
    this.#confirm();
  }

  /** What the client is subscribed to now. */
  #confirm(): void {
    const subscriptions: Record<string, readonly string[]> = {};
    for (const [channel, feeds] of this.#feeds) subscriptions[channel] = [...feeds.keys()];
    for (const [channel, ids] of this.#others) {
      subscriptions[channel] = ids.size > 0 ? [...ids] : [this.#wholeOf(channel)];
    }
    this.#sender.answer("subscriptions", [{ subscriptions }]);
  }

  #wholeOf(channel: string): string {
    return channel === "user" ? userIdOf(this.#venue.seed) : channel;
  }

  /** Something was said: the connection is good for a while again. */
  #stir(): void {
    clearTimeout(this.#timer);
    // The beats, once a second, keep it open for good.
    if (this.#others.has("heartbeats")) return;
    const drawn = idleLeastMs + idleSpreadMs * this.#patience;
    this.#timer = this.#closeAfter(drawn, "no updates");
  }

  #closeAfter(ms: number, reason: string): ReturnType<typeof setTimeout> {
    return setTimeout(() => this.#client.close(1000, reason), ms / this.#venue.streamHaste);
  }
}

function idsIn(asked: Fields): readonly string[] {
  return Array.isArray(asked.product_ids) ? asked.product_ids.map(String) : [];
}

function messageOf(text: string): Fields | null {
  try {
    const read: unknown = JSON.parse(text);
    return isFields(read) ? read : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
