import { describe, expect, test } from "bun:test";
import { accountMachine } from "./account.machine.ts";
import { decimal } from "./domain/decimal.ts";
import { at } from "./samples.fixture.ts";
import { Stepper } from "./stepping.fixture.ts";

describe("an account", () => {
  const reconciled = { type: "account.reconciled", at: 5 } as const;
  const mismatched = { type: "account.mismatched", differences: ["BTC: 1, 2"], at: 6 } as const;
  const account = () => new Stepper(accountMachine, { at });
  const brake = { type: "brake.on", at: 6, kind: "mismatch", scope: "paper:main" };
  const release = { type: "brake.off", kind: "mismatch", scope: "paper:main" };

  test.each([
    ["is gated until it is reconciled", [], "gated"],
    ["trades once it is reconciled", [reconciled], "trading"],
    ["that differs from its venue is halted", [reconciled, mismatched], "mismatched"],
    ["that differs at the start is halted", [mismatched], "mismatched"],
    ["that matches again trades again", [mismatched, reconciled], "trading"],
    ["is gated anew after a restart", [reconciled, { type: "account.restarted" }], "gated"],
    ["halted is gated after a restart", [mismatched, { type: "account.restarted" }], "gated"],
    [
      "poisoned stays where it is",
      [reconciled, { type: "account.poisoned", text: "x", at: 1 }],
      "trading",
    ],
  ] as const)("%s", (_, events, state) => {
    expect(account().send(...events).snapshot.value).toBe(state);
  });

  test("sets its brake once, by what differed, and releases it when it matches", () => {
    const stepper = account().send(mismatched, mismatched, reconciled);
    expect(stepper.sentTo("desk")).toEqual([
      {
        ...brake,
        reason: "ledger and venue differ: BTC: 1, 2",
        releasedBy: 'a reconciliation that matches; "novactor reconcile show" says what settles it',
      },
      release,
    ]);
  });

  test.each([
    ["gated", []],
    ["trading", [reconciled]],
    ["mismatched", [mismatched]],
  ] as const)("%s counts what was booked without a fill, and stays so", (state, events) => {
    const entry = { entryId: "rounding/1", coin: "USD", amount: decimal("0.1"), cause: "rounding" };
    const adjusted = { type: "account.adjusted", adjustments: [entry, entry] } as const;
    const { value, context } = account().send(...events, adjusted, adjusted).snapshot;
    expect([value, context.adjusted]).toEqual([state, 4]);
  });

  test("releases the brake of before a restart", () => {
    const stepper = account().send(mismatched, { type: "account.restarted" }, reconciled);
    expect(stepper.sentTo("desk").at(-1)).toEqual(release);
  });

  test("poisoned sets a brake that no reconciliation releases", () => {
    const stepper = account().send({ type: "account.poisoned", text: "thrown", at: 3 }, reconciled);
    const [poison, ...others] = stepper.sentTo("desk");
    expect(poison).toMatchObject({ type: "brake.on", at: 3, kind: "poison", reason: "thrown" });
    expect(others).toEqual([release]);
  });
});
