import { describe, expect, test } from "bun:test";
import { type DeskInput, deskMachine } from "./desk.machine.ts";
import { type ActorKind, actorKinds } from "./domain/ids.ts";
import { positionActor } from "./samples.fixture.ts";
import { Stepper } from "./stepping.fixture.ts";
import type { SupervisionLimits } from "./supervision.ts";

const limits: SupervisionLimits = {
  faults: 2,
  faultWindowMs: 1_000,
  restarts: 2,
  restartWindowMs: 100_000,
  backoffMs: 100,
  backoffMostMs: 1_000,
};
const supervision = Object.fromEntries(actorKinds.map((kind) => [kind, limits])) as Record<
  ActorKind,
  SupervisionLimits
>;
const input: DeskInput = {
  feeds: [],
  scanners: [],
  accounts: [],
  reconcilers: [],
  breakers: [],
  supervision,
};
type DeskStepper = Stepper<typeof deskMachine>;
const alive = [
  [positionActor, "position"],
  ["order:paper:main/BTC/USD/1/entry", "order"],
  ["scanner:paper:main/BTC/USD", "scanner"],
  ["account:paper:main", "account"],
  ["reconciler:paper:main", "reconciler"],
  ["feed:BTC/USD", "feed"],
  ["breaker:dailyLoss/desk", "breaker"],
] as const;

/** The root with one child of each kind. */
function desk(): DeskStepper {
  const stepper = new Stepper(deskMachine, input);
  for (const [name, kind] of alive) stepper.send({ type: "actor.revive", name, kind });
  stepper.spawned.length = 0;
  return stepper;
}

const fault = (at: number, name = positionActor, kind: ActorKind = "position") =>
  ({ type: "child.faulted", name, kind, error: "boom", at }) as const;

/** As many faults as restart it. */
function failing(stepper: DeskStepper, at: number, name?: string, kind?: ActorKind): DeskStepper {
  return stepper.send(fault(at, name, kind), fault(at + 1, name, kind), fault(at + 2, name, kind));
}

/** Restarted as often as it may be, and failing still. */
function givenUp(): DeskStepper {
  const stepper = desk();
  for (const at of [1_000, 5_000]) failing(stepper, at).fire(`restart/${positionActor}`);
  return failing(stepper, 9_000);
}

