/** What `reconcile show` says of an account. */
import { describe, expect, test } from "bun:test";
import type { DeskStatus } from "../../actors/desk/mod.ts";
import { zero } from "../../machines/domain/decimal.ts";
import { accountText } from "./reconcile.ts";

type Account = DeskStatus["accounts"][number];

const account: Account = {
  ...{ account: "kraken:main", state: "reconciled", equity: zero, quote: "USD", readAt: 0 },
  ...{ coins: [], foreignOrders: [], differences: [], unreadable: null },
};

describe("an account", () => {
  test("that was read and does not differ agrees with its venue", () => {
    expect(accountText(account)).toEndWith("\n  ledger and venue agree");
  });

  test("that was never read agrees with nothing, and why it cannot be read is said", () => {
    const unreadable = { times: 3, cause: "balances: time-out" };
    const text = accountText({ ...account, readAt: null, unreadable });
    expect(text).not.toContain("agree");
    expect(text).toContain("nothing is known of the venue yet: no entry leaves");
    const told = "could not be read 3 times in a row: balances: time-out; the desk goes on asking";
    expect(text).toContain(told);
  });
});
