/** Two accounts and two markets under one desk: nothing of one reaches the other. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Ledger } from "../../adapters/store/ledger.ts";
import { ledgerLookUp } from "../../adapters/store/look-up.ts";
import { candlePath } from "../../adapters/venues/matching/mod.ts";
import { PaperVenue } from "../../adapters/venues/paper/paper-venue.ts";
import { defaults, paperInstrument } from "../../config/defaults.ts";
import { brakeOn } from "../../machines/domain/brake.ts";
import { decimal } from "../../machines/domain/decimal.ts";
import type { Decision } from "../../machines/domain/decision.ts";
import { accountKey, type VenueAccount } from "../../machines/domain/ids.ts";
import { keyedDraws, VirtualClock } from "../runtime/mod.ts";
import { TestFolder } from "../runtime/testing/small-system.ts";
import type { AccountConfig, DeskConfig } from "./config.ts";
import { Desk } from "./desk.ts";
import { dawn, minute, rise, config as sample } from "./testing/desk-world.ts";

const btc = "BTC/USD";
const main: VenueAccount = { venue: "paper", account: "main" };
const twin: VenueAccount = { venue: "paper", account: "twin" };
const away: VenueAccount = { venue: "elsewhere", account: "main" };
const traded = [{ instrument: paperInstrument(btc, decimal("0.01")), timeframeMs: minute }];

const risk = { ...sample.risk, dailyLossShare: decimal("0.02") };

function beside(at: VenueAccount, rest: Partial<AccountConfig> = {}): AccountConfig {
  return { at, symbols: traded, quote: "USD", risk, ...rest };
}

const config: DeskConfig = {
  ...sample,
  symbols: traded,
  risk,
  others: [
    // The same prices, a smaller size.
    beside(twin, { risk: { ...risk, maxShare: decimal("0.04") } }),
    beside(away, { market: "elsewhere" }),
  ],
};

const folder = new TestFolder();
afterAll(() => folder[Symbol.dispose]());

/** A desk over three paper venues, driven bar by bar. */
class Accounts implements Disposable {
  readonly clock: VirtualClock;
  readonly ledger: Ledger;
  readonly venues: readonly PaperVenue[];
  readonly desk: Desk;
  readonly decisions: Decision[] = [];

  constructor(path: string) {
    this.ledger = new Ledger(path);
    const { ledger } = this;
    this.clock = new VirtualClock((ledger.stateOf("place").get("time") as number) ?? dawn);
    const { clock } = this;
    this.venues = [main, twin, away].map((at) => {
      const venue = new PaperVenue({
        ...{ at, clock, instruments: traded.map(({ instrument }) => instrument) },
        ...{ balances: { USD: decimal(100_000) }, settings: defaults.matching },
      });
      venue.restore(ledger.stateOf(venue.space));
      return venue;
    });
    this.desk = new Desk({
      ...{ config, store: ledger, ledger: ledgerLookUp(ledger.reader()), lease: ledger, clock },
      ...{ venues: this.venues, draws: keyedDraws(7), reached: () => {} },
      outside: () => [
        ...this.venues.flatMap((venue) => [...venue.changes()]),
        { space: "place", key: "time", value: clock.now() },
      ],
    });
  }

  async start(): Promise<this> {
    await this.desk.start(() => {});
    return this;
  }

  /** One bar of one market, which moves the venues of its accounts. */
  async bar(close: number, open: number, market?: string): Promise<void> {
    const { clock, desk } = this;
    const openedAt = Math.ceil(clock.now() / minute) * minute;
    const [high, low] = [Math.max(open, close) + 10, Math.min(open, close) - 10];
    const candle = { symbol: btc, openedAt, timeframeMs: minute, open, high, low, close };
    const moved = this.venues.filter(
      ({ at }) => (at.venue === "elsewhere") === (market !== undefined),
    );
    for (const point of candlePath({ ...candle, volume: 4_000 })) {
      clock.advanceTo(Math.max(point.at, clock.now()));
      for (const venue of moved) venue.point(btc, point);
      await this.deliver();
    }
    this.decisions.push(...desk.bar({ ...candle, volume: 4_000 }, null, market));
    await this.deliver();
  }

  async bars(closes: readonly number[], market?: string): Promise<void> {
    let open = closes[0] ?? 0;
    for (const close of closes) {
      await this.bar(close, open, market);
      open = close;
    }
  }

  async deliver(): Promise<void> {
    const { desk } = this;
    do {
      await desk.settle();
      for (const venue of this.venues) {
        for (let each = venue.takeReport(); each; each = venue.takeReport()) {
          desk.report(venue.at, each);
        }
      }
    } while (desk.isBusy);
  }

  command(name: "hold" | "flatten", target: string | null = null) {
    const idempotencyKey = `${name}-${this.clock.now()}`;
    return this.desk.command({
      ...{ name, target, idempotencyKey, who: "ann", role: "operate", reason: "" },
    });
  }

  held(): readonly (readonly [string, string])[] {
    return this.desk
      .status()
      .positions.map(({ positionId, quantity }) => [positionId, quantity] as const)
      .toSorted(([one], [other]) => one.localeCompare(other));
  }

  /** What the venue of an account says that it has, in base coin. */
  async owned(at: VenueAccount): Promise<string> {
    const venue = this.venues.find((each) => accountKey(each.at) === accountKey(at));
    const reply = await venue?.balances();
    if (reply?.type !== "confirmed") throw new Error("Cannot read balances");
    return reply.value.find(({ coin }) => coin === "BTC")?.total ?? "0";
  }

