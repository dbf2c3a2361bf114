/** The gate of live trading, through the command line, at venues on this machine. */
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { exitCode } from "../../adapters/cli/exit-codes.ts";
import type { Row } from "../../adapters/preflight/mod.ts";
import {
  type Rehearsal,
  rehearsalVenues,
  startRehearsal,
} from "../../adapters/venues/rehearsal/mod.ts";
import { liveSwitch } from "../../config/live-schema.ts";
import { DeskProcess, type Ended, novactor } from "../kill/desk-process.ts";
import { WorkFolder } from "../kill/harness.ts";
import { type Keys, liveArgs, liveEnvironment } from "./live-gate.fixture.ts";
import { startVenue } from "./nervous.fixture.ts";

setDefaultTimeout(240_000);

const folder = new WorkFolder();
afterAll(() => folder[Symbol.dispose]());
let files = 0;
const newLedger = () => folder.file(`live-${files++}.db`);

type Name = (typeof rehearsalVenues)[number];

/** Requests that could have placed an order: validations are none. */
function placing({ control }: Rehearsal): string[] {
  return control.requests
    .map(({ name }) => name)
    .filter((name) => /^add_?order$|^CreateOrder$/i.test(name));
}

/** What the venue's own record holds, which is to be nothing. */
const orders = ({ control }: Rehearsal) => control.record().orders;

function rowsOf({ out }: Ended): Row[] {
  return (JSON.parse(out) as { rows: Row[] }).rows;
}

const failed = (rows: readonly Row[]) => rows.filter(({ severity }) => severity === "critical");

interface Trouble {
  readonly what: string;
  readonly make: (venue: Rehearsal, name: Name) => Promise<Keys> | Keys;
  readonly args?: readonly string[];
  readonly check: Row["check"];
  readonly text: Readonly<Record<Name, string>>;
  readonly cure: string;
}

/** Keys of the right form that the venue never gave out. */
async function foreignKeys(_: Rehearsal, name: Name): Promise<Keys> {
  await using other = await startRehearsal({ venue: name, seed: "another" });
  return { apiKey: other.apiKey, secret: other.secret };
}

const own = ({ apiKey, secret }: Rehearsal): Keys => ({ apiKey, secret });

const mayWithdraw: Readonly<Record<Name, readonly string[]>> = {
  kraken: [
    ...["query-funds", "query-open-trades", "query-closed-trades", "modify-trades"],
    ...["close-trades", "access-websockets", "withdraw-funds"],
  ],
  coinbase: ["view", "trade", "transfer"],
};

const mayOnlyLook: Readonly<Record<Name, readonly string[]>> = {
  kraken: ["query-funds", "query-open-trades", "query-closed-trades", "access-websockets"],
  coinbase: ["view"],
};

const both = (text: string) => ({ kraken: text, coinbase: text });

const final: readonly Trouble[] = [
  {
    what: "keys that the venue never gave out",
    make: foreignKeys,
    check: "keyRights",
    text: {
      kraken: 'Cannot read the key\'s rights: kraken says "EAPI:Invalid key"',
      coinbase: 'Cannot read the key\'s rights: coinbase says "Unauthorized"',
    },
    cure: "The key or its secret is wrong",
  },
  {
    what: "a secret that is another key's",
    make: async (venue, name) => ({
      apiKey: venue.apiKey,
      secret: (await foreignKeys(venue, name)).secret,
    }),
    check: "keyRights",
    text: {
      kraken: 'Cannot read the key\'s rights: kraken says "EAPI:Invalid signature"',
      coinbase: 'Cannot read the key\'s rights: coinbase says "Unauthorized"',
    },
    cure: "The key or its secret is wrong",
  },
  {
    what: "a secret that is cut short",
    make: ({ apiKey, secret }) => ({ apiKey, secret: secret.slice(0, 35) }),
    check: "keys",
    text: {
      kraken: "Cannot use keys for kraken: the secret is not base64",
      coinbase: "Cannot use keys for coinbase: the secret is a PEM that does not read",
    },
    cure: "Copy key and secret whole from the venue",
  },
  {
    what: "keys that can withdraw",
    make: (venue, name) => venue.control.createKey({ permissions: mayWithdraw[name] }),
    check: "keyRights",
    text: both("The key can withdraw or transfer money"),
    cure: "Make a key without the right to withdraw",
  },
  {
    what: "keys that cannot trade",
    make: (venue, name) => venue.control.createKey({ permissions: mayOnlyLook[name] }),
    check: "keyRights",
    text: both("The key cannot trade"),
    cure: "Give the key the rights to place and cancel orders",
  },
  {
    what: "a clock that is a minute behind",
    make: (venue) => {
      venue.control.setClockSkew(Date.now() - venue.control.now + 60_000);
      return own(venue);
    },
    check: "venueClock",
    text: both("The clock is "),
    cure: "Let NTP set this machine's clock",
  },
  {
    what: "a symbol that the venue does not list",
    make: own,
    args: ["--set", "market.live.symbols=BTC/USD, NOPE/USD"],
    check: "rules",
    text: {
      kraken: 'Cannot trade "NOPE/USD" at kraken: the venue does not list it',
      coinbase: 'Cannot trade "NOPE/USD" at coinbase: the venue does not list it',
    },
    cure: "Correct market.live.symbols",
  },
];

