/** The desk's log: lines of JSON for whoever watches the process. The record is the journal. */
import { pino } from "pino";
import type { Secret } from "../config/secret.ts";
import type { LogDestination } from "./destination.ts";
import { Redaction } from "./redact.ts";

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

  isOn(level: LogLevel): boolean {
    return this.logger.isLevelEnabled(level);
  }

  write({ level, event, message, details, at, ...rest }: LogEntry): void {
    if (!this.isOn(level)) return;
    try {
      const fields = {
        event,
        ...rest,
        ...(at === undefined ? {} : { at: isoTime(at) }),
        ...(details === undefined ? {} : { details }),
      };
      const plain = this.redaction.value(fields) as object;
      this.logger[level](plain, this.redaction.text(message));
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

/** Far times have no calendar date. */
function isoTime(at: number): string {
  return Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : String(at);
}