  [Symbol.dispose](): void {
    this.ledger.close();
  }
}

describe("one market of two that is traded by three accounts", () => {
  let world: Accounts;
  beforeAll(async () => {
    world = await new Accounts(folder.file("three.db")).start();
    await world.bars(rise);
  });

  test("is decided on by the accounts that go by it, each for itself", () => {
    const last = world.decisions.slice(-2).map(({ symbol, code }) => [symbol, code]);
    expect(last.map(([symbol]) => symbol)).toEqual([btc, `paper:twin/${btc}`]);
    const trades = world.decisions.filter(({ code }) => code === "trade");
    expect(trades.map(({ symbol }) => symbol)).toEqual([btc, `paper:twin/${btc}`]);
  });

  test("is bought on each within its own limits, and what is held is the venue's", async () => {
    const held = world.held();
    expect(held.map(([id]) => id)).toEqual([`paper:main/${btc}/1`, `paper:twin/${btc}/1`]);
    expect(held.map(([, quantity]) => quantity)).toEqual([
      await world.owned(main),
      await world.owned(twin),
    ]);
    expect(Number(held[0]?.[1])).toBeGreaterThan(2 * Number(held[1]?.[1]));
    expect(await world.owned(away)).toBe("0");
  });

  test("counts in the equity of its accounts alone", () => {
    const { accounts } = world.desk.status();
    const [first, second, third] = accounts.map(({ equity }) => equity);
    expect(third).toBe(decimal(100_000));
    expect(new Set([first, second, third]).size).toBe(3);
  });

  test("comes to the same in status, chart and report, over all accounts", () => {
    const { desk } = world;
    const equity = Number(desk.status().equity);
    // The third one's market was not heard yet: what it has counts all the same.
    expect(equity).toBeGreaterThan(290_000);
    expect(desk.equity.equity).toBeCloseTo(equity, 6);
    expect(desk.equity.curve.at(-1)?.[1]).toBeCloseTo(equity, 6);
  });

  test("goes on after a kill with the same lanes, and the other market is heard for itself", async () => {
    const told = () =>
      world.desk.status().accounts.map(({ account, state, equity }) => [account, state, equity]);
    const before = [world.held(), told()];
    world[Symbol.dispose]();
    world = await new Accounts(folder.file("three.db")).start();
    expect([world.held(), told()]).toEqual(before);
    await world.bars(rise, "elsewhere");
    expect(world.decisions.map(({ symbol }) => symbol)).toEqual(
      rise.map(() => `elsewhere:main/${btc}`),
    );
    expect(world.held().map(([id]) => id)).toContain(`elsewhere:main/${btc}/1`);
    expect(await world.owned(away)).not.toBe("0");
  });

  test("hold of one account leaves the others be, and an unknown one is refused", () => {
    expect(world.command("hold", "paper:nobody").done).toBe(false);
    expect(world.command("hold", "paper:twin").done).toBe(true);
    const { brakes } = world.desk.status();
    const on = (at: VenueAccount) =>
      brakes
        .filter(({ kind }) => kind === "hold")
        .map((each) => brakeOn([each], accountKey(at), btc));
    expect([main, twin, away].map((at) => on(at).map((brake) => brake?.scope ?? null))).toEqual([
      [null],
      ["paper:twin"],
      [null],
    ]);
  });

  test("flatten sells on each account what is held there", async () => {
    expect(world.command("flatten").done).toBe(true);
    await world.deliver();
    await world.bars([103_000, 103_100]);
    await world.bars([103_000, 103_100], "elsewhere");
    expect(world.held()).toEqual([]);
    for (const at of [main, twin, away]) expect(await world.owned(at)).toBe("0");
  });

  test("leaves books that balance on every account", async () => {
    for (const venue of world.venues) {
      const reply = await venue.balances();
      const theirs = reply.type === "confirmed" ? reply.value : [];
      const ours = world.desk.books.balancesOf(venue.at);
      expect(theirs.map(({ coin, total }) => [coin, total])).toEqual(
        theirs.map(({ coin }) => [coin, ours.get(coin) ?? "0"] as never),
      );
    }
  });
});

test("an account's loss opens its own breaker alone", async () => {
  using world = await new Accounts(folder.file("loss.db")).start();
  await world.bars(rise);
  // A gap below the stops: both lose by it, the one that holds less not as much as it may.
  await world.bars([60_000, 60_000]);
  const brakes = world.desk.status().brakes.map(({ brakeId }) => brakeId);
  expect(brakes).toEqual(["breaker/dailyLoss/paper:main"]);
});

test("the past of two markets, heard in turns, calls neither of them silent", async () => {
  using world = await new Accounts(folder.file("past.db")).start();
  const { clock, desk } = world;
  clock.advanceTo(dawn + 600 * minute);
  const heard = (bar: number, market?: string) => {
    const at = { symbol: btc, openedAt: dawn + bar * minute, timeframeMs: minute };
    desk.bar({ ...at, open: 100, high: 101, low: 99, close: 100, volume: 1 }, null, market);
    return desk.status().brakes.map(({ brakeId }) => brakeId);
  };
  // The one is hours ahead in its past while the other only begins with its own.
  const brakes = Array.from({ length: 20 }, (_, bar) => [
    ...heard(300 + bar),
    ...heard(bar, "elsewhere"),
  ]);
  expect(brakes.flat()).toEqual([]);
  // A bar of now is another thing: the market that has none is silent.
  expect(heard(599)).toEqual(["breaker/staleData/elsewhere:main/BTC/USD"]);
});
