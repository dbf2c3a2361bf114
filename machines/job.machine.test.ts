import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type JobEvent, jobMachine } from "./job.machine.ts";
import { jobInput } from "./samples.fixture.ts";
import { allStates, Stepper, statesOf } from "./stepping.fixture.ts";

const job = () => new Stepper(jobMachine, jobInput);

const begun = { type: "job.begun", at: 2 } as const;
const progressed = { type: "job.progressed", done: 3, of: 9, at: 3 } as const;
const finished = { type: "job.finished", result: "out.json", at: 4 } as const;
const failed = { type: "job.failed", reason: "no such file", at: 4 } as const;
const cancel = { type: "job.cancel", reason: "by ada", at: 4 } as const;
const interrupted = { type: "job.interrupted", at: 3 } as const;
const events: readonly JobEvent[] = [begun, progressed, finished, failed, cancel, interrupted];

/** Where each event leads from each state; null where it is illegal. */
const table: Readonly<Record<string, Readonly<Record<JobEvent["type"], string | null>>>> = {
  queued: {
    "job.begun": "running",
    "job.progressed": null,
    "job.finished": null,
    "job.failed": "failed",
    "job.cancel": "cancelled",
    "job.interrupted": "queued",
  },
  running: {
    "job.begun": null,
    "job.progressed": "running",
    "job.finished": "done",
    "job.failed": "failed",
    "job.cancel": "cancelled",
    "job.interrupted": "queued",
  },
  done: {
    "job.begun": null,
    "job.progressed": null,
    "job.finished": null,
    "job.failed": null,
    "job.cancel": null,
    "job.interrupted": "done",
  },
  failed: {
    "job.begun": null,
    "job.progressed": null,
    "job.finished": null,
    "job.failed": null,
    "job.cancel": null,
    "job.interrupted": "failed",
  },
  cancelled: {
    "job.begun": null,
    "job.progressed": "cancelled",
    "job.finished": "cancelled",
    "job.failed": "cancelled",
    "job.cancel": "cancelled",
    "job.interrupted": "cancelled",
  },
};

const ways: Readonly<Record<string, readonly JobEvent[]>> = {
  queued: [],
  running: [begun],
  done: [begun, finished],
  failed: [begun, failed],
  cancelled: [cancel],
};

describe("a job", () => {
  for (const [state, row] of Object.entries(table)) {
    for (const event of events) {
      const wanted = row[event.type];
      test(`that is ${state} on ${event.type}: ${wanted ?? "illegal"}`, () => {
        const stepper = job().send(...(ways[state] ?? []));
        expect(stepper.snapshot.value).toBe(state as never);
        stepper.send(event);
        expect(stepper.snapshot.value).toBe((wanted ?? state) as never);
        const alarm = { type: "alarm.raised", from: "job:1" } as const;
        const text = `Job cannot take event "${event.type}"`;
        expect(stepper.sentTo("desk")).toEqual(wanted === null ? [{ ...alarm, text }] : []);
      });
    }
  }

  test("tells when it began and ended, how far it came, and where its result is", () => {
    const { context } = job().send(begun, progressed, finished).snapshot;
    expect(context).toMatchObject({
      ...{ startedAt: 2, endedAt: 4, starts: 1, done: 3, of: 9, result: "out.json", reason: null },
    });
  });

  test("that is interrupted waits, keeps when it first began, and is begun again", () => {
    const { value, context } = job().send(begun, progressed, interrupted, {
      ...begun,
      at: 7,
    }).snapshot;
    expect(value).toBe("running");
    expect(context).toMatchObject({ startedAt: 2, starts: 2, done: 3 });
  });

  test("is always in one state, and once it ended stays there with one reason or result", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...events), { maxLength: 12 }), (walk) => {
        const stepper = job();
        let ended: unknown = null;
        for (const event of walk) {
          stepper.send(event);
          for (const state of statesOf(stepper.snapshot)) seen.add(state);
          const { value, context } = stepper.snapshot;
          if (ended !== null)
            expect([value, context.result, context.reason]).toEqual(ended as never);
          else if (stepper.snapshot.hasTag("ended")) {
            ended = [value, context.result, context.reason];
            expect((context.result === null) !== (context.reason === null)).toBe(true);
            expect(context.endedAt).not.toBeNull();
          }
        }
      }),
    );
    seen.delete("job");
    expect([...seen].sort()).toEqual(allStates(jobMachine));
  });
});
