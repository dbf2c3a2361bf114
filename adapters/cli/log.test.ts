/** The log of a real process: what it says, where, and how its level is changed meanwhile. */
import { describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Log } from "../log/mod.ts";
import { socketPath } from "./control.ts";
import { exitCode } from "./exit-codes.ts";

const main = join(import.meta.dir, "main.ts");

class Folder {
  readonly path = mkdtempSync(join(tmpdir(), "novactor-log-"));
  readonly db = join(this.path, "desk.db");
  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

function run(args: readonly string[], env: Record<string, string> = {}) {
  return Bun.spawn([process.execPath, main, ...args], {
    stdout: "pipe",
    stderr: "pipe",
    env: { ...process.env, ...env },
  });
}

async function said(args: readonly string[], env: Record<string, string> = {}) {
  const process = run(args, env);
  const [out, err] = await Promise.all([
    new Response(process.stdout).text(),
    new Response(process.stderr).text(),
  ]);
  return { code: await process.exited, out, err };
}

const eventsOf = (text: string): string[] =>
  text
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line).event);

const short = ["start", "--speed", "max", "--until", "2026-01-01T01:00:00Z", "--json"];

describe("novactor start", () => {
  test("logs nothing below warnings on standard error unless told", async () => {
    using folder = new Folder();
    const { code, out, err } = await said([...short, "--db", folder.db]);
    expect([code, err, out.trim().split("\n").length]).toEqual([exitCode.ok, "", 1]);
  });

  test("--log-file has start, end and resume, and nobody else can read it", async () => {
    using folder = new Folder();
    const log = join(folder.path, "desk.log");
    const args = [...short, "--db", folder.db, "--log-file", log];
    const first = await said(args);
    await said(args);
    expect([first.code, first.err]).toEqual([exitCode.ok, ""]);
    const events = eventsOf(readFileSync(log, "utf8"));
    expect([events.slice(0, 2), events.at(-1)]).toEqual([
      ["ledger.begun", "desk.started"],
      "desk.stopped",
    ]);
    expect(events).toContain("desk.resumed");
    expect([statSync(log).mode & 0o777, statSync(folder.db).mode & 0o777]).toEqual([0o600, 0o600]);
  });

  test("--log-file that cannot be opened is refused before anything begins", async () => {
    using folder = new Folder();
    const { code, err } = await said([...short, "--db", folder.db, "--log-file", folder.path]);
    expect([code, existsSync(folder.db)]).toEqual([exitCode.usage, false]);
    expect(err).toStartWith(`Cannot write log "${folder.path}": `);
  });

  test("lets no secret of its environment into the log", async () => {
    using folder = new Folder();
    const canary = "canary-0815-xyz";
    const log = join(folder.path, `${canary}.log`);
    const process = run(
      ["start", "--db", folder.db, "--port", "0", "--log-file", log, "--log-level", "debug"],
      { NOVACTOR_SECRET_KRAKEN_KEY: canary },
    );
    await answering(folder.db);
    // A reason is the operator's own words, and may be anything.
    await said(["pause", "--db", folder.db, "--reason", `because of ${canary}`]);
    process.kill("SIGTERM");
    await process.exited;
    const text = readFileSync(log, "utf8");
    expect(text).toContain("because of [redacted]");
    expect(text).not.toContain(canary);
  });
});

/** Waits until the desk on this ledger answers. */
async function answering(db: string): Promise<void> {
  while (!existsSync(socketPath(db)) || (await said(["status", "--db", db])).code !== 0) {
    await Bun.sleep(20);
  }
}

describe("novactor log level", () => {
  test("shows and changes the level of a running desk, and brakes are then told", async () => {
    using folder = new Folder();
    const log = join(folder.path, "desk.log");
    const process = run([
      ...["start", "--db", folder.db, "--port", "0"],
      ...["--log-file", log, "--log-level", "error"],
    ]);
    await answering(folder.db);
    const asked = ["log", "level", "--db", folder.db];
    const before = await said(asked);
    const changed = await said([...asked.slice(0, 2), "info", ...asked.slice(2)]);
    await said(["pause", "--db", folder.db, "--reason", "lunch"]);
    process.kill("SIGTERM");
    const code = await process.exited;
    expect([before.out, changed.out, code]).toEqual(["error\n", "info\n", exitCode.ok]);
    const events = eventsOf(readFileSync(log, "utf8"));
    const told = events.filter((event) => !event.startsWith("position."));
    expect(told.slice(0, 3)).toEqual(["log.level", "command.done", "brake.on"]);
    expect(told.slice(-2)).toEqual(["desk.stopping", "desk.stopped"]);
  });

  test("follows a configuration that is reloaded, and tells of lines that were lost", async () => {
    // What is written to this device fails as on a full disk.
    if (!existsSync("/dev/full")) {
      console.log("skipped: this system has no /dev/full");
      return;
    }
    using folder = new Folder();
    const config = join(folder.path, "desk.yaml");
    writeFileSync(config, "log:\n  level: error\n");
    const process = run([
      ...["start", "--db", folder.db, "--port", "0", "--config", config],
      ...["--log-file", "/dev/full"],
    ]);
    await answering(folder.db);
    const asked = ["log", "level", "--db", folder.db];
    const before = await said(asked);
    writeFileSync(config, "log:\n  level: debug\n");
    await said(["config", "reload", "--db", folder.db]);
    await said(["pause", "--db", folder.db]);
    const after = await said(asked);
    process.kill("SIGTERM");
    expect([before.out, after.out, await process.exited]).toEqual([
      "error\n",
      "debug\n",
      exitCode.ok,
    ]);
    // A busy machine may have had an error to tell of by then.
    const lost = /^(?:(\d+) lines? of the log could not be written\n)?$/;
    const [few, more] = [before, after].map(({ err }) => Number(lost.exec(err)?.[1] ?? 0));
    expect(after.err).toMatch(lost);
    expect(more).toBeGreaterThan(few ?? 0);
  });

  test("refuses a level that there is not", async () => {
    const { code, err } = await said(["log", "level", "loud"]);
    expect([code, err.includes("Allowed choices are debug, info, warn, error")]).toEqual([
      exitCode.usage,
      true,
    ]);
  });
});

test("a level of the log is one that pino knows", () => {
  const destination = { lost: 0, write() {}, close() {} };
  const log = new Log({ level: "info", destination, secrets: [] });
  log.level = "debug";
  expect([log.level, log.isOn("debug")]).toEqual(["debug", true]);
});
