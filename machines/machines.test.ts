import { describe, expect, test } from "bun:test";
import type { AnyStateMachine, EventObject } from "xstate";
import { getShortestPaths } from "xstate/graph";
import { accountMachine } from "./account.machine.ts";
import { breakerMachine } from "./breaker.machine.ts";
import { deskMachine } from "./desk.machine.ts";
import { feedMachine } from "./feed.machine.ts";
import { jobMachine } from "./job.machine.ts";
import { orderMachine } from "./order.machine.ts";
import { positionMachine } from "./position.machine.ts";
import { reconcilerMachine } from "./reconciler.machine.ts";
import { at, jobInput, orderInput, positionId, positionInput, symbol } from "./samples.fixture.ts";
import { scannerMachine } from "./scanner.machine.ts";
import { allStates, Stepper, statesOf } from "./stepping.fixture.ts";

type Event = EventObject & Readonly<Record<string, unknown>>;

interface Sample {
  readonly machine: AnyStateMachine;
  readonly input: unknown;
  /** Events that can lead to every state; timers of the machine included. */
  readonly events: readonly Event[];
}

const deskInput = { feeds: [], scanners: [], accounts: [], reconcilers: [], breakers: [] };

const small: Readonly<Record<string, Sample>> = {
  scanner: {
    machine: scannerMachine,
    input: { at, symbol, coolDownMs: 1 },
    events: [
      { type: "decision.trade", plan: positionInput },
      { type: "position.closed", positionId },
      { type: "xstate.after.coolDown.scanner.coolingDown" },
    ],
  },
  account: {
    machine: accountMachine,
    input: { at },
    events: [
      { type: "account.reconciled", at: 1 },
      { type: "account.mismatched", differences: [], at: 1 },
    ],
  },
  reconciler: {
    machine: reconcilerMachine,
    input: { at, intervalMs: 1, retryMs: 1, patience: 2 },
    events: [
      { type: "reconcile.matched", at: 1 },
      { type: "reconcile.unreadable", cause: "reset" },
    ],
  },
  breaker: {
    machine: breakerMachine,
    input: { rule: "dailyLoss", scope: "desk", limit: "1", releasedBy: "" },
    events: [{ type: "breaker.tripped", reason: "", at: 1 }, { type: "breaker.probe" }],
  },
  feed: {
    machine: feedMachine,
    input: { symbol, timeframeMs: 1 },
    events: [{ type: "feed.opened", at: 1 }, { type: "feed.ended" }],
  },
  job: {
    machine: jobMachine,
    input: jobInput,
    events: [
      { type: "job.begun", at: 1 },
      { type: "job.finished", result: "", at: 1 },
      { type: "job.failed", reason: "", at: 1 },
      { type: "job.cancel", reason: "", at: 1 },
    ],
  },
  desk: { machine: deskMachine, input: deskInput, events: [] },
};

const machines: Readonly<Record<string, Omit<Sample, "events">>> = {
  ...small,
  order: { machine: orderMachine, input: orderInput() },
  position: { machine: positionMachine, input: positionInput },
};

describe("every state is reached", () => {
  // The order's and the position's are too many for a search: their walks assert the same.
  for (const [name, { machine, input, events }] of Object.entries(small)) {
    test(name, () => {
      const paths = getShortestPaths(machine, {
        input,
        events,
        limit: 1_000,
        // Nothing that a guard reads may be left out, or states are missed in silence.
        serializeState: ({ value, context }) => {
          const { positionId, differed } = context as Record<string, unknown>;
          return JSON.stringify([value, positionId, differed]);
        },
      });
      const reached = new Set(paths.flatMap(({ state }) => statesOf(state)));
      reached.delete(machine.id);
      expect([...reached].sort()).toEqual(allStates(machine));
    });
  }
});

/** One event of each machine, none of which any other machine takes. */
const foreign: Readonly<Record<string, string>> = {
  scanner: "decision.exit",
  account: "account.reconciled",
  reconciler: "reconcile.matched",
  breaker: "breaker.tripped",
  feed: "feed.gap",
  desk: "brake.on",
  order: "lookUp.unclear",
  position: "level.raised",
  job: "job.begun",
};

const actorNames: Readonly<Record<string, string>> = {
  scanner: "scanner:paper:main/BTC/USD",
  account: "account:paper:main",
  reconciler: "reconciler:paper:main",
  breaker: "breaker:dailyLoss/desk",
  feed: "feed:BTC/USD",
  order: "order:paper:main/BTC/USD/1/entry",
  position: "position:paper:main/BTC/USD/1",
  job: "job:1",
};

describe("an event of another machine is recorded as illegal", () => {
  for (const [name, { machine, input }] of Object.entries(machines)) {
    for (const [owner, type] of Object.entries(foreign)) {
      if (owner === name) continue;
      test(`${name} on ${type}`, () => {
        const stepper = new Stepper(machine, input);
        const before: unknown = stepper.snapshot.value;
        stepper.sendForeign({ type });
        const words = `${name[0]?.toUpperCase()}${name.slice(1)} cannot take event "${type}"`;
        expect(stepper.snapshot.value).toEqual(before);
        if (name === "desk") {
          expect(stepper.snapshot.context.lastAlarm).toBe(`desk: ${words}`);
        } else {
          expect(stepper.sentTo("desk").at(-1)).toEqual({
            type: "alarm.raised",
            from: actorNames[name],
            text: words,
          });
        }
      });
    }
  }
});

type Node = AnyStateMachine["root"];

const nodesOf = (node: Node): Node[] => [node, ...Object.values(node.states).flatMap(nodesOf)];

describe("the house rules of machines", () => {
  for (const [name, { machine }] of Object.entries(machines)) {
    const nodes = nodesOf(machine.root);

    test(`${name}: every invoke handles its error`, () => {
      const open = nodes.filter(({ invoke, config }) => {
        const invoked = [config.invoke ?? []].flat() as { onError?: unknown }[];
        return invoke.length !== invoked.length || invoked.some(({ onError }) => !onError);
      });
      expect(open.map(({ id }) => id)).toEqual([]);
    });

    test(`${name}: every leaf that is exposed or halted is described, itself or above`, () => {
      const words = (node: Node | undefined): string | undefined =>
        node?.description ?? (node?.parent ? words(node.parent) : undefined);
      const tagged = nodes.filter(({ tags }) =>
        tags.some((tag) => ["exposed", "halted"].includes(tag)),
      );
      const silent = tagged.filter((node) => !words(node));
      expect(silent.map(({ id }) => id)).toEqual([]);
    });

    test(`${name}: waits by named delays only`, () => {
      const delays = nodes.flatMap(({ after }) => after.map(({ delay }) => delay));
      expect(delays.filter((delay) => typeof delay !== "string")).toEqual([]);
    });
  }
});
