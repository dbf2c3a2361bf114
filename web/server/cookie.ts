/** The session's cookie: for this host alone, out of reach of scripts, never sent by other sites. */
import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import type { Whereabouts } from "./doors.ts";

/** Cookies know no ports: two panels on one machine must not take each other's. */
function namesOf({ port, isTls, proxy }: Whereabouts) {
  if (isTls || proxy !== null) return { secure: "__Host-novactor", plain: null };
  return { secure: `__Host-novactor-${port}`, plain: `novactor-${port}` };
}

/** The session that a browser brings, or null. */
export function readCookie(context: Context, where: Whereabouts): string | null {
  const { secure, plain } = namesOf(where);
  return (
    getCookie(context, secure) ?? (plain === null ? null : (getCookie(context, plain) ?? null))
  );
}

/**
 * Sets or, with null, clears the cookie. It is Secure and bound to the host; `isPlain` is for a
 * browser that does not keep such a one of plain HTTP on loopback, and counts there alone.
 */
export function writeCookie(
  context: Context,
  where: Whereabouts,
  value: string | null,
  isPlain = false,
): void {
  const { secure, plain } = namesOf(where);
  const base = { path: "/", httpOnly: true, sameSite: "Strict" } as const;
  const write = (name: string, isSecure: boolean, text: string | null) =>
    setCookie(context, name, text ?? "", {
      ...{ ...base, secure: isSecure },
      ...(text === null && { maxAge: 0 }),
    });
  if (plain !== null && (isPlain || value === null)) write(plain, false, value);
  if (!(isPlain && plain !== null)) write(secure, true, value);
}
