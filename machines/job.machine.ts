import { assign, sendTo, setup } from "xstate";
import { actorName } from "./domain/ids.ts";

/** What a job may run, each a command of the shell. */
export const jobKinds = ["backtest", "optimize", "walkforward", "analyze"] as const;
export type JobKind = (typeof jobKinds)[number];

export interface JobInput {
  readonly jobId: string;
  readonly kind: JobKind;
  /** What stands after the command's name in a shell. */
  readonly args: readonly string[];
  /** The folder from which paths in `args` are taken. */
  readonly folder: string;
  readonly who: string;
  readonly queuedAt: number;
}

export interface JobContext extends JobInput {
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /** How often it was begun: once more after each restart of the desk. */
  readonly starts: number;
  readonly done: number;
  /** What `done` counts up to; null until it is known. */
  readonly of: number | null;
  /** Where its output is. */
  readonly result: string | null;
  /** Why it failed, or was cancelled. */
  readonly reason: string | null;
}

export type JobEvent =
  | { type: "job.begun"; at: number }
  | { type: "job.progressed"; done: number; of: number; at: number }
  | { type: "job.finished"; result: string; at: number }
  | { type: "job.failed"; reason: string; at: number }
  | { type: "job.cancel"; reason: string; at: number }
  | { type: "job.interrupted"; at: number };

/**
 * One piece of research beside the desk: it waits, runs in a process of its own, and ends in one of
 * three ways. A restart of the desk interrupts it: it waits again, and what it had finished is kept.
 */
export const jobMachine = setup({
  types: {
    context: {} as JobContext,
    events: {} as JobEvent,
    input: {} as JobInput,
    tags: {} as "ended",
  },
  actions: {
    begin: assign(({ context, event }) =>
      event.type === "job.begun"
        ? { startedAt: context.startedAt ?? event.at, starts: context.starts + 1 }
        : {},
    ),
    progress: assign(({ event }) =>
      event.type === "job.progressed" ? { done: event.done, of: event.of } : {},
    ),
    keepResult: assign(({ event }) =>
      event.type === "job.finished" ? { result: event.result, endedAt: event.at } : {},
    ),
    noteReason: assign(({ event }) =>
      event.type === "job.failed" || event.type === "job.cancel"
        ? { reason: event.reason, endedAt: event.at }
        : {},
    ),
    alarmIllegal: sendTo(
      ({ system }) => system.get(actorName.desk),
      ({ context, event }) => ({
        type: "alarm.raised",
        from: actorName.job(context.jobId),
        text: `Job cannot take event "${event.type}"`,
      }),
    ),
  },
}).createMachine({
  id: "job",
  context: ({ input }) => ({
    ...input,
    ...{ startedAt: null, endedAt: null, starts: 0, done: 0, of: null },
    ...{ result: null, reason: null },
  }),
  initial: "queued",
  on: { "*": { actions: "alarmIllegal" } },
  states: {
    queued: {
      on: {
        "job.begun": { target: "running", actions: "begin" },
        // What cannot even be begun.
        "job.failed": { target: "failed", actions: "noteReason" },
        "job.cancel": { target: "cancelled", actions: "noteReason" },
        "job.interrupted": {},
      },
    },
    running: {
      on: {
        "job.progressed": { actions: "progress" },
        "job.finished": { target: "done", actions: "keepResult" },
        "job.failed": { target: "failed", actions: "noteReason" },
        "job.cancel": { target: "cancelled", actions: "noteReason" },
        "job.interrupted": "queued",
      },
    },
    done: { tags: "ended", on: { "job.interrupted": {} } },
    failed: { tags: "ended", on: { "job.interrupted": {} } },
    cancelled: {
      tags: "ended",
      // Its process may have come to an end, or half a step further, before it heard of it.
      on: {
        "job.progressed": {},
        "job.finished": {},
        "job.failed": {},
        "job.cancel": {},
        "job.interrupted": {},
      },
    },
  },
});
