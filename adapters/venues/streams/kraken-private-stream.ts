import type { Link } from "./connection.ts";
import { KrakenExecutions } from "./kraken-executions.ts";
import {
  type PrivateProtocol,
  type PrivateSink,
  type PrivateStream,
  type PrivateStreamOptions,
  ProtocolStream,
} from "./private-stream.ts";
import {
  type Fields,
  flawed,
  isFields,
  listOf,
  readWireMessage,
  textIn,
  textOf,
  WireFlaw,
  wholeOf,
} from "./wire-message.ts";

export interface KrakenPrivateStreamOptions extends PrivateStreamOptions {
  /** A fresh token of `GetWebSocketsToken`; asked for once per connection. */
  readonly token: () => Promise<string>;
}

const channels = ["executions", "balances"] as const;
type Channel = (typeof channels)[number];

const isOurs = (channel: unknown): channel is Channel => channels.includes(channel as Channel);

/** Kraken's private WebSocket v2, `executions` and `balances`, with their sequences checked. */
class KrakenPrivateProtocol implements PrivateProtocol {
  readonly #executions: KrakenExecutions;
  readonly #next = new Map<Channel, number>();
  readonly #waiting = new Set<Channel>();
  #requests = 0;

  constructor(
    private readonly sink: PrivateSink,
    private readonly token: () => Promise<string>,
  ) {
    this.#executions = new KrakenExecutions(sink);
  }

  readonly ping = (): string => JSON.stringify({ method: "ping", req_id: this.#request() });

  opened(link: Link): void {
    this.#next.clear();
    this.#waiting.clear();
    for (const channel of channels) this.#waiting.add(channel);
    this.token().then(
      (token) => this.#subscribe(link, token),
      (error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        link.fail(`Cannot get a token: ${reason}`);
      },
    );
  }

  received(text: string, link: Link): void {
    try {
      const message = readWireMessage(text);
      if (message.method !== undefined) this.#answered(message, link);
      else if (isOurs(message.channel)) this.#told(message.channel, message, link);
      else textOf(message, "channel");
    } catch (error) {
      if (!(error instanceof WireFlaw)) throw error;
      this.sink.malformed(error.message);
      // What it told is lost, its number perhaps with it: a new snapshot says where things stand.
      link.fail(`message ${error.message}`);
    }
  }

  #request(): number {
    this.#requests += 1;
    return this.#requests;
  }

  #subscribe(link: Link, token: string): void {
    for (const channel of channels) {
      const snapshot =
        channel === "executions" ? { snap_orders: true, snap_trades: true } : { snapshot: true };
      const params = { channel, token, ...snapshot };
      link.send(JSON.stringify({ method: "subscribe", params, req_id: this.#request() }));
    }
  }

  #answered(message: Fields, link: Link): void {
    if (message.method !== "subscribe") return;
    if (message.success !== true) {
      link.fail(`subscription refused: "${textIn(message, "error") ?? "no reason"}"`);
      return;
    }
    const { result } = message;
    const channel = isFields(result) ? result.channel : undefined;
    if (!isOurs(channel)) throw flawed("result.channel", channel, channels.join(" or "));
    this.#waiting.delete(channel);
    if (this.#waiting.size === 0) link.ready();
  }

  #told(channel: Channel, message: Fields, link: Link): void {
    const entries = message.data;
    if (!Array.isArray(entries)) throw flawed("data", entries, "a list");
    const type = textOf(message, "type");
    if (type !== "snapshot" && type !== "update") throw flawed("type", type, "snapshot or update");
    const sequence = wholeOf(message, "sequence");
    const expected = this.#next.get(channel);
    if (type === "update" && expected !== undefined && sequence !== expected) {
      this.#outOfSequence(channel, entries, { sequence, expected }, link);
      return;
    }
    this.#next.set(channel, sequence + 1);
    if (channel === "balances") this.#balances(message, type);
    else if (type === "snapshot") this.#executions.snapshot(entries);
    else this.#executions.update(entries);
  }

  #outOfSequence(
    channel: Channel,
    entries: readonly unknown[],
    { sequence, expected }: { readonly sequence: number; readonly expected: number },
    link: Link,
  ): void {
    if (sequence < expected) {
      this.sink.counters.dropped += 1;
      return;
    }
    if (channel === "executions") this.#executions.afterGap(entries);
    const cause = `${channel} came with sequence ${sequence}, wanted ${expected}`;
    this.sink.gap(cause);
    link.fail(cause);
  }

  #balances(message: Fields, type: "snapshot" | "update"): void {
    const coins = [...new Set(listOf(message, "data").map((entry) => textOf(entry, "asset")))];
    // A snapshot is no movement, and whoever subscribes reads balances anyway.
    if (type === "update" && coins.length > 0) this.sink.balancesMoved(coins);
  }
}

/**
 * Kraken's private stream. Own, because venue libraries lose the client order id, partial fills,
 * messages that mix kinds, and gaps (VENUES.md, part 2, "Streams"). Source: Kraken's documentation
 * of WebSocket v2, `executions` and `balances`. Errors never throw: they are events.
 */
export function krakenPrivateStream(options: KrakenPrivateStreamOptions): PrivateStream {
  return new ProtocolStream(options, (sink) => new KrakenPrivateProtocol(sink, options.token));
}
