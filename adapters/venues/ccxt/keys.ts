import { createPrivateKey, type KeyObject } from "node:crypto";
import type { CcxtVenueId } from "./assumptions.ts";

export interface VenueKeys {
  readonly apiKey: string;
  readonly secret: string;
}

/** Keys that cannot work. Its text never carries any part of a secret. */
export class KeyError extends Error {
  override readonly name = "KeyError";
}

const base64Form = /^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Brings keys into the form that signing needs, or says what is wrong with them before the first
 * request. @throws {KeyError}
 */
export function normaliseKeys(venue: CcxtVenueId, keys: VenueKeys): VenueKeys {
  const apiKey = keys.apiKey.trim();
  if (apiKey === "") throw new KeyError(`Cannot use keys for ${venue}: the API key is empty`);
  if (keys.secret.trim() === "") {
    throw new KeyError(`Cannot use keys for ${venue}: the secret is empty`);
  }
  if (apiKey.includes("-----BEGIN")) {
    throw new KeyError(`Cannot use keys for ${venue}: the API key is a PEM, wanted the key's name`);
  }
  if (/\s/.test(apiKey)) throw new KeyError(`Cannot use keys for ${venue}: the API key has spaces`);
  return { apiKey, secret: normaliseSecret(venue, keys.secret) };
}

function normaliseSecret(venue: CcxtVenueId, secret: string): string {
  switch (venue) {
    case "kraken":
      return krakenSecret(secret.trim());
    case "coinbase":
      return coinbaseSecret(secret);
    case "binanceus":
      return binanceSecret(secret);
  }
}

function krakenSecret(secret: string): string {
  if (base64Form.test(secret)) return secret;
  throw new KeyError(
    "Cannot use keys for kraken: the secret is not base64; copy the whole private key, its trailing = included",
  );
}

function coinbaseSecret(text: string): string {
  const secret = withNewlines(text);
  if (!secret.startsWith("-----BEGIN")) {
    const isEd25519 =
      base64Form.test(secret) && [32, 64].includes(Buffer.from(secret, "base64").length);
    if (isEd25519) return secret;
    throw new KeyError(
      "Cannot use keys for coinbase: the secret is neither a PEM nor the base64 of an Ed25519 key",
    );
  }
  const key = readPem("coinbase", secret);
  // What signs is the older of two encodings, or the bare bytes: the other ones are converted.
  if (key.asymmetricKeyType === "ec" && key.asymmetricKeyDetails?.namedCurve === "prime256v1") {
    return key.export({ type: "sec1", format: "pem" }).toString();
  }
  if (key.asymmetricKeyType === "ed25519") {
    const { d = "", x = "" } = key.export({ format: "jwk" });
    return Buffer.concat([Buffer.from(d, "base64url"), Buffer.from(x, "base64url")]).toString(
      "base64",
    );
  }
  throw new KeyError(
    `Cannot use keys for coinbase: the key is ${key.asymmetricKeyType}, wanted EC P-256 or Ed25519; ` +
      "create a new API key at the venue",
  );
}

function binanceSecret(text: string): string {
  const secret = withNewlines(text);
  if (secret.startsWith("-----BEGIN")) {
    readPem("binanceus", secret);
    return secret;
  }
  if (/\s/.test(secret)) throw new KeyError("Cannot use keys for binanceus: the secret has spaces");
  return secret;
}

/** Line ends survive neither environment variables nor most secret stores: they come as `\n`. */
function withNewlines(text: string): string {
  return text.trim().replaceAll("\\n", "\n").replaceAll("\r\n", "\n");
}

function readPem(venue: CcxtVenueId, pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    // The library's own message may quote the key.
    throw new KeyError(
      `Cannot use keys for ${venue}: the secret is a PEM that does not read; ` +
        "copy it whole, from BEGIN to END, line ends as newlines or as \\n",
    );
  }
}
