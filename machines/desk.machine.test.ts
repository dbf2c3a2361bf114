import { describe, expect, test } from "bun:test";
import { type DeskInput, deskMachine } from "./desk.machine.ts";
import { brakeOn } from "./domain/brake.ts";
import { at, intent, orderInput, positionActor, positionInput, symbol } from "./samples.fixture.ts";
import { Stepper } from "./stepping.fixture.ts";
import type { SupervisionLimits } from "./supervision.ts";

const limits: SupervisionLimits = {
  faults: 2,
  faultWindowMs: 1_000,
  restarts: 2,
  restartWindowMs: 10_000,
  backoffMs: 100,
  backoffMostMs: 1_000,
};

const input: DeskInput = {
  feeds: [{ symbol, timeframeMs: 60_000 }],
  scanners: [{ at, symbol, coolDownMs: 1 }],
  accounts: [{ at }],
  reconcilers: [{ at, intervalMs: 1, retryMs: 1, patience: 1 }],
  breakers: [{ rule: "dailyLoss", scope: "desk", limit: "0.05", releasedBy: "a new day" }],
  supervision: {
    desk: limits,
    feed: limits,
    scanner: limits,
    order: limits,
    position: limits,
    account: limits,
    reconciler: limits,
    breaker: limits,
    job: limits,
  },
};
const desk = () => new Stepper(deskMachine, input);

const pause = {
  type: "brake.on",
  kind: "pause",
  scope: "desk",
  reason: "by operator",
  releasedBy: "resume",
  at: 5,
} as const;
const loss = { ...pause, kind: "breaker", rule: "dailyLoss" } as const;
const streak = { ...loss, rule: "losingStreak" } as const;
const mismatch = { ...pause, kind: "mismatch", scope: "paper:main" } as const;
const other = { ...mismatch, scope: "paper:other" } as const;

type On = typeof pause | typeof loss | typeof streak | typeof mismatch | typeof other;

function off(brake: On) {
  const { kind, scope } = brake;
  return { type: "brake.off", kind, scope, ...("rule" in brake && { rule: brake.rule }) } as const;
}

const ids = (stepper: ReturnType<typeof desk>) =>
  stepper.snapshot.context.brakes.map(({ brakeId }) => brakeId);

describe("the desk", () => {
  test("takes in a claimed order under its stable name, as it is given", () => {
    const input = orderInput({ intentId: "paper:main/foreign/V1", role: "foreign" });
    const stepper = desk().send({ type: "order.claim", input });
    const name = "order:paper:main/foreign/V1";
    expect(Object.keys(stepper.snapshot.children)).toContain(name);
  });

  test("starts every durable actor under its stable name", () => {
    expect(desk().spawned.map(({ id, src }) => [src, id])).toEqual([
      ["feed", "feed:BTC/USD"],
      ["account", "account:paper:main"],
      ["breaker", "breaker:dailyLoss/desk"],
      ["scanner", "scanner:paper:main/BTC/USD"],
      ["reconciler", "reconciler:paper:main"],
    ]);
  });

  test("opens positions and places orders as actors of their own", () => {
    const { createdAt: _, ...wanted } = intent;
    const stepper = desk().send(
      { type: "position.open", plan: positionInput },
      { type: "order.place", intent: wanted },
    );
    expect(stepper.spawned.slice(-2)).toEqual([
      { src: "position", id: positionActor, input: positionInput },
      { src: "order", id: `order:${wanted.intentId}`, input: { intent: wanted } },
    ]);
  });

  test("buries what is finished and revives it by name", () => {
    const stepper = desk().send({ type: "position.open", plan: positionInput });
    stepper.send({ type: "actor.finished", name: positionActor });
    expect([stepper.stopped, stepper.wants.includes("position")]).toEqual([[positionActor], false]);
    stepper.send({ type: "actor.revive", name: positionActor, kind: "position" });
    expect(stepper.wants).toContain("position");
  });

  test("counts alarms and keeps the last one", () => {
    const stepper = desk().send({ type: "alarm.raised", from: "feed:BTC/USD", text: "stale" });
    expect(stepper.snapshot.context).toMatchObject({ alarms: 1, lastAlarm: "feed:BTC/USD: stale" });
  });

  test("outlives a child's error that nobody handled, with an alarm", () => {
    const stepper = desk().sendForeign({ type: "xstate.error.actor.feed:BTC/USD" });
    expect([stepper.snapshot.status, stepper.snapshot.context.alarms]).toEqual(["active", 1]);
  });
});

describe("a brake", () => {
  test("is set with why, since when and what releases it", () => {
    expect(desk().send(pause).snapshot.context.brakes).toEqual([
      {
        brakeId: "pause/desk",
        kind: "pause",
        scope: "desk",
        reason: "by operator",
        since: 5,
        releasedBy: "resume",
      },
    ]);
  });

  test("set again changes nothing", () => {
    const stepper = desk().send(pause, { ...pause, reason: "again", at: 9 });
    expect(stepper.snapshot.context).toMatchObject({ brakesSet: 1, brakes: [{ since: 5 }] });
  });

  const all = [pause, loss, streak, mismatch, other];
  const allIds = [
    "pause/desk",
    "breaker/dailyLoss/desk",
    "breaker/losingStreak/desk",
    "mismatch/paper:main",
    "mismatch/paper:other",
  ];
  test.each(all.map((brake, index) => [allIds[index] ?? "", brake] as const))(
    "%s is released alone, by its kind, rule and scope",
    (id, brake) => {
      const stepper = desk().send(...all);
      expect(ids(stepper)).toEqual(allIds);
      expect(ids(stepper.send(off(brake)))).toEqual(allIds.filter((each) => each !== id));
    },
  );

  test("that is not on is released without a trace", () => {
    const stepper = desk();
    const before = stepper.snapshot.context;
    expect(stepper.send(off(pause)).snapshot.context).toEqual(before);
  });

  test.each([
    ["the desk's covers every account and symbol", pause, "paper:other", "ETH/USD", true],
    ["an account's covers its symbols", mismatch, "paper:main", "ETH/USD", true],
    ["an account's leaves other accounts alone", mismatch, "paper:other", "ETH/USD", false],
    [
      "a symbol's covers it on its account",
      { ...pause, scope: "paper:main/BTC/USD" },
      "paper:main",
      "BTC/USD",
      true,
    ],
    [
      "a symbol's leaves other symbols alone",
      { ...pause, scope: "paper:main/BTC/USD" },
      "paper:main",
      "ETH/USD",
      false,
    ],
  ])("%s", (_, brake, account, of, isOn) => {
    const { brakes } = desk().send(brake).snapshot.context;
    expect(brakeOn(brakes, account, of) !== undefined).toBe(isOn);
  });
});
