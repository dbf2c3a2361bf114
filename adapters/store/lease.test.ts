import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { verifyChain } from "../../actors/runtime/verify.ts";
import { LeaseHeld, LeaseLost, StoreNotWritable } from "./errors.ts";
import { thrownBy } from "./faults.fixture.ts";
import type { LeaseClock } from "./lease.ts";
import { LeaseChild } from "./lease-child.fixture.ts";
import { keepLease } from "./lease-keeper.ts";
import { Ledger } from "./ledger.ts";
import { LedgerReader } from "./reader.ts";
import { batch, firstRecords, recordsFrom, TemporaryFolder } from "./samples.fixture.ts";

/** Longer than any test: who is alive keeps its lease. */
const long = 3_600_000;

/** Opens as soon as the lease of the present holder is over. */
async function openOnceFree(path: string): Promise<Ledger> {
  for (;;) {
    try {
      return new Ledger(path, { lease: { durationMs: long } });
    } catch (error) {
      if (!(error instanceof LeaseHeld)) throw error;
      await Bun.sleep(10);
    }
  }
}

function commitOne(ledger: Ledger): void {
  ledger.commit(batch({ records: recordsFrom(ledger.load().head, 1) }));
}

/** A clock that stands still until it is set. */
function handClock(): LeaseClock & { wallMs: number; steadyMs: number } {
  return {
    wallMs: 1_700_000_000_000,
    steadyMs: 0,
    wall() {
      return this.wallMs;
    },
    steady() {
      return this.steadyMs;
    },
  };
}

describe("lease of a living process", () => {
  test("refuses a second process with the holder's name", async () => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    await using holder = new LeaseChild(path, long);
    expect(await holder.started()).toBe("open");
    const error = thrownBy(() => new Ledger(path));
    expect(error).toBeInstanceOf(LeaseHeld);
    expect(error).toMatchObject({ path, holder: { pid: holder.pid, token: 1, releasedAt: null } });
    expect((error as Error).message).toContain(`process ${holder.pid} on host "`);
    // The holder has not been disturbed, and the other way round is no different.
    expect(await holder.does("commit")).toBe("committed 1");
    await using second = new LeaseChild(path, long);
    expect(await second.started()).toBe("LeaseHeld");
  });

  test("refuses a second ledger of the same process", () => {
    using folder = new TemporaryFolder();
    using ledger = new Ledger(folder.file("desk.db"));
    expect(() => new Ledger(ledger.path)).toThrow(LeaseHeld);
    expect(ledger.holdsLease()).toBe(true);
  });

  test("lets readers in", async () => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    await using holder = new LeaseChild(path, long);
    await holder.started();
    using reader = new LedgerReader(path);
    expect(reader.lease()).toMatchObject({ pid: holder.pid, durationMs: long });
  });

  test("is free at once when it is given back, under a greater token", async () => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    await using holder = new LeaseChild(path, long);
    await holder.started();
    expect(await holder.does("close")).toBe("closed");
    using ledger = new Ledger(path);
    using reader = ledger.reader();
    expect(reader.lease()).toMatchObject({ token: 2, pid: process.pid });
  });

  test("one of many that start at once gets it", async () => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    const children = [1, 2, 3, 4].map(() => new LeaseChild(path, long));
    const said = await Promise.all(children.map((child) => child.started()));
    expect(said.sort()).toEqual(["LeaseHeld", "LeaseHeld", "LeaseHeld", "open"]);
    for (const child of children) await child.kill();
  });
});

