import type { AnyMachineSnapshot, EventObject } from "xstate";
import type { DeskContext } from "../../machines/desk.machine.ts";
import type { Command } from "../../machines/domain/command.ts";
import { actorName } from "../../machines/domain/ids.ts";
import {
  type JobContext,
  type JobEvent,
  type JobInput,
  type JobKind,
  jobKinds,
} from "../../machines/job.machine.ts";
import type { Turn } from "../runtime/mod.ts";

/** Jobs that may wait or run at a time, and those that ended and are still shown. */
const jobLimits = { alive: 20, ended: 50, args: 200, argsLength: 6_000 } as const;

/** A job as it is shown. Times in Unix milliseconds of the desk's clock. */
export interface JobView extends JobContext {
  readonly state: "queued" | "running" | "done" | "failed" | "cancelled";
}

type Timeless<Event> = Event extends { at: number } ? Omit<Event, "at"> : never;

/** What happened to a job in the process that runs it. */
export type JobNews = Timeless<JobEvent>;

export type JobCommandName = "jobStart" | "jobCancel";

export function isJobCommand(name: Command["name"]): name is JobCommandName {
  return name === "jobStart" || name === "jobCancel";
}

/** What a job's command needs of the desk. */
export interface JobScope {
  send(actor: string, event: EventObject): void;
  actors(): Iterable<readonly [name: string, snapshot: AnyMachineSnapshot]>;
  desk(): DeskContext;
}

/** All jobs that the desk knows of, in the order in which they were asked for. */
export function jobsOf(
  actors: Iterable<readonly [name: string, snapshot: AnyMachineSnapshot]>,
): JobView[] {
  const jobs: JobView[] = [];
  for (const [name, { value, context }] of actors) {
    if (name.startsWith("job:")) jobs.push({ ...(context as JobContext), state: value });
  }
  return jobs.sort((a, b) => Number(a.jobId) - Number(b.jobId));
}

const isAlive = ({ state }: JobView): boolean => state === "queued" || state === "running";

function argsOf({ details }: Command): readonly string[] | null {
  try {
    const args: unknown = JSON.parse(details?.args ?? "[]");
    const isList = Array.isArray(args) && args.every((each) => typeof each === "string");
    return isList ? args : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** What a job's command is answered with, or why it is refused. */
export function judgeJob(command: Command, scope: JobScope): { done: boolean; text: string } {
  const { name, target } = command;
  const jobs = jobsOf(scope.actors());
  const alive = jobs.filter(isAlive);
  const refuse = (why: string) => ({ done: false, text: `Cannot ${name}: ${why}` });
  if (name === "jobCancel") {
    const ids = alive.map(({ jobId }) => jobId);
    if (target !== null && ids.includes(target)) {
      return { done: true, text: `job ${target} is cancelled: what it finished is kept` };
    }
    const wanted = ids.length === 0 ? "none: no job is under way" : `one of ${ids.join(", ")}`;
    return refuse(`job "${target ?? ""}" is neither queued nor running, wanted ${wanted}`);
  }
  if (!jobKinds.some((kind) => kind === target)) {
    return refuse(`"${target ?? ""}" is no research, wanted one of ${jobKinds.join(", ")}`);
  }
  const args = argsOf(command);
  const length = args?.join(" ").length ?? 0;
  if (args === null || args.length > jobLimits.args || length > jobLimits.argsLength) {
    return refuse(`wanted at most ${jobLimits.args} arguments, as a list of texts`);
  }
  if (alive.length >= jobLimits.alive) {
    return refuse(`${alive.length} jobs wait or run, wanted fewer than ${jobLimits.alive}`);
  }
  return { done: true, text: `job ${nextId(scope)} is queued` };
}

const nextId = (scope: JobScope): string => String((scope.desk().jobs ?? 0) + 1);

/** Sends what a job's command means, within its turn. */
export function obeyJob(command: Command, scope: JobScope, turn: Turn): void {
  const { name, target, who, reason, details } = command;
  const send = (actor: string, event: object) => scope.send(actor, event as EventObject);
  if (name === "jobCancel") {
    const text = reason === "" ? `cancelled by ${who}` : `cancelled by ${who}: ${reason}`;
    send(actorName.job(target ?? ""), { type: "job.cancel", reason: text, at: turn.at });
    return;
  }
  // The oldest of those that ended make room; they stay in the archive.
  const ended = jobsOf(scope.actors()).filter((job) => !isAlive(job));
  for (const { jobId } of ended.slice(0, Math.max(0, ended.length + 1 - jobLimits.ended))) {
    send(actorName.desk, { type: "actor.finished", name: actorName.job(jobId) });
  }
  const input: JobInput = {
    jobId: nextId(scope),
    kind: target as JobKind,
    args: argsOf(command) ?? [],
    folder: details?.folder ?? "",
    who,
    queuedAt: turn.at,
  };
  send(actorName.desk, { type: "job.start", input });
}

/** What a job is made anew with when its snapshot cannot be restored; null where it does not say. */
export function salvagedJob(jobId: string, snapshot: unknown): JobInput | null {
  const { context } = (snapshot ?? {}) as {
    readonly context?: Partial<Record<keyof JobInput, unknown>>;
  };
  const { kind, args, folder, who, queuedAt } = context ?? {};
  const known = jobKinds.find((each) => each === kind);
  const isWhole = Array.isArray(args) && args.every((each) => typeof each === "string");
  if (!known || !isWhole || typeof folder !== "string" || typeof who !== "string") return null;
  const at = typeof queuedAt === "number" ? queuedAt : 0;
  return { jobId, kind: known, args, folder, who, queuedAt: at };
}