describe("a child that fails", () => {
  test("too often is stopped and started again under its name after a pause", () => {
    const stepper = failing(desk(), 1_000);
    const waited = (stepper.nextDeadline ?? 0) - stepper.now;
    expect([stepper.pendingTimers, stepper.stopped, waited >= 50 && waited <= 100]).toEqual([
      [`restart/${positionActor}`],
      [],
      true,
    ]);
    stepper.fire(`restart/${positionActor}`);
    expect(stepper.stopped).toEqual([positionActor]);
    expect(stepper.spawned).toEqual([{ src: "position", id: positionActor, input: {} }]);
    expect(stepper.snapshot.context.children[positionActor]).toMatchObject({
      faults: [],
      state: "up",
    });
  });

  test("now and then is left alone", () => {
    const stepper = desk().send(fault(1_000), fault(3_000), fault(5_000), fault(7_000));
    expect([stepper.pendingTimers, stepper.snapshot.context.brakes]).toEqual([[], []]);
  });

  test("takes no other with it", () => {
    const stepper = failing(desk(), 1_000).send(fault(1_001, "feed:BTC/USD", "feed"));
    stepper.fire(`restart/${positionActor}`);
    expect([stepper.stopped, stepper.snapshot.context.children["feed:BTC/USD"]?.faults]).toEqual([
      [positionActor],
      [1_001],
    ]);
  });

  test("for ever is given up: its account is braked, with an alarm", () => {
    const { context } = givenUp().snapshot;
    expect(context.brakes).toEqual([
      {
        brakeId: `supervision/${positionActor}/paper:main`,
        kind: "supervision",
        scope: "paper:main",
        reason: `"${positionActor}" was restarted 2 times and still fails: boom`,
        since: 9_002,
        releasedBy: "brake release, once the cause is known",
      },
    ]);
    expect([context.alarms, context.lastAlarm]).toEqual([
      1,
      `${positionActor}: Child is given up: boom`,
    ]);
  });

  test.each([
    ["order:paper:main/BTC/USD/1/entry", "order", "paper:main"],
    ["scanner:paper:main/BTC/USD", "scanner", "paper:main"],
    ["account:paper:main", "account", "paper:main"],
    ["reconciler:paper:main", "reconciler", "paper:main"],
    ["feed:BTC/USD", "feed", "desk"],
    ["breaker:dailyLoss/desk", "breaker", "desk"],
  ] as const)("and is given up, %s, brakes what it is of", (name, kind, scope) => {
    const stepper = desk();
    for (const at of [1_000, 5_000]) failing(stepper, at, name, kind).fire(`restart/${name}`);
    failing(stepper, 9_000, name, kind);
    expect(stepper.snapshot.context.brakes.map((brake) => brake.scope)).toEqual([scope]);
  });

  test("after it was given up is not restarted, nor given up once more", () => {
    const stepper = failing(givenUp(), 9_100);
    expect([stepper.pendingTimers, stepper.snapshot.context.brakesSet]).toEqual([[], 1]);
  });

  test("gets another chance when its brake is released", () => {
    const stepper = givenUp();
    const [brake] = stepper.snapshot.context.brakes;
    stepper.send({
      type: "brake.off",
      kind: "supervision",
      scope: brake?.scope ?? "",
      brakeId: brake?.brakeId ?? "",
    });
    expect(stepper.snapshot.context.brakes).toEqual([]);
    failing(stepper, 9_500);
    expect(stepper.pendingTimers).toEqual([`restart/${positionActor}`]);
  });

  test("that came to its end meanwhile is forgotten and not started again", () => {
    const stepper = failing(desk(), 1_000);
    stepper.send({ type: "actor.finished", name: positionActor });
    expect(stepper.snapshot.context.children).toEqual({});
    stepper.fire(`restart/${positionActor}`);
    expect(stepper.spawned).toEqual([]);
  });

  test("is the root itself: nobody restarts it", () => {
    const stepper = failing(desk(), 1_000, "desk", "desk");
    expect([stepper.pendingTimers, stepper.snapshot.context.children]).toEqual([[], {}]);
  });
});

describe("a restart that fails", () => {
  const failed = (at: number) =>
    ({
      type: "child.restartFailed",
      name: positionActor,
      kind: "position",
      error: "boom",
      at,
    }) as const;

  test("is tried again after a longer pause, and given up past the limit", () => {
    const stepper = failing(desk(), 1_000).send(failed(2_000));
    expect(stepper.pendingTimers).toEqual([`restart/${positionActor}`]);
    stepper.send(failed(3_000));
    expect(stepper.snapshot.context.children[positionActor]?.state).toBe("givenUp");
    expect(stepper.snapshot.context.brakes).toHaveLength(1);
  });
});

test("releasing another supervision brake leaves no trace of a child", () => {
  const scope = "desk";
  const on = { type: "brake.on", kind: "supervision", rule: "order:gone", scope } as const;
  const stepper = desk().send({ ...on, reason: "lost", releasedBy: "you", at: 1 });
  const [brake] = stepper.snapshot.context.brakes;
  stepper.send({ type: "brake.off", kind: "supervision", scope, brakeId: brake?.brakeId ?? "" });
  const { brakes, children } = stepper.snapshot.context;
  expect({ brakes, children }).toEqual({ brakes: [], children: {} });
});

test("a job under a root of before there were any is supervised as the root itself", () => {
  const { job: _, ...before } = supervision;
  const older = { ...input, supervision: before as typeof supervision };
  const stepper = new Stepper(deskMachine, older);
  const fault = {
    type: "child.faulted",
    name: "job:1",
    kind: "job",
    error: "boom",
    at: 1,
  } as const;
  stepper.send(fault);
  expect(stepper.snapshot.context.children["job:1"]?.faults).toEqual([1]);
});
