/** What nothing proves, as the panel shows it: doubts, differences, orders of others. */
import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { DeskWorld, rise } from "../../actors/desk/testing/desk-world.ts";
import type { Reply } from "../../actors/order/mod.ts";
import { panelBooks } from "../../adapters/cli/panel-books.ts";
import { add, decimal } from "../../machines/domain/decimal.ts";
import type { Balance } from "../../machines/domain/ledger.ts";
import type { VenueOrder } from "../../machines/domain/order.ts";
import { venueOrder } from "../../machines/samples.fixture.ts";
import type { PanelOptions } from "../server/ports.ts";
import { asking } from "../testing/ask.fixture.ts";
import { accountViews } from "./accounts.ts";
import { riskViews } from "./risk.ts";
import { tradesViews } from "./trades.ts";

setDefaultTimeout(60_000);

let world: DeskWorld;
afterEach(() => world[Symbol.dispose]());

/** Of the panel as much as these views ask for. */
function ask(): ReturnType<typeof asking> {
  const { desk, reader } = world;
  const options = { desk, ledger: reader, books: panelBooks(reader) } as unknown as PanelOptions;
  return asking(options, (of) => ({ ...tradesViews(of), ...riskViews(of), ...accountViews(of) }));
}

const confirmed = <T>(value: T): Reply<T> => ({ type: "confirmed", value });

/** What the venue says that the ledger knows nothing of. */
function bend(dollars: number, orders: readonly VenueOrder[]): void {
  const { paper } = world.venue;
  const more = ({ coin, total, held }: Balance): Balance => ({
    ...{ coin, held },
    total: coin === "USD" ? add(total, decimal(dollars)) : total,
  });
  Object.defineProperties(world.venue, {
    balances: {
      value: async () => {
        const reply = await paper.balances();
        return reply.type === "confirmed" ? confirmed(reply.value.map(more)) : reply;
      },
    },
    openOrders: {
      value: async () => {
        const reply = await paper.openOrders();
        return reply.type === "confirmed" ? confirmed([...reply.value, ...orders]) : reply;
      },
    },
  });
}

describe("an order whose fate is not known", () => {
  test("is among the doubts, with what may be said of it", async () => {
    world = await DeskWorld.started({ path: ":memory:" });
    await world.bars(rise.slice(0, 7));
    world.venue.bends.submit = "lost";
    world.venue.bends.read = "lost";
    await world.bars([100_000]);
    const { doubts } = await ask()("GET /api/v1/risk", {});
    expect(doubts.map(({ intentId }) => intentId)).toEqual([
      "paper:main/BTC/USD/1/entry",
      "paper:main/ETH/USD/1/entry",
    ]);
    const [one] = doubts;
    expect(one).toMatchObject({ venueOrderId: null, clientOrderId: expect.any(String) as string });
    const params = { positionId: "paper:main/BTC/USD/1" };
    const story = await ask()("GET /api/v1/trades/:positionId", { params });
    const lost = story.steps.find(({ title }) => title === "entry: fate not known");
    expect(world.reader.journal.record(lost?.seq ?? 0)?.correlation).toBe(params.positionId);
    expect([story.state, story.result, story.abandonRefused]).toEqual(["opening", null, null]);
    const reason = "seen at the venue";
    const details = { fate: "absent" };
    const target = one?.intentId ?? null;
    expect(world.command("resolve", { target, details, reason, role: "operate" }).done).toBe(true);
    const after = await ask()("GET /api/v1/risk", {});
    expect(after.doubts.map(({ intentId }) => intentId)).toEqual(["paper:main/ETH/USD/1/entry"]);
  });
});

describe("an account that differs from its venue", () => {
  test("is shown with what settles it, brakes, and agrees once that is accepted", async () => {
    world = await DeskWorld.started({ path: ":memory:" });
    await world.bars([100_000]);
    bend(50, []);
    await world.pass(3_600_000);
    const { accounts } = await ask()("GET /api/v1/accounts", {});
    const [account] = accounts;
    expect(account).toMatchObject({
      state: "differing",
      differences: [{ coin: "USD", text: "USD: ledger 100000, venue 100050" }],
    });
    const usd = account?.coins.find(({ coin }) => coin === "USD");
    expect([usd?.difference, usd?.venue, usd?.ledgerThen]).toEqual(["50", "100050", "100000"]);
    const { brakes } = await ask()("GET /api/v1/risk", {});
    expect(brakes[0]).toMatchObject({
      brakeId: "mismatch/paper:main",
      releaseRefused: expect.stringContaining("is released by") as string,
    });
    const details = { coin: "USD", difference: usd?.difference ?? "" };
    const given = { target: "paper:main", details, reason: "a gift" };
    expect(world.command("accept", given).done).toBe(true);
    await world.deliver();
    const settled = (await ask()("GET /api/v1/accounts", {})).accounts[0];
    expect([settled?.state, settled?.differences]).toEqual(["reconciled", []]);
    expect(settled?.movements[0]).toMatchObject({
      cause: "accepted by ann: a gift",
      lines: [
        { account: "asset", coin: "USD", amount: "50" },
        { account: "adjustment", coin: "USD", amount: "-50" },
      ],
      isBalanced: true,
    });
  });

  test("that could not be read says so, and how often", async () => {
    world = await DeskWorld.started({ path: ":memory:" });
    await world.bars([100_000]);
    world.venue.bends.read = "lost";
    await world.pass(3_600_000);
    const [account] = (await ask()("GET /api/v1/accounts", {})).accounts;
    expect(account?.unreadable?.times).toBeGreaterThan(0);
    expect(account?.unreadable?.cause).not.toBe("");
  });
});

describe("an order of somebody else", () => {
  test("is shown as such, and gone from there once it is claimed", async () => {
    world = await DeskWorld.started({ path: ":memory:" });
    await world.bars([100_000]);
    const foreign = venueOrder("open", { clientOrderId: null, venueOrderId: "F1" });
    bend(0, [foreign]);
    await world.pass(3_600_000);
    const [account] = (await ask()("GET /api/v1/accounts", {})).accounts;
    expect(account?.foreignOrders).toMatchObject([
      { venueOrderId: "F1", isOfADesk: false, isClaimed: false },
    ]);
    expect(world.command("claim", { target: "F1" }).done).toBe(true);
    const [after] = (await ask()("GET /api/v1/accounts", {})).accounts;
    expect(after?.foreignOrders.every(({ isClaimed }) => isClaimed)).toBe(true);
  });
});
