/** Moments of a run that nobody disturbed, and ledgers that stand at them. */
import { LedgerReader } from "../../adapters/store/reader.ts";
import { actorName } from "../../machines/domain/ids.ts";
import type { OrderRow } from "../../machines/domain/ledger.ts";
import type { PositionRow } from "../../machines/domain/position.ts";
import { DeskProcess, HeadWatch } from "../kill/desk-process.ts";
import { type Outcome, outcomeOf, runToEnd, type WorkFolder } from "../kill/harness.ts";
import { generated, type MarketRun, startArgs } from "../kill/market-run.ts";

/** The run whose moments these are: a generated day of five symbols. */
export const day = generated("2026-01-02T00:00:00Z");

export interface Moments {
  readonly outcome: Outcome;
  /** An entry that rests until the desk's patience ends, unfilled when this one is looked at. */
  readonly restingEntry: OrderRow;
  /** A position that is held for at least half an hour. */
  readonly position: PositionRow;
  /** A position after whose end its scanner cools down. */
  readonly closed: PositionRow & { readonly closedAt: number };
}

const found = <T>(value: T | undefined, what: string): T => {
  if (value === undefined) throw new Error(`Cannot find ${what}: the run has none`);
  return value;
};

export async function momentsOfDay(folder: WorkFolder): Promise<Moments> {
  const file = folder.file("undisturbed.db");
  const outcome = outcomeOf(await runToEnd(day, file));
  using reader = new LedgerReader(file);
  const positions = [...reader.books.eachPosition()];
  const restingEntry = [...reader.books.eachOrder()].find(
    ({ intent: { intentId, role, createdAt, patienceMs }, state }) =>
      role === "entry" &&
      state === "canceled" &&
      firedAt(file, actorName.order(intentId)).includes(createdAt + (patienceMs ?? 0)),
  );
  const position = positions.find(
    ({ openedAt, closedAt }) => (closedAt ?? openedAt) - openedAt > 1_800_000,
  );
  const closed = positions.find(
    (row): row is PositionRow & { closedAt: number } => row.closedAt !== null,
  );
  return {
    outcome,
    restingEntry: found(restingEntry, "an entry that waited in vain"),
    position: found(position, "a position held for half an hour"),
    closed: found(closed, "a closed position"),
  };
}

/** Runs a new ledger up to a moment and no further. */
export async function ledgerAt(file: string, moment: number): Promise<void> {
  await runToEnd({ ...day, until: new Date(moment).toISOString() }, file);
}

/** A desk that goes on from where its ledger stands, at a pace that leaves time to look. */
export function pacedDesk(file: string, speed: number, ...more: readonly string[]): DeskProcess {
  const run: MarketRun = { ...day, speed: String(speed) };
  const args = startArgs(run, file).filter((arg) => arg !== "--json");
  return new DeskProcess([...args, ...more]);
}

/** Starts a desk at the pace of real time, and kills it as soon as it has started. */
export async function startAndKill(file: string): Promise<void> {
  using watch = new HeadWatch(file);
  const before = watch.seq();
  await using desk = pacedDesk(file, 1);
  if (!(await desk.until(() => watch.seq() > before))) {
    throw new Error(`Cannot kill the desk: it ended: ${(await desk.ended).err}`);
  }
  desk.signal("SIGKILL");
  await desk.ended;
}

/** An actor as it is stored: its state, and when each of its timers is due. */
export function storedActor(file: string, name: string) {
  using reader = new LedgerReader(file);
  const actor = reader.actors().find((each) => each.name === name);
  const value = (actor?.snapshot as { value?: unknown } | undefined)?.value;
  return { value, deadlines: actor?.timers.map(({ deadline }) => deadline) ?? [] };
}

/** Virtual times at which timers of an actor fired. */
export function firedAt(file: string, name: string): number[] {
  using reader = new LedgerReader(file);
  const records = reader.journal.page({ kind: "timer", subject: name }, 100);
  return records.map(({ at }) => at).toReversed();
}

export function orderRow(file: string, intentId: string): OrderRow | null {
  using reader = new LedgerReader(file);
  return reader.books.order(intentId);
}

export function positionRow(file: string, positionId: string): PositionRow | null {
  using reader = new LedgerReader(file);
  return reader.books.position(positionId);
}
