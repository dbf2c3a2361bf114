import type { Context } from "hono";
import { mayActAs, type Role } from "../../machines/domain/command.ts";
import { type Caller, RouteError, type RouteSpec } from "../api/route.ts";
import type { Chronicle } from "./chronicle.ts";
import { readCookie } from "./cookie.ts";
import type { PanelDoors } from "./doors.ts";
import type { Entrance } from "./entrance.ts";
import { originOf, requireOwnPage, requireSameSite } from "./guard.ts";
import { TokenBuckets } from "./limits.ts";

/** Of whom nobody is known: a burst, and requests a second, by address. */
const strangers = [200, 20] as const;
/** Reads and changes of one session or key. Commands have a limit of their own. */
const reads = [300, 100] as const;
const changes = [30, 1] as const;

/** Looks at each request before anything is done about it: who asks, from where, how often. */
export class Gate {
  private readonly strangers = new TokenBuckets(...strangers);
  private readonly reads = new TokenBuckets(...reads);
  private readonly changes = new TokenBuckets(...changes);

  constructor(
    private readonly doors: PanelDoors,
    private readonly entrance: Entrance,
    private readonly chronicle: Chronicle,
  ) {}

  /** Who asks; null on a route for anyone. @throws {RouteError} for whoever may not */
  async admit(context: Context, key: string, spec: RouteSpec): Promise<Caller | null> {
    const where = this.doors.where();
    const isChange = !key.startsWith("GET ");
    if (spec.role === "anyone") {
      this.limit(this.strangers, originOf(context, where).address);
      if (isChange) {
        requireSameSite(context, where);
        requireOwnPage(context, where, null);
      }
      return null;
    }
    requireSameSite(context, where);
    const caller = await this.callerOf(context);
    if (isChange) this.noted(caller, key, () => requireOwnPage(context, where, caller));
    const role: Role = spec.role;
    this.noted(caller, key, () => {
      if (mayActAs(caller.role, role)) return;
      throw new RouteError(
        403,
        `Cannot answer: role "${role}" is needed, yours is "${caller.role}"`,
      );
    });
    if (key !== "POST /api/v1/commands") {
      this.limit(isChange ? this.changes : this.reads, caller.session?.id ?? caller.keyId);
    }
    return caller;
  }

  /** A key that is brought along goes before any cookie, which then counts for nothing. */
  private callerOf(context: Context): Promise<Caller> | Caller {
    const where = this.doors.where();
    const origin = originOf(context, where);
    const given = context.req.header("Authorization");
    if (given !== undefined) {
      return this.entrance.byKeyText(given.replace(/^Bearer /i, "").slice(0, 200), origin);
    }
    const cookie = readCookie(context, where);
    if (cookie === null)
      throw new RouteError(401, "Cannot answer: sign in with a key that is in use");
    return this.entrance.bySession(cookie, origin);
  }

  private limit(buckets: TokenBuckets, name: string): void {
    if (buckets.take(name, this.doors.now())) return;
    throw new RouteError(429, "Cannot answer: too many requests in a short time", {
      retryAfterSeconds: 1,
    });
  }

  /** A change that somebody known tried and may not stands in the record. */
  private noted(caller: Caller, key: string, require: () => void): void {
    try {
      require();
    } catch (error) {
      if (error instanceof RouteError && !key.startsWith("GET ")) {
        this.chronicle.note(caller, { what: key, outcome: "refused", text: error.message });
      }
      throw error;
    }
  }
}
