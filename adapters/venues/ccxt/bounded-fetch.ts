import {
  BaseError,
  ExchangeNotAvailable,
  NetworkError,
  RequestTimeout,
} from "ccxt/js/src/base/errors.js";
import type { CcxtVenueId } from "./assumptions.ts";
import { type Evidence, MalformedReply, withEvidence } from "./faults.ts";
import { parseExact } from "./reading.ts";

/** One HTTP request as ccxt signed it. */
export interface SignedRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** What ccxt contributes: its own reading of a failed reply, by throwing. */
export interface ErrorReader {
  handleErrors(
    status: number,
    statusText: string,
    url: string,
    method: string,
    headers: Record<string, string>,
    body: string,
    response: unknown,
    requestHeaders: unknown,
    requestBody: unknown,
  ): unknown;
  handleHttpStatusCode(
    status: number,
    reason: string,
    url: string,
    method: string,
    body: string,
  ): void;
}

interface RawReply {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly text: string;
}

const largestReply = 32 * 1024 * 1024;
const longestQuote = 200;

/**
 * One exchange of request and reply that ends within `timeoutMs`, body included, and gives back
 * only what is a whole, well-formed success. ccxt's own ends its timer with the headers, lets
 * `TypeError`s through, and takes HTML, an empty body and cut JSON for a success.
 *
 * @returns the reply's JSON, numbers as text
 * @throws {BaseError} ccxt's own classes only, each with its {@link Evidence}
 */
export async function boundedFetch(
  venue: CcxtVenueId,
  reader: ErrorReader,
  request: SignedRequest,
  timeoutMs: number,
): Promise<unknown> {
  const noReply: Evidence = { status: null, texts: [], retryAfterMs: null };
  let reply: RawReply;
  try {
    reply = await within(timeoutMs, (signal) => exchange(request, signal));
  } catch (error) {
    const where = `${request.method} ${pathOf(request.url)}`;
    const timedOut = error instanceof Error && /^(Abort|Timeout)Error$/.test(error.name);
    throw withEvidence(
      timedOut
        ? new RequestTimeout(`${venue} ${where}: no whole reply within ${timeoutMs} ms`)
        : new NetworkError(`${venue} ${where}: ${nameOf(error)}`),
      noReply,
    );
  }
  return judge(venue, reader, request, reply);
}

/** Aborts the work when the time is over, whether it waits for headers or in the body. */
async function within<T>(timeoutMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new DOMException("the time is over", "TimeoutError");
    // Rejected first: a body that ignores the abort must not keep the caller waiting.
    late.reject(error);
    controller.abort(error);
  }, timeoutMs);
  try {
    return await Promise.race([work(controller.signal), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function exchange(request: SignedRequest, signal: AbortSignal): Promise<RawReply> {
  const { url, method, headers, body } = request;
  const response = await fetch(url, {
    method,
    headers: { ...headers, "User-Agent": "novactor" },
    ...(body === undefined ? {} : { body }),
    // A signed request is for the address it was signed for.
    redirect: "error",
    // Bun sends GET, PUT and DELETE again when a reused connection drops: a cancel by DELETE
    // could run twice.
    ...(method === "DELETE" ? { keepalive: false } : {}),
    signal,
  });
  const { status, statusText } = response;
  return { status, statusText, headers: response.headers, text: await readBounded(response) };
}

async function readBounded(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > largestReply) throw new RangeError(`the reply is larger than ${largestReply} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function judge(
  venue: CcxtVenueId,
  reader: ErrorReader,
  request: SignedRequest,
  reply: RawReply,
): unknown {
  const { status, statusText, text } = reply;
  const { url, method, headers, body } = request;
  const retryAfter = Number(reply.headers.get("retry-after") ?? Number.NaN);
  const evidence = (texts: readonly string[]): Evidence => ({
    status,
    texts,
    retryAfterMs: Number.isFinite(retryAfter) ? retryAfter * 1000 : null,
  });
  let parsed: unknown;
  let texts: readonly string[] = [];
  try {
    try {
      parsed = parseExact(text);
    } catch {
      parsed = undefined;
    }
    texts = parsed === undefined ? [quote(text)] : textsOf(venue, parsed);
    const responseHeaders = Object.fromEntries(reply.headers.entries());
    reader.handleErrors(
      ...([status, statusText, url, method, responseHeaders, text, parsed] as const),
      headers,
      body,
    );
    reader.handleHttpStatusCode(status, statusText, url, method, text);
    // ccxt's table of statuses has holes: 523 and 524 pass as success.
    if (status < 200 || status > 299) throw new ExchangeNotAvailable(`${venue} HTTP ${status}`);
    if (parsed === undefined) throw new NetworkError(`${venue}: the reply is not JSON`);
    assertEnvelope(venue, parsed);
    return parsed;
  } catch (error) {
    if (error instanceof BaseError) throw withEvidence(error, evidence(texts));
    const foreign = new NetworkError(`${venue} HTTP ${status}: ${nameOf(error)}`);
    throw withEvidence(foreign, evidence(texts));
  }
}

/** What every success of a venue has, whatever was asked. @throws {MalformedReply} */
function assertEnvelope(venue: CcxtVenueId, reply: unknown): void {
  if (typeof reply !== "object" || reply === null) {
    throw new MalformedReply(`Cannot read reply of ${venue}: wanted an object or a list`);
  }
  if (venue === "binanceus") return;
  if (Array.isArray(reply)) {
    throw new MalformedReply(`Cannot read reply of ${venue}: was a list, wanted an object`);
  }
  if (venue !== "kraken") return;
  const { error, result } = reply as { error?: unknown; result?: unknown };
  if (!Array.isArray(error) || typeof result !== "object" || result === null) {
    throw new MalformedReply(`Cannot read reply of kraken: wanted "error" and "result"`);
  }
}

/** The venue's words in a reply that says no: error strings, codes and messages, most telling first. */
export function textsOf(venue: CcxtVenueId, reply: unknown): readonly string[] {
  if (typeof reply !== "object" || reply === null) return [];
  const fields = reply as Readonly<Record<string, unknown>>;
  if (venue === "kraken") return strings(Array.isArray(fields.error) ? fields.error : []);
  if (venue === "binanceus") {
    const { code, msg } = fields;
    return strings([code === undefined ? msg : `${code} ${msg}`]);
  }
  const inner = (fields.error_response ?? {}) as Readonly<Record<string, unknown>>;
  const [first] = (Array.isArray(fields.errors) ? fields.errors : []) as {
    id?: unknown;
    message?: unknown;
  }[];
  return strings([
    inner.preview_failure_reason,
    inner.error,
    inner.new_order_failure_reason,
    inner.message,
    fields.error,
    fields.message,
    first?.id,
    first?.message,
  ]);
}

function strings(values: readonly unknown[]): readonly string[] {
  const texts = values.filter((value): value is string => typeof value === "string");
  return [...new Set(texts.filter((text) => text !== ""))].map(quote);
}

function quote(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > longestQuote ? `${line.slice(0, longestQuote)}…` : line;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${quote(error.message)}` : quote(String(error));
}

/** The address without its query, which carries signatures at some venues. */
function pathOf(url: string): string {
  return url.split("?", 1)[0] ?? url;
}
