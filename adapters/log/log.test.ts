import { expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "../config/secret.ts";
import { type LogDestination, toFile } from "./destination.ts";
import { Log, type LogLevel } from "./log.ts";

class Lines implements LogDestination {
  readonly lines: Record<string, unknown>[] = [];
  lost = 0;
  write(line: string): void {
    this.lines.push(JSON.parse(line));
  }
  close(): void {}
}

function logTo(destination: LogDestination, level: LogLevel = "info"): Log {
  return new Log({ level, destination, secrets: [new Secret("canary-0815")] });
}

function inFolder(run: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "novactor-log-"));
  try {
    run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("write() makes one line of JSON with all that an entry says, without secrets", () => {
  const to = new Lines();
  logTo(to).write({
    level: "warn",
    event: "brake.on",
    message: "Brake is on: canary-0815",
    actor: "desk",
    account: "paper:main",
    correlation: "paper:main/BTC/USD/1",
    seq: 7,
    at: 1_700_000_000_000,
    details: { reason: "canary-0815", apiKey: "abc" },
  });
  const [{ time, ...line } = { time: "" }] = to.lines;
  expect(String(time)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(line).toEqual({
    level: "warn",
    event: "brake.on",
    message: "Brake is on: [redacted]",
    actor: "desk",
    account: "paper:main",
    correlation: "paper:main/BTC/USD/1",
    seq: 7,
    at: "2023-11-14T22:13:20.000Z",
    details: { reason: "[redacted]", apiKey: "[redacted]" },
  });
});

test("write() leaves out what is below the level, which can be changed at any time", () => {
  const to = new Lines();
  const log = logTo(to, "warn");
  const say = (level: LogLevel, message: string) => log.write({ level, event: "x", message });
  say("info", "one");
  say("warn", "two");
  log.level = "debug";
  say("debug", "three");
  log.level = "error";
  say("warn", "four");
  say("error", "five");
  expect(to.lines.map(({ message }) => message)).toEqual(["two", "three", "five"]);
});

test("a secret reaches no line by way of an error and its causes", () => {
  const to = new Lines();
  const cause = new Error("signature canary-0815", { cause: "token canary-0815" });
  const error = new Error("https://x?sign=abc failed", { cause });
  logTo(to).write({ level: "error", event: "x", message: error.message, details: { error } });
  expect(JSON.stringify(to.lines)).not.toContain("canary");
  expect(to.lines[0]?.message).toBe("https://x?sign=[redacted] failed");
});

test("write() never throws: lines that cannot be written are counted", () => {
  const destination = {
    lost: 2,
    write(): void {
      throw new Error("gone");
    },
    close(): void {},
  };
  const log = logTo(destination);
  log.write({ level: "info", event: "x", message: "y" });
  expect(log.lost).toBe(3);
});

test("toFile() appends to a file of mode 600", () => {
  inFolder((folder) => {
    const path = join(folder, "desk.log");
    for (const message of ["one", "two"]) {
      using log = logTo(toFile(path));
      log.write({ level: "info", event: "x", message });
    }
    const messages = readFileSync(path, "utf8").trim().split("\n");
    expect([messages.map((line) => JSON.parse(line).message), statSync(path).mode & 0o777]).toEqual(
      [["one", "two"], 0o600],
    );
  });
});

test("toFile() keeps the file and the one before it to a size, and loses no newer line", () => {
  inFolder((folder) => {
    const path = join(folder, "desk.log");
    const destination = toFile(path, 100);
    for (let number = 10; number < 40; number += 1) destination.write(`line ${number} ........\n`);
    destination.close();
    const newest = readFileSync(path, "utf8");
    const older = readFileSync(`${path}.1`, "utf8");
    expect([newest.length <= 100, older.length <= 100, existsSync(`${path}.2`)]).toEqual([
      true,
      true,
      false,
    ]);
    const numbers = `${older}${newest}`.match(/\d\d/g)?.map(Number) ?? [];
    expect(numbers).toEqual(Array.from(numbers, (_, index) => 40 - numbers.length + index));
    expect(destination.lost).toBe(0);
  });
});

test("toFile() counts the lines that the disk refuses, and goes on", () => {
  // What is written to this device fails as on a full disk.
  if (!existsSync("/dev/full")) {
    console.log("skipped: this system has no /dev/full");
    return;
  }
  const destination = toFile("/dev/full");
  destination.write("one\n");
  destination.write("two\n");
  destination.close();
  expect(destination.lost).toBe(2);
});
