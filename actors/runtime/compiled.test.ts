import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import fc from "fast-check";
import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  and,
  assign,
  createMachine,
  enqueueActions,
  not,
  or,
  raise,
  sendTo,
  setup,
  stateIn,
  stopChild,
} from "xstate";
import { effect } from "../../machines/domain/effect.ts";
import { followSteps, Stepper, stepWith } from "../../machines/stepping.fixture.ts";
import { compiled } from "./compiled.ts";
import { Twins } from "./testing/twins.ts";

/** What the machines of the desk do not have, or hardly. */
const odd = setup({
  types: {
    context: {} as { count: number; log: readonly string[]; limit: number },
    input: {} as { limit: number },
    events: {} as { type: string },
  },
  actors: { child: effect<number>() },
  delays: { pause: ({ context }) => 10 + context.count },
  guards: {
    isOdd: ({ context }) => context.count % 2 === 1,
    isAbove: ({ context }, params: { readonly least: number }) => context.count > params.least,
    isInB: stateIn("#odd.both.left.b"),
    isQuiet: and([
      not("isOdd" as never),
      or(["isInB" as never, stateIn({ both: { right: "d" } })]),
    ]),
    fails: ({ context }) => {
      if (context.count > 2) throw new TypeError("too much");
      return false;
    },
  },
  actions: {
    count: assign({ count: ({ context }) => context.count + 1 }),
    note: assign(({ context, event }, params: { readonly as: string }) => ({
      log: [...context.log, `${params.as} ${event.type}`],
    })),
    nothing: assign({}),
    again: raise({ type: "raised" }),
    later: raise({ type: "raised" }, { delay: "pause", id: "later" }),
    toChild: sendTo("child", { type: "told" }),
    drop: stopChild("child"),
    several: enqueueActions(({ enqueue, check }) => {
      if (check("isOdd" as never)) enqueue({ type: "note", params: { as: "odd" } } as never);
      enqueue({ type: "count" } as never);
      enqueue.raise({ type: "raised" });
      enqueue.spawnChild("child", { id: "spare", input: 1 });
      enqueue.stopChild("spare");
    }),
  },
}).createMachine({
  id: "odd",
  options: { maxIterations: 40 },
  context: ({ input }) => ({ count: 0, log: [], limit: input.limit }),
  entry: { type: "note", params: { as: "made" } },
  initial: "both",
  on: {
    "*": { actions: { type: "note", params: { as: "any" } } },
    "group.*": { actions: { type: "note", params: { as: "group" } } },
    "group.one": { guard: "isOdd", actions: "count" },
    out: ".other",
    anew: { target: ".both", reenter: true },
    fails: { guard: "fails", actions: "count" },
  },
  states: {
    both: {
      type: "parallel",
      tags: "both",
      exit: { type: "note", params: { as: "left both" } },
      on: {
        both: { actions: "nothing" },
        deep: "#odd.both.right.d.two",
        raised: { actions: "count" },
      },
      states: {
        left: {
          initial: "a",
          on: { leave: { target: "#odd.other", actions: "count" } },
          states: {
            a: {
              tags: ["a", "first"],
              on: { step: { target: "b", actions: ["again", "later"] }, group: {} },
              always: { guard: { type: "isAbove", params: { least: 6 } }, target: "b" },
            },
            b: {
              entry: { type: "note", params: { as: "entered b" } },
              on: { step: "a", self: { target: "b", reenter: true, actions: "count" } },
              after: { pause: { target: "a", actions: "count" } },
            },
          },
        },
        right: {
          initial: "c",
          on: {
            both: { target: ".d", actions: "several" },
            leave: { target: "#odd.looping", actions: "again" },
          },
          states: {
            c: { always: { guard: "isQuiet", target: "d" }, on: { step: "d" } },
            d: {
              initial: "one",
              states: {
                one: {
                  on: { step: [{ guard: not("isOdd"), target: "two" }, { actions: "count" }] },
                },
                two: {
                  invoke: { src: "child", id: "child", input: ({ context }) => context.count },
                  entry: "toChild",
                  on: { drop: { actions: "drop" }, step: { target: "#odd.both.right.c" } },
                },
              },
            },
          },
        },
      },
    },
    other: {
      entry: ["count", "several"],
      // Changes nothing, so that it is taken once.
      always: { guard: "isOdd", actions: "later" },
      on: { step: "both", both: { target: "#odd.both.left.b" }, loop: "looping" },
    },
    looping: {
      always: { guard: { type: "isAbove", params: { least: 3 } }, actions: "count" },
      on: { step: "both" },
    },
  },
});

