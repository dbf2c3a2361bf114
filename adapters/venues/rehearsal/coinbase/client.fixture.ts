/** Clients that the tests point at the venue: ccxt as it comes, and bare requests and sockets. */
import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import ccxt from "ccxt";
import type { Credentials } from "../mod.ts";
import { type Rehearsal, type RehearsalOptions, startRehearsal } from "../mod.ts";

export const symbol = "BTC/USD";
export const productId = "BTC-USD";

/** A venue in lockstep whose market stands still until it is told. */
export function still(options: Partial<RehearsalOptions> = {}): Promise<Rehearsal> {
  return startRehearsal({ venue: "coinbase", speed: "lockstep", ...options });
}

/** An unmodified ccxt, pointed at the venue. */
export function ccxtAt({ url, apiKey, secret }: Pick<Rehearsal, "url"> & Credentials) {
  const client = new ccxt.pro.coinbase({
    apiKey,
    // It wants the ends of lines as they are.
    secret: secret.replaceAll("\\n", "\n"),
    enableRateLimit: false,
  });
  client.urls.api = { rest: url, ws: url.replace("http", "ws") };
  client.httpAgent = {};
  return client;
}

export type Claims = Readonly<Record<string, unknown>>;

function keyOf(secret: string): { key: KeyObject; alg: "ES256" | "EdDSA" } {
  if (secret.startsWith("-----")) {
    return { key: createPrivateKey(secret.replaceAll("\\n", "\n")), alg: "ES256" };
  }
  const bytes = Buffer.from(secret, "base64");
  const d = bytes.subarray(0, 32).toString("base64url");
  const x = bytes.subarray(32).toString("base64url");
  const jwk = { kty: "OKP", crv: "Ed25519", d, x };
  return { key: createPrivateKey({ key: jwk, format: "jwk" }), alg: "EdDSA" };
}

/** A JWT as docs.cdp.coinbase.com says to make one: written without the venue's own code. */
export function jwt(
  { apiKey, secret }: Credentials,
  claims: Claims = {},
  header: Claims = {},
): string {
  const { key, alg } = keyOf(secret);
  const now = Math.floor(Date.now() / 1_000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const head = part({ alg, typ: "JWT", kid: apiKey, nonce: "5e55", ...header });
  const body = part({ sub: apiKey, iss: "cdp", nbf: now, exp: now + 120, ...claims });
  const bytes = Buffer.from(`${head}.${body}`);
  const signature =
    alg === "EdDSA"
      ? sign(null, bytes, key)
      : sign("sha256", bytes, { key, dsaEncoding: "ieee-p1363" });
  return `${head}.${body}.${signature.toString("base64url")}`;
}

/** A request with its token; the path is all that comes after the host. */
export function signed(venue: Rehearsal, method: string, path: string, body?: object) {
  const { host } = new URL(venue.url);
  const uri = `${method} ${host}${path.split("?", 1)[0]}`;
  const headers = {
    Host: host,
    Authorization: `Bearer ${jwt(venue, { uri })}`,
    "Content-Type": "application/json",
  };
  return { path, headers, body: body === undefined ? "" : JSON.stringify(body) };
}

const root = "/api/v3/brokerage";

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = text.startsWith("{");
  return { status: response.status, body: isJson ? JSON.parse(text) : { text } };
}

export async function get(venue: Rehearsal, path: string): Promise<Answer> {
  const { headers } = signed(venue, "GET", root + path);
  return answerOf(await fetch(venue.url + root + path, { headers }));
}

export async function getPublic(venue: Rehearsal, path: string): Promise<Answer> {
  return answerOf(await fetch(venue.url + root + path));
}

export async function post(venue: Rehearsal, path: string, body: object): Promise<Answer> {
  const request = signed(venue, "POST", root + path, body);
  const { headers } = request;
  return answerOf(
    await fetch(venue.url + request.path, { method: "POST", headers, body: request.body }),
  );
}

let orders = 0;

/** A limit order that rests far below; other terms may be given. */
export function limitOrder(terms: object = {}) {
  orders += 1;
  return {
    client_order_id: `client-${orders}`,
    product_id: productId,
    side: "BUY",
    order_configuration: { limit_limit_gtc: { base_size: "0.01", limit_price: "50000" } },
    ...terms,
  };
}

export function marketOrder(side: "BUY" | "SELL", base_size: string) {
  return limitOrder({ side, order_configuration: { market_market_ioc: { base_size } } });
}

/** Places an order; its id. */
export async function place(venue: Rehearsal, order: object = limitOrder()): Promise<string> {
  const { body } = await post(venue, "/orders", order);
  const { order_id } = (body.success_response ?? {}) as { order_id?: string };
  if (order_id === undefined) throw new Error(`Cannot place order: ${JSON.stringify(body)}`);
  return order_id;
}

export async function cancel(venue: Rehearsal, ...order_ids: readonly string[]) {
  const { body } = await post(venue, "/orders/batch_cancel", { order_ids });
  return (body.results ?? []) as { success: boolean; failure_reason: string; order_id: string }[];
}

export interface StreamMessage {
  readonly channel: string;
  readonly type?: string;
  readonly message?: string;
  readonly sequence_num: number;
  readonly events: readonly Record<string, unknown>[];
}

/** A plain WebSocket client that keeps all it hears. */
export class StreamListener {
  readonly messages: StreamMessage[] = [];
  /** The close code and reason, once closed. */
  closed: readonly [code: number, reason: string] | null = null;
  readonly #socket: WebSocket;
  #wake: () => void = () => {};

  private constructor(url: string) {
    this.#socket = new WebSocket(url);
    this.#socket.onopen = () => this.#wake();
    this.#socket.onmessage = ({ data }) => {
      this.messages.push(JSON.parse(String(data)));
      this.#wake();
    };
    this.#socket.onclose = ({ code, reason }) => {
      this.closed = [code, reason];
      this.#wake();
    };
  }

  static async open(venue: Rehearsal, path: "/" | "/user" = "/"): Promise<StreamListener> {
    const listener = new StreamListener(venue.url.replace("http", "ws") + path);
    await listener.until(() => listener.#socket.readyState === WebSocket.OPEN);
    return listener;
  }

  /** Waits until something holds of what was heard. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  send(message: object | string): void {
    this.#socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** Subscribes, and waits for what the venue answers. */
  async subscribe(channel: string, product_ids: readonly string[] = [], terms: object = {}) {
    const before = this.#answers;
    this.send({ type: "subscribe", channel, product_ids, ...terms });
    await this.until(() => this.#answers > before);
  }

  async unsubscribe(channel: string, product_ids: readonly string[] = []): Promise<void> {
    const before = this.#answers;
    this.send({ type: "unsubscribe", channel, product_ids });
    await this.until(() => this.#answers > before);
  }

  of(channel: string): StreamMessage[] {
    return this.messages.filter((message) => message.channel === channel);
  }

  close(): void {
    this.#socket.close();
  }

  get #answers(): number {
    return this.messages.filter(({ channel, type }) => {
      return channel === "subscriptions" || type === "error";
    }).length;
  }
}

/** A stream that is subscribed to the user channel. */
export async function ownStream(venue: Rehearsal): Promise<StreamListener> {
  const stream = await StreamListener.open(venue, "/user");
  await stream.subscribe("user", [], { jwt: jwt(venue) });
  return stream;
}

/** The entries of all events of a channel, in the order in which they came. */
export function entries(stream: StreamListener, channel: string, list: string) {
  return stream
    .of(channel)
    .flatMap(({ events }) => events.flatMap((event) => event[list] as Record<string, unknown>[]));
}
