/** The fencing lease: one process at a time may write a ledger, and every commit checks it. */
import type { Database } from "bun:sqlite";
import { LeaseHeld, LeaseLost } from "./errors.ts";
import { leaseHolder } from "./lease-row.ts";
import { isProvablyDead, type ProcessIdentity, thisProcess } from "./process-identity.ts";

/** Unix milliseconds of the host, and milliseconds that no one sets. */
export interface LeaseClock {
  wall(): number;
  steady(): number;
}

export interface LeaseOptions {
  /** How long a holder of whom nothing is known is waited for; 30 s unless told. */
  readonly durationMs?: number;
  readonly clock?: LeaseClock;
}

/** When something was, by both clocks. */
export interface Moment {
  readonly wall: number;
  readonly steady: number;
}

const defaultDurationMs = 30_000;

const systemClock: LeaseClock = { wall: () => Date.now(), steady: () => performance.now() };

/**
 * The holder renews a third of the duration after it last did, relies on it for half, and others
 * wait for the whole: the rest is for clocks that differ. A holder on this host that is proved
 * dead is not waited for.
 */
export class Lease {
  private readonly durationMs: number;
  private readonly clock: LeaseClock;
  private readonly self: ProcessIdentity = thisProcess();
  private token = 0;
  private renewedAt: Moment = { wall: 0, steady: 0 };
  private isLost = false;

  constructor(
    private readonly database: Database,
    private readonly path: string,
    options: LeaseOptions = {},
  ) {
    this.durationMs = options.durationMs ?? defaultDurationMs;
    this.clock = options.clock ?? systemClock;
  }

  now(): Moment {
    return { wall: this.clock.wall(), steady: this.clock.steady() };
  }

  /** Takes it, in the transaction that is open. @throws {LeaseHeld} */
  acquire(now: Moment): void {
    const holder = leaseHolder(this.database);
    const isFree =
      holder === null ||
      holder.releasedAt !== null ||
      now.wall >= holder.expiresAt ||
      isProvablyDead(holder, this.self);
    if (!isFree) throw new LeaseHeld(this.path, holder);
    this.token = (holder?.token ?? 0) + 1;
    const { host, machineId, bootId, namespace, pid, startedAt } = this.self;
    this.database
      .query("INSERT OR REPLACE INTO lease VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)")
      .run(
        ...[this.token, host, machineId, bootId, namespace, pid, startedAt],
        ...[now.wall, now.wall, this.durationMs],
      );
  }

  /**
   * Checks the token, and renews it if that is due or wanted, in the transaction that is open.
   *
   * @returns whether it was renewed, for {@link renewed} once that is committed.
   * @throws {LeaseLost}
   */
  check(now: Moment, isWanted = false): boolean {
    const { database, token } = this;
    const row = database.query<{ token: number }, []>("SELECT token FROM lease").get();
    if (this.isLost || row?.token !== token) {
      this.isLost = true;
      throw new LeaseLost(this.path, leaseHolder(database));
    }
    if (!isWanted && this.ageAt(now) < this.durationMs / 3) return false;
    database.query("UPDATE lease SET renewed_at = ?").run(now.wall);
    return true;
  }

  /** The renewal of that moment is on the disk. */
  renewed(at: Moment): void {
    this.renewedAt = at;
  }

  /** Whether the last renewal can be relied on without a look at the file. */
  isFresh(): boolean {
    return !this.isLost && this.ageAt(this.now()) < this.durationMs / 2;
  }

  /** Gives it back, in the transaction that is open. @throws {LeaseLost} */
  release(now: Moment): void {
    this.check(now);
    this.database.query("UPDATE lease SET released_at = ?").run(now.wall);
  }

  /** The longer of two: the steady clock may stand still in a host that sleeps. */
  private ageAt({ wall, steady }: Moment): number {
    return Math.max(wall - this.renewedAt.wall, steady - this.renewedAt.steady);
  }
}
