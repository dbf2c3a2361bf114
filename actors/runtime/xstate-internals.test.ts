/**
 * Internals of XState that `durable()` builds on and that its types keep to themselves. A test that
 * fails here after an upgrade means: look at the held scope in durable.ts before anything else.
 */
import { describe, expect, test } from "bun:test";
import {
  type ActorLogic,
  type AnyActorRef,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  assign,
  createActor,
  type EventObject,
  fromTransition,
  getInitialSnapshot,
  raise,
  SimulatedClock,
  sendTo,
  setup,
  spawnChild,
  stopChild,
} from "xstate";
import { effect } from "../../machines/domain/effect.ts";

describe("internals that durable() builds on", () => {
  const machine = setup({
    types: { events: {} as { type: "go" | "leave" | "told" } },
    delays: { wait: 250 },
    actors: { child: effect<unknown>() },
    actions: {
      tell: sendTo(({ system }) => system.get("other"), { type: "told" }),
      tellLater: sendTo(({ self }) => self, { type: "told" }, { delay: 90, id: "later" }),
      raiseLater: raise({ type: "told" }, { delay: 80, id: "raised" }),
      make: spawnChild("child", { id: "child" }),
      drop: stopChild("child"),
    },
  }).createMachine({
    id: "m",
    initial: "idle",
    states: {
      idle: {
        on: { go: { target: "busy", actions: ["tell", "tellLater", "raiseLater", "make"] } },
      },
      busy: { after: { wait: "idle" }, on: { leave: { target: "idle", actions: "drop" } } },
    },
  });

  /** Steps the machine with a scope whose system writes down what it is asked. */
  function watched(): { calls: string[]; actions: string[] } {
    const calls: string[] = [];
    const actions: string[] = [];
    const other = createActor(setup({}).createMachine({})).start();
    const logic: ActorLogic<AnyMachineSnapshot, EventObject> = {
      ...(machine as unknown as ActorLogic<AnyMachineSnapshot, EventObject>),
      transition(snapshot, event, outer) {
        const system = Object.assign(Object.create(outer.system), {
          get: (name: string) => {
            calls.push(`get ${name}`);
            return other;
          },
          _relay: (source: AnyActorRef, target: AnyActorRef, { type }: EventObject) => {
            calls.push(`relay ${source === outer.self} ${target === (other as unknown)} ${type}`);
          },
          scheduler: {
            schedule: (
              source: AnyActorRef,
              target: AnyActorRef,
              { type }: EventObject,
              delay: number,
              id: string,
            ) => calls.push(`schedule ${source === target} ${type} ${delay} ${id}`),
            cancel: (source: AnyActorRef, id: string) =>
              calls.push(`cancel ${source === outer.self} ${id}`),
            cancelAll: () => {},
          },
        });
        const scope = {
          ...outer,
          system,
          actionExecutor: (action: Parameters<typeof outer.actionExecutor>[0]) => {
            actions.push(action.type);
            outer.actionExecutor(action);
          },
        };
        return (machine as AnyStateMachine).transition(
          snapshot,
          event,
          scope,
        ) as AnyMachineSnapshot;
      },
    };
    const actor = createActor(logic).start();
    actor.send({ type: "go" });
    actor.send({ type: "leave" });
    return { calls, actions };
  }

  test("sendTo asks system.get and calls system._relay; after calls its scheduler", () => {
    expect(watched().calls).toEqual([
      "get other",
      "relay true true told",
      "schedule true told 90 later",
      "schedule true told 80 raised",
      "schedule true xstate.after.wait.m.busy 250 xstate.after.wait.m.busy",
      "cancel true xstate.after.wait.m.busy",
    ]);
  });

  test("action types of built-in actions begin with xstate.", () => {
    expect(watched().actions).toEqual([
      "xstate.sendTo",
      "xstate.sendTo",
      "xstate.raise",
      "xstate.spawnChild",
      "xstate.raise",
      "xstate.cancel",
      "xstate.stopChild",
    ]);
  });

  test("a built-in action is a function with resolve, a custom one is not", () => {
    const { actions } = setup({
      actions: { built: assign({}), custom: () => {} },
    }).createMachine({}).implementations as unknown as { actions: Record<string, object> };
    expect(Object.entries(actions).map(([name, action]) => [name, "resolve" in action])).toEqual([
      ["built", true],
      ["custom", false],
    ]);
  });

  test("an unchanged snapshot is the very same object, and one that only sends is it too", () => {
    const actor = createActor(
      setup({ actions: { raiseLater: raise({ type: "told" }, { delay: 80 }) } }).createMachine({
        on: { sends: { actions: "raiseLater" } },
      }),
      { clock: new SimulatedClock() },
    ).start();
    const before = actor.getSnapshot();
    actor.send({ type: "unheardOf" });
    expect(actor.getSnapshot()).toBe(before);
    actor.send({ type: "sends" });
    expect(actor.getSnapshot()).toBe(before);
    expect([before.can({ type: "unheardOf" }), before.can({ type: "sends" })]).toEqual([
      false,
      true,
    ]);
  });

  test("init and stop events are named xstate.init and xstate.stop", () => {
    const heard: string[] = [];
    const child = fromTransition((state: null, { type }: EventObject) => {
      heard.push(type);
      return state;
    }, null);
    const family = setup({ actors: { child } }).createMachine({
      invoke: { src: "child", id: "child" },
      entry: assign(({ event }) => {
        heard.push(event.type);
        return {};
      }),
    });
    createActor(family).start().stop();
    expect(heard).toEqual(["xstate.init", "xstate.stop"]);
    expect(getInitialSnapshot(family).status).toBe("active");
  });
});
