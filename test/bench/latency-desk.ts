/** The desk that trades live, with nothing left out, before the bench's venue. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Composition, compose } from "../../adapters/cli/compose.ts";
import { runConfig } from "../../adapters/cli/run-config.ts";
import { atVenue } from "../../adapters/cli/traded-at.ts";
import { wiredVenue } from "../../adapters/cli/wired-venue.ts";
import { liveClock } from "../../adapters/clock/live-clock.ts";
import { unpaced } from "../../adapters/clock/pace.ts";
import { systemDraws } from "../../adapters/clock/system-clock.ts";
import { Log, TurnLog, toFile } from "../../adapters/log/mod.ts";
import { liveSource } from "../../adapters/simulation/live-timeline.ts";
import type { TimelineSource } from "../../adapters/simulation/timeline.ts";
import { keepLease } from "../../adapters/store/lease-keeper.ts";
import { systemVenueClock } from "../../adapters/venues/ccxt/mod.ts";
import { PublicMarket } from "../../adapters/venues/ccxt/public-market.ts";
import type { CandleHistory } from "../../adapters/venues/streams/live-market.ts";
import { krakenLiveMarket, systemTimers } from "../../adapters/venues/streams/mod.ts";
import { defaults } from "../../config/defaults.ts";
import { actorName } from "../../machines/domain/ids.ts";
import type { Instrument } from "../../machines/domain/instrument.ts";
import type { LatencyVenue } from "./latency-venue.ts";
import {
  type Arrived,
  highTicks,
  lowTicks,
  priceText,
  venueKeys,
  venueSymbol,
} from "./latency-wire.ts";

const hourMs = 3_600_000;
const pastBars = 100;
const at = { venue: "kraken", account: "main" } as const;

/** One order as it was measured, milliseconds. */
export interface DeskSample {
  /** From before the market message is sent until the order is whole on the venue's socket. */
  readonly tookMs: number;
  /** From hearing of the market's print until it was decided on, the turn recorded. */
  readonly decideMs: number;
  /** From the decision until the order may leave: the turn is durable, and the gate was asked. */
  readonly durableMs: number;
  readonly arrived: Arrived;
}

/** A desk on a live market, driven one order at a time. */
export class LatencyDesk implements AsyncDisposable {
  private heardAt = Number.NaN;
  private decidedAt = Number.NaN;
  private durableMs = Number.NaN;
  private isHigh = false;
  private failure: unknown = null;
  private readonly lease: Disposable;
  private readonly ended: Promise<unknown>;

  private constructor(
    private readonly venue: LatencyVenue,
    private readonly folder: string,
    private readonly parts: Composition,
    private readonly log: Log,
  ) {
    this.lease = keepLease(parts.ledger, (error) => {
      this.failure = error;
      parts.run.stop();
    });
    this.ended = parts.run.run();
  }

  static async start(venue: LatencyVenue): Promise<LatencyDesk> {
    const folder = mkdtempSync(join(tmpdir(), "novactor-bench-"));
    const reach = { symbols: [venueSymbol], urls: { rest: venue.restUrl } };
    const instruments = await instrumentsOf(reach);
    let self: LatencyDesk | null = null;
    const source = sourceOf(venue, instruments, () => {
      if (self) self.heardAt = performance.now();
    });
    const wire = wiredVenue({
      ...reach,
      ...{ at, keys: venueKeys, streamUrl: venue.accountUrl },
      ...{ clock: systemVenueClock, draws: systemDraws, timers: systemTimers },
      // A stand-in that counts nothing: how often a venue may be asked is not what is measured.
      tier: "unlimited",
    });
    const plain = runConfig(source, 1, "none", settings);
    const wired = atVenue(plain, { rulesOf: () => instruments, intervalMs: 60_000 });
    const destination = toFile(join(folder, "desk.log"));
    const log = new Log({ level: "info", destination, secrets: [] });
    const parts = compose({
      config: { ...wired, desk: { ...wired.desk, at } },
      ...{ source, wires: [wire], ledgerFile: join(folder, "ledger.db"), pace: () => unpaced() },
      // As `start` composes a live run.
      ...{ listener: new TurnLog(log), stopwatch: () => performance.now(), until: null },
      reached: (point) => {
        if (point === "submit.beforeSend") self?.leaves();
      },
      onBar: () => {},
      onMove: () => {
        if (self) self.decidedAt = performance.now();
      },
    });
    await parts.desk.start(() => parts.run.takeReports());
    wire.listen((vital) => parts.desk.observe(vital));
    self = new LatencyDesk(venue, folder, parts, log);
    await self.until("a desk that may trade", () => self?.mayTrade === true);
    return self;
  }

  get ledgerFile(): string {
    return join(this.folder, "ledger.db");
  }

  /** Waits until the last order is over and the next may come; outside of what is measured. */
  async ready(): Promise<void> {
    await this.until("a desk that is free", () => this.isFree);
  }

