/** How an operator sees what an account has, and settles what nothing proves, from the shell. */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import type { AccountView } from "../../actors/desk/mod.ts";
import { askDesk } from "../../adapters/cli/control.ts";
import { exitCode } from "../../adapters/cli/exit-codes.ts";
import { novactor } from "../kill/desk-process.ts";
import { WorkFolder } from "../kill/harness.ts";
import { pacedDesk } from "./moments.fixture.ts";

setDefaultTimeout(60_000);

const folder = new WorkFolder();
afterAll(() => folder[Symbol.dispose]());

const reason = ["--reason", "looked at it"] as const;

test("a running desk shows its account, and refuses to settle what is not in question", async () => {
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
  expect(shown.out).toMatch(/coin +ledger +venue +differs by +owned +cash +dust +unmanaged/);
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
