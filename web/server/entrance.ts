import { LRUCache } from "lru-cache";
import type { OperatorKey, OperatorSession } from "../../machines/domain/operator.ts";
import { type Caller, RouteError } from "../api/route.ts";
import type { Chronicle } from "./chronicle.ts";
import type { Origin, PanelDoors } from "./doors.ts";
import { FailedTries } from "./limits.ts";
import { digestOf, keyIdOf } from "./secrets.ts";

/** After which a session ends, however much it is used. */
export const sessionMs = 12 * 3_600_000;
/** How long a key that was right is taken for right without a look at its hash. */
const knownMs = 60_000;
/** Between two times that it is written down that a session or a key is used. */
const seenEveryMs = 30_000;

/** Said of every key and session that is not let in: nobody learns why. */
const notIn = () => new RouteError(401, "Cannot answer: sign in with a key that is in use");

/** A session that was begun, with what the browser alone is to hold. */
export interface Begun {
  readonly caller: Caller;
  readonly cookie: string;
}

/** Lets in who brings a key or holds a session, and nobody else. */
export class Entrance {
  /** Digests of keys that were right, and whose. */
  private readonly known = new LRUCache<string, { id: string; at: number }>({ max: 1_000 });
  private readonly asking = new Map<string, Promise<boolean>>();
  private readonly seen = new LRUCache<string, number>({ max: 10_000 });
  private readonly byAddress = new FailedTries(15 * 60_000);
  private readonly byKey = new FailedTries(60_000);
  /** Of a key that nobody has: an unknown one costs as much work as a wrong one. */
  private decoy: Promise<string> | null = null;

  constructor(
    private readonly doors: PanelDoors,
    private readonly chronicle: Chronicle,
  ) {}

  /** Who brings this key. @throws {RouteError} 401, or 429 after too many that were wrong */
  async byKeyText(text: string, origin: Origin): Promise<Caller> {
    const { id, name, role, usedAt } = await this.keyOf(text, origin);
    this.note(`key ${id}`, usedAt ?? 0, (at) => this.doors.keeper.useKey(id, at));
    return { name, role, keyId: id, session: null, from: origin.from };
  }

  /** Who holds the session of this cookie. @throws {RouteError} 401 */
  bySession(cookie: string, { from }: Origin): Caller {
    const session = this.live(digestOf(cookie));
    if (!session) throw notIn();
    const { id, keyId, name, role, seenAt, endsAt } = session;
    this.note(`session ${id}`, seenAt, (at) => this.doors.keeper.seeSession(id, at));
    return { name, role, keyId, session: { id, token: tokenOf(cookie), endsAt }, from };
  }

  /** Whether the caller would be let in now as well: for what goes on for long. */
  isStillIn({ keyId, session }: Caller, cookie: string | null): boolean {
    if (session) return cookie !== null && this.live(digestOf(cookie)) !== null;
    return this.doors.keeper.key(keyId)?.revokedAt === null;
  }

  /** Begins a session in the place of the browser's former one. @throws {RouteError} as a key does */
  async signIn(text: string, origin: Origin, former: string | null): Promise<Begun> {
    const key = await this.keyOf(text, origin, true);
    const { keeper, locksmith, now } = this.doors;
    const cookie = locksmith.draw();
    const [at, id] = [now(), digestOf(`id ${cookie}`).slice(0, 12)];
    const endsAt = at + sessionMs;
    keeper.beginSession(
      { tokenHash: digestOf(cookie), id, keyId: key.id, from: origin.from, at, endsAt },
      former === null ? null : digestOf(former),
    );
    keeper.useKey(key.id, at);
    const { name, role } = key;
    const session = { id, token: tokenOf(cookie), endsAt };
    return { caller: { name, role, keyId: key.id, session, from: origin.from }, cookie };
  }

  /** Whether a session has not ended yet: for a list of them. */
  isLive({ id, seenAt, endsAt }: OperatorSession): boolean {
    const now = this.doors.now();
    const last = Math.max(seenAt, this.seen.get(`session ${id}`) ?? 0);
    return now < endsAt && now < last + this.doors.idleMs;
  }

  private live(tokenHash: string): OperatorSession | null {
    const session = this.doors.keeper.session(tokenHash);
    return session && this.isLive(session) ? session : null;
  }

  /** Remembers that somebody was seen; written down now and then, for each write costs. */
  private note(who: string, writtenAt: number, write: (at: number) => void): void {
    const now = this.doors.now();
    this.seen.set(who, now);
    if (now - writtenAt < seenEveryMs) return;
    try {
      write(now);
    } catch (error) {
      // Whoever was let in stays in, whatever becomes of the file: the brakes must be in reach.
      const message = "Cannot note in the panel's file who was seen";
      this.doors.lines.write({ level: "warn", event: "panel.file", message, details: { error } });
    }
  }

  /** `isFresh` looks at the hash in any case. */
  private async keyOf(text: string, origin: Origin, isFresh = false): Promise<OperatorKey> {
    const { keeper, now } = this.doors;
    const digest = digestOf(text);
    const known = isFresh ? undefined : this.known.get(digest);
    if (known && now() - known.at < knownMs) {
      const key = keeper.key(known.id);
      if (key?.revokedAt === null) return key;
      this.known.delete(digest);
      throw notIn();
    }
    const id = keyIdOf(text);
    // The same key several times at once is one look at its hash, and one try.
    const asked = this.asking.get(digest) ?? this.look(text, id, digest, origin);
    const isRight = await asked;
    const key = id === null ? null : keeper.key(id);
    if (!isRight || key?.revokedAt !== null) throw notIn();
    return key;
  }

  private look(
    text: string,
    id: string | null,
    digest: string,
    { address, from }: Origin,
  ): Promise<boolean> {
    const { keeper, now } = this.doors;
    const names = [[this.byAddress, address], ...(id === null ? [] : [[this.byKey, id] as const])];
    const tries = names as readonly (readonly [FailedTries, string])[];
    const waitMs = Math.max(...tries.map(([of, name]) => of.waitMs(name, now())));
    if (waitMs > 0) {
      const seconds = Math.ceil(waitMs / 1_000);
      const text = `Cannot sign in: too many keys that were wrong, wanted a pause of ${seconds} s`;
      throw new RouteError(429, text, { retryAfterSeconds: seconds });
    }
    for (const [of, name] of tries) of.begin(name, now());
    const asked = this.isRight(text, id).finally(() => this.asking.delete(digest));
    this.asking.set(digest, asked);
    return asked.then((isRight) => {
      if (!isRight) {
        const name = (id === null ? null : keeper.key(id))?.name ?? "nobody";
        const deed = { what: "session.begin", outcome: "refused", text: "no key in use" } as const;
        this.chronicle.note({ name, role: "view", from }, deed);
        return false;
      }
      for (const [of, name] of tries) of.forget(name);
      if (id !== null) this.known.set(digest, { id, at: now() });
      return true;
    });
  }

  private async isRight(text: string, id: string | null): Promise<boolean> {
    const { keeper, locksmith } = this.doors;
    this.decoy ??= locksmith.make().then(({ hash }) => hash);
    const decoy = await this.decoy;
    const key = id === null ? null : keeper.key(id);
    const isRight = await locksmith.isRight(text, key?.hash ?? decoy);
    return isRight && key?.revokedAt === null;
  }
}

/** What a page must send back: known to who holds the cookie, and kept nowhere. */
const tokenOf = (cookie: string): string => digestOf(`token ${cookie}`);
