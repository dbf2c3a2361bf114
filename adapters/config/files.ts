import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { nearest } from "../../config/nearest.ts";
import type { Problem } from "../../config/problem.ts";
import type { Branch, Origin } from "../../config/tree.ts";
import { type ReadText, readYaml } from "./yaml-text.ts";

/** A bound on work: reading YAML takes time that grows with the square of its keys. */
export const fileBytesMax = 64 * 1024;

const presetFolder = fileURLToPath(new URL("../../config/presets/", import.meta.url));

export interface FileStatus {
  readonly mode: number;
  readonly uid: number;
}

export type FileBytes =
  | { readonly type: "bytes"; readonly bytes: Uint8Array; readonly status: FileStatus }
  | { readonly type: "unreadable"; readonly state: string; readonly wanted: string };

const openReasons: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  EACCES: "may not be read by this user",
  ELOOP: "is a symbolic link",
  ENOTDIR: "lies below a file, not a folder",
};

/**
 * Reads a small regular file. Status and content are of one open file, so that nobody can swap
 * it between the look and the read; it never waits for a pipe.
 */
export function readSmallFile(path: string, extraFlags = 0): FileBytes {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | extraFlags);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "unknown error";
    const state = openReasons[code] ?? `cannot be opened (${code})`;
    return { type: "unreadable", state, wanted: "a file that this user can read" };
  }
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) {
      const state = status.isDirectory() ? "is a folder" : "is not a regular file";
      return { type: "unreadable", state, wanted: "a regular file" };
    }
    if (status.size > fileBytesMax) {
      const state = `has ${status.size} bytes`;
      return { type: "unreadable", state, wanted: `at most ${fileBytesMax} bytes` };
    }
    return { type: "bytes", bytes: readFileSync(descriptor), status };
  } finally {
    closeSync(descriptor);
  }
}

/** The text, or null if the bytes are not UTF-8 or hold what no text has. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
    return /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text) ? null : text;
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

function readTree(path: string, originAt: (line: number) => Origin): ReadText {
  const whole = (state: string, wanted: string): ReadText => ({
    tree: null,
    problems: [{ path: "", value: null, state, wanted, origin: originAt(0) }],
  });
  const file = readSmallFile(path);
  if (file.type === "unreadable") return whole(file.state, file.wanted);
  const text = textOf(file.bytes);
  if (text === null) return whole("holds bytes that are not text", "a YAML text in UTF-8");
  return readYaml(text, originAt);
}

/**
 * A configuration file as texts; `path` is shown in messages as it was given. With a `text`, that
 * is what the file is taken to hold.
 */
export function readConfigurationFile(path: string, text?: string): ReadText {
  const originAt = (line: number): Origin => ({ layer: "file", file: path, line });
  return text === undefined ? readTree(path, originAt) : readYaml(text, originAt);
}

/** Names of the presets that come with the desk. */
export function presetNames(): string[] {
  return readdirSync(presetFolder)
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => name.slice(0, -".yaml".length))
    .sort();
}

/** A preset as texts. `origin` is where its name was written. */
export function readPreset(
  name: string,
  origin: Origin,
): { readonly tree: Branch | null; readonly problems: readonly Problem[] } {
  const known = presetNames();
  if (known.includes(name)) {
    return readTree(`${presetFolder}${name}.yaml`, (line) => ({ layer: "preset", name, line }));
  }
  const close = nearest(name, known);
  const unknown: Problem = {
    path: "preset",
    value: name,
    state: `is ${JSON.stringify(name)}`,
    wanted: `one of ${known.join(", ")}`,
    origin,
    ...(close === undefined ? {} : { nearest: close }),
  };
  return { tree: null, problems: [unknown] };
}

/** A path that a layer names: from the folder of its file, else from where the desk was started. */
export function pathFrom(origin: Origin, path: string): string {
  if (isAbsolute(path)) return path;
  const folder = origin.layer === "file" ? resolve(origin.file, "..") : resolve(".");
  return resolve(folder, path);
}
