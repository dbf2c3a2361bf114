import { CoinbaseOrders } from "./coinbase-orders.ts";
import { CoinbaseSession } from "./coinbase-session.ts";
import type { Link } from "./connection.ts";
import {
  type PrivateProtocol,
  type PrivateSink,
  type PrivateStream,
  type PrivateStreamOptions,
  ProtocolStream,
} from "./private-stream.ts";
import { flawed, timeOf, WireFlaw } from "./wire-message.ts";

export interface CoinbasePrivateStreamOptions extends PrivateStreamOptions {
  /** A JWT signed now; asked for with each subscription. */
  readonly jwt: () => string;
}

class CoinbasePrivateProtocol implements PrivateProtocol {
  /** Heartbeats come every second. */
  readonly ping = null;
  readonly #orders: CoinbaseOrders;
  readonly #session: CoinbaseSession;

  constructor(
    private readonly sink: PrivateSink,
    jwt: () => string,
  ) {
    this.#orders = new CoinbaseOrders(sink);
    this.#session = new CoinbaseSession(
      // Without products the channel tells of all of them, foreign orders included.
      { jwt, channels: ["user"], products: [] },
      () => sink.counters,
      (cause) => sink.gap(cause),
    );
  }

  opened(link: Link): void {
    this.#session.opened(link);
  }

  received(text: string, link: Link): void {
    try {
      const message = this.#session.read(text, link);
      if (message === null || message.channel !== "user") return;
      const at = timeOf(message.fields, "timestamp");
      for (const { orders } of message.events) {
        // An empty list may be left out: a snapshot without orders is no damage.
        const entries = orders ?? [];
        if (!Array.isArray(entries)) throw flawed("orders", orders, "a list");
        this.#orders.read(entries, at);
      }
    } catch (error) {
      if (!(error instanceof WireFlaw)) throw error;
      this.sink.malformed(error.message);
      // What it told is lost: the snapshot of a new connection says where things stand.
      link.fail(`message ${error.message}`);
    }
  }
}

/**
 * Coinbase Advanced's private stream: the `user` channel, kept open by `heartbeats`. It has no
 * trades: `fillsWanted` says when to read them by REST. Own, because venue libraries never check
 * `sequence_num` (VENUES.md, part 2, "Streams"). Source: Coinbase's documentation of the Advanced
 * Trade WebSocket. Errors never throw: they are events.
 */
export function coinbasePrivateStream(options: CoinbasePrivateStreamOptions): PrivateStream {
  return new ProtocolStream(options, (sink) => new CoinbasePrivateProtocol(sink, options.jwt));
}
