/** A running desk as its operator meets it: signals, the socket, and commands. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { statSync } from "node:fs";
import type { DeskStatus } from "../../actors/desk/mod.ts";
import { askDesk, socketPath } from "../../adapters/cli/control.ts";
import { LedgerReader } from "../../adapters/store/reader.ts";
import { type DeskProcess, HeadWatch, novactor } from "../kill/desk-process.ts";
import { outcomeOf, runToEnd, WorkFolder } from "../kill/harness.ts";
import {
  day,
  ledgerAt,
  type Moments,
  momentsOfDay,
  orderRow,
  pacedDesk,
  positionRow,
} from "./moments.fixture.ts";

setDefaultTimeout(60_000);

const folder = new WorkFolder();
afterAll(() => folder[Symbol.dispose]());

let moments: Moments;
beforeAll(async () => {
  moments = await momentsOfDay(folder);
});

let ledgers = 0;
function newLedger(): string {
  ledgers += 1;
  return folder.file(`${ledgers}.db`);
}

/** Waits until a desk has started and answers on its socket. */
async function answering(desk: DeskProcess, file: string): Promise<void> {
  const isThere = await desk.until(() =>
    askDesk(file, "/status").then(
      () => true,
      () => false,
    ),
  );
  if (!isThere) throw new Error(`Cannot reach the desk: it ended: ${(await desk.ended).err}`);
}

async function statusOf(file: string): Promise<DeskStatus> {
  const { code, out, err } = await novactor(["status", "--db", file, "--json"]);
  if (code !== 0) throw new Error(`Cannot ask for status: ${err}`);
  return JSON.parse(out) as DeskStatus;
}

/** Entries that were wanted after a time of the desk's. */
function entriesAfter(file: string, time: number): string[] {
  using reader = new LedgerReader(file);
  return [...reader.books.eachOrder()]
    .filter(({ intent }) => intent.role === "entry" && intent.createdAt > time)
    .map(({ intent }) => intent.intentId);
}

const brakesOf = async (file: string) =>
  (await statusOf(file)).brakes.map(({ brakeId, reason }) => [brakeId, reason]);

async function obeyed(file: string, ...command: readonly string[]): Promise<string> {
  const { code, out, err } = await novactor([...command, "--db", file]);
  expect([code, err]).toEqual([0, ""]);
  return out.trim();
}

describe("signals", () => {
  test.each(["SIGINT", "SIGTERM"] as const)(
    "%s drains, a repeat changes nothing, and the run goes on from there",
    async (signal) => {
      const file = newLedger();
      await using desk = pacedDesk(file, 20_000);
      using watch = new HeadWatch(file);
      expect(await desk.until(() => watch.seq() > 300)).toBe(true);
      desk.signal(signal);
      desk.signal(signal);
      desk.signal("SIGINT");
      const { code, signal: endedBy, out, err } = await desk.ended;
      expect([code, endedBy, err]).toEqual([0, null, ""]);
      expect(out).toContain("stopped: everything is in the ledger");
      expect(await Bun.file(socketPath(file)).exists()).toBe(false);
      expect(outcomeOf(await runToEnd(day, file))).toEqual(moments.outcome);
    },
  );

  test("a desk at the pace of real time drains well within ten seconds", async () => {
    const file = newLedger();
    await using desk = pacedDesk(file, 0.001);
    await answering(desk, file);
    desk.signal("SIGINT");
    const ended = await Promise.race([desk.ended, Bun.sleep(10_000)]);
    expect(ended).toMatchObject({ code: 0, signal: null });
  });
});

describe("the socket", () => {
  test("is the operator's alone, and a second desk is refused", async () => {
    const file = newLedger();
    await using desk = pacedDesk(file, 60);
    await answering(desk, file);
    expect(statSync(socketPath(file)).mode & 0o777).toBe(0o600);
    await using second = pacedDesk(file, 60);
    const { code, err } = await second.ended;
    expect(code).not.toBe(0);
    expect(err).not.toBe("");
    expect((await statusOf(file)).mode).toBe("paper");
  });

  test.each(["status", "pause", "resume", "flatten", "halt"])(
    "%s without a desk exits with 5 and says so",
    async (command) => {
      const file = folder.file("nobody.db");
      const { code, out, err } = await novactor([command, "--db", file]);
      expect([code, out]).toEqual([5, ""]);
      expect(err).toContain(`Cannot reach the desk on ledger "${file}": none answers`);
    },
  );

  test("status without --json is for people", async () => {
    const file = newLedger();
    await using desk = pacedDesk(file, 60);
    await answering(desk, file);
    const out = await obeyed(file, "status");
    expect(out).toMatch(/^PAPER {2}\w+ {2}simulated market: /);
    expect(out).toMatch(/^ {2}equity {7}[\d,]+\.\d\d USD$/m);
    expect(out).toMatch(/journal {6}\d+ [0-9a-f]{64}/);
  });
});

