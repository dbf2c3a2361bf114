/** A whole desk in real time: a real ledger on disk, the live adapter, a rehearsal venue behind it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AnyMachineSnapshot, EventObject } from "xstate";
import type { DeskConfig } from "../../actors/desk/config.ts";
import { Desk } from "../../actors/desk/desk.ts";
import { rise, config as sample } from "../../actors/desk/testing/desk-world.ts";
import type { ActorSystem } from "../../actors/runtime/mod.ts";
import { systemClock, systemDraws } from "../../adapters/clock/system-clock.ts";
import { Ledger } from "../../adapters/store/ledger.ts";
import { ledgerLookUp } from "../../adapters/store/look-up.ts";
import type { LedgerReader } from "../../adapters/store/reader.ts";
import { CcxtVenue } from "../../adapters/venues/ccxt/mod.ts";
import {
  type Rehearsal,
  type RehearsalOptions,
  startRehearsal,
} from "../../adapters/venues/rehearsal/mod.ts";
import type { PrivateStream } from "../../adapters/venues/streams/mod.ts";
import { decimal } from "../../machines/domain/decimal.ts";
import type { Decision } from "../../machines/domain/decision.ts";
import { actorName, positionId } from "../../machines/domain/ids.ts";
import type { Instrument } from "../../machines/domain/instrument.ts";
import { defaultVaultId } from "../../machines/domain/position.ts";
import type { OrderContext } from "../../machines/order.types.ts";
import type { PositionContext } from "../../machines/position.types.ts";
import { confirmed, symbol, until } from "./bench.ts";
import { type FaultVenueName, faultVenues } from "./fault-venues.ts";

/** How late a fault lets a request be accepted: well within what the desk is told to assume. */
export const lateMs = 200;
/** How old the answer of a stale read is: within the assumed lag of reads. */
export const staleMs = 200;
/** Long enough that a loaded machine does not reach it unasked. */
export const timeoutMs = 2_000;
/** Short, so that a proof of absence takes less than a second. */
const assumptions = { latestAcceptMs: 350, readLagMs: 350, deadlineMs: 2_000 };
/** How long after a request was lost its absence is proof. */
export const doubtMs = assumptions.latestAcceptMs + assumptions.readLagMs;

/** No run lasts so long. */
const neverMs = 600_000;

export interface LiveDeskOptions {
  readonly venue: FaultVenueName;
  /** Without it, REST alone tells the desk what became of an order. */
  readonly hasStream?: boolean;
  /** Between two readings of the account; by itself none, so that none takes a look-up's blow. */
  readonly reconcileMs?: number;
  /** A venue that another desk was at, and goes on without this one; its own without it. */
  readonly rehearsal?: Rehearsal;
  /** A ledger that is there; a new one without it. */
  readonly ledgerFile?: string;
  /** Whether it is ready only once its account is reconciled; true unless told. */
  readonly awaitsTrading?: boolean;
  /** Between two looks at a resting stop; none if not given. */
  readonly restingCheckMs?: number;
  /** Between two looks at a working entry, and before fills are fetched; soon if not given. */
  readonly looksMs?: number;
  /** How the venue charges, and what it opens with. */
  readonly settings?: RehearsalOptions["settings"];
  readonly balances?: RehearsalOptions["balances"];
}

/** The config of a desk that trades one instrument and waits for nothing long. */
function configFor(
  venue: CcxtVenue,
  instrument: Instrument,
  intervalMs: number = neverMs,
  { restingCheckMs, looksMs }: Pick<LiveDeskOptions, "restingCheckMs" | "looksMs"> = {},
): DeskConfig {
  return {
    ...sample,
    at: venue.at,
    symbols: [{ instrument, timeframeMs: 60_000 }],
    order: {
      ...{ maxAttempts: 3, settleMs: 60_000, lookUpRetryMs: 100 },
      ...{ fillGraceMs: looksMs ?? 20, workingCheckMs: looksMs ?? 150 },
      ...(restingCheckMs === undefined ? {} : { restingCheckMs }),
    },
    position: { maxFailures: 3, stopRetryMs: 100, strandedRetryMs: 500, settleMs: 60_000 },
    reconcile: { intervalMs, retryMs: 100, patience: 3, overlapMs: 60_000 },
  };
}

/** A venue whose market stands at 60,000. */
export async function rehearsalOf({
  venue,
  settings,
  balances,
}: Pick<LiveDeskOptions, "venue" | "settings" | "balances">): Promise<Rehearsal> {
  const rehearsal = await startRehearsal({
    ...{ venue, limits: { rest: false, engine: false } },
    ...(settings && { settings }),
    ...(balances && { balances }),
  });
  rehearsal.control.feedPoint(symbol, decimal(60_000));
  return rehearsal;
}

