/** One desk on two venues behind real sockets, killed on the way: each account's books are its venue's. */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import type { DeskStatus } from "../../actors/desk/mod.ts";
import { exitCode } from "../../adapters/cli/exit-codes.ts";
import { rehearsalReport } from "../../adapters/cli/rehearse-report.ts";
import { LedgerReader } from "../../adapters/store/reader.ts";
import { DeskProcess, novactor } from "../kill/desk-process.ts";
import { WorkFolder } from "../kill/harness.ts";
import { accounts, besideText, isHeldOn, Markets, socket, statusOf } from "./accounts.fixture.ts";
import { marketAt, nervous, setsOf, startVenue, symbol } from "./nervous.fixture.ts";

setDefaultTimeout(180_000);

const folder = new WorkFolder();
afterAll(() => folder[Symbol.dispose]());

test("the same symbol on two venues is bought, protected, killed and sold on each for itself", async () => {
  await using kraken = await startVenue("kraken");
  await using coinbase = await startVenue("coinbase");
  const configuration = folder.file("two.yaml");
  const beside = {
    ...{ venue: "coinbase", account: "main", prices: "coinbase" },
    ...{ rest: coinbase.url, stream: socket(coinbase.url, "/user") },
    ...{ pricesRest: coinbase.url, pricesStream: socket(coinbase.url, "/") },
  };
  writeFileSync(configuration, besideText([beside]));
  const file = folder.file("two.db");
  const settings = {
    ...nervous,
    ...marketAt(kraken.url),
    // Far, for one of the two charges a lot.
    ...{ "stop.targetAtrMultiple": "100", mode: "rehearsal", "account.venue": "kraken" },
    ...{ "account.rest": kraken.url, "account.stream": socket(kraken.url, "/auth/v2") },
  };
  const args = ["start", "--config", configuration, ...setsOf(settings), "--db", file];
  const keys = {
    NOVACTOR_SECRET_KRAKEN_API_KEY: kraken.apiKey,
    NOVACTOR_SECRET_KRAKEN_SECRET: kraken.secret,
    NOVACTOR_SECRET_COINBASE_API_KEY: coinbase.apiKey,
    NOVACTOR_SECRET_COINBASE_SECRET: coinbase.secret,
  };
  const markets = new Markets([kraken, coinbase]);
  const holdsBoth = (status: DeskStatus) => accounts.every((each) => isHeldOn(status, each));
  {
    await using desk = new DeskProcess([...args, "--port", "0"], keys);
    expect([await markets.until(desk, file, holdsBoth), desk.out]).toEqual([true, desk.out]);
    expect(desk.out).toContain("REHEARSAL  live market data: Kraken, ");
    expect(desk.out).toContain("\n  beside  live market data: Coinbase Advanced, ");
    desk.signal("SIGKILL");
    await desk.ended;
  }
  await using desk = new DeskProcess([...args, "--port", "0"], keys);
  const isBack = ({ accounts: each }: DeskStatus) =>
    each.every(({ state }) => state === "reconciled");
  expect(
    await desk.until(async () => isBack((await statusOf(file)) ?? ({ accounts: [{}] } as never))),
  ).toBe(true);
  const flattened = await novactor(["flatten", "--db", file, "--reason", "enough"]);
  expect([flattened.code, flattened.err]).toEqual([exitCode.ok, ""]);
  const isFlat = ({ positions }: DeskStatus) => positions.length === 0;
  expect(
    await desk.until(async () => isFlat((await statusOf(file)) ?? ({ positions: [1] } as never))),
  ).toBe(true);
  const status = (await statusOf(file)) as DeskStatus;
  const said = await novactor(["status", "--db", file]);
  for (const each of accounts) expect(said.out).toContain(`  account      ${each} reconciled, `);
  desk.signal("SIGINT");
  expect((await desk.ended).code).toBe(0);

  using reader = new LedgerReader(file);
  for (const [name, { control }] of Object.entries({ kraken, coinbase })) {
    const at = { venue: name, account: "main" };
    const { broken, desk: did } = rehearsalReport(
      reader,
      control.record(),
      control.thrown,
      status,
      at,
    );
    expect([name, broken]).toEqual([name, []]);
    expect(did.fills).toBeGreaterThanOrEqual(2);
    const live = control
      .record()
      .orders.filter(({ state }) => ["open", "triggered", "partial"].includes(state));
    expect(live).toEqual([]);
    const foreign = control.record().orders.filter(({ clientOrderId }) => {
      return clientOrderId === null || reader.books.orderByClientId(at, clientOrderId) === null;
    });
    expect(foreign).toEqual([]);
  }
});

