/** What a reading makes of a difference, in the desk's own time, before a venue that a test bends. */
import { describe, expect, test } from "bun:test";
import { add, type Decimal, decimal, zero } from "../../machines/domain/decimal.ts";
import type { Fill } from "../../machines/domain/fill.ts";
import { actorName } from "../../machines/domain/ids.ts";
import type { Balance } from "../../machines/domain/ledger.ts";
import type { VenueOrder } from "../../machines/domain/order.ts";
import { venueOrder } from "../../machines/samples.fixture.ts";
import { fillOf } from "../account/testing/committed-ledger.ts";
import type { Movement, Reply, VenueAssumptions } from "../order/mod.ts";
import { at, config, DeskWorld, dawn, rise } from "./testing/desk-world.ts";

const memory = { path: ":memory:" };
const confirmed = <T>(value: T): Reply<T> => ({ type: "confirmed", value });

/** What the venue says beyond what it has: coins that came from outside, and why, if it tells. */
interface Outside {
  usd: Decimal;
  movements: Reply<readonly Movement[]> | null;
  orders: VenueOrder[];
  fills: Fill[];
  steps: VenueAssumptions["balanceSteps"];
}

async function bent(): Promise<{ world: DeskWorld; outside: Outside }> {
  const world = await DeskWorld.started(memory);
  const outside: Outside = { usd: zero, movements: null, orders: [], fills: [], steps: undefined };
  const { paper } = world.venue;
  const more = ({ coin, total, held }: Balance): Balance =>
    coin === "USD" ? { coin, total: add(total, outside.usd), held } : { coin, total, held };
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
        return reply.type === "confirmed" ? confirmed([...reply.value, ...outside.orders]) : reply;
      },
    },
    fillsSince: {
      value: async (since: number) => {
        const reply = await paper.fillsSince(since);
        return reply.type === "confirmed" ? confirmed([...reply.value, ...outside.fills]) : reply;
      },
    },
    movementsSince: { get: () => outside.movements && (async () => outside.movements) },
    assumptions: {
      get: () => ({ ...paper.assumptions, ...(outside.steps && { balanceSteps: outside.steps }) }),
    },
  });
  return { world, outside };
}

const deposit = (amount: string, id = "D1"): Movement => ({
  ...{ id, coin: "USD", amount: decimal(amount), at: 1 },
  ...{ kind: "deposit", text: "deposit" },
});

async function read(world: DeskWorld, times = 1): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    world.system.turn({ kind: "test", subject: "reconciler", payload: null }, () =>
      world.system.send(actorName.reconciler(at), { type: "reconcile.now" }),
    );
    await world.deliver();
  }
}

function booked(world: DeskWorld): readonly (readonly [amount: string, cause: string])[] {
  world.desk.commit();
  const postings = [...world.reader.books.eachPosting()];
  return postings
    .filter(({ account, cause }) => account === "asset" && !/^fill|^opening/.test(cause))
    .map(({ amount, cause }) => [amount, cause]);
}

const differences = (world: DeskWorld) =>
  world.desk.status().accounts.flatMap((account) => account.differences);

