import { describe, expect, test } from "bun:test";
import { feedMachine } from "./feed.machine.ts";
import { symbol } from "./samples.fixture.ts";
import { Stepper } from "./stepping.fixture.ts";

describe("a feed", () => {
  const feed = () => new Stepper(feedMachine, { symbol, timeframeMs: 60_000 });
  const opened = { type: "feed.opened", at: 3 } as const;

  test("lives from its first bar on and counts what its source left out", () => {
    const stepper = feed().send(
      opened,
      { type: "feed.gap", missed: 2 },
      { type: "feed.gap", missed: 3 },
    );
    expect(stepper.snapshot.value).toBe("live");
    expect(stepper.snapshot.context).toMatchObject({ firstBarAt: 3, missed: 5, gaps: 2 });
  });

  test("that ended may open again, and keeps when it first did", () => {
    const stepper = feed().send(opened, { type: "feed.ended" }, { type: "feed.opened", at: 9 });
    expect([stepper.snapshot.value, stepper.snapshot.context.firstBarAt]).toEqual(["live", 3]);
  });
});
