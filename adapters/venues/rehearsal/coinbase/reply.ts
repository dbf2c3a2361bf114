import type { WireReply, WireRequest } from "../wire.ts";

export function reply(body: object): WireReply {
  return { status: 200, body: JSON.stringify(body) };
}

/** Statuses that the venue's errors come with. */
const statuses: Readonly<Record<string, number>> = {
  INVALID_ARGUMENT: 400,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  rate_limit_exceeded: 429,
  INTERNAL: 500,
  UNAVAILABLE: 503,
};

/** Whether these words are an error of a whole request, not of one order. */
export function isRequestError(error: string): boolean {
  return error in statuses || error === "Unauthorized";
}

export function failed(error: string, message: string): WireReply {
  // The one error that comes as plain text.
  if (error === "Unauthorized") return { status: 401, body: "Unauthorized\n" };
  const body = JSON.stringify({ error, error_details: message, message });
  return { status: statuses[error] ?? 400, body };
}

export const unauthorized = failed("Unauthorized", "");

export function invalid(message: string): WireReply {
  return failed("INVALID_ARGUMENT", message);
}

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The JSON object of a request's body, or null. */
export function bodyOf({ body }: WireRequest): Fields | null {
  try {
    const read: unknown = JSON.parse(body);
    return isFields(read) ? read : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** A text that says something; null for anything else. */
export function textIn(fields: Fields, name: string): string | null {
  const value = fields[name];
  return typeof value === "string" && value !== "" ? value : null;
}
