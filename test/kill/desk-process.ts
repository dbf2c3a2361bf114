/** The command line as a real process on a real file, watched and killed from outside. */
import { Database } from "bun:sqlite";
import { join } from "node:path";

export const repository = join(import.meta.dir, "..", "..");

/** How a process ended, with everything that it said. */
export interface Ended {
  /** Null for a process that a signal ended. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly err: string;
}

/** How often a condition of another process is looked at, milliseconds. */
const lookMs = 2;

/** Without what the surrounding shell may have set for a desk of its own. */
function cleanEnvironment(): Record<string, string | undefined> {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("NOVACTOR_"));
  return Object.fromEntries(kept);
}

/** One run of the command line. Disposing it ends the process, if a failed test left it behind. */
export class DeskProcess {
  readonly ended: Promise<Ended>;
  /** What it printed so far. */
  out = "";
  private readonly child;
  private done = false;

  constructor(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    this.child = Bun.spawn([process.execPath, "adapters/cli/main.ts", ...args], {
      cwd: repository,
      env: { ...cleanEnvironment(), ...environment },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    this.ended = this.wait();
  }

  get isDone(): boolean {
    return this.done;
  }

  signal(name: "SIGINT" | "SIGTERM" | "SIGKILL"): void {
    this.child.kill(name);
  }

  /** Waits until a condition holds; false if the process ended before it did. */
  async until(condition: () => boolean | Promise<boolean>): Promise<boolean> {
    while (!(await condition())) {
      if (this.done) return condition();
      await Bun.sleep(lookMs);
    }
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.done) this.signal("SIGKILL");
    await this.ended;
  }

  private async listen(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.child.stdout)
      this.out += decoder.decode(chunk, { stream: true });
  }

  private async wait(): Promise<Ended> {
    const { child } = this;
    const listening = this.listen();
    const [err] = await Promise.all([new Response(child.stderr).text(), child.exited, listening]);
    const { out } = this;
    this.done = true;
    const signal = child.signalCode === null ? null : String(child.signalCode);
    return { code: signal === null ? child.exitCode : null, signal, out, err };
  }
}

/** Runs the command line to its end. */
export function novactor(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return new DeskProcess(args, environment).ended;
}

/** Watches how far a ledger is committed, through a connection that cannot write. */
export class HeadWatch implements Disposable {
  private database: Database | null = null;

  constructor(private readonly file: string) {}

  /** Sequence of the last committed record; 0 while there is no ledger yet. */
  seq(): number {
    try {
      this.database ??= new Database(this.file, { readonly: true });
      const sql = "SELECT seq FROM head";
      return this.database.query<{ seq: number }, []>(sql).get()?.seq ?? 0;
    } catch (error) {
      // The desk is just making the file, or recovering what a kill left.
      if (isNotYet(error)) return 0;
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.database?.close();
  }
}

function isNotYet(error: unknown): boolean {
  const { code = "", message } = error as Error & { code?: string };
  return /^SQLITE_(BUSY|CANTOPEN|READONLY)/.test(code) || message.includes("no such table");
}

/** Sequence of the last committed record of a ledger that nobody writes. */
export function committedSeq(file: string): number {
  using watch = new HeadWatch(file);
  return watch.seq();
}
