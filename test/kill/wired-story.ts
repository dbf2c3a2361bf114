/** A position's whole life at a venue behind sockets, by desks that are killed on the way. */

import type { DeskStatus } from "../../actors/desk/mod.ts";
import { askDesk } from "../../adapters/cli/control.ts";
import { rehearsalReport } from "../../adapters/cli/rehearse-report.ts";
import { LedgerReader } from "../../adapters/store/reader.ts";
import type { Rehearsal } from "../../adapters/venues/rehearsal/mod.ts";
import { decimal } from "../../machines/domain/decimal.ts";
import {
  lastClose,
  marketAt,
  nervous,
  setsOf,
  startVenue,
  symbol,
} from "../acceptance/nervous.fixture.ts";
import { DeskProcess } from "./desk-process.ts";
import { complaintsOf } from "./harness.ts";

export interface WiredOutcome {
  /** How each life ended: by its own hand at the moment wanted, or orderly. */
  readonly lives: readonly ("killed" | "ended")[];
  /** What of the desk's books is not the venue's, in words. */
  readonly broken: readonly string[];
  readonly orders: { readonly entries: number; readonly live: number };
  /** Base coin at the venue at the end, which was 1 at the start. */
  readonly base: string;
  readonly trades: number;
  readonly complaints: string;
}

/** How often a desk is looked at, milliseconds. */
const beatMs = 60;
/** Between two moves of the price: each may change a stop, and the venue counts requests. */
const moveMs = 700;

/** What a story is driven by: the next life goes on where the last one was killed. */
class Story {
  private ticks = lastClose;
  private flattens = 0;
  private movesAt = 0;

  constructor(
    private readonly venue: Rehearsal,
    private readonly file: string,
  ) {}

  /** Waits until it is over: bought, protected, and sold again. False if the desk died before. */
  play(desk: DeskProcess): Promise<boolean> {
    return desk.until(async () => {
      await Bun.sleep(beatMs);
      const status = await this.status();
      if (status === null) return false;
      const bought = status.counts.fills > 0;
      if (!bought || status.counts.trades === 0) this.feed();
      const isOpen = status.positions.some(({ state }) => state === "open");
      if (isOpen && !status.brakes.some(({ brakeId }) => brakeId === "pause/desk")) {
        await this.flatten();
      }
      return bought && status.positions.length === 0 && status.state !== "reconciling";
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

  private feed(): void {
    if (performance.now() < this.movesAt) return;
    this.movesAt = performance.now() + moveMs;
    this.ticks += 200;
    this.venue.control.feedPoint(symbol, decimal((this.ticks / 10).toFixed(1)));
  }

  private async flatten(): Promise<void> {
    // Some raises of the stop first, for there are moments of death in them too.
    this.flattens += 1;
    if (this.flattens < 8) return this.feed();
    const idempotencyKey = `flatten/${this.flattens}`;
    const body = { name: "flatten", target: null, reason: "", who: "test", idempotencyKey };
    await askDesk(this.file, "/command", body).catch(() => {});
  }
}

/** @param deaths the moment at which each life kills itself, as `NOVACTOR_CRASH`; then one more. */
export async function wiredStory(file: string, deaths: readonly string[]): Promise<WiredOutcome> {
  await using venue = await startVenue();
  const rest = venue.url;
  const stream = `${rest.replace("http", "ws")}/auth/v2`;
  const account = { "account.venue": "kraken", "account.rest": rest, "account.stream": stream };
  const settings = { ...nervous, ...marketAt(rest), mode: "rehearsal", ...account };
  const args = ["start", ...setsOf(settings), "--db", file, "--port", "0"];
  const keys = {
    NOVACTOR_SECRET_KRAKEN_API_KEY: venue.apiKey,
    NOVACTOR_SECRET_KRAKEN_SECRET: venue.secret,
  };
  const story = new Story(venue, file);
  const lives: ("killed" | "ended")[] = [];
  let complaints = "";
  for (const death of [...deaths, null]) {
    await using desk = new DeskProcess(args, {
      ...keys,
      ...(death === null ? {} : { NOVACTOR_CRASH: death }),
    });
    const isOver = await story.play(desk);
    if (isOver) desk.signal("SIGINT");
    const ended = await desk.ended;
    lives.push(ended.signal === "SIGKILL" ? "killed" : "ended");
    complaints += complaintsOf(ended);
    if (isOver) break;
  }
  using reader = new LedgerReader(file);
  const record = venue.control.record();
  const status = { counts: { trades: 0 }, alarms: 0, brakes: [] } as unknown as DeskStatus;
  const { broken } = rehearsalReport(reader, record, venue.control.thrown, status);
  const isLive = (state: string) => ["open", "triggered", "partial"].includes(state);
  return {
    lives,
    broken,
    orders: {
      entries: record.orders.filter(({ side }) => side === "buy").length,
      live: record.orders.filter(({ state }) => isLive(state)).length,
    },
    base: record.balances.find(({ coin }) => coin === "BTC")?.total ?? "0",
    trades: record.trades.length,
    complaints,
  };
}