  /** Sends one trade that moves the price far enough, and takes the time of its order. */
  async order(): Promise<DeskSample> {
    this.isHigh = !this.isHigh;
    const arrived = await this.venue.trade(priceText(this.isHigh ? highTicks : lowTicks));
    const decideMs = this.decidedAt - this.heardAt;
    return { tookMs: arrived.tookNs / 1e6, decideMs, durableMs: this.durableMs, arrived };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.parts.run.stop();
    await this.ended;
    this.lease[Symbol.dispose]();
    this.parts.desk.stop();
    this.parts[Symbol.dispose]();
    this.log[Symbol.dispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private leaves(): void {
    this.durableMs = performance.now() - this.decidedAt;
  }

  private get mayTrade(): boolean {
    const { desk } = this.parts;
    return desk.isWarm && desk.status().brakes.length === 0 && this.isFree;
  }

  /** Whether nothing is under way, so that the next message can set off an order. */
  private get isFree(): boolean {
    const { desk } = this.parts;
    if (desk.isBusy) return false;
    const states = new Map(desk.actors());
    const isOpen = states.get(actorName.account(at))?.hasTag("trading") ?? false;
    return isOpen && states.get(actorName.scanner(at, venueSymbol))?.value === "scanning";
  }

  /** Books come meanwhile, as they do: with each the desk hears what else there is. */
  private async until(what: string, isMet: () => boolean): Promise<void> {
    const deadline = performance.now() + 60_000;
    while (!isMet()) {
      if (this.failure !== null) throw this.failure;
      if (performance.now() > deadline) {
        const { brakes, lastAlarm } = this.parts.desk.status();
        const why = JSON.stringify({ brakes, lastAlarm });
        throw new Error(`Cannot measure: ${what} was waited for too long: ${why}`);
      }
      this.venue.book(this.isHigh ? highTicks : lowTicks);
      await Bun.sleep(1);
    }
  }
}

/** One strategy and gates that its vote passes; everything else is what a desk trades by. */
const settings: typeof defaults = {
  ...defaults,
  strategy: {
    ...defaults.strategy,
    frames: [1],
    eventPriceMove: 0.005,
    votes: {
      supertrend: { weight: 0.1, parameters: { period: 10, width: 3, freshBars: 200 } },
    },
    confluence: {
      ...defaults.strategy.confluence,
      ...{ minFrames: 1, minStrategies: 1, minConfidence: 0.05, minRewardToRisk: 0 },
      frameBonus: [1],
    },
  },
  coolDownBars: 0,
  order: { ...defaults.order, settleMs: 1_000 },
  position: { ...defaults.position, settleMs: 1_000 },
};

async function instrumentsOf(reach: {
  readonly symbols: readonly string[];
  readonly urls: { readonly rest: string };
}): Promise<readonly Instrument[]> {
  const reply = await new PublicMarket({ venue: "kraken", ...reach }).instruments();
  if (reply.type === "confirmed") return reply.value;
  throw new Error(`Cannot measure: the bench's venue did not tell its rules: ${reply.type}`);
}

function sourceOf(
  venue: LatencyVenue,
  instruments: readonly Instrument[],
  heard: () => void,
): TimelineSource {
  const clock = liveClock();
  const timeframeMs = hourMs;
  const source = liveSource(
    {
      description: "the bench's venue",
      symbols: instruments.map(({ symbol, tick, lot }) => ({ symbol, tick, lot, timeframeMs })),
      identity: { kind: "live", venue: at.venue, timeframeMs },
      length: null,
    },
    {
      clock,
      pastBars,
      onNotice: () => {},
      open(since) {
        const market = krakenLiveMarket({
          ...{ url: venue.marketUrl, instruments, timeframeMs, since },
          candles: async (symbol, from) => history(symbol, from, clock.now()),
          poll: () => Promise.reject(new Error("Cannot poll the bench's venue: it only streams")),
          draw: () => Math.random(),
        });
        market.onEvent(({ type }) => {
          if (type === "print") heard();
        });
        return market;
      },
    },
  );
  return { ...source, clock };
}

/** Bars that fall, then rise to where the market trades: a trend that turned. */
function history(symbol: string, from: number, now: number): CandleHistory {
  const until = Math.floor(now / hourMs) * hourMs;
  const candles = [];
  for (let openedAt = Math.ceil(from / hourMs) * hourMs; openedAt < until; openedAt += hourMs) {
    const ago = (until - openedAt) / hourMs;
    // Far enough below both prices that a move from there is told as well.
    const close = lowTicks - 9_000 - 1_500 * (50 - Math.abs(ago - 50));
    const [open, high, low] = [close - (ago > 50 ? -1_500 : 1_500), close + 2_000, close - 2_000];
    candles.push({ symbol, openedAt, timeframeMs: hourMs, open, high, low, close, volume: 1 });
  }
  return { from, until, candles };
}