describe("lease of a process that is no more", () => {
  test("is taken over at once after SIGKILL", async () => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    await using holder = new LeaseChild(path, long);
    await holder.started();
    expect(await holder.does("commit")).toBe("committed 1");
    await holder.kill();
    using ledger = new Ledger(path);
    commitOne(ledger);
    expect(ledger.load().head.seq).toBe(2);
  });

  const changes = {
    "another process of its id": "process_started_at = '1'",
    "a process id that nobody has": "pid = 99999999",
    "the host, started again since": "boot_id = 'another', namespace = 'another'",
    "a lease that is over": "host = 'elsewhere', renewed_at = 0",
  };
  test.each(Object.entries(changes))("is taken over at once: %s", (_, change) => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    using first = new Ledger(path, { lease: { durationMs: long } });
    using database = new Database(path);
    database.run(`UPDATE lease SET ${change}`);
    using ledger = new Ledger(path);
    commitOne(ledger);
    expect(first.holdsLease()).toBe(true);
    expect(thrownBy(() => commitOne(first))).toBeInstanceOf(LeaseLost);
    expect(first.holdsLease()).toBe(false);
  });

  const unproved = {
    "another host": "host = 'elsewhere', pid = 99999999",
    "a host of the same name": "machine_id = 'another', boot_id = 'another'",
    "another container of the host": "namespace = 'pid:[1]', pid = 99999999",
    "a host that does not tell": "boot_id = '', pid = 99999999",
    "a process that tells no start": "process_started_at = ''",
  };
  test.each(Object.entries(unproved))("is waited for where nobody can say: %s", (_, change) => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    using first = new Ledger(path, { lease: { durationMs: long } });
    using database = new Database(path);
    database.run(`UPDATE lease SET ${change}`);
    expect(() => new Ledger(path)).toThrow(LeaseHeld);
    expect(first.holdsLease()).toBe(true);
  });
});

describe("lease of a process that stands still", () => {
  test("is taken over when it is over; the process then commits and sends nothing", async () => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    await using sleeper = new LeaseChild(path, 300);
    await sleeper.started();
    expect([await sleeper.does("commit"), await sleeper.does("holds")]).toEqual([
      "committed 1",
      "true",
    ]);
    sleeper.signal("SIGSTOP");
    using ledger = await openOnceFree(path);
    commitOne(ledger);
    sleeper.signal("SIGCONT");
    expect([
      await sleeper.does("holds"),
      await sleeper.does("commit"),
      await sleeper.does("holds"),
      // Gives back what is not its own any more, and so does nothing.
      await sleeper.does("close"),
    ]).toEqual(["false", "LeaseLost", "false", "closed"]);
    commitOne(ledger);
    using reader = ledger.reader();
    expect(reader.lease()).toMatchObject({ token: 2, pid: process.pid, releasedAt: null });
    const verified = verifyChain(reader.journal.range(), { storedHead: reader.head() });
    expect(verified).toMatchObject({ records: 3, findings: [] });
  });

  test("is its own again if nobody took it", async () => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    await using sleeper = new LeaseChild(path, 50);
    await sleeper.started();
    sleeper.signal("SIGSTOP");
    using reader = new LedgerReader(path);
    while ((reader.lease()?.expiresAt ?? 0) > Date.now()) await Bun.sleep(10);
    sleeper.signal("SIGCONT");
    expect([await sleeper.does("holds"), await sleeper.does("commit")]).toEqual([
      "true",
      "committed 1",
    ]);
  });

  test("cannot be taken inside a commit until the process is ended", async () => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    await using sleeper = new LeaseChild(path, 1);
    await sleeper.started();
    expect(await sleeper.does("stall")).toBe("stalled");
    sleeper.signal("SIGSTOP");
    const error = thrownBy(() => new Ledger(path, { busy: { triesMax: 3, waitMs: 1 } }));
    expect(error).toBeInstanceOf(StoreNotWritable);
    expect(error).toMatchObject({ code: "SQLITE_BUSY" });
    await sleeper.kill();
    using ledger = new Ledger(path);
    expect(ledger.load().head.seq).toBe(0);
  });
});

