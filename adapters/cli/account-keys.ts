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

interface NamedAccount {
  readonly venue: string;
  readonly account: string;
}

/**
 * Accounts whose key is another one's that comes before, by name. They are one account at the
 * venue: each would take the same money and orders for its own.
 */
export function sharedKeys(
  accounts: readonly NamedAccount[],
  secrets: ReadonlyMap<string, Secret>,
): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  const shared = new Map<string, string>();
  for (const at of accounts) {
    const given = accountKeys(at, secrets);
    if (given.type === "missing") continue;
    const name = `${at.venue}:${at.account}`;
    const apiKey = `${at.venue} ${given.keys.apiKey.trim()}`;
    const owner = owners.get(apiKey);
    if (owner === undefined) owners.set(apiKey, name);
    else shared.set(name, owner);
  }
  return shared;
}
