import {
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  verify,
} from "node:crypto";
import { uuidOf } from "./ids.ts";

/** Rights of a key, in the words of Get API Key Permissions without their `can_`. */
export const keyPermissions = ["view", "trade", "transfer"] as const;
export type KeyPermission = (typeof keyPermissions)[number];
/** What a key for trading should have: all but moving money. */
export const tradingPermissions: readonly KeyPermission[] = ["view", "trade"];

/** How a key signs, as the header of a JWT says it. */
export const keyAlgorithms = ["ES256", "EdDSA"] as const;
export type KeyAlgorithm = (typeof keyAlgorithms)[number];

export interface ApiKey {
  /** Whose it is. */
  readonly account: string;
  /** `organizations/…/apiKeys/…`. */
  readonly apiKey: string;
  /** SEC1 PEM on one line, its ends written as `\n`; of Ed25519, base64 of seed and public key. */
  readonly secret: string;
  readonly permissions: readonly KeyPermission[];
  readonly algorithm: KeyAlgorithm;
}

/** What a token must be for: null for a stream, whose tokens name no address. */
export interface TokenUse {
  readonly method: string;
  readonly path: string;
  /** As the client named the venue, port included. */
  readonly host: string;
}

/** Whose a token is and how long it is still good, milliseconds; null for nobody's. */
export interface Authentication {
  readonly key: ApiKey;
  readonly leftMs: number;
}

/** Tokens live no longer, seconds: "JWTs expire after 2 minutes". */
const lifeMax = 120;
const issuers: readonly unknown[] = ["cdp", "coinbase-cloud"];
/** What the venue is called outside, which clients may sign for whatever address they call. */
const ownHost = "api.coinbase.com";

interface KeyState {
  readonly key: ApiKey;
  readonly verifier: KeyObject;
}

/** The keys of all accounts and the tokens that they sign. */
export class ApiKeys {
  readonly #seed: string;
  readonly #keys = new Map<string, KeyState>();
  /** Times that a client may live in, Unix milliseconds: the venue's, and the real one. */
  readonly #times: () => readonly number[];

  constructor(seed: string, times: () => readonly number[]) {
    this.#seed = seed;
    this.#times = times;
  }

  create(terms: Pick<ApiKey, "account" | "permissions" | "algorithm">): ApiKey {
    const { algorithm } = terms;
    const number = this.#keys.size + 1;
    const id = (what: string) => uuidOf(this.#seed, "O", what, number);
    const apiKey = `organizations/${id("organization")}/apiKeys/${id("key")}`;
    const bytes = createHash("sha256").update(`${this.#seed}/secret/${number}`).digest();
    const { secret, verifier } = algorithm === "ES256" ? curveKey(bytes) : edwardsKey(bytes);
    const key = { ...terms, apiKey, secret };
    this.#keys.set(apiKey, { key, verifier });
    return key;
  }

  /**
   * Checks a JWT: its key, signature, times and the request that it is for. Its times are judged
   * by the venue's told clock or by the real one: where old candles are replayed, clients live in
   * either.
   */
  authenticate(token: string, use: TokenUse | null): Authentication | null {
    const [head = "", body = "", signature = "", ...rest] = token.split(".");
    const header = partOf(head);
    const claims = partOf(body);
    if (header === null || claims === null || rest.length > 0) return null;
    const state = this.#keys.get(String(header.kid));
    if (state === undefined || claims.sub !== state.key.apiKey) return null;
    if (header.alg !== state.key.algorithm || !issuers.includes(claims.iss)) return null;
    if (!isSigned(state, `${head}.${body}`, Buffer.from(signature, "base64url"))) return null;
    if (use !== null && !isFor(claims, use)) return null;
    const leftMs = this.#leftMs(claims);
    return leftMs === null ? null : { key: state.key, leftMs };
  }

  #leftMs({ nbf, exp }: Claims): number | null {
    if (typeof nbf !== "number" || typeof exp !== "number") return null;
    if (exp - nbf > lifeMax) return null;
    const now = this.#times().find((time) => time >= nbf * 1_000 && time < exp * 1_000);
    return now === undefined ? null : exp * 1_000 - now;
  }
}

type Claims = Readonly<Record<string, unknown>>;

function partOf(text: string): Claims | null {
  try {
    const read: unknown = JSON.parse(Buffer.from(text, "base64url").toString());
    return typeof read === "object" && read !== null && !Array.isArray(read) ? { ...read } : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function isSigned({ key, verifier }: KeyState, text: string, signature: Buffer): boolean {
  if (signature.length !== 64) return false;
  const bytes = Buffer.from(text);
  if (key.algorithm === "EdDSA") return verify(null, bytes, verifier, signature);
  return verify("sha256", bytes, { key: verifier, dsaEncoding: "ieee-p1363" }, signature);
}

/** `uri`, or `uris` as some write it, is `GET host/path`, without the query. */
function isFor({ uri, uris }: Claims, { method, path, host }: TokenUse): boolean {
  const named: readonly unknown[] = Array.isArray(uris) ? uris : [uri];
  return named.some((each) => {
    const written = String(each).replace(/^([A-Z]+) https?:\/\//, "$1 ");
    return [host, ownHost].some((name) => written === `${method} ${name}${path}`);
  });
}

function curveKey(bytes: Buffer): { secret: string; verifier: KeyObject } {
  const curve = createECDH("prime256v1");
  curve.setPrivateKey(bytes);
  const point = curve.getPublicKey();
  const part = (some: Uint8Array) => Buffer.from(some).toString("base64url");
  const [d, x, y] = [part(bytes), part(point.subarray(1, 33)), part(point.subarray(33))] as const;
  const jwk = { kty: "EC", crv: "P-256", d, x, y };
  const key = createPrivateKey({ key: jwk, format: "jwk" });
  const pem = String(key.export({ type: "sec1", format: "pem" }));
  return { secret: pem.replaceAll("\n", "\\n"), verifier: createPublicKey(key) };
}

/** What stands before the seed of an Ed25519 key in PKCS8. */
const edwardsPrefix = Buffer.from("302e020100300506032b657004220420", "hex");

function edwardsKey(bytes: Buffer): { secret: string; verifier: KeyObject } {
  const der = Buffer.concat([edwardsPrefix, bytes]);
  const verifier = createPublicKey(createPrivateKey({ key: der, format: "der", type: "pkcs8" }));
  const { x = "" } = verifier.export({ format: "jwk" });
  const secret = Buffer.concat([bytes, Buffer.from(x, "base64url")]).toString("base64");
  return { secret, verifier };
}
