import { coldStartBrakeId, type Desk } from "../../actors/desk/mod.ts";
import { accountKey } from "../../machines/domain/ids.ts";
import { systemClock } from "../clock/system-clock.ts";
import type { Log } from "../log/mod.ts";
import { checkAccount, failing, type Row } from "../preflight/mod.ts";
import type { LedgerReader } from "../store/reader.ts";
import { PublicMarket } from "../venues/ccxt/public-market.ts";
import type { NotFit } from "./live-gate.ts";
import type { TradedAccount } from "./preflight.ts";
import { waitMs, waitUnless } from "./waiting.ts";
import type { StreamedVenue } from "./wired-venue.ts";

export interface AccountGatesOptions {
  readonly desk: Pick<Desk, "observe" | "isBraked">;
  readonly wires: readonly StreamedVenue[];
  readonly accounts: readonly TradedAccount[];
  readonly notFit: NotFit;
  readonly reader: LedgerReader;
  readonly say: (text: string) => void;
  readonly log: Log;
  /** Told what a turn or a commit threw. */
  readonly failed: (error: unknown) => void;
}

/**
 * The gates of live trading, one an account, of a desk that went on without some of them: each has
 * a brake until its account passes the checks, which are made again through the desk's own venue,
 * for two programs cannot sign with one key.
 */
export class AccountGates {
  private isStopped = false;

  constructor(private readonly options: AccountGatesOptions) {}

  /** Brakes the accounts that are not fit, and those alone: before anything else is begun. */
  shut(): void {
    const { desk, wires, notFit } = this.options;
    for (const { venue } of wires) {
      const why = notFit.get(accountKey(venue.at)) ?? null;
      if (why === null && !desk.isBraked(coldStartBrakeId(venue.at))) continue;
      desk.observe({ type: "coldStart", at: venue.at, why });
    }
  }

  /** Begins to make the checks again, account by account. */
  watch(): void {
    const { wires, notFit, failed } = this.options;
    for (const wire of wires) {
      if (notFit.has(accountKey(wire.venue.at))) void this.follow(wire).catch(failed);
    }
  }

  stop(): void {
    this.isStopped = true;
  }

  private async follow(wire: StreamedVenue): Promise<void> {
    const { desk } = this.options;
    const { at } = wire.venue;
    let why = this.options.notFit.get(accountKey(at));
    for (let tries = 0; ; tries += 1) {
      await waitUnless(() => this.isStopped, waitMs(tries));
      if (this.isStopped) return;
      const [row] = mostFinalFirst(failing(await this.rowsOf(wire)));
      if (this.isStopped) return;
      if (!row) {
        desk.observe({ type: "coldStart", at, why: null });
        this.tell("info", `${accountKey(at)} passes every check now, and may trade`);
        return;
      }
      if (row.text === why) continue;
      why = row.text;
      desk.observe({ type: "coldStart", at, why });
      const then = row.isTransient ? "it is tried again" : "start the desk again once that is done";
      this.tell("warn", `${accountKey(at)} cannot trade yet: ${why}; ${then}. ${row.cure ?? ""}`);
      if (!row.isTransient) return;
    }
  }

  private rowsOf({ venue }: StreamedVenue): Promise<readonly Row[]> {
    const { accounts, reader } = this.options;
    const key = accountKey(venue.at);
    const account = accounts.find((each) => accountKey(each) === key);
    if (!account) throw new RangeError(`Cannot check account "${key}": it is not configured`);
    const { symbols, rest } = account;
    return checkAccount({
      venue,
      market: new PublicMarket({
        ...{ venue: venue.at.venue, symbols },
        ...(rest === null ? {} : { urls: { rest } }),
      }),
      ...{ symbols, atWork: null, now: () => systemClock.now() },
      isOurs: (id) => reader.books.orderByClientId(venue.at, id) !== null,
    });
  }

  private tell(level: "info" | "warn", message: string): void {
    this.options.say(message);
    this.options.log.write({ level, event: "live.waiting", message, actor: "desk" });
  }
}

/** What does not pass by itself says more than what may. */
const mostFinalFirst = (rows: readonly Row[]): readonly Row[] =>
  rows.toSorted((a, b) => Number(a.isTransient ?? false) - Number(b.isTransient ?? false));