const cases = rehearsalVenues.flatMap((name) =>
  final.map((each) => [name, each.what, each] as const),
);

describe("preflight and start", () => {
  test.each(cases)("%s: %s stop live trading", async (name, _, trouble) => {
    await using venue = await startVenue(name);
    const keys = await trouble.make(venue, name);
    const environment = liveEnvironment(name, keys);
    const args = [...liveArgs(name, venue.url), ...(trouble.args ?? []), "--db", newLedger()];

    const looked = await novactor(["preflight", ...args, "--json"], environment);
    const rows = failed(rowsOf(looked));
    expect([looked.code, looked.err]).toEqual([exitCode.doctorCritical, ""]);
    expect(rows.map(({ check }) => check)).toContain(trouble.check);
    const row = rows.find(({ check }) => check === trouble.check);
    expect(row?.text).toStartWith(trouble.text[name]);
    expect(row?.cure).toStartWith(trouble.cure);

    const started = await novactor(["start", ...args, "--port", "0"], environment);
    expect(started.code).toBe(exitCode.doctorCritical);
    expect(started.err).toContain("Cannot trade with real money");
    expect(started.err).toContain(trouble.text[name]);
    expect(started.err).toContain(trouble.cure);
    expect([orders(venue), placing(venue), venue.control.problems]).toEqual([[], [], []]);
    // What is wrong with a secret is said without it.
    for (const { out, err } of [looked, started]) expect(out + err).not.toContain(keys.secret);
  });
});

/** A start that waits for a venue, until it has said so twice. */
async function waiting(desk: DeskProcess): Promise<string> {
  await desk.until(() => (desk.out.match(/trying again in/g) ?? []).length >= 2);
  return desk.out;
}

const banner = "LIVE, REAL MONEY";

describe("a start waits for what passes by itself, and trades nothing meanwhile", () => {
  test.each(rehearsalVenues)("%s: a venue that cannot be reached", async (name) => {
    const venue = await startVenue(name);
    const { url } = venue;
    await venue[Symbol.asyncDispose]();
    const environment = liveEnvironment(name, venue);
    const args = [...liveArgs(name, url), "--db", newLedger()];
    const looked = await novactor(["preflight", ...args, "--json"], environment);
    expect(looked.code).toBe(exitCode.doctorCritical);
    const rows = failed(rowsOf(looked));
    expect(rows).toMatchObject([{ check: "venue", isTransient: true }]);
    expect(rows[0]?.text).toStartWith(`Cannot reach ${name}`);

    await using desk = new DeskProcess(["start", ...args, "--port", "0"], environment);
    const out = await waiting(desk);
    expect(out).toContain(`Cannot trade yet: Cannot reach ${name}`);
    expect(out).toContain("See the network, account.rest and the venue's status page");
    desk.signal("SIGINT");
    const ended = await desk.ended;
    expect([ended.code, ended.out.includes("PAPER"), ended.out.includes(banner)]).toEqual([
      exitCode.ok,
      false,
      false,
    ]);
    expect(ended.out).toContain("nothing was begun");
  });

  test.each([
    ["kraken", "kraken is in maintenance"],
    ["coinbase", "coinbase takes no orders, as in maintenance: BTC/USD is closed"],
  ] as const)("%s: a venue in maintenance, until it is open", async (name, text) => {
    await using venue = await startVenue(name);
    venue.control.setStatus("maintenance");
    const environment = liveEnvironment(name, venue);
    const args = [...liveArgs(name, venue.url), "--db", newLedger()];
    const looked = await novactor(["preflight", ...args, "--json"], environment);
    expect([looked.code, looked.err]).toEqual([exitCode.doctorCritical, ""]);
    const rows = failed(rowsOf(looked));
    expect(rows).toMatchObject([{ isTransient: true }]);
    expect(rows[0]?.text).toStartWith(text);

    await using desk = new DeskProcess(["start", ...args, "--port", "0"], environment);
    const out = await waiting(desk);
    expect(out).toContain(`Cannot trade yet: ${text}`);
    expect(out).toContain("Wait until the venue is open again");
    expect([orders(venue), placing(venue)]).toEqual([[], []]);
    venue.control.setStatus("online");
    expect(await desk.until(() => desk.out.includes(banner))).toBe(true);
    desk.signal("SIGINT");
    expect((await desk.ended).code).toBe(exitCode.ok);
  });
});