const events = [
  "step",
  "both",
  "deep",
  "self",
  "out",
  "anew",
  "drop",
  "loop",
  "leave",
  "fails",
].concat(
  [
    "group",
    "group.one",
    "group.two",
    "raised",
    "unheardOf",
    "xstate.error.actor.child",
    "xstate.stop",
  ],
  ["xstate.after.pause.odd.both.left.b"],
);

describe("compiled transitions are XState's", () => {
  const twins = new Twins();
  beforeAll(() => followSteps((stepped) => twins.follow(stepped)));
  afterAll(() => followSteps(null));

  test("over any events to a machine with all that statecharts have", () => {
    const seen = new Set<string>();
    const thrown = new Set<string>();
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...events), { maxLength: 40 }), (types) => {
        const stepper = new Stepper(odd, { limit: 1 });
        for (const type of types) {
          const before = stepper.snapshot as AnyMachineSnapshot;
          if (before.status !== "active") return;
          try {
            stepper.send({ type });
          } catch (error) {
            const text = String(error);
            if (text.includes("Cannot go on")) throw error;
            if (!text.includes("Unable to") && !text.includes("Infinite")) throw error;
            thrown.add(text.slice(0, 30));
            expect(() => {
              stepWith((scope) => compiled(odd).transition(before, { type }, scope));
            }).toThrow(text.slice(text.indexOf(":") + 2, text.indexOf(":") + 60));
            return;
          }
          seen.add(JSON.stringify((stepper.snapshot as AnyMachineSnapshot).value));
        }
      }),
      { seed: 20_261_123, numRuns: 3_000 },
    );
    expect(seen.size).toBe(8);
    expect([...thrown].length).toBe(2);
    expect(twins.held).toBeGreaterThan(10_000);
  });

  test("over all tables and properties of the desk's machines", async () => {
    const preload = join(import.meta.dir, "testing", "hold-compiled.ts");
    const folder = join(import.meta.dir, "..", "..");
    const child = Bun.spawn(
      [process.execPath, "--conditions=development", "test", "--timeout", "600000"].concat([
        "--preload",
        preload,
        "./machines/",
      ]),
      { cwd: folder, stdout: "pipe", stderr: "pipe" },
    );
    const [told, failed] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    expect(await child.exited, failed.slice(-3_000)).toBe(0);
    const [, steps] = /held (\d+) steps/.exec(told) ?? [];
    expect(Number(steps)).toBeGreaterThan(80_000);
  }, 600_000);
});

describe("compiled()", () => {
  const refused: readonly [name: string, machine: AnyStateMachine, wanted: string][] = [
    [
      "history",
      createMachine({
        id: "m",
        initial: "a",
        states: { a: { initial: "b", states: { b: {}, h: { history: true } } } },
      }),
      'Cannot compile machine "m": state "m.a.h" is of type "history"',
    ],
    [
      "final states",
      createMachine({ id: "m", initial: "a", states: { a: { type: "final" } } }),
      'Cannot compile machine "m": state "m.a" is of type "final"',
    ],
  ];
  for (const [name, machine, wanted] of refused) {
    test(`refuses ${name}`, () => {
      expect(() => compiled(machine)).toThrow(wanted);
    });
  }

  test("refuses a guard that is not there, when it comes to it", () => {
    const machine = createMachine({ id: "m", on: { go: { guard: "isOpen" } } });
    const transitions = compiled(machine);
    expect(() =>
      stepWith((scope) => {
        const first = transitions.getInitialSnapshot(scope, undefined);
        return transitions.transition(first, { type: "go" }, scope);
      }),
    ).toThrow('Cannot compile machine "m": guard "isOpen" is not a function');
  });

  test("throws what an initial state throws", () => {
    const machine = setup({
      actions: {
        fail: assign(() => {
          throw new RangeError("no start");
        }),
      },
    }).createMachine({ entry: "fail" });
    const transitions = compiled(machine);
    expect(() => stepWith((scope) => transitions.getInitialSnapshot(scope, null))).toThrow(
      new RangeError("no start"),
    );
  });
});