test("two paper accounts in one market give the same heads twice, each with its own trades", async () => {
  const configuration = folder.file("twins.yaml");
  const twin = {
    ...{ venue: "paper", account: "twin", rest: "none", stream: "none", prices: "market" },
    ...{ pricesRest: "standard", pricesStream: "standard" },
  };
  writeFileSync(configuration, besideText([twin]));
  const run = async (name: string) => {
    const file = folder.file(`${name}.db`);
    const args = ["start", "--config", configuration, "--seed", "7", "--speed", "max"];
    const { code, out, err } = await novactor([
      ...args,
      ...["--until", "2026-01-03", "--db", file, "--json"],
    ]);
    expect([code, err]).toEqual([exitCode.ok, ""]);
    const { journalHead, ledgerHead, trades } = JSON.parse(out) as Record<string, unknown>;
    return { file, heads: { journalHead, ledgerHead, trades } };
  };
  const [one, two] = [await run("twins-one"), await run("twins-two")];
  expect(two.heads).toEqual(one.heads);
  using reader = new LedgerReader(one.file);
  const trades = Map.groupBy(reader.books.eachPosition(), ({ at }) => at.account);
  expect([...trades.keys()].toSorted()).toEqual(["main", "twin"]);
  for (const rows of trades.values()) expect(rows.length).toBeGreaterThan(1);
  const why = await novactor(["why", `paper:twin/${symbol}`, "--db", one.file, "--json"]);
  expect([why.code, why.err]).toEqual([exitCode.ok, ""]);
  expect(JSON.parse(why.out)).toMatchObject({ isSame: true });
  // The first account's name may be said too, and whose decision it is stands at the head.
  const heads = [`paper:twin/${symbol}`, `paper:main/${symbol}`, symbol].map(async (lane) => {
    const { code, out } = await novactor(["why", lane, "--db", one.file]);
    return [code, out.slice(0, out.indexOf("  "))];
  });
  expect(await Promise.all(heads)).toEqual([
    [exitCode.ok, `paper:twin/${symbol}`],
    [exitCode.ok, symbol],
    [exitCode.ok, symbol],
  ]);
});

test("a ledger refuses other accounts than it began with, in words and with what to do", async () => {
  const paper = { venue: "paper", rest: "none", stream: "none", prices: "market" };
  const twin = { ...paper, account: "twin", pricesRest: "standard", pricesStream: "standard" };
  const [both, three] = [folder.file("both.yaml"), folder.file("three.yaml")];
  writeFileSync(both, besideText([twin]));
  writeFileSync(three, besideText([twin, { ...twin, account: "third" }]));
  const ledger = folder.file("kept.db");
  const start = (file: string, until: string) => [
    ...["start", "--config", file, "--seed", "7", "--speed", "max", "--take-changes"],
    ...["--until", until, "--db", ledger],
  ];
  expect((await novactor(start(both, "2026-01-01T02:00:00Z"))).code).toBe(exitCode.ok);
  const { code, out, err } = await novactor(start(three, "2026-01-01T04:00:00Z"));
  expect([code, out]).toEqual([exitCode.otherRun, ""]);
  expect(err).toContain('  account "paper:third" is added\n');
  expect(err).toContain("flatten what is open and begin a new ledger");
  expect(err).not.toContain("{");
  expect((await novactor(start(both, "2026-01-01T04:00:00Z"))).code).toBe(exitCode.ok);
});
