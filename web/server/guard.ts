/** What a request must bring beside who asks: the right host, the right origin, and a token. */
import type { Context } from "hono";
import { type Caller, RouteError } from "../api/route.ts";
import type { Origin, Whereabouts } from "./doors.ts";
import { isSameSecret } from "./secrets.ts";

/** The header in which a page sends back its session's token. */
export const tokenHeader = "X-Novactor-Token";

const agentMost = 40;
/** Browsers by the name that they do not share, most telling first. */
const browsers = /(?:Edg|OPR|Firefox|HeadlessChrome|Chrome|Version)\/\d+/;

/** Where a request comes from; behind a proxy, what that says of it. */
export function originOf(context: Context, where: Whereabouts): Origin {
  const direct = String((context.env as { address?: unknown } | undefined)?.address ?? "unknown");
  const told = where.proxy === null ? undefined : context.req.header("X-Forwarded-For");
  // The last one is the proxy's own word; what stands before it is the asker's.
  const address = told?.split(",").at(-1)?.trim().slice(0, 64) || direct;
  const program = (context.req.header("User-Agent") ?? "").replace(/[^\x20-\x7e]/g, "");
  const agent = browsers.exec(program)?.[0] ?? program.split(" ")[0] ?? "";
  return { address, from: agent === "" ? address : `${address} ${agent.slice(0, agentMost)}` };
}

/** Whether the name that was asked for is one of the panel's: a foreign one may be led here. */
export function isOwnHost(host: string | undefined, where: Whereabouts): boolean {
  if (host === undefined) return false;
  if (where.proxy !== null && host === new URL(where.proxy).host) return true;
  const [, name = "", port = where.isTls ? "443" : "80"] =
    /^(\[[\da-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?$/i.exec(host) ?? [];
  return Number(port) === where.port && name !== "" && where.isOwn(name.toLowerCase());
}

/** Whether a page of ours asks, as far as the browser says. */
function isOwnOrigin(context: Context, where: Whereabouts): boolean {
  const origin = context.req.header("Origin");
  if (origin === undefined) return false;
  if (where.proxy !== null && origin === new URL(where.proxy).origin) return true;
  const scheme = where.isTls ? "https" : "http";
  return origin === `${scheme}://${context.req.header("Host")}`;
}

/** Refuses what another site makes a browser ask, whatever the method. @throws {RouteError} 403 */
export function requireSameSite(context: Context, where: Whereabouts): void {
  const site = context.req.header("Sec-Fetch-Site");
  const isForeign =
    (context.req.header("Origin") !== undefined && !isOwnOrigin(context, where)) ||
    (site !== undefined && site !== "same-origin" && site !== "none");
  if (isForeign) throw new RouteError(403, "Cannot answer: another site asks");
}

/**
 * Refuses a change that a browser asks for unless a page of ours has it do so. Who brings a key
 * with the request is no browser that could be misled.
 *
 * @throws {RouteError} 403
 */
export function requireOwnPage(context: Context, where: Whereabouts, caller: Caller | null): void {
  if (caller !== null && caller.session === null) return;
  if (!isOwnOrigin(context, where)) {
    throw new RouteError(403, "Cannot change anything: wanted the panel's own origin");
  }
  if (
    caller?.session &&
    !isSameSecret(context.req.header(tokenHeader) ?? "", caller.session.token)
  ) {
    const text = `Cannot change anything: wanted the session's token in the header ${tokenHeader}`;
    throw new RouteError(403, text);
  }
}
