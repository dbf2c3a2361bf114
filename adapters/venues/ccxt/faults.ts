/**
 * The request did not leave the process: the queue was full, a parameter is not listed, the
 * instrument is not known. The one failure after which nothing can have happened at the venue.
 */
export class NotSent extends Error {
  override readonly name = "NotSent";
  readonly code: "notSent" | "unsupported" | "offGrid" | "belowMinimum";

  constructor(text: string, code: NotSent["code"] = "notSent") {
    super(text);
    this.code = code;
  }
}

/** A reply that came whole and well-formed, and yet does not say what it must. */
export class MalformedReply extends Error {
  override readonly name = "MalformedReply";
}

/** The venue's own no, found in a reply that ccxt takes for a success. */
export class VenueRefusal extends Error {
  override readonly name = "VenueRefusal";
  readonly texts: readonly string[];

  constructor(texts: readonly string[]) {
    super(texts.join("; "));
    this.texts = texts;
  }
}

/** What is known of a failed exchange of request and reply, beside the exception itself. */
export interface Evidence {
  /** Null where no reply came. */
  readonly status: number | null;
  /** The venue's words: error strings, codes, messages. */
  readonly texts: readonly string[];
  /** Milliseconds, from Retry-After. */
  readonly retryAfterMs: number | null;
}

const evidences = new WeakMap<object, Evidence>();

/** Attaches evidence to an exception, so that ccxt's class stays what it is. */
export function withEvidence<E extends object>(error: E, evidence: Evidence): E {
  evidences.set(error, evidence);
  return error;
}

export function evidenceOf(error: unknown): Evidence | null {
  return typeof error === "object" && error !== null ? (evidences.get(error) ?? null) : null;
}
