/** A position's whole life at a venue behind sockets, by desks that are killed on the way. */

import type { DeskStatus } from "../../actors/desk/mod.ts";
import { askDesk } from "../../adapters/cli/control.ts";
import { rehearsalReport } from "../../adapters/cli/rehearse-report.ts";
import { LedgerReader } from "../../adapters/store/reader.ts";
import type {
  Rehearsal,
  RehearsalRecord,
  RehearsalVenueName,
} from "../../adapters/venues/rehearsal/mod.ts";
import type { CrashPoint } from "../../machines/domain/crash-point.ts";
import { compare, type Decimal, decimal, subtract } from "../../machines/domain/decimal.ts";
import { isTerminal } from "../../machines/domain/order.ts";
import {
  accountAt,
  lastClose,
  marketAt,
  nervous,
  setsOf,
  startVenue,
  symbol,
} from "../acceptance/nervous.fixture.ts";
import { DeskProcess } from "./desk-process.ts";
import { complaintsOf } from "./harness.ts";

/** The moment at which a life kills itself: when it is reached for the n-th time in that life. */
export type Death = `${CrashPoint}:${number}`;

export interface WiredOutcome {
  /** How each life ended: by its own hand at the moment wanted, or orderly. */
  readonly lives: readonly ("killed" | "ended")[];
  /** What of the desk's books is not the venue's, in words. */
  readonly broken: readonly string[];
  /** Moments at which more was offered for sale at the venue than the position held. */
  readonly oversold: readonly string[];
  readonly orders: { readonly entries: number; readonly live: number };
  /** Base coin at the venue at the end, which was 1 at the start. */
  readonly base: string;
  /** Whether everything that was bought was sold. */
  readonly isFlat: boolean;
  readonly complaints: string;
}

/** How often a desk is looked at, milliseconds. */
const beatMs = 40;
/** Between two moves of the price: each may change a stop, and the venue counts requests. */
const moveMs = 500;
/** How long a life that has come to the story's end may take to meet the death it was given. */
const graceMs = 20_000;

/** How long one may raise its stop without dying of it. */
const raisingMostMs = 60_000;

/** What the venue itself knows of the position. */
interface Held {
  /** Base coin bought and not sold. */
  readonly quantity: Decimal;
  /** Base coin that living orders may still sell. */
  readonly offered: Decimal;
  readonly livingStops: number;
  readonly everBought: boolean;
}

const sumOf = (amounts: readonly Decimal[]): Decimal =>
  amounts.reduce((sum, each) => subtract(sum, subtract(decimal(0), each)), decimal(0));

function heldAt({ orders, trades }: RehearsalRecord): Held {
  const living = orders.filter(({ side, state }) => side === "sell" && !isTerminal(state));
  const traded = (side: string) =>
    sumOf(trades.filter(({ order }) => order.side === side).map(({ quantity }) => quantity));
  const bought = traded("buy");
  return {
    quantity: subtract(bought, traded("sell")),
    offered: sumOf(living.map(({ quantity, filled }) => subtract(quantity, filled))),
    livingStops: living.filter(({ stopPrice }) => stopPrice !== null).length,
    everBought: bought !== decimal(0),
  };
}

/** What a story is driven by: the next life goes on where the last one was killed. */
class Story {
  readonly oversold = new Set<string>();
  private ticks = lastClose;
  /** Whether this life is to die in a raise of its stop, and does not sell. */
  private isRaising = false;
  private flattens = 0;
  private movesAt = 0;
  private askAt = 0;

  constructor(
    private readonly venue: Rehearsal,
    private readonly file: string,
    private readonly diesRaising: boolean,
  ) {}

  /**
   * Waits until it is over: bought, protected, sold again and, where a death is still wanted, a
   * while longer. False if the desk died before.
   */
  play(desk: DeskProcess, isToDie: boolean): Promise<boolean> {
    let overAt: number | null = null;
    this.isRaising = isToDie && this.diesRaising;
    const bornAt = performance.now();
    return desk.until(async () => {
      await Bun.sleep(beatMs);
      const held = this.look();
      const status = await this.status();
      if (status === null) return false;
      this.drive(status, held);
      // It meets no raise to die of: how its life ended says so.
      if (this.isRaising && performance.now() - bornAt > raisingMostMs) return true;
      if (!isSold(held) || status.positions.length > 0 || status.state === "reconciling") {
        return false;
      }
      overAt ??= performance.now();
      return !isToDie || performance.now() - overAt > graceMs;
    });
  }

  async status(): Promise<DeskStatus | null> {
    try {
      return (await askDesk(this.file, "/status")) as DeskStatus;
    } catch {
      // Not there yet, or killed: whoever waits sees which.
      return null;
    }
  }

  private look(): Held {
    const held = heldAt(this.venue.control.record());
    if (compare(held.offered, held.quantity) > 0) {
      this.oversold.add(`${held.offered} offered for sale of ${held.quantity} held`);
    }
    return held;
  }

