import { afterAll, beforeEach, expect, test } from "bun:test";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileChangedError, replaceFile } from "./replace-file.ts";

const root = mkdtempSync(join(tmpdir(), "novactor-replace-"));
let folder = "";
let file = "";

beforeEach(() => {
  folder = mkdtempSync(join(root, "case-"));
  file = join(folder, "desk.yaml");
  writeFileSync(file, "old\n");
});

afterAll(() => {
  rmSync(root, { recursive: true });
});

const old = Buffer.from("old\n");

test("replaceFile() puts the new text in place and keeps the old file beside it", () => {
  expect(replaceFile(file, old, "new\n")).toBe(`${file}.1`);
  expect(readdirSync(folder).sort()).toEqual(["desk.yaml", "desk.yaml.1"]);
  expect([file, `${file}.1`].map((path) => readFileSync(path, "utf8"))).toEqual(["new\n", "old\n"]);
});

test("replaceFile() takes the next free number, and never writes over an older version", () => {
  writeFileSync(`${file}.1`, "first\n");
  mkdirSync(`${file}.2`);
  expect(replaceFile(file, old, "new\n")).toBe(`${file}.3`);
  expect(readFileSync(`${file}.1`, "utf8")).toBe("first\n");
});

test.each([0o600, 0o640, 0o444])("replaceFile() keeps mode %d", (mode) => {
  chmodSync(file, mode);
  const kept = replaceFile(file, old, "new\n");
  expect([file, kept].map((path) => statSync(path).mode & 0o7777)).toEqual([mode, mode]);
});

test("replaceFile() follows a symbolic link, and leaves it one", () => {
  mkdirSync(join(folder, "links"));
  const link = join(folder, "links", "desk.yaml");
  symlinkSync(file, link);
  expect(replaceFile(link, old, "new\n")).toBe(`${file}.1`);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(file, "utf8")).toBe("new\n");
});

test("replaceFile() leaves alone what is not what was read", () => {
  expect(() => replaceFile(file, Buffer.from("older\n"), "new\n")).toThrow(FileChangedError);
  expect(readdirSync(folder)).toEqual(["desk.yaml"]);
  expect(readFileSync(file, "utf8")).toBe("old\n");
});

test("replaceFile() leaves nothing behind where there is no file", () => {
  rmSync(file);
  expect(() => replaceFile(file, old, "new\n")).toThrow("ENOENT");
  expect(readdirSync(folder)).toEqual([]);
});
