import binanceus from "ccxt/js/src/binanceus.js";
import coinbase from "ccxt/js/src/coinbase.js";
import kraken from "ccxt/js/src/kraken.js";
import type { CcxtVenueId } from "./assumptions.ts";
import { boundedFetch, type SignedRequest } from "./bounded-fetch.ts";
import type { VenueClock } from "./clock.ts";
import { StrictNonce } from "./clock.ts";
import type { VenueKeys } from "./keys.ts";
import { assertListed } from "./whitelist.ts";

export interface HardenedOptions {
  readonly venue: CcxtVenueId;
  /** Null for public data alone. */
  readonly keys: VenueKeys | null;
  /** Base address of the REST side, such as `https://api.kraken.com`; null for the venue's own. */
  readonly restUrl: string | null;
  readonly clock: VenueClock;
  readonly timeoutMs: number;
}

/** A ccxt exchange as far as this adapter uses it: it signs, sends and knows the venue's errors. */
export interface Hardened {
  request(
    path: string,
    api: string | readonly string[],
    method: string,
    parameters: Readonly<Record<string, unknown>>,
  ): Promise<unknown>;
  /** Goes on with nonces so much higher than the last one. */
  raiseNonce(by: number): void;
  /** A token for a stream, signed now, at a venue whose streams take one; else null. */
  streamToken(): string | null;
}

/** What the three subclasses share. */
class Guard {
  readonly #options: HardenedOptions;
  readonly #nonce: StrictNonce;

  constructor(options: HardenedOptions) {
    this.#options = options;
    this.#nonce = new StrictNonce(options.clock);
  }

  nonce(): number {
    return this.#nonce.next();
  }

  raiseNonce(by: number): void {
    this.#nonce.raise(by);
  }

  now(): number {
    return this.#options.clock.now();
  }

  check(path: unknown, api: unknown, method: unknown, parameters: unknown): void {
    const isPrivate = Array.isArray(api) ? api.includes("private") : api !== "public";
    if (!isPrivate) return;
    const given = (parameters ?? {}) as Readonly<Record<string, unknown>>;
    assertListed(this.#options.venue, String(method ?? "GET"), String(path), given);
  }

  fetch(
    exchange: Parameters<typeof boundedFetch>[1],
    url: unknown,
    method: unknown,
    headers: unknown,
    body: unknown,
  ): Promise<unknown> {
    const request: SignedRequest = {
      url: String(url),
      method: String(method ?? "GET"),
      headers: (headers ?? {}) as Readonly<Record<string, string>>,
      body: typeof body === "string" ? body : undefined,
    };
    return boundedFetch(this.#options.venue, exchange, request, this.#options.timeoutMs);
  }
}

type Configuration = NonNullable<ConstructorParameters<typeof kraken>[0]>;

/*
 * One subclass for each venue, all alike: ccxt's classes share no constructor that a mixin could be
 * typed with. ccxt sends exactly once (`maxRetriesOnFailure` 0) and queues nothing: the limiter does.
 */

class HardenedKraken extends kraken {
  constructor(
    configuration: Configuration,
    private readonly guard: Guard,
  ) {
    super(configuration);
  }

  override nonce(): number {
    return this.guard.nonce();
  }

  override sign(...call: Parameters<kraken["sign"]>): ReturnType<kraken["sign"]> {
    this.guard.check(call[0], call[1], call[2], call[3]);
    return super.sign(...call);
  }

  override fetch(...call: Parameters<kraken["fetch"]>): ReturnType<kraken["fetch"]> {
    return this.guard.fetch(this, ...four(call));
  }
}

class HardenedCoinbase extends coinbase {
  constructor(
    configuration: Configuration,
    private readonly guard: Guard,
  ) {
    super(configuration);
    // What its tokens are dated with.
    this.seconds = () => Math.floor(guard.now() / 1000);
  }

  override nonce(): number {
    return this.guard.nonce();
  }

  override sign(...call: Parameters<coinbase["sign"]>): ReturnType<coinbase["sign"]> {
    this.guard.check(call[0], call[1], call[2], call[3]);
    return super.sign(...call);
  }

  override fetch(...call: Parameters<coinbase["fetch"]>): ReturnType<coinbase["fetch"]> {
    return this.guard.fetch(this, ...four(call));
  }
}

/** Ed25519 keys come as bare base64, the others as PEM. */
function streamTokenOf(exchange: coinbase): string {
  const isEdwards = !exchange.secret.startsWith("-----BEGIN");
  return exchange.createAuthToken(exchange.seconds(), undefined, undefined, isEdwards);
}

class HardenedBinanceus extends binanceus {
  constructor(
    configuration: Configuration,
    private readonly guard: Guard,
  ) {
    super(configuration);
  }

  /** Its timestamp: two requests of one millisecond may carry the same one. */
  override nonce(): number {
    return this.guard.now();
  }

  override sign(...call: Parameters<binanceus["sign"]>): ReturnType<binanceus["sign"]> {
    this.guard.check(call[0], call[1], call[2], call[3]);
    return super.sign(...call);
  }

  override fetch(...call: Parameters<binanceus["fetch"]>): ReturnType<binanceus["fetch"]> {
    return this.guard.fetch(this, ...four(call));
  }
}

function four(call: readonly unknown[]): [unknown, unknown, unknown, unknown] {
  return [call[0], call[1], call[2], call[3]];
}

/** A hardened ccxt exchange: bounded, checked, never retrying, with a strictly rising nonce. */
export function hardened(options: HardenedOptions): Hardened {
  const { venue, keys, restUrl } = options;
  const guard = new Guard(options);
  const configuration: Configuration = {
    enableRateLimit: false,
    maxRetriesOnFailure: 0,
    ...(keys === null ? {} : { apiKey: keys.apiKey, secret: keys.secret }),
    ...(restUrl === null ? {} : { urls: { api: addresses(venue, restUrl.replace(/\/+$/, "")) } }),
  };
  const exchange = new {
    kraken: HardenedKraken,
    coinbase: HardenedCoinbase,
    binanceus: HardenedBinanceus,
  }[venue](configuration, guard);
  return {
    // Copied, for some of ccxt's signing writes into the parameters it is given.
    request: (path, api, method, parameters) =>
      exchange.request(path, api as string, method, { ...parameters }),
    raiseNonce: (by) => guard.raiseNonce(by),
    streamToken: () => (exchange instanceof HardenedCoinbase ? streamTokenOf(exchange) : null),
  };
}

function addresses(venue: CcxtVenueId, base: string): Record<string, string> {
  switch (venue) {
    case "kraken":
      return { public: base, private: base };
    case "coinbase":
      return { rest: base };
    case "binanceus":
      return { public: `${base}/api/v3`, private: `${base}/api/v3`, sapi: `${base}/sapi/v1` };
  }
}
