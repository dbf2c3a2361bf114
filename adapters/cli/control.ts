import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { Hono } from "hono";
import { z } from "zod";
import { type Desk, jobsOf, positionsOf } from "../../actors/desk/mod.ts";
import { commandNames } from "../../machines/domain/command.ts";
import { type Log, logLevels } from "../log/mod.ts";
import type { Door } from "./door.ts";
import { CommandError, exitCode } from "./exit-codes.ts";
import { recordedDoor, type ShellRecord } from "./shell-record.ts";
import { userName } from "./user-name.ts";

/** Longest path that a Unix socket may have, with room to spare on every system. */
const longestPath = 100;

/** The socket of the desk that runs on this ledger: beside it, or in the temporary folder. */
export function socketPath(ledgerFile: string): string {
  const beside = `${resolve(ledgerFile)}.sock`;
  if (Buffer.byteLength(beside) <= longestPath) return beside;
  const name = createHash("sha256").update(beside).digest("hex").slice(0, 16);
  return join(tmpdir(), `novactor-${name}.sock`);
}

const commandBody = z.object({
  name: z.enum(commandNames),
  who: z.string().min(1).max(64),
  target: z.string().max(200).nullable(),
  reason: z.string().max(500),
  details: z.record(z.string().max(32), z.string().max(8_000)).default({}),
  idempotencyKey: z.string().min(8).max(64),
});

const logBody = z.object({ level: z.enum(logLevels), who: z.string().min(1).max(64) });

export interface ControlOptions {
  readonly desk: Desk;
  readonly ledgerFile: string;
  readonly status: () => unknown;
  /** Reads the configuration again. @throws {CommandError} if it cannot be used. */
  readonly reload: () => { readonly done: boolean; readonly text: string };
  readonly door: Door;
  /** Writes down what was done. */
  readonly note: ShellRecord;
  /** The process's log, whose level can be asked and changed. */
  readonly log: Pick<Log, "level" | "lost" | "write">;
}

export interface ControlServer {
  readonly path: string;
  stop(): Promise<void>;
}

/**
 * Takes the shell's commands on a Unix socket of mode 600: who may open the file is the operator.
 *
 * @throws {CommandError} if another desk already answers there.
 */
export async function serveControl(options: ControlOptions): Promise<ControlServer> {
  const { desk, ledgerFile, status, reload, log, note } = options;
  const door = recordedDoor(options.door, note);
  const path = socketPath(ledgerFile);
  if (existsSync(path)) {
    if (await answers(path)) {
      throw new CommandError(
        `Cannot start on ledger "${ledgerFile}": a desk already runs on it`,
        exitCode.otherRun,
      );
    }
    rmSync(path);
  }
  const app = new Hono();
  app.get("/status", (context) => context.json(status()));
  app.get("/jobs", (context) => {
    desk.commit();
    return context.json({ jobs: jobsOf(desk.actors()) });
  });
  app.get("/positions", (context) => {
    desk.commit();
    return context.json({ positions: positionsOf(desk.actors()) });
  });
  app.post("/command", async (context) => {
    const body = commandBody.safeParse(await context.req.json().catch(() => null));
    if (!body.success) return context.json({ done: false, text: z.prettifyError(body.error) }, 400);
    const answer = await door({ ...body.data, role: "admin" });
    return context.json(answer, answer.done ? 200 : 409);
  });
  app.post("/reload", (context) => {
    try {
      const answer = reload();
      // The socket is its user's alone, so it is the user that the desk runs as.
      const outcome = answer.done ? "done" : "refused";
      note({ who: userName(), what: "configuration.reload", outcome, text: answer.text });
      return context.json(answer, answer.done ? 200 : 409);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      return context.json({ done: false, text: error.message, code: error.code }, 400);
    }
  });
  addLog(app, log, note);
  mkdirSync(dirname(path), { recursive: true });
  // The file must never be open to others, not even between being made and being closed to them.
  const mask = process.umask(0o177);
  try {
    const server = Bun.serve({ unix: path, fetch: app.fetch });
    chmodSync(path, 0o600);
    return {
      path,
      async stop() {
        await server.stop(true);
        rmSync(path, { force: true });
      },
    };
  } finally {
    process.umask(mask);
  }
}

function addLog(app: Hono, log: ControlOptions["log"], note: ShellRecord): void {
  app.get("/log", (context) => context.json({ level: log.level, lost: log.lost }));
  app.post("/log", async (context) => {
    const body = logBody.safeParse(await context.req.json().catch(() => null));
    if (!body.success) return context.json({ text: z.prettifyError(body.error) }, 400);
    const { level, who } = body.data;
    note({
      who,
      what: "log.level",
      target: level,
      outcome: "done",
      text: `${log.level} -> ${level}`,
    });
    changeLevel(log, body.data);
    return context.json({ level: log.level, lost: log.lost });
  });
}

/** Said at the louder of the two levels, so that it stands in the log either way. */
function changeLevel(log: ControlOptions["log"], { level, who }: z.output<typeof logBody>): void {
  const message = `${who} set the log's level to ${level}, it was ${log.level}`;
  const line = { level: "info", event: "log.level", message } as const;
  log.write(line);
  const isQuiet = log.level !== "debug" && log.level !== "info";
  log.level = level;
  if (isQuiet) log.write(line);
}

async function answers(path: string): Promise<boolean> {
  try {
    const reply = await fetch("http://desk/status", {
      unix: path,
      signal: AbortSignal.timeout(2_000),
    });
    return reply.ok;
  } catch {
    return false;
  }
}

const isTimeout = (cause: unknown): boolean =>
  cause instanceof Error && cause.name === "TimeoutError";

/** Asks the desk that runs on a ledger. @throws {CommandError} if none answers. */
export async function askDesk(ledgerFile: string, route: string, body?: object): Promise<unknown> {
  const path = socketPath(ledgerFile);
  let reply: Response;
  try {
    reply = await fetch(`http://desk${route}`, {
      unix: path,
      signal: AbortSignal.timeout(10_000),
      ...(body ? { method: "POST", body: JSON.stringify(body) } : {}),
    });
  } catch (cause) {
    throw new CommandError(
      isTimeout(cause)
        ? `Cannot hear the desk on ledger "${ledgerFile}": no answer in 10 s, what was asked may be done`
        : `Cannot reach the desk on ledger "${ledgerFile}": none answers on "${path}"`,
      exitCode.noDesk,
      { cause },
    );
  }
  const text = await reply.text();
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CommandError(
      `Cannot understand the desk on ledger "${ledgerFile}": it answered ${reply.status} with "${text.slice(0, 80)}"`,
      exitCode.noDesk,
      { cause },
    );
  }
}
