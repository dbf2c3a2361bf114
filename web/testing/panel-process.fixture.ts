/** The whole desk as a process of its own with its panel, for tests in a browser and screenshots. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const repository = join(import.meta.dir, "..", "..");

export interface PanelProcess extends AsyncDisposable {
  readonly ledgerFile: string;
  /** What the banner says to open: where a key is made, it is in it. */
  readonly link: string;
  readonly origin: string;
  /** What the process printed so far, on either channel. */
  said(): string;
  /** Stops the process where it is, and lets it go on. */
  hold(): void;
  letOn(): void;
  /** Kills the process. */
  end(): Promise<void>;
  /** Starts it anew on the same ledger and port. */
  begin(): Promise<void>;
}

interface PanelProcessOptions {
  /** The market's time until which it first trades at full speed; none where left out. */
  readonly tradeUntil?: string;
  readonly flags?: readonly string[];
}

const limitMs = 120_000;

/** Starts a desk on a ledger of its own and waits until its panel answers. */
export async function startPanel({
  tradeUntil,
  flags = [],
}: PanelProcessOptions = {}): Promise<PanelProcess> {
  const folder = mkdtempSync(join(tmpdir(), "novactor-walk-"));
  const ledgerFile = join(folder, "desk.db");
  let text = "";
  const run = (args: readonly string[]) => {
    const child = Bun.spawn(
      [process.execPath, "adapters/cli/main.ts", "start", "--db", ledgerFile, ...args],
      { cwd: repository, env: cleanEnvironment(), stdin: "ignore", stdout: "pipe", stderr: "pipe" },
    );
    const follow = async (from: ReadableStream<Uint8Array>) => {
      const decoder = new TextDecoder();
      for await (const chunk of from) text += decoder.decode(chunk, { stream: true });
    };
    const read = Promise.all([follow(child.stdout), follow(child.stderr), child.exited]);
    return { child, read };
  };
  // Of one option given twice the last counts.
  const hurried = ["--until", tradeUntil ?? "", "--speed", "max"];
  if (tradeUntil !== undefined) await run([...flags, ...hurried]).read;
  const serve = async (port: string) => {
    text = "";
    const started = run(["--port", port, ...flags]);
    const tooLate = performance.now() + limitMs;
    let link: string | undefined;
    while (link === undefined) {
      const isOver = started.child.exitCode !== null || performance.now() > tooLate;
      if (isOver) throw new Error(`The panel did not start:\n${text}`);
      await Bun.sleep(20);
      link = /panel\s+(https?:\/\/\S+)\s/.exec(text)?.[1];
    }
    return { ...started, link };
  };
  let running = await serve("0");
  const { link } = running;
  const { origin, port } = new URL(link);
  const end = async () => {
    running.child.kill("SIGKILL");
    await running.read;
  };
  return {
    ...{ ledgerFile, link, origin, said: () => text },
    end,
    hold: () => running.child.kill("SIGSTOP"),
    letOn: () => running.child.kill("SIGCONT"),
    async begin() {
      running = await serve(port);
    },
    async [Symbol.asyncDispose]() {
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Without what the surrounding shell may have set for a desk of its own. */
function cleanEnvironment(): Record<string, string | undefined> {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("NOVACTOR_"));
  return Object.fromEntries(kept);
}
