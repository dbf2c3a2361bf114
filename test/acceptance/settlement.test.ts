/** How an operator sees what an account has, and settles what nothing proves, from the shell. */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import type { AccountView, DeskStatus } from "../../actors/desk/mod.ts";
import { askDesk } from "../../adapters/cli/control.ts";
import { exitCode } from "../../adapters/cli/exit-codes.ts";
import { LedgerReader } from "../../adapters/store/reader.ts";
import { decimal } from "../../machines/domain/decimal.ts";
import { DeskProcess, novactor } from "../kill/desk-process.ts";
import { WorkFolder } from "../kill/harness.ts";
import { pacedDesk } from "./moments.fixture.ts";
import { marketAt, setsOf, startVenue, symbol } from "./nervous.fixture.ts";

setDefaultTimeout(180_000);

const folder = new WorkFolder();
afterAll(() => folder[Symbol.dispose]());

const reason = ["--reason", "looked at it"] as const;

test.concurrent("a running desk shows its account, and refuses to settle what is not in question", async () => {
  const file = folder.file("desk.db");
  await using desk = pacedDesk(file, 0.001);
  const isThere = () =>
    askDesk(file, "/status").then(
      () => true,
      () => false,
    );
  expect(await desk.until(isThere)).toBe(true);
  const run = (...words: readonly string[]) => novactor([...words, "--db", file]);

  const shown = await run("reconcile", "show");
  expect([shown.code, shown.err]).toEqual([0, ""]);
  expect(shown.out).toMatch(/^paper:main {2}read \d{4}-/);
  expect(shown.out).toMatch(
    /coin +ledger +venue +differs by( +ledger now)? +owned +cash +dust +unmanaged/,
  );
  expect(shown.out).toContain("ledger and venue agree");
  const json = await run("reconcile", "show", "--json");
  const [account] = JSON.parse(json.out) as readonly AccountView[];
  expect(account).toMatchObject({ account: "paper:main", foreignOrders: [], differences: [] });
  const usd = account?.coins.find(({ coin }) => coin === "USD");
  expect(usd).toMatchObject({ difference: "0", owned: "0", unmanaged: "0" });
  expect(usd?.cash).toBe(usd?.ledger);

  const refusals: readonly (readonly [words: readonly string[], text: string])[] = [
    [["reconcile", "accept", "--coin", "USD", ...reason], 'no difference of "USD" is known'],
    [["order", "resolve", "nothing", "absent", ...reason], 'no order "nothing" is under way'],
    [["order", "claim", "V1"], 'no order "V1" of somebody else was seen'],
    [["order", "cancel-foreign", "V1", ...reason], 'no order "V1" of somebody else was seen'],
  ];
  for (const [words, text] of refusals) {
    const { code, out } = await run(...words);
    expect([code, out]).toEqual([exitCode.refused, expect.stringContaining(text) as string]);
  }
  for (const words of [
    ["reconcile", "accept", "--coin", "USD"],
    ["order", "resolve", "nothing", "lost", ...reason],
    ["order", "cancel-foreign", "V1"],
  ]) {
    expect((await run(...words)).code).toBe(exitCode.usage);
  }
});

test.concurrent("an account behind a wire shows a deposit with its cause, and what is done to foreign orders", async () => {
  const file = folder.file("wired.db");
  await using venue = await startVenue();
  const rest = venue.url;
  const stream = `${rest.replace("http", "ws")}/auth/v2`;
  const settings = {
    ...{ ...marketAt(rest), mode: "rehearsal", "account.venue": "kraken" },
    ...{ "account.rest": rest, "account.stream": stream },
    ...{ "reconcile.wiredInterval": "5s", "reconcile.retry": "1s", "reconcile.patience": "2" },
  };
  await using desk = new DeskProcess(["start", ...setsOf(settings), "--db", file, "--port", "0"], {
    NOVACTOR_SECRET_KRAKEN_API_KEY: venue.apiKey,
    NOVACTOR_SECRET_KRAKEN_SECRET: venue.secret,
  });
  const accountNow = async (): Promise<AccountView | null> => {
    try {
      const { accounts } = (await askDesk(file, "/status")) as DeskStatus;
      return accounts[0] ?? null;
    } catch {
      // It has not started yet.
      return null;
    }
  };
  const until = (holds: (account: AccountView) => boolean) =>
    desk.until(async () => {
      await Bun.sleep(100);
      const account = await accountNow();
      return account !== null && holds(account);
    });
  const usd = ({ coins }: AccountView) => coins.find(({ coin }) => coin === "USD");
  expect(await until((account) => usd(account)?.venue === "100000")).toBe(true);

  venue.control.transfer("USD", decimal(750));
  expect(await until((account) => usd(account)?.ledger === "100750")).toBe(true);
  const shown = await novactor(["reconcile", "show", "--db", file]);
  expect(shown.out).toContain("ledger and venue agree");

  const id = venue.control.placeForeign({
    ...{ symbol, side: "sell", type: "limit", quantity: decimal("0.1"), price: decimal(900_000) },
  });
  expect(await until(({ foreignOrders }) => foreignOrders[0]?.venueOrderId === id)).toBe(true);
  const claimed = await novactor(["order", "claim", id, "--db", file]);
  expect([claimed.code, claimed.out]).toEqual([0, expect.stringContaining("is claimed") as string]);
  expect(await until(({ foreignOrders }) => foreignOrders.length === 0)).toBe(true);
  const canceled = await novactor(["order", "cancel-foreign", id, ...reason, "--db", file]);
  expect(canceled.code).toBe(0);
  const state = () => venue.control.record().orders.find(({ orderId }) => orderId === id)?.state;
  expect(await desk.until(async () => state() === "canceled")).toBe(true);

  desk.signal("SIGTERM");
  expect((await desk.ended).code).toBe(0);
  using reader = new LedgerReader(file);
  const causes = [...reader.books.eachPosting()].map(({ cause }) => cause);
  expect(causes.filter((cause) => cause === "deposit")).toHaveLength(2);
  const { commands } = Object.groupBy(reader.journal.range(), ({ kind }) =>
    kind === "command" ? "commands" : "others",
  );
  expect(commands?.map(({ subject }) => subject)).toEqual(["claim", "cancelForeign"]);
});
