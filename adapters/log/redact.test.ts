import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Secret } from "../config/secret.ts";
import { Redaction } from "./redact.ts";

/** Told from anything else that a line may hold; every test looks for it in the whole output. */
const canary = "kR4+ken/S3cret=canary&0815x~?>";
const redaction = new Redaction([new Secret(canary)]);

/** Whole in one of these, it is given away. */
const bytes = Buffer.from(canary);
const writings = [
  ...[canary, encodeURIComponent(canary), bytes.toString("hex")],
  ...[bytes.toString("base64").replace(/=+$/, ""), bytes.toString("base64url")],
];

function shown(value: unknown): string {
  return JSON.stringify(redaction.value(value));
}

function circle(): object {
  const value: Record<string, unknown> = { note: canary };
  value.self = value;
  return value;
}

function nested(depth: number): unknown {
  return depth === 0 ? canary : { [`level${depth}`]: [nested(depth - 1)] };
}

const withCause = new Error("outer", {
  cause: new AggregateError(
    [new TypeError(`inner ${canary}`), canary, { reply: canary }],
    `several with ${canary}`,
    { cause: new Error(canary) },
  ),
});

class Throwing {
  get field(): string {
    throw new Error(`cannot read ${canary}`);
  }
  toJSON(): string {
    throw new Error(`cannot write ${canary}`);
  }
}

describe("Redaction takes a known secret out of", () => {
  test.each<[string, unknown]>([
    ["a text", `the key is ${canary}, and again ${canary}`],
    ["a field of a harmless name", { note: canary }],
    ["a field's name", { [canary]: 1, [`x-${canary}`]: 2 }],
    ["an array in an object in an array", [{ list: [canary] }]],
    ["a map's key and value", new Map([[canary, canary]])],
    ["a map's key that is an object", new Map([[{ note: canary }, 1]])],
    ["a set", new Set([canary])],
    ["an error's message", new Error(`cannot sign with ${canary}`)],
    ["an error's stack", Object.assign(new Error("x"), { stack: `Error: ${canary}\n at x` })],
    ["an error's own fields", Object.assign(new Error("x"), { request: { body: canary } })],
    ["an error's name", Object.assign(new Error("x"), { name: canary })],
    ["an error's causes, and theirs", withCause],
    ["a text that was thrown", { cause: canary }],
    ["an address", `https://host/path?x=${canary}`],
    ["an address, encoded", `https://host/path?x=${encodeURIComponent(canary)}#end`],
    ["a URL", new URL(`https://host/${encodeURIComponent(canary)}`)],
    ["parameters", new URLSearchParams({ x: canary })],
    [
      "an address, encoded in small letters",
      encodeURIComponent(canary).toLowerCase().replace("kr4", "kR4").replace("s3cret", "S3cret"),
    ],
    [
      "an address, encoded twice over",
      `https://host/?to=${encodeURIComponent(`/?x=${encodeURIComponent(canary)}`)}`,
    ],
    ["JSON with its slashes escaped", JSON.stringify({ note: canary }).replaceAll("/", "\\/")],
    ["headers", new Headers({ "x-other": canary })],
    ["JSON in a text", JSON.stringify({ note: canary })],
    ["JSON in JSON", JSON.stringify({ body: JSON.stringify({ note: `"${canary}"` }) })],
    ["base64", `body ${Buffer.from(canary).toString("base64")}`],
    ["base64 of addresses", Buffer.from(canary).toString("base64url")],
    ["hexadecimal digits", Buffer.from(canary).toString("hex")],
    ["bytes", { body: Buffer.from(canary) }],
    ["a secret object", { key: new Secret(canary) }],
    ["what refers to itself", circle()],
    ["what throws when it is read", new Throwing()],
    [
      "what throws when its field is read",
      Object.defineProperty({}, "field", {
        enumerable: true,
        get() {
          throw new Error(canary);
        },
      }),
    ],
    [
      "a symbol and a function",
      [Symbol(canary), Object.defineProperty(() => 0, "name", { value: canary })],
    ],
    ["what has no prototype", Object.assign(Object.create(null), { note: canary })],
    ["the end of a long text", `${"x".repeat(20_000)}${canary}`],
    ["the place where a long text is cut", `${"x".repeat(8 * 1024 - 5)}${canary}`],
  ])("%s", (_name, value) => {
    const text = shown(value);
    expect(writings.filter((each) => text.includes(each))).toEqual([]);
    expect(text).not.toContain("S3cret");
  });

  test.each([...Array(15).keys()])("depth %d", (depth) => {
    expect(shown(nested(depth))).not.toContain("S3cret");
  });

  test("a number that is a secret", () => {
    const digits = new Redaction([new Secret("8675309123")]);
    expect(digits.value({ a: 8675309123, b: 8675309123n, c: 12 })).toEqual({
      a: "[redacted]",
      b: "[redacted]",
      c: 12,
    });
  });

  test("a secret of several lines, whole or line by line", () => {
    const lines = [
      "-----BEGIN KEY-----",
      "MIIEpAIBAAKCAQEAcanary",
      "Zm9vYmFyY2FuYXJ5",
      "-----END KEY-----",
    ];
    const several = new Redaction([new Secret(lines.join("\n"))]);
    const text = JSON.stringify(
      several.value([lines.join("\n"), ...lines, { whole: lines.join("\\n") }]),
    );
    expect(text).not.toContain("canary");
    expect(text).not.toContain("Zm9v");
  });

  test("any value, at any place of any data", () => {
    const secret = fc
      .string({ minLength: 8, maxLength: 40 })
      .filter((text) => /[a-z]{4}/i.test(text));
    const place = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: "small" },
        fc.constant(null),
        fc.array(tie("node"), { maxLength: 3 }),
        fc.dictionary(fc.string(), tie("node"), { maxKeys: 3 }),
      ),
    })).node;
    const seed = 20261121;
    fc.assert(
      fc.property(secret, place, (value, data) => {
        const planted = JSON.parse(JSON.stringify(data), (_key, each) =>
          each === null ? `<${value}>` : each,
        );
        const kept = new Redaction([new Secret(value)]).value([planted]);
        const texts: string[] = [];
        JSON.stringify(kept, (_key, each) => {
          if (typeof each === "string") texts.push(each);
          return each;
        });
        expect(texts.filter((text) => text.includes(value))).toEqual([]);
      }),
      { seed, numRuns: 300 },
    );
  });
});

