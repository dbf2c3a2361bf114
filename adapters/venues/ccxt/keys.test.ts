import { describe, expect, test } from "bun:test";
import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
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

describe("streamJwt", () => {
  const partOf = (token: string, index: number) =>
    JSON.parse(Buffer.from(token.split(".")[index] ?? "", "base64url").toString());
  const tokenOf = (reply: ReturnType<CcxtVenue["streamJwt"]>) => {
    if (reply.type === "confirmed") return reply.value;
    throw new Error(`Cannot go on without a token: ${JSON.stringify(reply)}`);
  };

  test("is signed with the key for two minutes from the clock on, and for no one request", async () => {
    await using world = await stand("coinbase");
    const token = tokenOf(world.venue.streamJwt());
    const [head = "", claims = "", signature = ""] = token.split(".");
    const seconds = world.clock.now() / 1000;
    const { nbf, exp, sub, uri } = partOf(token, 1);
    expect({ nbf, exp, sub, uri }).toEqual({
      ...{ nbf: seconds, exp: seconds + 120, sub: keysOf.coinbase.apiKey, uri: undefined },
    });
    const key = { key: createPublicKey(ecPem), dsaEncoding: "ieee-p1363" } as const;
    const signed = Buffer.from(`${head}.${claims}`);
    expect(verify("sha256", signed, key, Buffer.from(signature, "base64url"))).toBe(true);
  });

  test("knows an Ed25519 key", async () => {
    const raw = ed25519.export({ format: "jwk" });
    const secret = Buffer.concat([
      Buffer.from(raw.d ?? "", "base64url"),
      Buffer.from(raw.x ?? "", "base64url"),
    ]).toString("base64");
    await using world = await stand("coinbase", { keys: { apiKey: "organizations/1", secret } });
    const token = tokenOf(world.venue.streamJwt());
    const text = Buffer.from(token.split(".").slice(0, 2).join("."));
    const signature = Buffer.from(token.split(".")[2] ?? "", "base64url");
    expect(partOf(token, 0).alg).toBe("EdDSA");
    expect(verify(null, text, createPublicKey(ed25519), signature)).toBe(true);
  });

  test("is refused for kraken, whose streams take a token of another kind", async () => {
    await using world = await stand("kraken");
    expect(world.venue.streamJwt()).toMatchObject({ type: "refused", code: "unsupported" });
  });
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
