import { secretBytes } from "../draws.ts";
import type { WireRequest } from "../wire.ts";
import type { Params } from "./params.ts";

/** Rights of a key, in the words of GetApiKeyInfo. */
export const keyPermissions = [
  "query-funds",
  "add-funds",
  "withdraw-funds",
  "query-open-trades",
  "query-closed-trades",
  "modify-trades",
  "close-trades",
  "query-ledger",
  "export-data",
  "access-websockets",
] as const;
export type KeyPermission = (typeof keyPermissions)[number];

/** What a key for trading should have: all but moving money. */
export const tradingPermissions: readonly KeyPermission[] = [
  "query-funds",
  "query-open-trades",
  "query-closed-trades",
  "modify-trades",
  "close-trades",
  "query-ledger",
  "access-websockets",
];

export interface ApiKey {
  /** Whose it is. */
  readonly account: string;
  readonly name: string;
  readonly apiKey: string;
  /** Base64. */
  readonly secret: string;
  readonly permissions: readonly KeyPermission[];
  /** How far below the highest nonce another may be, unused; 0 for strictly rising. */
  readonly nonceWindow: number;
  readonly createdAt: number;
}

interface KeyState {
  readonly key: ApiKey;
  highest: bigint;
  readonly used: Set<bigint>;
}

/** Whose a request is, or Kraken's words for why it is nobody's. */
export type Authentication =
  | { readonly type: "known"; readonly key: ApiKey }
  | { readonly type: "refused"; readonly text: string };

/** The keys of all accounts, their signatures and their nonces. */
export class ApiKeys {
  readonly #seed: string;
  readonly #keys = new Map<string, KeyState>();

  constructor(seed: string) {
    this.#seed = seed;
  }

  create(terms: Pick<ApiKey, "account" | "permissions" | "nonceWindow" | "createdAt">): ApiKey {
    const name = `key-${this.#keys.size + 1}`;
    const apiKey = secretBytes(42, this.#seed, "key", name);
    const secret = secretBytes(64, this.#seed, "secret", name);
    const key = { ...terms, name, apiKey, secret };
    this.#keys.set(apiKey, { key, highest: -1n, used: new Set() });
    return key;
  }

  /** The highest nonce that a key has used; as text, "0" before the first. */
  nonceOf(key: ApiKey): string {
    const highest = this.#keys.get(key.apiKey)?.highest ?? -1n;
    return highest < 0n ? "0" : String(highest);
  }

  /**
   * Checks key, signature and nonce; a nonce counts as used once the signature is right.
   * The signature is HMAC-SHA512 by the secret over path and SHA-256 of nonce and body.
   */
  authenticate(request: WireRequest, params: Params): Authentication {
    const state = this.#keys.get(String(request.headers["api-key"] ?? ""));
    if (state === undefined) return { type: "refused", text: "EAPI:Invalid key" };
    const nonce = params.get("nonce");
    if (nonce === undefined || !/^\d{1,19}$/.test(nonce)) {
      return { type: "refused", text: "EAPI:Invalid nonce" };
    }
    const inner = new Bun.CryptoHasher("sha256").update(nonce + request.body).digest();
    const signed = new Bun.CryptoHasher("sha512", Buffer.from(state.key.secret, "base64"))
      .update(request.path)
      .update(inner)
      .digest("base64");
    if (signed !== request.headers["api-sign"]) {
      return { type: "refused", text: "EAPI:Invalid signature" };
    }
    if (!useNonce(state, BigInt(nonce))) return { type: "refused", text: "EAPI:Invalid nonce" };
    return { type: "known", key: state.key };
  }
}

function useNonce(state: KeyState, nonce: bigint): boolean {
  const lowest = state.highest - BigInt(state.key.nonceWindow);
  if (nonce <= state.highest && (nonce <= lowest || state.used.has(nonce))) return false;
  if (nonce > state.highest) state.highest = nonce;
  state.used.add(nonce);
  const forgotten = state.highest - BigInt(state.key.nonceWindow);
  for (const used of state.used) if (used <= forgotten) state.used.delete(used);
  return true;
}
