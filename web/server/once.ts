import stringify from "safe-stable-stringify";
import { type Caller, RouteError } from "../api/route.ts";
import type { PanelDoors } from "./doors.ts";
import { digestOf } from "./secrets.ts";

/** A request that is to happen once. */
export interface OnceOnly {
  readonly caller: Caller;
  readonly route: string;
  readonly key: string;
  readonly body: unknown;
  /** Happens even where it cannot be written down that it did: what it does is done once anyway. */
  readonly isUrgent: boolean;
}

/**
 * Has requests of the same key and body happen once, and answered alike for a day, whether they
 * come one after the other, all at once, or after a restart. One that was refused may come again.
 */
export class Once {
  private readonly running = new Map<string, Promise<unknown>>();

  constructor(private readonly doors: Pick<PanelDoors, "keeper" | "now" | "lines">) {}

  /** @throws {RouteError} 409 for another body under a known key; 503 where nothing can be kept */
  async answer(request: OnceOnly, run: () => Promise<unknown>): Promise<unknown> {
    const { caller, key, route, body } = request;
    const bodyHash = digestOf(stringify(body) ?? "");
    const known = this.claim(request, bodyHash);
    if (known && (known.bodyHash !== bodyHash || known.route !== route)) {
      throw new RouteError(409, "Cannot do another thing under an idempotency key that was used");
    }
    if (known?.reply != null) return JSON.parse(known.reply) as unknown;
    const name = `${caller.keyId} ${key}`;
    const running = this.running.get(name);
    if (running) return running;
    const asked = this.run(request, run).finally(() => this.running.delete(name));
    this.running.set(name, asked);
    return asked;
  }

  private claim({ caller, route, key, isUrgent }: OnceOnly, bodyHash: string) {
    try {
      return this.doors.keeper.claim(caller.keyId, key, route, bodyHash, this.doors.now());
    } catch (error) {
      this.tell(error);
      if (isUrgent) return null;
      throw new RouteError(503, "Cannot change anything: the panel's file cannot be written");
    }
  }

  private async run({ caller, key }: OnceOnly, run: () => Promise<unknown>): Promise<unknown> {
    const { keeper } = this.doors;
    try {
      const reply = await run();
      this.tried(() => keeper.keepReply(caller.keyId, key, JSON.stringify(reply)));
      return reply;
    } catch (error) {
      this.tried(() => keeper.disclaim(caller.keyId, key));
      throw error;
    }
  }

  private tried(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.tell(error);
    }
  }

  private tell(error: unknown): void {
    const message = "Cannot write the panel's file";
    this.doors.lines.write({ level: "error", event: "panel.file", message, details: { error } });
  }
}
