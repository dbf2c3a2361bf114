/** Secrets in the environment begin with this; the rest is their name. */
export const secretPrefix = "NOVACTOR_SECRET_";

const telling = /secret|password|passphrase|passwd|token|apikey|privatekey|credential|mnemonic/;

/** Whether a name says that its value must not be in a configuration, nor in any message. */
export function namesSecret(name: string): boolean {
  return telling.test(name.toLowerCase().replace(/[^a-z]/g, "")) && name !== "secretsFile";
}

/** What to do instead, to follow "wanted". */
export const secretsWanted =
  `secrets only from the environment (${secretPrefix}NAME) ` +
  "or from a file of mode 600 that secretsFile names";

/**
 * Names of an account's two secrets: `KRAKEN_API_KEY` and `KRAKEN_SECRET` of the account `main`,
 * `KRAKEN_SECOND_API_KEY` and `KRAKEN_SECOND_SECRET` of one named `second`.
 */
export function keySecretNames(at: { readonly venue: string; readonly account: string }): {
  readonly apiKey: string;
  readonly secret: string;
} {
  const names = at.account === "main" ? [at.venue] : [at.venue, at.account];
  const owner = names.join("_").replaceAll("-", "_").toUpperCase();
  return { apiKey: `${owner}_API_KEY`, secret: `${owner}_SECRET` };
}
