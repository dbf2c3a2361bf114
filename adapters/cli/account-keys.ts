import { keySecretNames, secretPrefix } from "../../config/secret-names.ts";
import type { Secret } from "../config/secret.ts";
import type { VenueKeys } from "../venues/ccxt/mod.ts";

/** An account's keys as they were given, or the variables that are missing. */
export type AccountKeys =
  | { readonly type: "given"; readonly keys: VenueKeys }
  | { readonly type: "missing"; readonly variables: readonly string[] };

export function accountKeys(
  at: { readonly venue: string; readonly account: string },
  secrets: ReadonlyMap<string, Secret>,
): AccountKeys {
  const names = keySecretNames(at);
  const [apiKey, secret] = [secrets.get(names.apiKey), secrets.get(names.secret)];
  if (apiKey && secret) {
    return { type: "given", keys: { apiKey: apiKey.reveal(), secret: secret.reveal() } };
  }
  const missing = [names.apiKey, names.secret].filter((name) => !secrets.has(name));
  return { type: "missing", variables: missing.map((name) => `${secretPrefix}${name}`) };
}