/** The rules of the one symbol; asked for again where a loaded machine was too slow to answer. */
async function instrumentOf(venue: CcxtVenue): Promise<Instrument> {
  let reply = await venue.instruments();
  for (let tries = 0; reply.type !== "confirmed" && tries < 10; tries += 1) {
    reply = await venue.instruments();
  }
  const [instrument] = confirmed(reply);
  if (instrument === undefined) throw new Error(`Cannot trade "${symbol}": not listed`);
  return instrument;
}

export class LiveDesk implements AsyncDisposable {
  private failure: unknown = null;
  private readonly beat: ReturnType<typeof setInterval>;

  private constructor(
    readonly rehearsal: Rehearsal,
    readonly venue: CcxtVenue,
    readonly desk: Desk,
    readonly ledger: Ledger,
    readonly reader: LedgerReader,
    readonly instrument: Instrument,
    private readonly folder: string,
    private readonly stream: PrivateStream | null,
    private readonly ownsRehearsal: boolean,
  ) {
    this.beat = setInterval(() => this.step(), 5);
  }

  /** A desk that has reconciled, before a market that stands at 60,000. */
  static async started(options: LiveDeskOptions): Promise<LiveDesk> {
    const { venue: name, hasStream = false, reconcileMs, awaitsTrading = true } = options;
    const rehearsal = options.rehearsal ?? (await rehearsalOf(options));
    let stream: PrivateStream | null = null;
    const { apiKey, secret, url } = rehearsal;
    const venue = new CcxtVenue({
      at: { venue: name, account: "main" },
      ...{ keys: { apiKey, secret }, symbols: [symbol], urls: { rest: url } },
      ...{ timeoutMs, tier: "unlimited", assumptions },
      reports: { takeReport: () => stream?.takeReport() ?? null },
    });
    const instrument = await instrumentOf(venue);
    const folder = mkdtempSync(join(tmpdir(), "novactor-faults-"));
    const ledger = new Ledger(options.ledgerFile ?? join(folder, "desk.db"));
    const reader = ledger.reader();
    const desk = new Desk({
      ...{
        config: configFor(venue, instrument, reconcileMs, options),
        store: ledger,
        ledger: ledgerLookUp(reader),
      },
      ...{ lease: ledger, venues: [venue], clock: systemClock, draws: systemDraws },
      ...{ reached: () => {}, outside: () => [] },
    });
    await desk.start(() => {});
    if (hasStream) stream = faultVenues[name].stream(rehearsal, venue);
    const world = new LiveDesk(
      ...([rehearsal, venue, desk, ledger, reader, instrument, folder, stream] as const),
      options.rehearsal === undefined,
    );
    if (awaitsTrading) await world.until("a reconciled account", () => world.isTrading);
    await world.listen();
    return world;
  }

  get system(): ActorSystem {
    return (this.desk as unknown as { system: ActorSystem }).system;
  }

  get at(): CcxtVenue["at"] {
    return this.venue.at;
  }

  get positionId(): string {
    return positionId(this.at, symbol, 1);
  }

  /** Whether the desk would be able to answer for new exposure: its one account is reconciled. */
  get isTrading(): boolean {
    return this.system.snapshot(actorName.account(this.at))?.hasTag("trading") ?? false;
  }

  orders(): readonly (readonly [intentId: string, snapshot: AnyMachineSnapshot])[] {
    return [...this.system.actors()].flatMap(([name, snapshot]) =>
      name.startsWith("order:")
        ? [[(snapshot.context as OrderContext).intent.intentId, snapshot] as const]
        : [],
    );
  }

  get entry(): AnyMachineSnapshot | undefined {
    return this.system.snapshot(actorName.order(`${this.positionId}/entry`));
  }

  get position(): AnyMachineSnapshot | undefined {
    return this.system.snapshot(actorName.position(this.positionId));
  }

  get held(): PositionContext | undefined {
    return this.position?.context as PositionContext | undefined;
  }

  /** Lets one event in, as the scanner, the operator or a level would. */
  send(actor: string, event: EventObject & Readonly<Record<string, unknown>>): void {
    this.system.turn({ kind: "test", subject: actor, payload: event }, () =>
      this.system.send(actor, event),
    );
    this.step();
  }

