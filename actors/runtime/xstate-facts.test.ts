/**
 * What the runtime takes for granted of XState, as documented or as found out. A test that fails
 * here after an upgrade says which part of the runtime to look at before anything else.
 */
import { describe, expect, test } from "bun:test";
import {
  type ActorLogic,
  type ActorScope,
  type AnyActorRef,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  assign,
  createActor,
  type EventObject,
  fromPromise,
  fromTransition,
  type InspectionEvent,
  raise,
  SimulatedClock,
  sendTo,
  setup,
  spawnChild,
  stopChild,
} from "xstate";
import { effect } from "../../machines/domain/effect.ts";

const root = new URL("../..", import.meta.url).pathname;

/** Runs a program of its own: what ends a process must not end the tests. */
async function run(program: string): Promise<{ code: number; output: string }> {
  const command = [process.execPath, "--conditions=development", "-e", program];
  const child = Bun.spawn(command, { cwd: root, stdout: "pipe", stderr: "pipe" });
  const [output, errors] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, output: output + errors };
}

describe("custom actions", () => {
  test("run inside transition(), before any wrapper sees the result", () => {
    const order: string[] = [];
    const machine = setup({ actions: { act: () => order.push("action") } }).createMachine({
      on: { go: { actions: "act" } },
    });
    const wrapped: ActorLogic<AnyMachineSnapshot, EventObject> = {
      ...(machine as unknown as ActorLogic<AnyMachineSnapshot, EventObject>),
      transition(snapshot, event, scope) {
        const next = (machine as AnyStateMachine).transition(snapshot, event, scope);
        order.push("result");
        return next as AnyMachineSnapshot;
      },
    };
    createActor(wrapped).start().send({ type: "go" });
    expect(order).toEqual(["action", "result"]);
  });
});

describe("after", () => {
  const machine = setup({ delays: { wait: 100 } }).createMachine({
    initial: "waiting",
    states: { waiting: { after: { wait: "rung" } }, rung: {} },
  });

  test("fires in an actor that was started anew", () => {
    const clock = new SimulatedClock();
    const actor = createActor(machine, { clock }).start();
    clock.increment(100);
    expect(actor.getSnapshot().value).toBe("rung");
  });

  test("is not armed again in an actor that was restored", () => {
    const persisted = createActor(machine, { clock: new SimulatedClock() })
      .start()
      .getPersistedSnapshot();
    const clock = new SimulatedClock();
    const actor = createActor(machine, { clock, snapshot: persisted }).start();
    clock.increment(1_000_000);
    expect(actor.getSnapshot().value).toBe("waiting");
  });
});

describe("an invoked effect", () => {
  function restored(change: (children: Record<string, unknown>) => void) {
    const started: string[] = [];
    const machine = setup({
      actors: {
        ask: fromPromise(async () => {
          started.push("ask");
        }),
      },
    }).createMachine({
      initial: "asking",
      states: { asking: { invoke: { src: "ask", id: "ask" } } },
    });
    const first = createActor(machine).start();
    const persisted = structuredClone(first.getPersistedSnapshot());
    first.stop();
    started.length = 0;
    change((persisted as unknown as { children: Record<string, unknown> }).children);
    createActor(machine, { snapshot: persisted }).start();
    return started;
  }

  test("is started again on restore with its entry in the persisted snapshot", () => {
    expect(restored(() => {})).toEqual(["ask"]);
  });

  test("is never started again on restore without its entry", () => {
    const started = restored((children) => {
      delete children.ask;
    });
    expect(started).toEqual([]);
  });

  test("as fromTransition keeps its input as its context through a restore", () => {
    const machine = setup({ actors: { ask: effect<{ question: number }>() } }).createMachine({
      initial: "asking",
      states: { asking: { invoke: { src: "ask", id: "ask", input: { question: 7 } } } },
    });
    const persisted = createActor(machine).start().getPersistedSnapshot();
    const plain = JSON.parse(JSON.stringify(persisted));
    const { children } = createActor(machine, { snapshot: plain }).start().getSnapshot();
    const snapshot = { status: "active", context: { question: 7 } };
    expect(plain.children).toEqual({ ask: { snapshot, src: "ask", syncSnapshot: false } });
    expect(children.ask?.getSnapshot().context).toEqual({ question: 7 });
  });
});

