import { describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import type { CcxtVenueId } from "./assumptions.ts";
import { CcxtVenue } from "./ccxt-venue.ts";
import { normaliseKeys } from "./keys.ts";
import { ecPem, ecPkcs8, keysOf, limitBuy, placePath, stand } from "./venues.fixture.ts";

const ed25519 = generateKeyPairSync("ed25519").privateKey;
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const pem = (key: typeof rsa) => key.export({ type: "pkcs8", format: "pem" }).toString();
const coinbase = (secret: string) => normaliseKeys("coinbase", { apiKey: "k", secret }).secret;

describe("normaliseKeys", () => {
  test.each([
    ["as it is", ecPem],
    ["with literal \\n", ecPem.replaceAll("\n", "\\n")],
    ["with carriage returns", ecPem.replaceAll("\n", "\r\n")],
    ["with spaces around", `  ${ecPem}  `],
    ["in PKCS8", ecPkcs8],
    ["in PKCS8 with literal \\n", ecPkcs8.replaceAll("\n", "\\n")],
  ])("makes SEC1 with newlines of a coinbase EC key %s", (_form, secret) => {
    expect(coinbase(secret)).toBe(ecPem);
  });

  test("makes seed and public key in base64 of an Ed25519 PEM, and takes base64 as it is", () => {
    const secret = coinbase(pem(ed25519));
    expect(Buffer.from(secret, "base64").length).toBe(64);
    expect(coinbase(secret)).toBe(secret);
  });

  test("trims what a copy brings along", () => {
    const { apiKey, secret } = keysOf.kraken;
    const keys = normaliseKeys("kraken", { apiKey: ` ${apiKey}\n`, secret: `${secret}\n` });
    expect(keys).toEqual(keysOf.kraken);
  });

  const bad: readonly (readonly [CcxtVenueId, string, string, string, string])[] = [
    ["kraken", "an empty key", "", "c2VjcmV0", "the API key is empty"],
    ["kraken", "an empty secret", "k", " ", "the secret is empty"],
    ["kraken", "a secret that is not base64", "k", "top-secret!", "not base64"],
    ["coinbase", "the PEM as the key", ecPem, ecPem, "wanted the key's name"],
    ["coinbase", "a secret of neither kind", "k", "top-secret!", "neither a PEM"],
    ["coinbase", "a cut PEM", "k", ecPem.slice(0, 100), "a PEM that does not read"],
    ["coinbase", "an RSA key", "k", pem(rsa), "the key is rsa"],
    ["binanceus", "a secret with spaces", "k", "top secret", "the secret has spaces"],
    ["binanceus", "a key with spaces", "a b", "top-secret!", "the API key has spaces"],
  ];
  test.each(bad)(
    "refuses at %s %s, and says nothing of the secret",
    (venue, _w, apiKey, secret, text) => {
      let message = "accepted";
      try {
        normaliseKeys(venue, { apiKey, secret });
      } catch (error) {
        message = String(error);
      }
      expect(message).toStartWith(`KeyError: Cannot use keys for ${venue}: `);
      expect(message).toContain(text);
      const body = secret.trim().split("\n")[1] ?? secret.trim();
      if (body !== "") expect(message).not.toContain(body);
    },
  );

  test("runs when a venue is made, before the first request", () => {
    const at = { venue: "kraken", account: "main" } as const;
    const keys = { apiKey: "k", secret: "!" };
    expect(() => new CcxtVenue({ at, keys, symbols: [] })).toThrow("the secret is not base64");
  });
});

test("a coinbase key with literal \\n, in PKCS8, signs orders that the venue takes", async () => {
  const keys = { apiKey: "organizations/1", secret: ecPkcs8.replaceAll("\n", "\\n") };
  await using world = await stand("coinbase", { keys });
  await world.venue.submit(limitBuy);
  expect([world.server.to(placePath.coinbase).length, world.server.problems]).toEqual([1, []]);
});

test("wrong keys at the venue are refused in its own words", async () => {
  await using world = await stand("kraken");
  world.server.on("/0/private/BalanceEx", { body: { error: ["EAPI:Invalid key"] } });
  expect(await world.venue.balances()).toEqual({
    type: "refused",
    code: "other",
    text: "EAPI:Invalid key",
  });
});
