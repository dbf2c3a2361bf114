/** The desk's log: lines of JSON for whoever watches the process. The record is the journal. */
import { pino } from "pino";
import type { Secret } from "../config/secret.ts";
import type { LogDestination } from "./destination.ts";
import { type PlainData, Redaction } from "./redact.ts";
import { LogTail } from "./tail.ts";

/** From the least important on. */
export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

/** What one line says. */
export interface LogEntry {
  readonly level: LogLevel;
  /** `brake.on`, `turn.undone`: one name for one kind of happening. */
  readonly event: string;
  /** In words, for people. */
  readonly message: string;
  readonly actor?: string;
  /** `paper:main`. */
  readonly account?: string;
  /** What ties a signal, its orders and their fills together: the position's id. */
  readonly correlation?: string;
  /** The journal's record that tells it whole. */
  readonly seq?: number;
  /** The desk's own time, Unix milliseconds: not that of the line in a simulated market. */
  readonly at?: number;
  /** Whatever else there is to say; redacted like the rest. */
  readonly details?: unknown;
}

export interface LogOptions {
  readonly level: LogLevel;
  readonly destination: LogDestination;
  /** Never to appear in a line, in whatever writing. */
  readonly secrets: readonly Secret[];
}

/**
 * Writes entries as lines of JSON: time (ISO), level, event, message, and actor, account,
 * correlation, seq, at and details where there are. Never throws: what cannot be written is
 * counted.
 */
export class Log {
  private readonly logger;
  private readonly redaction: Redaction;
  private failed = 0;
  private tail: LogTail | null = null;

  constructor(private readonly options: LogOptions) {
    this.redaction = new Redaction(options.secrets);
    this.logger = pino(
      {
        level: options.level,
        // Who and where is known to whoever collects the lines.
        base: null,
        messageKey: "message",
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
        serializers: {},
      },
      options.destination,
    );
  }

  get level(): LogLevel {
    return this.logger.level as LogLevel;
  }

  /** Counts from the next line on. */
  set level(level: LogLevel) {
    this.logger.level = level;
  }

  /** Lines that were to be written and were not. */
  get lost(): number {
    return this.options.destination.lost + this.failed;
  }

  /** Keeps the last lines at hand from now on, from `info` on, whatever level is written. */
  keepTail(): LogTail {
    this.tail ??= new LogTail();
    return this.tail;
  }

  /** Plain data as a line would have it: without secrets, and cut. */
  plain(value: unknown): PlainData {
    return this.redaction.value(value);
  }

  isOn(level: LogLevel): boolean {
    return this.logger.isLevelEnabled(level);
  }

  write({ level, event, message, details, at, ...rest }: LogEntry): void {
    const isOn = this.isOn(level);
    const { tail } = this;
    if (!isOn && (tail === null || level === "debug")) return;
    try {
      const fields = {
        event,
        ...rest,
        ...(at === undefined ? {} : { at: isoTime(at) }),
        ...(details === undefined ? {} : { details }),
      };
      const plain = this.redaction.value(fields) as Readonly<Record<string, PlainData>>;
      const text = this.redaction.text(message);
      if (isOn) this.logger[level](plain, text);
      tail?.add({ level, message: text, ...tailFields(plain) });
    } catch {
      this.failed += 1;
    }
  }

  close(): void {
    this.options.destination.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** What the tail keeps beside level and message, as it was redacted. */
function tailFields(plain: Readonly<Record<string, PlainData>>) {
  const textOf = (name: string) => (plain[name] === undefined ? null : String(plain[name]));
  return {
    event: textOf("event") ?? "",
    actor: textOf("actor"),
    account: textOf("account"),
    correlation: textOf("correlation"),
    seq: plain.seq === undefined ? null : Number(plain.seq),
    details: plain.details ?? null,
  };
}

/** Far times have no calendar date. */
function isoTime(at: number): string {
  return Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : String(at);
}