describe("finished children", () => {
  const parent = setup({
    types: { events: {} as { type: "make" | "drop"; id: string } },
    actors: {
      child: setup({}).createMachine({ initial: "over", states: { over: { type: "final" } } }),
    },
    actions: {
      make: spawnChild("child", {
        id: (({ event }: { event: { id: string } }) => event.id) as never,
      }),
      drop: stopChild(({ event }) => event.id),
    },
  }).createMachine({ on: { make: { actions: "make" }, drop: { actions: "drop" } } });

  test("are kept in the parent's children, however many, until they are stopped", () => {
    const actor = createActor(parent).start();
    const kept = () => Object.keys(actor.getSnapshot().children).length;
    for (let index = 0; index < 500; index++) actor.send({ type: "make", id: `child${index}` });
    expect(kept()).toBe(500);
    expect(actor.getSnapshot().children.child7?.getSnapshot().status).toBe("done");
    for (let index = 0; index < 499; index++) actor.send({ type: "drop", id: `child${index}` });
    expect(Object.keys(actor.getSnapshot().children)).toEqual(["child499"]);
  });
});

const failingFamily = `
  import { createActor, fromPromise, setup } from "xstate";
  const child = fromPromise(async () => { throw new Error("child failed"); });
  const machine = (onError) => setup({ actors: { child } }).createMachine({
    initial: "busy",
    states: { busy: { invoke: { src: "child", id: "child", ...onError } }, over: {} },
  });
  const middle = (onError) => setup({ actors: { middle: machine(onError) } }).createMachine({
    invoke: { src: "middle", id: "middle" },
  });
`;

describe("an unhandled xstate.error.actor.*", () => {
  test("takes down the parent and then the root, an error observer on the child or not", async () => {
    const { code, output } = await run(`${failingFamily}
      const root = createActor(middle({}));
      root.subscribe({ error: (error) => console.log("root is told: " + error.message) });
      root.start();
      const { middle: parent } = root.getSnapshot().children;
      const { child: own } = parent.getSnapshot().children;
      own.subscribe({ error: () => console.log("the observer is told") });
      await Bun.sleep(10);
      console.log(own.getSnapshot().status, parent.getSnapshot().status, root.getSnapshot().status);
    `);
    expect({ code, lines: output.trim().split("\n").sort() }).toEqual({
      code: 0,
      lines: ["error error error", "root is told: child failed", "the observer is told"],
    });
  });

  test("without an error observer on the root ends the process with code 1", async () => {
    const { code, output } = await run(`${failingFamily}
      createActor(middle({})).start();
      setTimeout(() => console.log("still there"), 1000);
    `);
    expect(output).toContain("child failed");
    expect({ code, isThere: output.includes("still there") }).toEqual({ code: 1, isThere: false });
  });

  test("that the parent handles harms nobody", async () => {
    const { code, output } = await run(`${failingFamily}
      const root = createActor(middle({ onError: "over" })).start();
      await Bun.sleep(10);
      console.log(root.getSnapshot().status, root.getSnapshot().children.middle.getSnapshot().value);
    `);
    expect({ code, output: output.trim() }).toEqual({ code: 0, output: "active over" });
  });
});

describe("a guard that throws", () => {
  const program = `
    import { createActor, setup } from "xstate";
    const machine = setup({ guards: { broken: () => { throw new Error("guard failed"); } } })
      .createMachine({ on: { go: { guard: "broken" } } });
    const actor = createActor(machine);
  `;

  test("without an error observer ends the process with code 1", async () => {
    const { code, output } = await run(`${program}
      actor.start();
      actor.send({ type: "go" });
      setTimeout(() => console.log("still there"), 1000);
    `);
    expect(output).toContain("guard failed");
    expect({ code, isThere: output.includes("still there") }).toEqual({ code: 1, isThere: false });
  });

  test("with an error observer leaves the actor in error and the process alive", async () => {
    const { code, output } = await run(`${program}
      actor.subscribe({ error: () => {} });
      actor.start();
      actor.send({ type: "go" });
      await Bun.sleep(10);
      console.log(actor.getSnapshot().status);
    `);
    expect({ code, output: output.trim() }).toEqual({ code: 0, output: "error" });
  });
});

