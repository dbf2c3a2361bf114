import { describe, expect, test } from "bun:test";
import { actorName } from "./domain/ids.ts";
import { reconcilerMachine } from "./reconciler.machine.ts";
import { at } from "./samples.fixture.ts";
import { Stepper } from "./stepping.fixture.ts";

describe("a reconciler", () => {
  const settings = { at, intervalMs: 900, retryMs: 50, patience: 3 };
  const reconciler = () => new Stepper(reconcilerMachine, settings);
  const differed = {
    type: "reconcile.differed",
    differences: ["BTC: 1, 2"],
    coins: ["BTC"],
    isCertain: false,
    at: 2,
  } as const;
  const matched = { type: "reconcile.matched", at: 4 } as const;
  const unreadable = { type: "reconcile.unreadable", cause: "time-out" } as const;
  const account = actorName.account(at);

  test("reads at its start", () => {
    expect(reconciler().wants).toEqual(["readAccount"]);
  });

  test("tells a match and reads again after its interval", () => {
    const stepper = reconciler().send(matched);
    expect(stepper.sentTo(account)).toEqual([{ type: "account.reconciled", at: 4 }]);
    expect([stepper.snapshot.value, stepper.wants]).toEqual(["resting", []]);
    stepper.fire("interval");
    expect([stepper.now, stepper.wants]).toEqual([900, ["readAccount"]]);
  });

  test("calls a difference a mismatch only once it lasted", () => {
    const stepper = reconciler();
    const told = [1, 2, 3, 4].map(() => {
      stepper.send(differed).fire("retry");
      return stepper.sentTo(account).length;
    });
    expect(told).toEqual([0, 0, 1, 2]);
  });

  test("calls what no wait can make right a mismatch at once", () => {
    const stepper = reconciler().send({ ...differed, isCertain: true });
    expect(stepper.sentTo(account)).toMatchObject([{ type: "account.mismatched" }]);
    expect(stepper.snapshot.value).toBe("retrying");
  });

  test("asks what moved a coin from the reading on in which its difference has lasted", () => {
    const stepper = reconciler();
    const asked = [1, 2, 3, 4].map(() => {
      const [read] = stepper.invoked;
      stepper.send(differed).fire("retry");
      return read?.input;
    });
    const coins = ["BTC"];
    expect(asked).toEqual([{ at }, { at }, { at, coins }, { at, coins }]);
    stepper.send(matched).fire("interval");
    expect(stepper.invoked[0]?.input).toEqual({ at });
  });

  test("asks for no movement where orders alone differ", () => {
    const stepper = reconciler();
    for (const _ of [1, 2, 3]) stepper.send({ ...differed, coins: [] }).fire("retry");
    expect(stepper.invoked[0]?.input).toEqual({ at });
  });

  test.each([
    ["differs", differed],
    ["cannot be read", unreadable],
  ] as const)(
    "waits twice as long each time while its account %s, up to the interval",
    (_, event) => {
      const stepper = reconciler();
      const read = Array.from({ length: 7 }, () => stepper.send(event).fire("retry").now);
      expect(read).toEqual([50, 150, 350, 750, 1_550, 2_450, 3_350]);
    },
  );

  test("waits a minute at most, however long the interval is", () => {
    const stepper = new Stepper(reconcilerMachine, {
      ...settings,
      intervalMs: 900_000,
      retryMs: 5_000,
    });
    const read = Array.from(
      { length: 7 },
      () => stepper.send(unreadable).fire("retry").now / 1_000,
    );
    expect(read).toEqual([5, 15, 35, 75, 135, 195, 255]);
  });

  test.each([
    ["a match", [matched], "interval"],
    ["being asked as it waits", [{ type: "reconcile.now" }, differed], "retry"],
  ] as const)("waits briefly again after %s", (_, events, delay) => {
    const stepper = reconciler();
    for (const _ of [1, 2, 3]) stepper.send(unreadable).fire("retry");
    if (delay === "retry") stepper.send(unreadable);
    for (const event of events) stepper.send(event);
    stepper.fire(delay);
    const before = stepper.now;
    stepper.send(differed).fire("retry");
    expect(stepper.now - before).toBe(delay === "retry" ? 100 : 50);
  });

  test("asked while it reads waits briefly again, should that reading be in vain too", () => {
    const stepper = reconciler();
    for (const _ of [1, 2, 3]) stepper.send(unreadable).fire("retry");
    const before = stepper.now;
    stepper.send({ type: "reconcile.now" }, unreadable).fire("retry");
    expect(stepper.now - before).toBe(50);
  });

  test("never waits less than told, even where the interval is less", () => {
    const stepper = new Stepper(reconcilerMachine, { ...settings, intervalMs: 10 });
    expect(stepper.send(unreadable).fire("retry").now).toBe(50);
  });

  test("restores from a snapshot that knows no pauses", () => {
    const stepper = reconciler().send(unreadable);
    const { inVain: _, ...older } = stepper.snapshot.context;
    stepper.snapshot = { ...stepper.snapshot, context: older };
    stepper.fire("retry").send(unreadable).fire("retry");
    expect(stepper.now).toBe(100);
  });

  test("starts counting anew after a match", () => {
    const stepper = reconciler();
    for (const event of [differed, differed, matched]) {
      stepper.send(event);
      stepper.fireNext();
    }
    stepper.send(differed);
    expect(stepper.snapshot.context.differed).toBe(1);
  });

  test("takes a failed reading for nothing: neither a match nor a difference", () => {
    const stepper = reconciler().send(differed).fire("retry").send(unreadable);
    const counted = { differed: 1, unreadable: 1, cause: "time-out" };
    expect(stepper.snapshot.context).toMatchObject(counted);
    expect([stepper.snapshot.value, stepper.sentTo(account)]).toEqual(["retrying", []]);
  });

  test.each([differed, matched])(
    "forgets why it could not read with a sound reading: $type",
    (sound) => {
      const stepper = reconciler().send(unreadable).fire("retry").send(sound);
      expect(stepper.snapshot.context).toMatchObject({ unreadable: 0, cause: null });
    },
  );

  test("goes on after its reading threw", () => {
    const stepper = reconciler().sendForeign({ type: "xstate.error.actor.readAccount" });
    expect([stepper.snapshot.value, stepper.snapshot.status]).toEqual(["retrying", "active"]);
  });

  test("asked while it reads does not read twice at once, but once more after the match", () => {
    const stepper = reconciler();
    const [before] = stepper.invoked;
    stepper.send({ type: "reconcile.now" }, { type: "reconcile.now" });
    expect(stepper.invoked[0]?.ref).toBe(before?.ref);
    stepper.send(matched);
    // What it was asked for may have happened behind the reading that matched.
    expect([stepper.snapshot.value, stepper.wants]).toEqual(["reading", ["readAccount"]]);
    expect(stepper.sentTo(account)).toHaveLength(1);
    stepper.send(matched);
    expect([stepper.snapshot.value, stepper.wants]).toEqual(["resting", []]);
  });

  test("asked while it reads is read anyway after a difference: that is tried again", () => {
    const stepper = reconciler().send({ type: "reconcile.now" }, differed).fire("retry");
    expect([stepper.snapshot.value, stepper.snapshot.context.again]).toEqual(["reading", false]);
  });

  test("asked while it rests reads at once", () => {
    expect(reconciler().send(matched, { type: "reconcile.now" }).wants).toEqual(["readAccount"]);
  });
});
