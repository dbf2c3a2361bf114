import { mkdirSync, openSync } from "node:fs";
import { setPriority } from "node:os";
import { join, resolve } from "node:path";
import type { Desk, JobNews, JobView } from "../../actors/desk/mod.ts";
import { jobsOf } from "../../actors/desk/mod.ts";
import { secretPrefix } from "../../config/secret-names.ts";
import { exitCode } from "../cli/exit-codes.ts";

export interface JobRunnerOptions {
  readonly desk: Pick<Desk, "actors" | "observe">;
  readonly ledgerFile: string;
  /** What runs a job: the command line itself, unless a test says otherwise. */
  readonly program?: readonly string[];
}

/** Set for the process that a job runs in. */
const jobVariable = "NOVACTOR_JOB";

const commandLine = [process.execPath, join(import.meta.dir, "../cli/main.ts")];

/** Progress is told in so many steps at most: each is a record of the journal. */
const steps = 20;
/** Ends of a process that are a result: all went well, or it found something. */
const goodEnds: readonly number[] = [exitCode.ok, exitCode.finding];
const reasonMost = 500;
/** A job waits for the processors behind the desk. */
const niceness = 10;

interface Running {
  readonly jobId: string;
  readonly process: Bun.Subprocess<"pipe", number, "pipe">;
}

/**
 * Runs a desk's jobs, one at a time, each in a process of its own beside the desk, which goes on as
 * ever. It ends with the desk, however that ends: its input is a pipe that closes then. What a study
 * has finished by then is in its file of trials, and the job goes on from there after a restart.
 */
export class JobRunner {
  private running: Running | null = null;
  private isOpen = false;
  private onFailure: (error: unknown) => void = () => {};

  constructor(private readonly options: JobRunnerOptions) {}

  /**
   * After the desk's start: what ran when its last process ended waits again. `onFailure` is told
   * where the desk itself failed to take in what became of a job.
   */
  start(onFailure: (error: unknown) => void): void {
    this.isOpen = true;
    this.onFailure = onFailure;
    for (const { jobId, state } of this.jobs()) {
      if (state === "running") this.tell(jobId, { type: "job.interrupted" });
    }
    this.look();
  }

  /** To be called after each command: begins what waits, ends what was cancelled. */
  look(): void {
    if (!this.isOpen) return;
    const jobs = this.jobs();
    const { running } = this;
    if (running) {
      const isWanted = jobs.some(({ jobId, state }) => {
        return jobId === running.jobId && state === "running";
      });
      if (!isWanted) running.process.kill("SIGTERM");
      return;
    }
    const next = jobs.find(({ state }) => state === "queued");
    if (next) this.begin(next);
  }

  /** Ends what runs; it is begun again with the desk. */
  async stop(): Promise<void> {
    this.isOpen = false;
    this.running?.process.kill("SIGTERM");
    await this.running?.process.exited;
  }

  private jobs(): JobView[] {
    return jobsOf(this.options.desk.actors());
  }

  private tell(jobId: string, news: JobNews): void {
    try {
      this.options.desk.observe({ type: "job", jobId, news });
    } catch (error) {
      this.onFailure(error);
    }
  }

  private begin(job: JobView): void {
    const { jobId } = job;
    const folder = resolve(`${this.options.ledgerFile}.jobs`);
    const result = join(folder, `${jobId}.out`);
    let process: Running["process"];
    try {
      mkdirSync(folder, { recursive: true });
      process = this.spawn(job, openSync(result, "w", 0o600));
    } catch (error) {
      const reason = `Cannot begin: ${error instanceof Error ? error.message : String(error)}`;
      this.tell(jobId, { type: "job.failed", reason });
      return;
    }
    this.running = { jobId, process };
    this.tell(jobId, { type: "job.begun" });
    this.follow(job, process, result).catch(this.onFailure);
  }

  private spawn({ jobId, kind, args, folder }: JobView, stdout: number): Running["process"] {
    const { program = commandLine, ledgerFile } = this.options;
    const env: Record<string, string | undefined> = {
      NOVACTOR_TRIALS: resolve(`${ledgerFile}.trials.db`),
      ...process.env,
      [jobVariable]: jobId,
    };
    // Research trades nothing, and needs no key.
    for (const name of Object.keys(env)) if (name.startsWith(secretPrefix)) delete env[name];
    const child = Bun.spawn([...program, kind, ...args], {
      ...{ cwd: folder, env, stdin: "pipe", stdout, stderr: "pipe" },
    });
    setPriority(child.pid, niceness);
    return child;
  }

  private async follow({ jobId }: JobView, process: Running["process"], result: string) {
    const said = await this.hear(jobId, process.stderr);
    const code = await process.exited;
    this.running = null;
    // The desk ends too: the job goes on with the next start.
    if (!this.isOpen) return;
    const isGood = goodEnds.includes(code);
    const why = said === "" ? `its process ended with ${process.signalCode ?? code}` : said;
    const news: JobNews = isGood
      ? { type: "job.finished", result }
      : { type: "job.failed", reason: why.slice(0, reasonMost) };
    this.tell(jobId, news);
    this.look();
  }

  /** Reads how far it is, and what it says beside that: the last of which is why it failed. */
  private async hear(jobId: string, stderr: ReadableStream<Uint8Array>): Promise<string> {
    const decoder = new TextDecoder();
    let rest = "";
    let said = "";
    let told = -1;
    for await (const bytes of stderr) {
      const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const progress = progressOf(line);
        if (!progress) {
          if (line !== "") said = `${said}\n${line}`.slice(-4 * reasonMost).trim();
          continue;
        }
        const step = Math.floor((steps * progress.done) / Math.max(1, progress.of));
        if (step <= told) continue;
        told = step;
        this.tell(jobId, { type: "job.progressed", ...progress });
      }
    }
    return said === "" ? rest.trim() : said;
  }
}

function progressOf(line: string): { readonly done: number; readonly of: number } | null {
  const found = /^\{"done":(\d+),"of":(\d+)\}$/.exec(line);
  return found ? { done: Number(found[1]), of: Number(found[2]) } : null;
}