describe("a difference", () => {
  test("is explained once it lasted its patience, and not before", async () => {
    const { world, outside } = await bent();
    using _ = world;
    Object.assign(outside, { usd: decimal(50), movements: confirmed([deposit("50")]) });
    await read(world, 3);
    expect([booked(world), world.brakes()]).toEqual([[], []]);
    await read(world);
    expect([booked(world), world.brakes()]).toEqual([[["50", "deposit"]], []]);
    await read(world, 5);
    expect(booked(world)).toHaveLength(1);
  });

  test("that a trade by hand makes up is explained likewise, but no trade of another desk", async () => {
    const { world, outside } = await bent();
    using _ = world;
    const fees = { fee: decimal(1), feeCoin: "USD" };
    const byHand = fillOf({
      side: "sell",
      quantity: decimal("0.51"),
      price: decimal(100),
      ...fees,
    });
    const foreign = { ...byHand, tradeId: "H1", clientOrderId: null, venueOrderId: "H", at: 5 };
    // Of the base coin the venue is to have what it says: only what the sale brought is looked at.
    outside.fills.push({ ...foreign, symbol: "USDX/USD" });
    outside.usd = decimal(50);
    await read(world, 3);
    expect(booked(world)).toEqual([]);
    await read(world);
    const cause = "venue: sell of 0.51 USDX by somebody else";
    expect(booked(world)).toEqual([
      ["-1", cause],
      ["51", cause],
    ]);
    const desks = { ...foreign, tradeId: "H2", clientOrderId: "nv00000000000000aa", at: 6 };
    outside.fills.push({ ...desks, symbol: "USDX/USD" });
    outside.usd = decimal(100);
    await read(world, 6);
    expect([booked(world).length, world.brakes()]).toEqual([2, ["mismatch/paper:main"]]);
  });

  test("that comes back is explained by what came since, never by the same again", async () => {
    const { world, outside } = await bent();
    using _ = world;
    Object.assign(outside, { usd: decimal(50), movements: confirmed([deposit("50")]) });
    await read(world, 4);
    outside.usd = decimal(100);
    await read(world, 4);
    expect(booked(world)).toHaveLength(1);
    expect(world.brakes()).toEqual(["mismatch/paper:main"]);
    outside.movements = confirmed([deposit("50"), deposit("50", "D2")]);
    await read(world);
    expect([booked(world).length, world.brakes()]).toEqual([2, []]);
  });

  test("of a movement and of the venue's rounding is booked as both", async () => {
    const { world, outside } = await bent();
    using _ = world;
    outside.steps = { "*": decimal("0.01") };
    Object.assign(outside, { usd: decimal("50.004"), movements: confirmed([deposit("50")]) });
    await read(world, 4);
    expect(booked(world)).toEqual([
      ["50", "deposit"],
      ["0.004", "rounding"],
    ]);
    expect([differences(world), world.brakes()]).toEqual([[], []]);
  });

  test("below the venue's step is rounding at once, and each time", async () => {
    const { world, outside } = await bent();
    using _ = world;
    outside.steps = { USD: decimal("0.01") };
    outside.usd = decimal("0.009");
    await read(world);
    await world.pass(1_000);
    outside.usd = decimal("0.001");
    await read(world);
    expect(booked(world)).toEqual([
      ["0.009", "rounding"],
      ["-0.008", "rounding"],
    ]);
    outside.usd = decimal("0.011");
    await read(world);
    expect(booked(world)).toHaveLength(2);
    expect(differences(world)).toHaveLength(1);
  });

  test.each([
    ["does not tell", null, "the venue does not tell what moved it"],
    [
      "does not answer",
      { type: "unknown", cause: "time-out" } as const,
      "what moved it could not be read: time-out",
    ],
    ["tells otherwise", confirmed([deposit("49.99")]), "that the venue tells, or"],
  ])("of which the venue %s brakes, and says what would settle it", async (_, movements, words) => {
    const { world, outside } = await bent();
    using _world = world;
    Object.assign(outside, { usd: decimal(50), movements });
    await read(world, 4);
    expect([booked(world), world.brakes()]).toEqual([[], ["mismatch/paper:main"]]);
    expect(differences(world)[0]?.settledBy).toContain(words);
    outside.usd = zero;
    await read(world);
    expect([world.brakes(), differences(world)]).toEqual([[], []]);
  });

  test("is not explained, nor accepted, while an order's fate may explain it", async () => {
    const { world, outside } = await bent();
    using _ = world;
    world.venue.bends.submit = "lost";
    const look = world.venue.lookUp.bind(world.venue);
    world.venue.lookUp = async () => ({ type: "unknown", cause: "no reply" });
    await world.bars(rise);
    expect(world.desk.status().doubts.length).toBeGreaterThan(0);
    Object.assign(outside, { usd: decimal(50), movements: confirmed([deposit("50")]) });
    await read(world, 6);
    expect([booked(world), world.brakes()]).toEqual([[], ["mismatch/paper:main"]]);
    expect(differences(world)[0]?.settledBy).toStartWith("the fate of order:paper:main/");
    const accept = () =>
      world.command("accept", { details: { coin: "USD" }, reason: "seen on its page" });
    expect(accept().text).toContain("may explain it and is not known yet");
    world.venue.lookUp = look;
    world.venue.bends.submit = "none";
    await world.pass(120_000);
    await read(world);
    expect(booked(world)).toEqual([["50", "deposit"]]);
    expect(accept().text).toContain('no difference of "USD" is known');
  });
});

describe("an order that rests at the venue", () => {
  test("though it is of this ledger and over, brakes once it lasted, and can be claimed", async () => {
    const { world, outside } = await bent();
    using _ = world;
    await world.bars([...rise, 100_000, 96_000]);
    await world.pass(600_000);
    await world.bars([96_000]);
    const row = [...world.reader.books.eachOrder()].find(({ state }) => state === "filled");
    const { intent, venueOrderId } = row ?? {};
    const [attempt] = world.reader.books.attemptsOf(intent?.intentId ?? "");
    expect(world.snapshot(actorName.order(intent?.intentId ?? ""))).toBeUndefined();
    outside.orders.push(
      venueOrder("open", {
        ...{ venueOrderId: venueOrderId ?? "", clientOrderId: attempt?.clientOrderId ?? null },
      }),
    );
    await read(world, 3);
    expect(world.brakes()).toEqual([]);
    await read(world);
    expect(world.brakes()).toEqual(["mismatch/paper:main"]);
    expect(differences(world)[0]?.text).toContain("is of this ledger and over, and rests");
    expect(world.command("claim", { target: venueOrderId ?? null }).done).toBe(true);
    await world.deliver();
    await read(world);
    expect([world.brakes(), differences(world)]).toEqual([[], []]);
  });

  test("with a desk's id that is not of this ledger brakes at a report of it already", async () => {
    const { world } = await bent();
    using _ = world;
    const clientOrderId = "nv00000000000000aa";
    const order = venueOrder("open", { venueOrderId: "other", clientOrderId });
    world.desk.report(at, { type: "order", order });
    expect(world.brakes()).toEqual(["mismatch/paper:main"]);
    expect(world.desk.status().brakes[0]?.reason).toContain("a second desk on the same key");
    // A reading that does not see it any more agrees.
    await world.deliver();
    expect(world.brakes()).toEqual([]);
  });
});

test("a new ledger asks for no fills from before it began, however long it cannot be read", async () => {
  using world = new DeskWorld(memory);
  const asked: number[] = [];
  const { paper } = world.venue;
  Object.defineProperty(world.venue, "fillsSince", {
    value: async (since: number) => {
      asked.push(since);
      if (asked.length < 3) return { type: "unknown", cause: "no reply in time" };
      return await paper.fillsSince(since);
    },
  });
  await world.start();
  await world.passTo(dawn + 10 * config.reconcile.retryMs);
  expect([asked.length, world.desk.status().state]).toEqual([3, "running"]);
  const begunAt = dawn - config.reconcile.overlapMs;
  expect(asked).toEqual([begunAt, begunAt, begunAt]);
});