describe("commands", () => {
  test("pause stays on over SIGKILL and restart, until resume, and nothing is entered", async () => {
    const file = newLedger();
    let since = 0;
    {
      await using desk = pacedDesk(file, 60);
      await answering(desk, file);
      expect(await obeyed(file, "pause", "--reason", "lunch")).toMatch(/^paused/);
      desk.signal("SIGKILL");
    }
    {
      await using desk = pacedDesk(file, 60);
      await answering(desk, file);
      since = (await statusOf(file)).brakes[0]?.since ?? 0;
      const brakes = await brakesOf(file);
      expect(brakes).toEqual([["pause/desk", expect.stringMatching(/^by .+: lunch$/)]]);
      desk.signal("SIGKILL");
    }
    const paused = await runToEnd({ ...day, until: "2026-01-01T12:00:00Z" }, file);
    expect([paused.candles, entriesAfter(file, since)]).toEqual([3_600, []]);
    {
      await using desk = pacedDesk(file, 60);
      await answering(desk, file);
      expect(await obeyed(file, "resume")).toMatch(/^resumed/);
      expect(await brakesOf(file)).toEqual([]);
      desk.signal("SIGKILL");
    }
    const resumed = await runToEnd(day, file);
    expect([resumed.orders > 0, entriesAfter(file, since).length > 0]).toEqual([true, true]);
  });

  test("flatten closes what is open and pauses, over a kill", async () => {
    const { positionId, openedAt } = moments.position;
    const file = newLedger();
    await ledgerAt(file, openedAt + 600_000);
    expect(positionRow(file, positionId)?.state).toBe("open");
    {
      await using desk = pacedDesk(file, 1);
      await answering(desk, file);
      expect(await obeyed(file, "flatten")).toMatch(/^flattening/);
      desk.signal("SIGKILL");
    }
    const { orders } = await runToEnd({ ...day, until: afterwards(openedAt, 3_600_000) }, file);
    const closed = positionRow(file, positionId);
    expect(closed).toMatchObject({ state: "closed", quantity: "0", exitReason: "flatten" });
    expect((await runToEnd(day, file)).orders).toBe(orders);
  });

  test("position exit leaves that one at market, over a kill, without a brake", async () => {
    const { positionId, openedAt } = moments.position;
    const file = newLedger();
    await ledgerAt(file, openedAt + 600_000);
    {
      await using desk = pacedDesk(file, 1);
      await answering(desk, file);
      expect(await obeyed(file, "position", "list")).toContain(`${positionId}  open  holds `);
      expect(await obeyed(file, "position", "exit", positionId, "--reason", "seen enough")).toBe(
        `"${positionId}" is being left: what rests of it is cancelled, what it holds is sold at market`,
      );
      expect(await brakesOf(file)).toEqual([]);
      desk.signal("SIGKILL");
    }
    await runToEnd({ ...day, until: afterwards(openedAt, 3_600_000) }, file);
    const closed = positionRow(file, positionId);
    expect(closed).toMatchObject({ state: "closed", quantity: "0", exitReason: "operator" });
    await using desk = pacedDesk(file, 1);
    await answering(desk, file);
    const again = await novactor(["position", "exit", positionId, "--db", file]);
    expect([again.code, again.out]).toEqual([14, expect.stringContaining("Cannot exit: ")]);
  });

  test("position abandon cancels a working entry and nothing else", async () => {
    const { intent } = moments.restingEntry;
    const file = newLedger();
    await ledgerAt(file, intent.createdAt + 1_000);
    await using desk = pacedDesk(file, 0.001);
    await answering(desk, file);
    const answer = await obeyed(file, "position", "abandon", intent.positionId);
    expect(answer).toContain("is being cancelled");
    await desk.until(async () => {
      await askDesk(file, "/status");
      return orderRow(file, intent.intentId)?.state === "canceled";
    });
    expect(orderRow(file, intent.intentId)?.reason).toBe("position: operator");
    expect(await brakesOf(file)).toEqual([]);
  });

  test("halt cancels a working entry", async () => {
    const { intent } = moments.restingEntry;
    const file = newLedger();
    await ledgerAt(file, intent.createdAt + 1_000);
    expect(orderRow(file, intent.intentId)?.state).toMatch(/^(open|partial)$/);
    await using desk = pacedDesk(file, 0.001);
    await answering(desk, file);
    expect(await obeyed(file, "halt")).toMatch(/^halted/);
    await desk.until(async () => {
      // Asking makes what the desk has done durable; time all but stands still here.
      await askDesk(file, "/status");
      return orderRow(file, intent.intentId)?.state === "canceled";
    });
    const canceled = orderRow(file, intent.intentId);
    expect(canceled?.state).toBe("canceled");
    expect(canceled?.updatedAt).toBeLessThan(moments.restingEntry.updatedAt);
    expect(await brakesOf(file)).toEqual([["halt/desk", expect.stringContaining("by ")]]);
  });
});

function afterwards(time: number, ms: number): string {
  return new Date(time + ms).toISOString();
}
