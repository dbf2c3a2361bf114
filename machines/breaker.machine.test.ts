import { describe, expect, test } from "bun:test";
import { breakerMachine } from "./breaker.machine.ts";
import { Stepper } from "./stepping.fixture.ts";

describe("a breaker", () => {
  const settings = { rule: "dailyLoss", scope: "desk", limit: "0.05", releasedBy: "a new day" };
  const tripped = { type: "breaker.tripped", reason: "lost 6 %", at: 7 } as const;
  const probe = { type: "breaker.probe" } as const;
  const passed = { type: "breaker.passed" } as const;
  const breaker = () => new Stepper(breakerMachine, settings);

  test.each([
    ["is closed at first", [], "closed"],
    ["opens when it trips", [tripped], "open"],
    ["open stays open when it trips again", [tripped, tripped], "open"],
    ["open does not close by itself", [tripped, passed], "open"],
    ["tries again when its rule lets it", [tripped, probe], "halfOpen"],
    ["half open opens at the next trip", [tripped, probe, tripped], "open"],
    ["half open closes when it passed", [tripped, probe, passed], "closed"],
    ["closed stays closed", [probe, passed], "closed"],
  ] as const)("%s", (_, events, state) => {
    expect(breaker().send(...events).snapshot.value).toBe(state);
  });

  test("brakes with its reason, and releases by its rule and scope", () => {
    const stepper = breaker().send(tripped, probe, tripped);
    const on = {
      type: "brake.on",
      at: 7,
      kind: "breaker",
      scope: "desk",
      rule: "dailyLoss",
      reason: "lost 6 %",
      releasedBy: "a new day",
    };
    const off = { type: "brake.off", kind: "breaker", scope: "desk", rule: "dailyLoss" };
    expect(stepper.sentTo("desk")).toEqual([on, off, on]);
    expect(stepper.snapshot.context.trips).toBe(2);
  });
});