describe("inspection", () => {
  function inspected(): { types: Set<string>; text: string; actions: string[] } {
    const machine = setup({
      types: { context: {} as { count: number } },
      guards: { mayNotGo: () => false, mayGoNow: () => true },
      actions: {
        count: assign(({ context }) => ({ count: context.count + 1 })),
        custom: () => {},
      },
    }).createMachine({
      context: { count: 0 },
      on: {
        go: [
          { guard: "mayNotGo", actions: "custom" },
          { guard: "mayGoNow", actions: ["count", "custom", raise({ type: "went" })] },
        ],
      },
    });
    const events: InspectionEvent[] = [];
    const actor = createActor(machine, { inspect: (event) => events.push(event) }).start();
    events.length = 0;
    actor.send({ type: "go" });
    expect(actor.getSnapshot().context).toEqual({ count: 1 });
    const told = events.map((event) => {
      // The refs and the machine carry their definitions; what is told is the rest.
      const {
        actorRef: _,
        snapshot: __,
        rootId: ___,
        ...rest
      } = event as unknown as Record<string, unknown>;
      const { _transitions: fired, ...said } = rest as { _transitions?: unknown };
      return said;
    });
    return {
      types: new Set(events.map(({ type }) => type)),
      text: JSON.stringify(told),
      actions: events.flatMap((event) =>
        event.type === "@xstate.action" ? [event.action.type] : [],
      ),
    };
  }

  test("does not tell the results of guards, those that failed least of all", () => {
    const { types, text } = inspected();
    expect([...types].sort()).toEqual([
      "@xstate.action",
      "@xstate.event",
      "@xstate.microstep",
      "@xstate.snapshot",
    ]);
    expect(text).not.toContain("mayNotGo");
    expect(text).not.toContain("mayGoNow");
  });

  test("never reports assign, only other actions", () => {
    expect(inspected().actions).toEqual(["custom", "xstate.raise"]);
  });
});

describe("a wrapper with a held scope", () => {
  /** In a few lines what `durable` does: what a transition defers is let go if it did not throw. */
  function held(machine: AnyStateMachine): ActorLogic<AnyMachineSnapshot, EventObject> {
    return {
      ...(machine as unknown as ActorLogic<AnyMachineSnapshot, EventObject>),
      transition(snapshot, event, outer) {
        const deferred: (() => void)[] = [];
        const scope: ActorScope<AnyMachineSnapshot, EventObject> = {
          ...outer,
          defer: (each) => deferred.push(each),
        };
        try {
          const next = machine.transition(snapshot, event, scope) as AnyMachineSnapshot;
          for (const each of deferred) outer.defer(each);
          return next;
        } catch {
          return snapshot;
        }
      },
    };
  }

  const heard: string[] = [];
  const listener = createActor(
    fromTransition((state: null, event: EventObject) => {
      heard.push(event.type);
      return state;
    }, null),
  ).start();
  const machine = setup({
    types: { context: {} as { count: number } },
    actions: {
      tell: sendTo(() => listener as AnyActorRef, { type: "told" }),
      count: assign(({ context }) => ({ count: context.count + 1 })),
      broken: assign(() => {
        throw new Error("broken");
      }),
    },
  }).createMachine({
    context: { count: 0 },
    on: {
      good: { actions: ["count", "tell"] },
      bad: { actions: ["count", "tell", "broken"] },
    },
  });

  test("lets the sends of a good transition go and those of a throwing one not", () => {
    heard.length = 0;
    const actor = createActor(held(machine)).start();
    actor.send({ type: "bad" });
    expect({ heard: [...heard], count: actor.getSnapshot().context.count }).toEqual({
      heard: [],
      count: 0,
    });
    actor.send({ type: "good" });
    actor.send({ type: "bad" });
    expect({ heard: [...heard], snapshot: actor.getSnapshot().context }).toEqual({
      heard: ["told"],
      snapshot: { count: 1 },
    });
  });

  test("has no spare: without it a throwing transition leaves its sends behind", () => {
    heard.length = 0;
    const actor = createActor(machine);
    actor.subscribe({ error: () => {} });
    actor.start();
    actor.send({ type: "bad" });
    // XState keeps them for whatever is deferred next: no send of an undone turn may be left so.
    const { _deferred } = actor as unknown as { _deferred: unknown[] };
    expect({ heard: [...heard], left: _deferred.length }).toEqual({ heard: [], left: 1 });
  });
});