  /** Opens the one position: an entry of 0.01 BTC at this limit, to be stopped at 58,000. */
  open(price: string, number = 1): void {
    const { at } = this;
    const id = positionId(at, symbol, number);
    const entry = {
      ...{ intentId: `${id}/entry`, at, symbol, positionId: id, role: "entry", side: "buy" },
      ...{ type: "limit", quantity: decimal("0.01"), price: decimal(price), stopPrice: null },
      ...{ timeInForce: "gtc", postOnly: false, expiresAt: null, patienceMs: null },
    };
    const plan = {
      ...{ positionId: id, vaultId: defaultVaultId, at, symbol, instrument: this.instrument },
      ...{ stopPrice: decimal("58000"), targetPrice: null, stopFrame: 0, votedBy: [], entry },
      settings: configFor(this.venue, this.instrument).position,
    };
    this.send(actorName.desk, { type: "position.open", plan });
  }

  /** Bars up to now on which the sample strategy comes to hold; what each decided. */
  risingBars(): readonly Decision[] {
    const minute = 60_000;
    const last = Math.floor(systemClock.now() / minute) * minute;
    const decisions: Decision[] = [];
    for (const [index, close] of rise.entries()) {
      const open = rise[index - 1] ?? close;
      const [high, low] = [Math.max(open, close) + 10, Math.min(open, close) - 10];
      const openedAt = last - (rise.length - index) * minute;
      const candle = { symbol, openedAt, timeframeMs: minute, open, high, low, close };
      decisions.push(...this.desk.bar({ ...candle, volume: 4_000 }));
    }
    return decisions;
  }

  /** Nothing is asked, in doubt, or on its way: what the desk believes now is its last word. */
  get isSettled(): boolean {
    const { position } = this;
    if (position === undefined) return false;
    const rests = ["open", "closed", "settled"].some((state) => position.matches(state as never));
    return rests && this.orders().every(([, snapshot]) => isQuiet(snapshot));
  }

  /** Waits for a condition of the desk, and throws what ended the desk meanwhile. */
  async until(what: string, holds: () => boolean, patienceMs = 40_000): Promise<void> {
    const end = performance.now() + patienceMs;
    while (!holds()) {
      if (this.failure !== null) throw this.failure;
      if (performance.now() > end) throw new Error(`Waited in vain for: ${what} ${this.told()}`);
      await Bun.sleep(5);
    }
  }

  /** Reads the account anew; the differences that it then has with its venue. */
  async reconciled(): Promise<readonly string[]> {
    type Context = { reconciledAt: number | null; differences: readonly string[] };
    const account = () => this.system.snapshot(actorName.account(this.at))?.context as Context;
    const before = account().reconciledAt ?? 0;
    await Bun.sleep(2);
    this.send(actorName.reconciler(this.at), { type: "reconcile.now" });
    const isDone = () => (account().reconciledAt ?? 0) > before || account().differences.length > 0;
    await this.until("a reconciliation", isDone);
    return account().differences;
  }

  /** Where everything stands, for whoever waited in vain. */
  told(): string {
    const states = this.orders().map(([id, { value, context }]) => {
      const { lookUps, reason } = context as OrderContext;
      return `${id} ${JSON.stringify(value)} lookUps ${lookUps} ${reason ?? ""}`;
    });
    return [JSON.stringify(this.position?.value), ...states].join("; ");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.beat);
    this.stream?.close();
    if (this.ownsRehearsal) await this.rehearsal[Symbol.asyncDispose]();
    this.failure ??= "over";
    this.reader.close();
    this.ledger.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async listen(): Promise<void> {
    const { stream } = this;
    if (stream === null) return;
    // What happened while nobody listened is for a reading of the account to find.
    stream.onEvent(({ type }) => {
      if (type !== "live" && type !== "gap" && type !== "fillsWanted") return;
      this.send(actorName.reconciler(this.at), { type: "reconcile.now" });
    });
    stream.start();
    await until("a live private stream", () => stream.status.state === "live");
  }

  /** Fires what is due, takes what the venue reports, and begins what is wanted outside. */
  private step(): void {
    if (this.failure !== null) return;
    try {
      const { desk, venue } = this;
      for (let report = venue.takeReport(); report; report = venue.takeReport()) {
        desk.report(venue.at, report);
      }
      while ((desk.nextDeadline() ?? Number.POSITIVE_INFINITY) <= systemClock.now()) {
        desk.fireTimer();
      }
      desk.begin(
        () => this.step(),
        (error) => {
          this.failure ??= error;
        },
      );
      desk.commit();
    } catch (error) {
      this.failure = error;
    }
  }
}

function isQuiet(snapshot: AnyMachineSnapshot): boolean {
  if (snapshot.matches("settled" as never)) return true;
  const isAsked = !snapshot.matches({ live: { asked: "none" } } as never);
  const isBehind = snapshot.matches({ live: { books: "behind" } } as never);
  return !isAsked && !isBehind;
}
