import { constants } from "node:fs";
import type { Problem } from "../../config/problem.ts";
import type { Resolved } from "../../config/resolve.ts";
import { secretPrefix, secretsWanted } from "../../config/secret-names.ts";
import type { Origin } from "../../config/tree.ts";
import { readSmallFile, textOf } from "./files.ts";
import { Secret } from "./secret.ts";

/** A secret with its place, which may be shown. */
export interface HeldSecret {
  readonly name: string;
  readonly origin: Origin;
  readonly secret: Secret;
}

export type SecretsResult =
  | { readonly type: "ok"; readonly secrets: ReadonlyMap<string, HeldSecret> }
  | { readonly type: "problems"; readonly problems: readonly Problem[] };

export interface SecretsRequest {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute path, or null for none. */
  readonly file: string | null;
  /** The user that the file must belong to: the one who runs the desk. */
  readonly uid: number;
}

/** `NOVACTOR_SECRET_KRAKEN_KEY` holds the secret named `KRAKEN_KEY`. */
const nameForm = /^[A-Z][A-Z0-9_]{0,63}$/;

const nameWanted = `${secretPrefix} and a name of capitals, digits and underscores`;

/** Shorter values would be found by chance in what is shown, and everything redacted. */
const secretLengthMin = 8;

/** Values of all variables that hold secrets, right or wrong: none of them is to be shown. */
export function environmentSecrets(env: SecretsRequest["env"]): Secret[] {
  return Object.entries(env)
    .filter(([name, value]) => name.startsWith(secretPrefix) && value !== undefined)
    .filter(([, value]) => (value ?? "").length >= secretLengthMin)
    .map(([, value]) => new Secret(value ?? ""));
}

type Entry =
  | { readonly type: "secret"; readonly held: HeldSecret }
  | { readonly type: "problem"; readonly problem: Problem };

function entryOf(variable: string, value: string, origin: Origin): Entry {
  const name = variable.slice(secretPrefix.length);
  const refuse = (state: string, wanted: string): Entry => ({
    type: "problem",
    problem: { path: "secret", value: null, state, wanted, origin },
  });
  if (!variable.startsWith(secretPrefix) || !nameForm.test(name)) {
    return refuse("has a name that is not a secret's", nameWanted);
  }
  if (value.length < secretLengthMin) {
    const state = `${name} has fewer than ${secretLengthMin} characters`;
    return refuse(state, "a real secret: a shorter one could be guessed, and found in any text");
  }
  if (/^(["']).*\1$/.test(value)) {
    return refuse(
      `${name} stands in quotes`,
      "the value without them, for they would be part of it",
    );
  }
  return { type: "secret", held: { name, origin, secret: new Secret(value) } };
}

function fileEntries(text: string, file: string): Entry[] {
  return text.split(/\r?\n/).flatMap((row, index): Entry[] => {
    const origin: Origin = { layer: "file", file, line: index + 1 };
    const line = row.trim();
    if (line === "" || line.startsWith("#")) return [];
    const equals = line.indexOf("=");
    if (equals > 0)
      return [entryOf(line.slice(0, equals).trim(), line.slice(equals + 1).trim(), origin)];
    const state = "line has no equals sign";
    const wanted = `lines such as ${secretPrefix}NAME=value`;
    return [{ type: "problem", problem: { path: "secret", value: null, state, wanted, origin } }];
  });
}

/** Mode 400 is stricter than 600 and as good. */
const modes = [0o600, 0o400];

function readSecretsFile(file: string, uid: number): Entry[] {
  const refuse = (state: string, wanted: string): Entry[] => {
    const origin: Origin = { layer: "file", file, line: 0 };
    const problem: Problem = { path: "secretsFile", value: file, state, wanted, origin };
    return [{ type: "problem", problem }];
  };
  const read = readSmallFile(file, constants.O_NOFOLLOW);
  if (read.type === "unreadable") return refuse(read.state, read.wanted);
  const mode = read.status.mode & 0o7777;
  if (read.status.uid !== uid) {
    const wanted = `user ${uid}, who runs the desk: chown ${uid} ${shellQuoted(file)}`;
    return refuse(`belongs to user ${read.status.uid}`, wanted);
  }
  if (!modes.includes(mode)) {
    const state = `has mode ${mode.toString(8).padStart(3, "0")}`;
    return refuse(state, `600, so that nobody else can read it: chmod 600 ${shellQuoted(file)}`);
  }
  const text = textOf(read.bytes);
  if (text === null) return refuse("holds bytes that are not text", "lines of UTF-8 text");
  return fileEntries(text, file);
}

function shellQuoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/**
 * Reads all secrets: from variables `NOVACTOR_SECRET_NAME`, and from lines of that form in a file
 * that belongs to the user and that nobody else can read. A variable goes before the file. No
 * problem ever holds a value.
 */
export function readSecrets({ env, file, uid }: SecretsRequest): SecretsResult {
  const entries = file === null ? [] : readSecretsFile(file, uid);
  const fileNames = new Set<string>();
  const secrets = new Map<string, HeldSecret>();
  const problems: Problem[] = [];
  for (const entry of entries) {
    if (entry.type === "problem") problems.push(entry.problem);
    else if (fileNames.has(entry.held.name)) problems.push(repeated(entry.held));
    else secrets.set(entry.held.name, entry.held);
    if (entry.type === "secret") fileNames.add(entry.held.name);
  }
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith(secretPrefix) || value === undefined) continue;
    const entry = entryOf(variable, value, { layer: "environment", variable });
    if (entry.type === "problem") problems.push(entry.problem);
    else secrets.set(entry.held.name, entry.held);
  }
  return problems.length > 0 ? { type: "problems", problems } : { type: "ok", secrets };
}

function repeated({ name, origin }: HeldSecret): Problem {
  const state = `${name} comes a second time`;
  return { path: "secret", value: null, state, wanted: "each secret once", origin };
}

/** A secret that was also put in the wrong place is not to be shown from there either. */
export function withoutSecrets(problem: Problem, secrets: readonly Secret[]): Problem {
  const { value, nearest: _, ...rest } = problem;
  if (value === null || !secrets.some((secret) => value.includes(secret.reveal()))) return problem;
  return { ...rest, value: null, state: `is or holds a secret ${secrets[0]}` };
}

/** Settings whose text is or holds a secret: it would stand where all can read it. */
export function leaks({ origins }: Resolved, secrets: readonly Secret[]): Problem[] {
  return [...origins].flatMap(([path, { text, origin }]) =>
    secrets.some((secret) => text.includes(secret.reveal()))
      ? [{ path, value: null, state: "is or holds a secret", wanted: secretsWanted, origin }]
      : [],
  );
}
