/** The journal's hash chain: what a record says, and the hash that binds it to the one before. */
import { configure } from "safe-stable-stringify";
import type { JournalHead, JournalRecord } from "./ports.ts";

/** The hash before the first record: 64 zeros. */
export const genesisHash = "0".repeat(64);

/** The head of a journal that has no record yet. */
export const genesis: JournalHead = { seq: 0, hash: genesisHash };

// Strict refuses what JSON cannot say, a circle included, where JSON itself would write null.
const stringify = configure({ deterministic: true, strict: true });

/**
 * JSON with its keys sorted by code unit, so that equal values give equal text. Keys whose value
 * is undefined are dropped.
 *
 * @throws {TypeError} naming the place, for what JSON would turn into something else: NaN,
 * infinities, bigint, functions, symbols, undefined outside of an object, maps, sets and other
 * instances without a `toJSON`.
 */
export function canonicalJson(value: unknown): string {
  let text: string | undefined;
  try {
    text = isSayable(value) ? stringify(value) : undefined;
  } catch {
    // The walk below finds the place and says it better.
  }
  if (text === undefined) throw new TypeError(`Cannot write canonical JSON: ${unsayable(value)}`);
  return text;
}

/** SHA-256 in 64 hexadecimal digits, over the previous hash, a newline and the content. */
export function chainHash(previousHash: string, content: string): string {
  const hasher = new Bun.CryptoHasher("sha256");
  return hasher.update(previousHash).update("\n").update(content).digest("hex");
}

/** What a record says, its place in the journal left out. */
export interface RecordFields {
  /** Unix milliseconds of the desk's clock. */
  readonly at: number;
  readonly kind: string;
  readonly subject: string;
  readonly code: string | null;
  readonly correlation: string | null;
  /** Whatever else the turn has to say, as plain data. */
  readonly [more: string]: unknown;
}

/**
 * The record that follows `previous`. Its content repeats every column, so that the hash covers
 * them all.
 *
 * @throws {TypeError} as {@link canonicalJson} does.
 */
export function journalRecord(previous: JournalHead, fields: RecordFields): JournalRecord {
  const seq = previous.seq + 1;
  const { at, kind, subject, code, correlation } = fields;
  const content = canonicalJson({ ...fields, seq });
  return {
    seq,
    at,
    kind,
    subject,
    code,
    correlation,
    content,
    hash: chainHash(previous.hash, content),
  };
}

/** False for instances that JSON would quietly write as `{}`; the other cases are strict's. */
function isSayable(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (Array.isArray(value)) {
    for (const item of value) if (item === undefined || !isSayable(item)) return false;
    return true;
  }
  if (!isPlain(value)) return typeof (value as { toJSON?: unknown }).toJSON === "function";
  for (const key in value) if (!isSayable((value as Record<string, unknown>)[key])) return false;
  return true;
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Where the first thing is that JSON cannot say, and what it is. */
function unsayable(value: unknown, path = "value", above: readonly unknown[] = []): string | null {
  switch (typeof value) {
    case "number":
      return Number.isFinite(value) ? null : `${path} is ${value}, wanted a finite number`;
    case "object":
      break;
    case "string":
    case "boolean":
      return null;
    default:
      return `${path} is of type ${typeof value}, wanted plain data`;
  }
  if (value === null) return null;
  if (above.includes(value)) return `${path} contains itself, wanted plain data`;
  if (!Array.isArray(value) && !isPlain(value)) {
    return `${path} is of class ${value.constructor?.name ?? "unknown"}, wanted plain data`;
  }
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined && !Array.isArray(value)) continue;
    const found = unsayable(item, `${path}.${key}`, [...above, value]);
    if (found !== null) return found;
  }
  return null;
}
