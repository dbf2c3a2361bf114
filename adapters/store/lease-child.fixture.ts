/** A desk as far as a ledger's lease sees it: a process of its own that does what it is told. */
import { Ledger } from "./ledger.ts";
import { batch, recordsFrom } from "./samples.fixture.ts";

const file = new URL("lease-child.fixture.ts", import.meta.url).pathname;

/** The parent's end of it: one command, one answer. */
export class LeaseChild {
  private readonly child;
  private readonly answers: AsyncIterator<string>;

  constructor(path: string, durationMs: number) {
    this.child = Bun.spawn([process.execPath, file, path, String(durationMs)], {
      stdin: "pipe",
      stdout: "pipe",
      stderr: "inherit",
    });
    this.answers = linesOf(this.child.stdout);
  }

  get pid(): number {
    return this.child.pid;
  }

  /** What it said to its start: `open`, or the error's name. */
  async started(): Promise<string> {
    return (await this.answers.next()).value ?? "";
  }

  async does(command: "commit" | "holds" | "close" | "stall"): Promise<string> {
    this.tell(command);
    return (await this.answers.next()).value ?? "";
  }

  tell(command: string): void {
    this.child.stdin.write(`${command}\n`);
    this.child.stdin.flush();
  }

  signal(name: "SIGSTOP" | "SIGCONT" | "SIGKILL"): void {
    this.child.kill(name);
  }

  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.child.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, string> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const bytes of stream) {
    rest += decoder.decode(bytes, { stream: true });
    for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n")) {
      yield rest.slice(0, end);
      rest = rest.slice(end + 1);
    }
  }
  return "";
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : String(error));
const say = (text: string): boolean => process.stdout.write(`${text}\n`);

function obey(ledger: Ledger, command: string): string {
  try {
    if (command === "holds") return String(ledger.holdsLease());
    if (command === "close") {
      ledger.close();
      return "closed";
    }
    const head = ledger.load().head;
    ledger.commit(batch({ records: recordsFrom(head, 1) }));
    return `committed ${head.seq + 1}`;
  } catch (error) {
    return nameOf(error);
  }
}

async function main(path: string, durationMs: number): Promise<void> {
  let isStalling = false;
  const reached = (): void => {
    if (!isStalling) return;
    say("stalled");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  };
  let ledger: Ledger;
  try {
    const busy = { triesMax: 2_000, waitMs: 5 };
    ledger = new Ledger(path, { lease: { durationMs }, reached, busy });
  } catch (error) {
    say(nameOf(error));
    return;
  }
  say("open");
  for await (const command of console) {
    isStalling = command === "stall";
    say(obey(ledger, command));
  }
}

if (import.meta.main) {
  const [path = "", durationMs = "0"] = process.argv.slice(2);
  await main(path, Number(durationMs));
}
