import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { EventObject } from "xstate";
import { walkActs } from "./testing/small-machines.ts";
import { noon, SmallSystem, TestFolder } from "./testing/small-system.ts";

const names = ["position:a", "position:b", "position:c"] as const;
const starts = [
  ...names.map((name) => ({ kind: "position" as const, name, input: { name: name.slice(9) } })),
  { kind: "feed" as const, name: "feed:x", input: { count: 0 } },
  { kind: "scanner" as const, name: "scanner:x", input: { waitMs: 700 } },
  { kind: "order" as const, name: "order:x", input: {} },
];

type Input =
  | { readonly type: "walk"; readonly steps: readonly (readonly [to: string, act: string])[] }
  | { readonly type: "event"; readonly to: string; readonly event: EventObject }
  | { readonly type: "late"; readonly to: string; readonly event: EventObject }
  | { readonly type: "pass"; readonly ms: number }
  | { readonly type: "settle" };

const walk = fc
  .array(fc.tuple(fc.constantFrom(...names), fc.constantFrom(...walkActs)), {
    minLength: 1,
    maxLength: 4,
  })
  .map((steps): Input => ({ type: "walk", steps }));
const event = fc
  .constantFrom<readonly [string, EventObject]>(
    ["feed:x", { type: "add", by: 3 } as EventObject],
    ["feed:x", { type: "throw.assign" }],
    ["feed:x", { type: "finish" }],
    ["feed:x", { type: "unheardOf" }],
    ["scanner:x", { type: "wait" }],
    ["scanner:x", { type: "leave" }],
    ["scanner:x", { type: "finish" }],
    ["order:x", { type: "ask" }],
    ["order:x", { type: "leave" }],
  )
  .map(([to, event]): Input => ({ type: "event", to, event }));
const late = fc
  .constantFrom<readonly [string, EventObject]>(
    ["feed:x", { type: "add", by: 1 } as EventObject],
    ["scanner:x", { type: "leave" }],
  )
  .map(([to, event]): Input => ({ type: "late", to, event }));
const pass = fc.constantFrom(1, 499, 1_000).map((ms): Input => ({ type: "pass", ms }));
const settle = fc.constant<Input>({ type: "settle" });

async function feed(small: SmallSystem, input: Input): Promise<void> {
  if (input.type === "walk") {
    const [[to, act] = ["", ""], ...rest] = input.steps;
    small.walk(to, act, ...rest);
  } else if (input.type === "event") small.send(input.to, input.event);
  else if (input.type === "late") {
    small.system.turn({ kind: "late", subject: input.to, payload: input.event }, () => {
      small.system.ensureLive(input.to);
      small.system.send(input.to, input.event);
    });
  } else if (input.type === "pass") small.passTo(small.clock.now() + input.ms);
  else await small.system.settle();
}

function outcome(small: SmallSystem) {
  small.system.commit();
  const archived = ["feed:x", "scanner:x"].map((name) => {
    const stored = small.system.snapshot(name) ? null : small.ledger.archivedActor(name);
    return stored && { snapshot: stored.snapshot, timers: stored.timers };
  });
  const states = Object.entries(small.states()).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    states,
    timers: small.timers(),
    archived,
    pending: [...small.system.effects.pending()].map(({ owner, id, input }) => [owner, id, input]),
    head: small.system.committedHead,
  };
}

describe("a desk that is stopped and started again", () => {
  test("ends where one ends that never stopped: actors, timers, archive, effects, journal", async () => {
    const inputs = fc.array(fc.oneof(walk, event, late, pass, settle), {
      minLength: 4,
      maxLength: 25,
    });
    const cuts = fc.array(fc.nat(24), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(inputs, cuts, async (all, at) => {
        using folder = new TestFolder();
        using whole = new SmallSystem({ path: folder.file("whole.db"), starts });
        for (const input of all) await feed(whole, input);
        const path = folder.file("parts.db");
        let part = new SmallSystem({ path, starts });
        try {
          for (const [index, input] of all.entries()) {
            if (at.includes(index)) {
              part.system.commit();
              const now = part.clock.now();
              part[Symbol.dispose]();
              part = new SmallSystem({ path, at: now });
            }
            await feed(part, input);
          }
          expect(outcome(part)).toEqual(outcome(whole));
        } finally {
          part[Symbol.dispose]();
        }
      }),
      { seed: 20260102, numRuns: 120 },
    );
  });

  test("loses what was not committed, and nothing else", async () => {
    using folder = new TestFolder();
    const path = folder.file("ledger.db");
    const add = { type: "add", by: 3 } as EventObject;
    let committed: unknown;
    {
      using first = new SmallSystem({ path, starts });
      first.send("feed:x", add);
      first.walk("position:a", "timer", ["position:b", "spawn"]);
      committed = outcome(first);
      first.send("feed:x", add);
      first.walk("position:c", "timer");
    }
    using second = new SmallSystem({ path, at: noon });
    expect(outcome(second)).toEqual(committed as ReturnType<typeof outcome>);
  });
});
