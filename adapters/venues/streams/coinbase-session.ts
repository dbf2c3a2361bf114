import type { ConnectionCounters, Link } from "./connection.ts";
import {
  type Fields,
  flawed,
  isFields,
  listOf,
  readWireMessage,
  textIn,
  textOf,
  wholeOf,
} from "./wire-message.ts";

export interface CoinbaseSessionOptions {
  /** A JWT for a subscription, good for 120 s; null where the channels are public. */
  readonly jwt: (() => string) | null;
  /** Channels by the name they are subscribed by; `heartbeats` is added, or they would close. */
  readonly channels: readonly string[];
  readonly products: readonly string[];
}

/** What both kinds of Coinbase stream have in common with one message. */
export interface CoinbaseMessage {
  readonly channel: string;
  readonly events: readonly Fields[];
  readonly fields: Fields;
}

/**
 * Coinbase's WebSocket on one connection: subscribes, waits for every subscription's confirmation,
 * and checks `sequence_num`, which counts all messages of a connection, whatever their channel.
 */
export class CoinbaseSession {
  readonly #channels: readonly string[];
  readonly #waiting = new Set<string>();
  #next: number | null = null;

  constructor(
    private readonly options: CoinbaseSessionOptions,
    private readonly counters: () => ConnectionCounters,
    private readonly gap: (cause: string) => void,
  ) {
    this.#channels = ["heartbeats", ...options.channels];
  }

  /** At once: the venue drops who has not subscribed within 5 s. */
  opened(link: Link): void {
    this.#next = null;
    this.#waiting.clear();
    for (const channel of this.#channels) this.#waiting.add(channel);
    for (const channel of this.#channels) link.send(this.request("subscribe", channel));
  }

  request(
    type: "subscribe" | "unsubscribe",
    channel: string,
    products?: readonly string[],
  ): string {
    const { jwt } = this.options;
    const ids = products ?? this.options.products;
    return JSON.stringify({
      type,
      channel,
      ...(ids.length > 0 && channel !== "heartbeats" ? { product_ids: ids } : {}),
      ...(jwt ? { jwt: jwt() } : {}),
    });
  }

  /**
   * Reads a message; null for one that is the session's own affair, is a repeat, or told of a gap.
   *
   * @throws {WireFlaw} if it cannot be read.
   */
  read(text: string, link: Link): CoinbaseMessage | null {
    const fields = readWireMessage(text);
    if (fields.type === "error") {
      const reason = textIn(fields, "message") ?? textIn(fields, "reason") ?? "no reason";
      link.fail(`subscription refused: "${reason.slice(0, 200)}"`);
      return null;
    }
    const channel = textOf(fields, "channel");
    if (!this.#isNext(wholeOf(fields, "sequence_num"), channel, link)) return null;
    if (channel === "heartbeats") return null;
    const events = listOf(fields, "events");
    if (channel !== "subscriptions") return { channel, events, fields };
    for (const { subscriptions } of events) this.#confirm(subscriptions, link);
    return null;
  }

  #confirm(subscriptions: unknown, link: Link): void {
    if (!isFields(subscriptions)) throw flawed("subscriptions", subscriptions, "an object");
    for (const channel of Object.keys(subscriptions)) this.#waiting.delete(channel);
    if (this.#waiting.size === 0) link.ready();
  }

  #isNext(sequence: number, channel: string, link: Link): boolean {
    const expected = this.#next ?? sequence;
    if (sequence < expected) {
      this.counters().dropped += 1;
      return false;
    }
    this.#next = sequence + 1;
    if (sequence === expected) return true;
    const cause = `${channel} came with sequence ${sequence}, wanted ${expected}`;
    this.gap(cause);
    link.fail(cause);
    return false;
  }
}
