/** Turns anything into plain data that may be logged. */
import type { Secret } from "../config/secret.ts";
import { isSecretName, type RedactText, redacted, textRedaction } from "./redact-text.ts";

export type PlainData =
  | string
  | number
  | boolean
  | null
  | readonly PlainData[]
  | { readonly [name: string]: PlainData };

/** What lies deeper is not shown: what is not looked at cannot be redacted. */
const depthMax = 10;
/** Items of one collection, and values in all, that are shown; the rest is counted. */
const itemsMax = 100;
const valuesMax = 2_000;

/**
 * Redaction by the names of fields and by known values, at every depth: in objects, arrays, maps,
 * sets, errors with all their causes, addresses, keys, and texts that hold JSON or headers. Never
 * throws, whatever it is given.
 */
export class Redaction {
  readonly text: RedactText;

  constructor(secrets: readonly Secret[]) {
    this.text = textRedaction(secrets);
  }

  /** Plain data without secrets; circles, depth and length are cut. */
  value(value: unknown): PlainData {
    return new Walk(this.text).plain(value, 0);
  }
}

class Walk {
  private readonly above = new Set<object>();
  private left = valuesMax;

  constructor(private readonly text: RedactText) {}

  plain(value: unknown, depth: number): PlainData {
    this.left -= 1;
    if (this.left < 0) return "[cut]";
    switch (typeof value) {
      case "string":
        return this.text(value);
      case "number":
      case "bigint":
        return this.number(value);
      case "boolean":
        return value;
      case "undefined":
        return null;
      case "symbol":
      case "function":
        return this.text(`[${typeof value} ${String((value as { name?: string }).name ?? "")}]`);
      case "object":
        return value === null ? null : this.guarded(value, depth);
    }
  }

  /** A secret of digits may be logged as a number. */
  private number(value: number | bigint): PlainData {
    const text = String(value);
    const safe = this.text(text);
    if (safe !== text) return safe;
    return typeof value === "number" && Number.isFinite(value) ? value : text;
  }

  private guarded(value: object, depth: number): PlainData {
    if (this.above.has(value)) return "[circular]";
    if (depth >= depthMax) return "[too deep]";
    this.above.add(value);
    try {
      return this.object(value, depth + 1);
    } catch (error) {
      // A getter or a toJSON that throws must not take the desk with it.
      return this.text(`[unreadable: ${error instanceof Error ? error.message : String(error)}]`);
    } finally {
      this.above.delete(value);
    }
  }

  private object(value: object, depth: number): PlainData {
    if (value instanceof Error) return this.error(value, depth);
    if (Array.isArray(value)) return this.list(value, value.length, depth);
    if (value instanceof Set) return this.list(value, value.size, depth);
    if (value instanceof Map) return this.fields(value, depth);
    if (value instanceof Headers) return this.fields(value, depth);
    if (value instanceof URL || value instanceof URLSearchParams || value instanceof RegExp) {
      return this.text(String(value));
    }
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
      return `[${value.byteLength} bytes]`;
    }
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === "function") return this.plain(toJSON.call(value), depth);
    return this.fields(Object.entries(value), depth);
  }

  private error(error: Error, depth: number): PlainData {
    const { name, message, stack, cause } = error;
    const known: [string, unknown][] = [
      ["type", name],
      ["message", message],
      ["stack", stack],
    ];
    if (cause !== undefined) known.push(["cause", cause]);
    if (error instanceof AggregateError) known.push(["errors", error.errors]);
    const shown = new Set(["name", "message", "stack", "cause", "errors"]);
    const own = Object.entries(error).filter(([key]) => !shown.has(key));
    return this.fields([...known, ...own], depth);
  }

  private list(items: Iterable<unknown>, size: number, depth: number): PlainData {
    const plain: PlainData[] = [];
    for (const item of items) {
      if (plain.length === itemsMax) {
        plain.push(`[${size - itemsMax} more]`);
        break;
      }
      plain.push(this.plain(item, depth));
    }
    return plain;
  }

  private fields(entries: Iterable<readonly [unknown, unknown]>, depth: number): PlainData {
    const plain: Record<string, PlainData> = {};
    let count = 0;
    for (const [key, value] of entries) {
      count += 1;
      if (count > itemsMax) continue;
      const name = typeof key === "string" ? key : String(this.plain(key, depth));
      // A prototype is not set by what someone else named a field.
      const safe = name === "__proto__" ? "[__proto__]" : this.text(name);
      const isShown = value === null || value === undefined || typeof value === "boolean";
      plain[safe] = isSecretName(name) && !isShown ? redacted : this.plain(value, depth);
    }
    if (count > itemsMax) plain["[more]"] = count - itemsMax;
    return plain;
  }
}
