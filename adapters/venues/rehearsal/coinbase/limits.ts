/** Requests a second: private ones of a key, public ones of an address. Source: "Rate Limits". */
const rates = { private: 30, public: 10 } as const;

/** Counts requests; a second's worth may come at once. Times are venue time. */
export class RateLimits {
  isCounting: boolean;
  readonly #buckets = new Map<string, { left: number; at: number }>();

  constructor(isCounting: boolean) {
    this.isCounting = isCounting;
  }

  /** Whether another request of a key, or of the one address there is, is still allowed. */
  take(kind: keyof typeof rates, key: string, now: number): boolean {
    if (!this.isCounting) return true;
    const rate = rates[kind];
    const bucket = this.#buckets.get(`${kind}/${key}`) ?? { left: rate, at: now };
    const left = Math.min(rate, bucket.left + ((now - bucket.at) / 1_000) * rate);
    const isAllowed = left >= 1;
    this.#buckets.set(`${kind}/${key}`, { left: isAllowed ? left - 1 : left, at: now });
    return isAllowed;
  }
}
