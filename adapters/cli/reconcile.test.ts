/** What `reconcile show` says of an account. */
import { describe, expect, test } from "bun:test";
import type { CoinView, DeskStatus } from "../../actors/desk/mod.ts";
import { decimal, zero } from "../../machines/domain/decimal.ts";
import { accountText } from "./reconcile.ts";

const present = ["owned", "cash", "dust", "unmanaged"];

type Account = DeskStatus["accounts"][number];

const account: Account = {
  ...{ account: "kraken:main", state: "reconciled", equity: zero, quote: "USD", readAt: 0 },
  ...{ coins: [], foreignOrders: [], differences: [], unreadable: null },
  risk: { riskShare: zero, maxShare: zero, positionCap: 1, dailyLossShare: zero },
  day: { start: 0, loss: 0 },
};

describe("an account", () => {
  test("that was read and does not differ agrees with its venue", () => {
    expect(accountText(account)).toEndWith("\n  ledger and venue agree");
  });

  const nothing = { owned: zero, cash: zero, dust: zero, dustCost: zero, unmanaged: zero };
  const one = decimal(1);
  const settled = { venue: one, ledgerThen: one, difference: zero, ...nothing };
  const btc: CoinView = { ...settled, coin: "BTC", ledger: one, owned: one };

  test("that moved since it was read shows the ledger of then beside the venue, and that of now", () => {
    const moved = { ...btc, ledger: decimal("1.41"), owned: decimal("1.41") };
    const usd = { ...btc, coin: "USD", owned: zero, cash: one };
    const lines = accountText({ ...account, coins: [moved, usd] }).split("\n");
    expect(lines.slice(0, 4).map((line) => line.trim().split(/ {2,}/))).toEqual([
      [
        "kraken:main",
        "read 1970-01-01T00:00:00.000Z: ledger and venue are of then, the rest is of now",
      ],
      ["coin", "ledger", "venue", "differs by", "ledger now"].concat(present),
      ["BTC", "1", "1", "0", "1.41", "1.41", "0", "0", "0"],
      ["USD", "1", "1", "0", "0", "1", "0", "0"],
    ]);
  });

  test("that did not move shows one ledger", () => {
    const lines = accountText({ ...account, coins: [btc] }).split("\n");
    expect(lines[0]).toBe("kraken:main  read 1970-01-01T00:00:00.000Z");
    expect(lines[1]).not.toContain("ledger now");
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
