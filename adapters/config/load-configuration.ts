import type { Problem } from "../../config/problem.ts";
import type { Resolved } from "../../config/resolve.ts";
import { type ConfigurationRequest, resolveConfiguration } from "./resolve-configuration.ts";
import { type HeldSecret, leaks, readSecrets } from "./secrets.ts";

/** What a command starts from, or all that is wrong with it. */
export type Loaded =
  | {
      readonly type: "ok";
      readonly resolved: Resolved;
      /** By name: `NOVACTOR_SECRET_KRAKEN_KEY` is `KRAKEN_KEY`. */
      readonly secrets: ReadonlyMap<string, HeldSecret>;
    }
  | { readonly type: "problems"; readonly problems: readonly Problem[] };

/**
 * The configuration and the secrets that go with it, both checked. `uid` is the user that a file
 * of secrets must belong to. No problem ever holds a secret.
 */
export function loadConfiguration(request: ConfigurationRequest, uid: number): Loaded {
  const resolved = resolveConfiguration(request);
  if (resolved.type === "problems") return resolved;
  const file = resolved.configuration.secretsFile ?? null;
  const read = readSecrets({ env: request.env, file, uid });
  if (read.type === "problems") return read;
  const problems = leaks(
    resolved,
    [...read.secrets.values()].map(({ secret }) => secret),
  );
  if (problems.length > 0) return { type: "problems", problems };
  return { type: "ok", resolved, secrets: read.secrets };
}
