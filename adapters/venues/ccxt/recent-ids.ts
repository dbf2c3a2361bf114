/** What was sent under a client id, as far as this process knows. */
export interface SentOrder {
  readonly symbol: string;
  /** Unix milliseconds; 0 where the order was found, not sent. */
  readonly sentAt: number;
  readonly venueOrderId: string | null;
}

const limit = 20_000;

/**
 * Which client id belongs to which order at the venue: some list fills without it. A cache over
 * what the venue can be asked again; the oldest are forgotten.
 */
export class RecentIds {
  readonly #byClientId = new Map<string, SentOrder>();
  readonly #clientIds = new Map<string, string>();

  sent(clientOrderId: string, symbol: string, sentAt: number): void {
    this.#put(clientOrderId, { symbol, sentAt, venueOrderId: null });
  }

  known(clientOrderId: string | null, symbol: string, venueOrderId: string): void {
    if (clientOrderId === null) return;
    const sentAt = this.#byClientId.get(clientOrderId)?.sentAt ?? 0;
    this.#put(clientOrderId, { symbol, sentAt, venueOrderId });
    put(this.#clientIds, venueOrderId, clientOrderId);
  }

  get(clientOrderId: string): SentOrder | null {
    return this.#byClientId.get(clientOrderId) ?? null;
  }

  clientIdOf(venueOrderId: string): string | null {
    return this.#clientIds.get(venueOrderId) ?? null;
  }

  #put(clientOrderId: string, order: SentOrder): void {
    put(this.#byClientId, clientOrderId, order);
  }
}

function put<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  const oldest = map.keys().next();
  if (map.size > limit && !oldest.done) map.delete(oldest.value);
}