describe("Ledger.holdsLease()", () => {
  test.each(["wallMs", "steadyMs"] as const)("renews after half the duration by %s", (clockMs) => {
    using folder = new TemporaryFolder();
    const clock = handClock();
    using ledger = new Ledger(folder.file("desk.db"), { lease: { durationMs: 900, clock } });
    using reader = ledger.reader();
    const first = reader.lease();
    clock[clockMs] += 449;
    expect([ledger.holdsLease(), reader.lease()]).toEqual([true, first]);
    clock[clockMs] += 1;
    expect(ledger.holdsLease()).toBe(true);
    expect(reader.lease()).toEqual({
      ...(first as NonNullable<typeof first>),
      renewedAt: clock.wallMs,
      expiresAt: clock.wallMs + 900,
    });
  });

  test("stays true over a clock that is set back, and no one else gets in", () => {
    using folder = new TemporaryFolder();
    const clock = handClock();
    const path = folder.file("desk.db");
    using ledger = new Ledger(path, { lease: { durationMs: 900, clock } });
    using database = new Database(path);
    database.run("UPDATE lease SET host = 'elsewhere'");
    clock.wallMs -= 3_600_000;
    expect(ledger.holdsLease()).toBe(true);
    expect(() => new Ledger(path, { lease: { clock } })).toThrow(LeaseHeld);
    // The next renewal is by the clock as it is now.
    clock.steadyMs += 900;
    commitOne(ledger);
    clock.wallMs += 900;
    using other = new Ledger(path, { lease: { clock } });
    expect(other.holdsLease()).toBe(true);
    expect(ledger.holdsLease()).toBe(false);
  });

  test("is renewed by a commit after a third of the duration", () => {
    using folder = new TemporaryFolder();
    const clock = handClock();
    using ledger = new Ledger(folder.file("desk.db"), { lease: { durationMs: 900, clock } });
    using reader = ledger.reader();
    const renewals: number[] = [];
    const first = clock.wallMs;
    for (const passed of [299, 300, 301, 600]) {
      clock.wallMs = first + passed;
      commitOne(ledger);
      renewals.push((reader.lease()?.renewedAt ?? 0) - first);
    }
    expect(renewals).toEqual([0, 300, 300, 600]);
  });

  test("is true of a ledger in memory", () => {
    using ledger = new Ledger(":memory:");
    expect(ledger.holdsLease()).toBe(true);
  });
});

describe("keepLease()", () => {
  test("renews while nothing is committed, and tells once when that fails", async () => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    using ledger = new Ledger(path, { lease: { durationMs: 60_000 } });
    using reader = ledger.reader();
    const before = reader.lease()?.renewedAt ?? 0;
    const failures: unknown[] = [];
    using _keeper = keepLease(ledger, (error) => failures.push(error), 1);
    while ((reader.lease()?.renewedAt ?? 0) <= before) await Bun.sleep(1);
    expect(failures).toEqual([]);
    using database = new Database(path);
    // Its own renewal may be in the way.
    database.run("PRAGMA busy_timeout = 1000");
    database.run("UPDATE lease SET token = token + 1, host = 'elsewhere'");
    while (failures.length === 0) await Bun.sleep(1);
    for (let ticks = 0; ticks < 5; ticks++) await Bun.sleep(1);
    expect(failures).toEqual([expect.any(LeaseLost)]);
    expect((failures[0] as Error).message).toBe(
      `Cannot write ledger "${path}" any more: process ${process.pid} on host "elsewhere" took over its lease`,
    );
  });
});

describe("Ledger after the lease was lost", () => {
  test("keeps nothing of what it tried to commit", () => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    using ledger = new Ledger(path);
    using database = new Database(path);
    database.run("UPDATE lease SET token = 9");
    const state = [{ space: "a", key: "b", value: 1 }];
    expect(() => ledger.commit(batch({ records: firstRecords(1), state }))).toThrow(LeaseLost);
    expect(() => ledger.writeMeta({ a: "b" })).toThrow(LeaseLost);
    using reader = new LedgerReader(path);
    expect([reader.head().seq, reader.state("a").size, reader.meta().size]).toEqual([0, 0, 0]);
    // Not even if the row were its own again: whoever lost it once may have missed anything.
    database.run("UPDATE lease SET token = 1");
    expect(() => ledger.writeMeta({ a: "b" })).toThrow(LeaseLost);
  });
});