  /** Up until it is bought and protected, up further where the stop is to be raised, and out. */
  private drive(status: DeskStatus, held: Held): void {
    const isPaused = status.brakes.some(({ brakeId }) => brakeId === "pause/desk");
    const isOpen = status.positions.some(({ state }) => state === "open");
    if (!held.everBought || this.isRaising) this.feed();
    else if (isOpen && !isPaused && isCovered(held)) void this.flatten();
  }

  private feed(): void {
    if (performance.now() < this.movesAt) return;
    this.movesAt = performance.now() + moveMs;
    this.ticks += 200;
    this.venue.control.feedPoint(symbol, decimal((this.ticks / 10).toFixed(1)));
  }

  private async flatten(): Promise<void> {
    if (performance.now() < this.askAt) return;
    this.askAt = performance.now() + moveMs;
    this.flattens += 1;
    const idempotencyKey = `flatten/${this.flattens}`;
    const body = { name: "flatten", target: null, reason: "", who: "test", idempotencyKey };
    // One that is killed with the command in its hands is asked again in its next life.
    await askDesk(this.file, "/command", body).catch(() => {});
  }
}

function isCovered({ everBought, quantity, offered, livingStops }: Held): boolean {
  return everBought && livingStops === 1 && compare(offered, quantity) === 0;
}

function isSold({ everBought, quantity, livingStops }: Held): boolean {
  return everBought && livingStops === 0 && compare(quantity, decimal(0)) === 0;
}

/** What the stand-in is quicker with than the venue; it lags behind all the same. */
const quick = { readLagMs: 100, assumed: "latestAcceptMs=2000,readLagMs=300" } as const;

/** Keys under which nothing is waited for longer than it must be, and no fee is minded. */
const hasty: Readonly<Record<string, string>> = {
  "order.settle": "1s",
  "order.lookUpRetry": "200ms",
  "coolDown.bars": "0",
  "stop.targetAtrMultiple": "100",
};

export interface WiredPlot {
  readonly venue: RehearsalVenueName;
  /** Of the lives, one after the other; then one more goes on to the end. */
  readonly deaths: readonly Death[];
  /** Whether those that are to die raise their stop until they do, and only the last one sells. */
  readonly diesRaising: boolean;
}

/** Plays a story on a venue of its own; the ledger is in `file`. */
export async function wiredStory(
  { venue: name, deaths, diesRaising }: WiredPlot,
  file: string,
): Promise<WiredOutcome> {
  // One desk after the other within seconds is more than a real venue would let in.
  const limits = { rest: false, engine: false };
  await using venue = await startVenue(name, { readLagMs: quick.readLagMs, limits });
  const settings = { ...nervous, ...marketAt(venue.url, name), ...accountAt(venue.url, name) };
  const sets = setsOf({ ...settings, ...hasty });
  const args = ["start", ...sets, "--db", file, "--port", "0"];
  const owner = name.toUpperCase();
  const environment = {
    [`NOVACTOR_SECRET_${owner}_API_KEY`]: venue.apiKey,
    [`NOVACTOR_SECRET_${owner}_SECRET`]: venue.secret,
    NOVACTOR_ASSUMPTIONS: quick.assumed,
  };
  const story = new Story(venue, file, diesRaising);
  const lives: ("killed" | "ended")[] = [];
  let complaints = "";
  for (const death of [...deaths, null]) {
    const crash: Record<string, string> = death === null ? {} : { NOVACTOR_CRASH: death };
    await using desk = new DeskProcess(args, { ...environment, ...crash });
    const isOver = await story.play(desk, death !== null);
    if (isOver) desk.signal("SIGINT");
    const ended = await desk.ended;
    lives.push(ended.signal === "SIGKILL" ? "killed" : "ended");
    complaints += complaintsOf(ended);
    if (isOver) break;
  }
  return {
    ...comparedWith(venue, file),
    lives,
    complaints,
    oversold: [...story.oversold],
  };
}

/** The cold-start gate: after each start the account is read before any order is sent. */
function sentBeforeReading(reader: LedgerReader): string[] {
  const found: string[] = [];
  let hasRead = false;
  for (const { seq, kind, content } of reader.journal.range()) {
    if (kind === "start") hasRead = false;
    if (kind !== "effect") continue;
    const { input } = JSON.parse(content) as { input: { event: { type: string } } };
    if (input.event.type === "account.read") hasRead = true;
    if (input.event.type === "submit.confirmed" && !hasRead) {
      found.push(`an order was sent before the account was read, record ${seq}`);
    }
  }
  return found;
}

function comparedWith(venue: Rehearsal, file: string) {
  using reader = new LedgerReader(file);
  const record = venue.control.record();
  const status = { counts: { trades: 0 }, alarms: 0, brakes: [] } as unknown as DeskStatus;
  const { broken } = rehearsalReport(reader, record, venue.control.thrown, status);
  return {
    broken: [...broken, ...venue.control.problems, ...sentBeforeReading(reader)],
    orders: {
      entries: record.orders.filter(({ side }) => side === "buy").length,
      live: record.orders.filter(({ state }) => !isTerminal(state)).length,
    },
    base: record.balances.find(({ coin }) => coin === "BTC")?.total ?? "0",
    isFlat: compare(heldAt(record).quantity, decimal(0)) === 0,
  };
}
