import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Rehearsal } from "../mod.ts";
import { type Claims, get, jwt, limitOrder, post, still } from "./client.fixture.ts";

let venue: Rehearsal;

beforeAll(async () => {
  venue = await still();
});
afterAll(async () => {
  expect(venue.control.problems).toEqual([]);
  await venue[Symbol.asyncDispose]();
});

const path = "/api/v3/brokerage/accounts";

/** The status that a read of accounts with this token is answered with. */
async function statusWith(authorization: string): Promise<number> {
  const response = await fetch(venue.url + path, { headers: { authorization } });
  return response.status;
}

describe("tokens", () => {
  const now = () => Math.floor(Date.now() / 1_000);
  const uri = () => `GET ${new URL(venue.url).host}${path}`;

  test.each<[string, () => Claims]>([
    ["as documented", () => ({})],
    ["with the venue's own host", () => ({ uri: `GET api.coinbase.com${path}` })],
    ["with a list of addresses", () => ({ uri: undefined, uris: [uri()] })],
    ["by its older issuer", () => ({ iss: "coinbase-cloud" })],
    ["by the venue's own time", () => at(Math.floor(venue.control.now / 1_000))],
  ])("a token %s is good", async (_, claims) => {
    expect(await statusWith(`Bearer ${jwt(venue, { uri: uri(), ...claims() })}`)).toBe(200);
  });

  const at = (nbf: number) => ({ nbf, exp: nbf + 120 });

  test.each<[string, () => Claims, Claims]>([
    ["for another path", () => ({ uri: uri().replace("accounts", "orders") }), {}],
    ["for another method", () => ({ uri: uri().replace("GET", "POST") }), {}],
    ["for another host", () => ({ uri: `GET example.com${path}` }), {}],
    ["for no address", () => ({ uri: undefined }), {}],
    ["that is over", () => at(now() - 121), {}],
    ["that is not good yet", () => at(now() + 60), {}],
    ["that would live too long", () => ({ nbf: now(), exp: now() + 121 }), {}],
    ["without times", () => ({ nbf: undefined, exp: undefined }), {}],
    ["of another issuer", () => ({ iss: "somebody" }), {}],
    ["of another subject", () => ({ sub: "somebody" }), {}],
    ["of an unknown key", () => ({}), { kid: "organizations/a/apiKeys/b" }],
    ["that names another algorithm", () => ({}), { alg: "EdDSA" }],
    ["that names none", () => ({}), { alg: "none" }],
  ])("a token %s is refused", async (_, claims, header) => {
    const token = jwt(venue, { uri: uri(), ...claims() }, header);
    expect(await statusWith(`Bearer ${token}`)).toBe(401);
  });

  test("a token with another's signature is refused, and what is none", async () => {
    const other = venue.control.createKey({});
    const forged = jwt({ apiKey: venue.apiKey, secret: other.secret }, { uri: uri() });
    const whole = jwt(venue, { uri: uri() });
    const statuses: number[] = [];
    for (const token of [forged, `${whole}.x`, whole.slice(0, -4), "a.b.c", ""]) {
      statuses.push(await statusWith(`Bearer ${token}`));
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401]);
    expect(await statusWith(whole)).toBe(401);
    expect(await statusWith(`Bearer ${whole}`)).toBe(200);
  });

  test("the refusal is plain text", async () => {
    const response = await fetch(venue.url + path);
    expect([response.status, await response.text()]).toEqual([401, "Unauthorized\n"]);
  });

  test("a clock that runs ahead makes tokens old", async () => {
    await using own = await still();
    own.control.setClockSkew(130_000);
    expect((await get(own, "/accounts")).status).toBe(401);
    own.control.setClockSkew(-5_000);
    expect((await get(own, "/accounts")).status).toBe(401);
    own.control.setClockSkew(0);
    expect((await get(own, "/accounts")).status).toBe(200);
  });

  test("a key without the right to trade reads, and does not trade", async () => {
    const key = venue.control.createKey({ permissions: ["view"] });
    const own = { ...venue, ...key };
    expect((await get(own, "/accounts")).status).toBe(200);
    expect(await post(own, "/orders", limitOrder())).toEqual({
      status: 403,
      body: {
        error: "PERMISSION_DENIED",
        error_details: "Missing required scopes",
        message: "Missing required scopes",
      },
    });
    const { body } = await get(own, "/key_permissions");
    expect(body).toMatchObject({ can_view: true, can_trade: false, can_transfer: false });
    expect(() => venue.control.createKey({ permissions: ["fly"] })).toThrow("fly");
    expect(() => venue.control.createKey({ algorithm: "RS256" })).toThrow("RS256");
  });
});
