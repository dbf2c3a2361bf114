import type { IdForm } from "../account.ts";

/** An id of the form that Coinbase gives: the UUID that belongs to these words. */
export const uuidOf: IdForm = (seed, ...words) => {
  const hash = new Bun.CryptoHasher("sha256").update(JSON.stringify([seed, ...words]));
  const hex = hash.digest("hex");
  // Version 4 and its variant, as of random ones.
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
};
