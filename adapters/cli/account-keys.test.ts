/** Keys of several accounts, as they are found among the secrets. */
import { expect, test } from "bun:test";
import { Secret } from "../config/secret.ts";
import { sharedKeys } from "./account-keys.ts";

const at = (venue: string, account: string) => ({ venue, account });
const secretsOf = (values: Readonly<Record<string, string>>) =>
  new Map(Object.entries(values).map(([name, value]) => [name, new Secret(value)]));

test("two accounts of one venue with one key are told, whatever spaces came with it", () => {
  const secrets = secretsOf({
    ...{ KRAKEN_API_KEY: "one", KRAKEN_SECRET: "s" },
    ...{ KRAKEN_SECOND_API_KEY: " one\n", KRAKEN_SECOND_SECRET: "s" },
    ...{ KRAKEN_THIRD_API_KEY: "another", KRAKEN_THIRD_SECRET: "s" },
    ...{ COINBASE_API_KEY: "one", COINBASE_SECRET: "s" },
  });
  const accounts = [
    at("kraken", "main"),
    at("kraken", "second"),
    at("kraken", "third"),
    at("coinbase", "main"),
    at("coinbase", "none"),
  ];
  expect([...sharedKeys(accounts, secrets)]).toEqual([["kraken:second", "kraken:main"]]);
});
