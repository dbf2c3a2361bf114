import { describe, expect, test } from "bun:test";
import { type BreakerEvent, breakerMachine } from "./breaker.machine.ts";
import { Stepper } from "./stepping.fixture.ts";

const settings = {
  rule: "repeatedFailures",
  scope: "paper:main",
  limit: "3 in a second",
  releasedBy: "a while",
  failures: { count: 3, windowMs: 1_000 },
  coolOffMs: 5_000,
};
const failure = (at: number): BreakerEvent => ({ type: "breaker.failure", what: "reset", at });
const breaker = (...times: readonly number[]) =>
  new Stepper(breakerMachine, settings).send(...times.map(failure));

describe("a breaker of repeated failures", () => {
  test.each([
    ["one less than its count leaves it closed", [1, 2], "closed"],
    ["its count within the window opens it", [1, 2, 3], "open"],
    ["the window's last instant counts", [1, 2, 1_000], "open"],
    ["what the window has passed does not count", [0, 1, 1_000], "closed"],
    ["failures one by one never open it", [0, 1_000, 2_000, 3_000, 4_000], "closed"],
    ["more of them leave it open", [1, 2, 3, 4, 5], "open"],
  ] as const)("%s", (_, times, state) => {
    expect(breaker(...times).snapshot.value).toBe(state);
  });

  test("brakes with its reason, and forgets the failures that opened it", () => {
    const stepper = breaker(1, 2, 3);
    expect(stepper.sentTo("desk")).toEqual([
      {
        type: "brake.on",
        at: 3,
        kind: "breaker",
        scope: "paper:main",
        rule: "repeatedFailures",
        reason: "3 failures within a short time, the last: reset",
        releasedBy: "a while",
      },
    ]);
    expect(stepper.snapshot.context.failed).toEqual([]);
  });

  test("tries again when it has cooled off, and takes its brake off", () => {
    const stepper = breaker(1, 2, 3).fire("coolOff");
    expect([stepper.snapshot.value, stepper.sentTo("desk").at(-1)]).toEqual([
      "halfOpen",
      { type: "brake.off", kind: "breaker", scope: "paper:main", rule: "repeatedFailures" },
    ]);
  });

  test("half open opens on the next failure, and says that it was one", () => {
    const stepper = breaker(1, 2, 3).fire("coolOff").send(failure(6_000));
    expect([stepper.snapshot.value, stepper.snapshot.context.reason]).toEqual([
      "open",
      "failed again on trial: reset",
    ]);
  });

  test("half open closes after as long without a failure", () => {
    const stepper = breaker(1, 2, 3).fire("coolOff").fire("coolOff");
    expect([stepper.snapshot.value, stepper.snapshot.context.reason]).toEqual(["closed", null]);
  });

  test("keeps no more failures than decide anything", () => {
    const stepper = breaker(...Array.from({ length: 1_000 }, (_, index) => index * 600));
    expect(stepper.snapshot.context.failed.length).toBeLessThan(settings.failures.count);
  });

  test("of another rule counts no failures", () => {
    const other = { rule: "lowDisk", scope: "desk", limit: "", releasedBy: "" };
    const stepper = new Stepper(breakerMachine, other).send(failure(1), failure(1), failure(1));
    expect([stepper.snapshot.value, stepper.snapshot.context.failed]).toEqual(["closed", []]);
  });
});