describe("Redaction takes out what looks like a secret:", () => {
  test.each<[string, unknown, string]>([
    ["a field named so", { apiKey: canary2() }, '{"apiKey":"[redacted]"}'],
    ["in any spelling", { "X-API-Key": canary2() }, '{"X-API-Key":"[redacted]"}'],
    [
      "an object under such a name",
      { credentials: { a: canary2() } },
      '{"credentials":"[redacted]"}',
    ],
    ["a number under such a name", { token: 12345 }, '{"token":"[redacted]"}'],
    ["headers", new Headers({ Authorization: canary2() }), '{"authorization":"[redacted]"}'],
    [
      "a header in a text",
      "GET /\nAuthorization: Basic Zm9vOmJhcg==\nHost: x",
      '"GET /\\nAuthorization: [redacted]\\nHost: x"',
    ],
    ["a bearer", "sent Bearer abcdefgh12345678", '"sent Bearer [redacted]"'],
    ["a password in an address", "wss://me:pass@host/x", '"wss://[redacted]@host/x"'],
    [
      "a parameter",
      "https://host/x?api_key=abc&limit=5",
      '"https://host/x?api_key=[redacted]&limit=5"',
    ],
    [
      "a parameter, encoded",
      "https://host/x?api%5Fkey=abc",
      '"https://host/x?api%5Fkey=[redacted]"',
    ],
    [
      "a signature",
      "https://host/x?a=1&signature=ff00",
      '"https://host/x?a=1&signature=[redacted]"',
    ],
    [
      "JSON in a text",
      '{"secret":"abc","a":"b"}',
      '"{\\"secret\\":\\"[redacted]\\",\\"a\\":\\"b\\"}"',
    ],
    ["a bot's token in a path", `/bot123456789:${"A".repeat(35)}/getMe`, '"/[redacted]/getMe"'],
    [
      "a private key",
      "-----BEGIN EC PRIVATE KEY-----\nabc\n-----END EC PRIVATE KEY-----",
      '"[redacted]"',
    ],
    ["a private key that was cut", "-----BEGIN PRIVATE KEY-----\nabc", '"[redacted]"'],
    ["an operator's key", `nvk_0123456789ab_${"A-_9".repeat(11).slice(0, 43)}`, '"[redacted]"'],
    ["a web token", "eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl", '"[redacted]"'],
  ])("%s", (_name, value, wanted) => {
    expect(shown(value)).toBe(wanted);
  });

  function canary2(): string {
    return "unknown-value-0815";
  }
});

describe("Redaction leaves alone", () => {
  test.each<[string, unknown]>([
    ["plain data", { a: [1, "two", true, null], b: { c: -0.5 } }],
    ["an order", { symbol: "BTC/USD", price: "64000.1", clientOrderId: "0123456789abcdef" }],
    ["that no secret is set", { apiKey: null, hasToken: false }],
    ["an address without secrets", "https://host:443/x?symbol=BTC%2FUSD&limit=5"],
    ["a hash", "c4c8a3058540796089f8eafb8aaf1739fa3d96e865da068c214e75d6767bdbcd"],
  ])("%s", (_name, value) => {
    expect(redaction.value(value)).toEqual(value as never);
  });
});

describe("Redaction has bounds:", () => {
  test("depth, circles and length", () => {
    expect([
      shown(nested(30)).includes("[too deep]"),
      redaction.value(circle()),
      (redaction.value(Array(500).fill(1)) as unknown[]).length,
      shown("y".repeat(100_000)).length,
    ]).toEqual([true, { note: "[redacted]", self: "[circular]" }, 101, 8 * 1024 + 7]);
  });

  test("values in all, however they are spread", () => {
    const wide = (depth: number): unknown =>
      depth === 0
        ? 1
        : Array(50)
            .fill(null)
            .map(() => wide(depth - 1));
    expect(shown(wide(3)).length).toBeLessThan(600_000);
  });

  test("a field cannot set a prototype", () => {
    const plain = redaction.value(JSON.parse('{"__proto__":{"a":1}}')) as object;
    expect([Object.getPrototypeOf(plain), Object.keys(plain)]).toEqual([
      Object.prototype,
      ["[__proto__]"],
    ]);
  });
});
