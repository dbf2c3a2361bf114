import { describe, expect, test } from "bun:test";
import { at, positionActor, positionId, positionInput, symbol } from "./samples.fixture.ts";
import { type ScannerEvent, scannerMachine } from "./scanner.machine.ts";
import { Stepper } from "./stepping.fixture.ts";

const trade: ScannerEvent = { type: "decision.trade", plan: positionInput };
const closed: ScannerEvent = { type: "position.closed", positionId };

describe("a scanner", () => {
  const scanner = () => new Stepper(scannerMachine, { at, symbol, coolDownMs: 60 });

  test("that trades opens one position and is engaged", () => {
    const stepper = scanner().send(trade);
    expect(stepper.snapshot.value).toBe("engaged");
    expect(stepper.snapshot.context).toMatchObject({ opened: 1, positionId });
    expect(stepper.sentTo("desk")).toEqual([{ type: "position.open", plan: positionInput }]);
  });

  test("engaged does not open a second position, and alarms", () => {
    const stepper = scanner().send(trade, trade);
    expect(stepper.snapshot.context.opened).toBe(1);
    expect(stepper.sentTo("desk").map(({ type }) => type)).toEqual([
      "position.open",
      "alarm.raised",
    ]);
  });

  test("engaged passes an exit on to its position", () => {
    const stepper = scanner().send(trade, { type: "decision.exit" });
    expect(stepper.sentTo(positionActor)).toEqual([{ type: "exit.wanted", reason: "signal" }]);
  });

  test("cools down when its position closed, then scans again", () => {
    const stepper = scanner().send(trade, closed);
    expect([stepper.snapshot.value, stepper.snapshot.context.positionId]).toEqual([
      "coolingDown",
      null,
    ]);
    stepper.fire("coolDown");
    expect([stepper.snapshot.value, stepper.now]).toEqual(["scanning", 60]);
  });

  test("takes the close of another position for nothing", () => {
    const stepper = scanner().send(trade, { type: "position.closed", positionId: "other" });
    expect([stepper.snapshot.value, stepper.sentTo("desk").length]).toEqual(["engaged", 1]);
  });
});
