/** Clients that the tests point at the venue: ccxt as it comes, and bare sockets. */
import { connect } from "node:net";
import ccxt from "ccxt";
import { type Rehearsal, type RehearsalOptions, startRehearsal } from "./mod.ts";

/** A venue in lockstep whose market stands still until it is told. */
export function still(options: Partial<RehearsalOptions> = {}): Promise<Rehearsal> {
  return startRehearsal({ venue: "kraken", speed: "lockstep", ...options });
}

/** An unmodified ccxt, pointed at the venue. */
export function ccxtAt({ url, apiKey, secret }: Rehearsal) {
  const ws = url.replace("http", "ws");
  const streams = { public: ws, private: ws, publicV2: `${ws}/v2`, privateV2: `${ws}/auth/v2` };
  const client = new ccxt.pro.kraken({ apiKey, secret, enableRateLimit: false });
  client.urls.api = { public: url, private: url, ws: streams };
  client.httpAgent = {};
  // Its own nonce is the millisecond clock, of which two calls on loopback can see the same.
  client.nonce = () => Number(nextNonce());
  return client;
}

let lastNonce = 0;

/** A nonce above all that this process has used. */
export function nextNonce(): string {
  lastNonce = Math.max(lastNonce + 1, Date.now() * 1_000);
  return String(lastNonce);
}

export type Fields = Readonly<Record<string, string>>;

/** A private call, signed as docs.kraken.com says: written without the venue's own code. */
export function signed(
  { apiKey, secret }: Pick<Rehearsal, "apiKey" | "secret">,
  name: string,
  fields: Fields = {},
) {
  const nonce = fields.nonce ?? nextNonce();
  const body = new URLSearchParams({ ...fields, nonce }).toString();
  const path = `/0/private/${name}`;
  const inner = new Bun.CryptoHasher("sha256").update(nonce + body).digest();
  const sign = new Bun.CryptoHasher("sha512", Buffer.from(secret, "base64"))
    .update(path)
    .update(inner)
    .digest("base64");
  const headers = {
    "API-Key": apiKey,
    "API-Sign": sign,
    "Content-Type": "application/x-www-form-urlencoded",
  };
  return { path, headers, body };
}

export interface KrakenReply {
  readonly error: readonly string[];
  readonly result: Record<string, unknown>;
}

/** A private call by fetch; the reply as it is. */
export async function call(venue: Rehearsal, name: string, fields: Fields = {}) {
  const { path, headers, body } = signed(venue, name, fields);
  const response = await fetch(venue.url + path, { method: "POST", headers, body });
  return (await response.json()) as KrakenReply;
}

export async function publicCall(venue: Rehearsal, name: string, query = "") {
  return (await (await fetch(`${venue.url}/0/public/${name}${query}`)).json()) as KrakenReply;
}

/** What comes back on a bare TCP socket. */
export interface RawAnswer {
  /** How the connection stands when there is nothing to wait for any more. */
  readonly end: "whole" | "reset" | "ended" | "open";
  readonly status: number | null;
  readonly body: string;
}

/** Posts by a bare socket, and watches it. */
export class RawPost {
  #bytes = "";
  #end: RawAnswer["end"] = "open";
  readonly #settled: Promise<void>;
  readonly #close: () => void;

  constructor(
    venue: Rehearsal,
    { path, headers, body }: Omit<ReturnType<typeof signed>, "headers"> & { headers: Fields },
  ) {
    const { port } = new URL(venue.url);
    const lines = Object.entries({ Host: "venue", ...headers, "Content-Length": `${body.length}` });
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    const socket = connect(Number(port), "127.0.0.1", () => {
      socket.write(`POST ${path} HTTP/1.1\r\n${head}\r\n${body}`);
    });
    this.#close = () => socket.destroy();
    this.#settled = new Promise((resolve) => {
      const settle = (end: RawAnswer["end"]) => {
        if (this.#end === "open") this.#end = end;
        resolve();
      };
      socket.on("data", (bytes) => {
        this.#bytes += bytes.toString();
        if (this.#isWhole) settle("whole");
      });
      socket.on("error", () => settle("reset"));
      socket.on("end", () => settle("ended"));
    });
  }

  /** Once the answer is whole or the connection ended. */
  async settled(): Promise<RawAnswer> {
    await this.#settled;
    this.#close();
    return this.now;
  }

  /** As it stands now. */
  get now(): RawAnswer {
    const [head = "", ...rest] = this.#bytes.split("\r\n\r\n");
    const status = /^HTTP\/1\.1 (\d+)/.exec(head)?.[1];
    return {
      end: this.#end,
      status: status === undefined ? null : Number(status),
      body: rest.join("\r\n\r\n"),
    };
  }

  close(): void {
    this.#close();
  }

  get #isWhole(): boolean {
    const [head = "", body] = this.#bytes.split("\r\n\r\n");
    const length = /content-length: (\d+)/i.exec(head)?.[1];
    return body !== undefined && length !== undefined && body.length >= Number(length);
  }
}

export type StreamMessage = Readonly<Record<string, unknown>>;

/** A plain WebSocket client that keeps all it hears. */
export class StreamListener {
  readonly messages: StreamMessage[] = [];
  readonly texts: string[] = [];
  /** The close code, once closed. */
  closed: number | null = null;
  readonly #socket: WebSocket;
  #wake: () => void = () => {};
  #requests = 0;

  private constructor(url: string) {
    this.#socket = new WebSocket(url);
    this.#socket.onmessage = ({ data }) => {
      this.texts.push(String(data));
      this.messages.push(JSON.parse(String(data)));
      this.#wake();
    };
    this.#socket.onclose = ({ code }) => {
      this.closed = code;
      this.#wake();
    };
  }

  /** Opened; the venue's status has come. */
  static async open(venue: Rehearsal, path: "/v2" | "/auth/v2"): Promise<StreamListener> {
    const listener = new StreamListener(venue.url.replace("http", "ws") + path);
    await listener.until(() => listener.messages.length > 0);
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

  /** Sends a request and waits for its answer. */
  async ask(method: string, params?: object): Promise<StreamMessage> {
    const req_id = this.send(method, params);
    await this.until(() => this.#answerTo(req_id) !== undefined);
    return this.#answerTo(req_id) ?? {};
  }

  /** Sends a request; its number. */
  send(method: string, params?: object): number {
    this.#requests += 1;
    this.#socket.send(JSON.stringify({ method, params, req_id: this.#requests }));
    return this.#requests;
  }

  /** Sends what is no request. */
  sendText(text: string): void {
    this.#socket.send(text);
  }

  of(channel: string): StreamMessage[] {
    return this.messages.filter((message) => message.channel === channel);
  }

  close(): void {
    this.#socket.close();
  }

  #answerTo(req_id: number): StreamMessage | undefined {
    return this.messages.find((message) => message.req_id === req_id);
  }
}

/** A private stream, subscribed. */
export async function ownStream(venue: Rehearsal, ...channels: string[]): Promise<StreamListener> {
  const { result } = await call(venue, "GetWebSocketsToken");
  const stream = await StreamListener.open(venue, "/auth/v2");
  for (const channel of channels) {
    await stream.ask("subscribe", { channel, token: result.token });
  }
  return stream;
}
