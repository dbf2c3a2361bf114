import { describe, expect, test } from "bun:test";
import {
  type AnyStateMachine,
  and,
  assign,
  createActor,
  createMachine,
  emit,
  not,
  raise,
  setup,
} from "xstate";
import { effect } from "../../machines/domain/effect.ts";
import { GuardTrace, invokedSources, traced } from "./guards.ts";

const toyGuards = { guards: { isOpen: () => true, isFull: () => false } };

describe("traced()", () => {
  const refused: readonly [name: string, machine: AnyStateMachine, wanted: string][] = [
    [
      "an inline guard",
      createMachine({ id: "m", on: { go: { guard: () => true } } }),
      'Cannot make machine "m" durable: guard of "go" in "m"',
    ],
    [
      "an inline guard of an eventless transition in an inner state",
      createMachine({
        id: "m",
        initial: "a",
        states: { a: { always: { guard: () => true, target: "b" } }, b: {} },
      }),
      'Cannot make machine "m" durable: guard of "" in "m.a"',
    ],
    [
      "an inline custom action",
      createMachine({ id: "m", on: { go: { actions: function tell() {} } } }),
      'Cannot make machine "m" durable: action "tell" in "m"',
    ],
    [
      "an inline custom action on entry, on exit, and without a name",
      createMachine({
        id: "m",
        initial: "a",
        states: { a: { entry: [() => {}], exit: [function leave() {}] } },
      }),
      'Cannot make machine "m" durable: action "(anonymous)" in "m.a", action "leave" in "m.a"',
    ],
    [
      "a custom action that was provided by name",
      setup({ actions: { tell: () => {} } }).createMachine({ id: "m" }),
      'Cannot make machine "m" durable: action "tell"',
    ],
    [
      "a final state at the top, for XState stops an actor there",
      createMachine({ id: "m", initial: "a", states: { a: { type: "final" } } }),
      'Cannot make machine "m" durable: final state "m.a"',
    ],
    [
      "a history state, for history is not stored",
      createMachine({
        id: "m",
        initial: "a",
        states: { a: { initial: "b", states: { b: {}, past: { type: "history" } } } },
      }),
      'Cannot make machine "m" durable: history state "m.a.past"',
    ],
  ];
  test.each(refused)("refuses %s", (_, machine, wanted) => {
    expect(() => traced(machine, new GuardTrace())).toThrow(new TypeError(wanted));
  });

  test("takes named guards, combined ones too, and built-in actions", () => {
    const machine = setup({
      ...toyGuards,
      actions: { count: assign({}), again: raise({ type: "x" }), shout: emit({ type: "y" }) },
    }).createMachine({
      id: "m",
      entry: ["count", "again", "shout"],
      on: { go: { guard: and(["isOpen", not("isFull")]), actions: assign({}) } },
    });
    expect(() => traced(machine, new GuardTrace())).not.toThrow();
  });

  test("tells the guards tried in their order with their results, false ones too", () => {
    const trace = new GuardTrace();
    const machine = setup(toyGuards).createMachine({
      on: {
        go: [{ guard: "isFull" }, { guard: and(["isOpen", not("isFull")]) }, { guard: "isOpen" }],
      },
    });
    createActor(traced(machine, trace)).start().send({ type: "go" });
    expect([trace.take(), trace.take()]).toEqual([
      [
        ["isFull", false],
        ["isOpen", true],
        ["isFull", false],
      ],
      [],
    ]);
  });
});

describe("GuardTrace.giveBack()", () => {
  test("puts what was taken before what came since", () => {
    const trace = new GuardTrace();
    trace.push("a", true);
    const taken = trace.take();
    trace.push("b", false);
    trace.giveBack(taken);
    expect(trace.take()).toEqual([
      ["a", true],
      ["b", false],
    ]);
  });
});

describe("invokedSources()", () => {
  test("names what any state invokes, however deep", () => {
    const child = effect<unknown>();
    const machine = setup({ actors: { ask: child, tell: child } }).createMachine({
      invoke: { src: "ask" },
      initial: "a",
      states: { a: { initial: "b", states: { b: { invoke: { src: "tell" } } } } },
    });
    expect([...invokedSources(machine)]).toEqual(["ask", "tell"]);
  });
});