describe("what the operator has to say before", () => {
  test.each([
    ["switch", { [liveSwitch]: "" }, [], `Start with ${liveSwitch}=yes`],
    ["switch", { [liveSwitch]: "true" }, [], `Start with ${liveSwitch}=yes`],
    ["notice", {}, ["--set", "live.acknowledged=none"], "Set live.acknowledged to"],
    ["keys", {}, ["--set", "account.account=second"], "Set them in the environment"],
  ])("%s is wanted (%o)", async (check, variables, more, cure) => {
    await using venue = await startVenue("kraken");
    const environment = { ...liveEnvironment("kraken", venue), ...variables };
    const args = [...liveArgs("kraken", venue.url), ...more, "--db", newLedger()];
    const rows = failed(rowsOf(await novactor(["preflight", ...args, "--json"], environment)));
    expect(rows).toMatchObject([{ check }]);
    expect(rows[0]?.cure).toStartWith(cure);
    const { code, err } = await novactor(["start", ...args, "--port", "0"], environment);
    expect([code, err.includes(cure), orders(venue)]).toEqual([exitCode.doctorCritical, true, []]);
  });

  test.each(["kraken-live", "coinbase-live"])(
    "the preset %s refuses as it comes",
    async (preset) => {
      const args = ["--preset", preset, "--db", newLedger(), "--port", "0"];
      const { code, out, err } = await novactor(["start", ...args]);
      expect([code, out]).toEqual([exitCode.doctorCritical, ""]);
      expect(err).toContain("2 checks fail, nothing would be sent");
    },
  );

  test("mode paper is never ready for real money, and is held to no cap", async () => {
    const { code, out } = await novactor(["preflight", "--db", newLedger()]);
    expect(code).toBe(exitCode.doctorCritical);
    expect(out).toMatch(/^warning +cap +No cap holds while mode is paper: /m);
    expect(out).toContain("mode is paper: no real money would be traded");
    expect(out).toContain("not ready: ");
  });
});

test("each account is looked at by itself, and one that fails stops them all", async () => {
  await using kraken = await startVenue("kraken");
  await using coinbase = await startVenue("coinbase");
  const keys = coinbase.control.createKey({ permissions: mayWithdraw.coinbase });
  const file = folder.file("two.yaml");
  const streams = coinbase.url.replace("http", "ws");
  const second = {
    ...{ venue: "coinbase", account: "main", rest: coinbase.url, stream: `${streams}/user` },
    ...{ symbols: ["BTC/USD"], prices: "coinbase", pricesRest: coinbase.url },
    ...{ pricesStream: `${streams}/`, riskShare: 0.01, maxShare: 0.2, positionCap: 2 },
    dailyLossShare: 0.05,
  };
  writeFileSync(file, JSON.stringify({ accounts: [second] }));
  const environment = {
    ...liveEnvironment("kraken", kraken),
    ...liveEnvironment("coinbase", keys),
  };
  const args = [...liveArgs("kraken", kraken.url), "--config", file, "--db", newLedger()];
  const rows = rowsOf(await novactor(["preflight", ...args, "--json"], environment));
  expect(failed(rows)).toMatchObject([{ check: "keyRights", account: "coinbase:main" }]);
  expect(rows.filter(({ account }) => account === "kraken:main").at(-1)).toMatchObject({
    ...{ check: "validation", severity: "ok" },
  });
  const started = await novactor(["start", ...args, "--port", "0"], environment);
  expect(started.code).toBe(exitCode.doctorCritical);
  expect(started.err).toContain("keyRights coinbase:main");
  expect([orders(kraken), orders(coinbase)]).toEqual([[], []]);
});
