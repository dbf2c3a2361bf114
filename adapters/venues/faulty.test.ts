import { expect, test } from "bun:test";
import type { Reply, Venue } from "../../actors/order/ports.ts";
import type { VenueReport } from "../../machines/domain/fill.ts";
import {
  type FaultName,
  type FaultPlan,
  type FaultyVenue,
  faultPresets,
  faulty,
  noFaults,
} from "./faulty.ts";
import { instrument, keep, opening, order, symbol, ticks } from "./matching/scenario.fixture.ts";
import { PaperVenue } from "./paper/paper-venue.ts";

const perfect: FaultPlan = {
  rates: noFaults,
  acceptLateMs: 1_000,
  reportLateMs: 2_000,
  readLagMs: 3_000,
};

interface Line {
  readonly clock: { time: number; now(): number };
  readonly paper: PaperVenue;
  readonly venue: FaultyVenue;
  price(value: number): void;
}

/** A faulty line to a paper venue, the price standing at 100, at 10 s. */
function line(plan: FaultPlan, seed = "7"): Line {
  const clock = {
    time: 10_000,
    now() {
      return this.time;
    },
  };
  const paper = new PaperVenue({
    at: { venue: "paper", account: "main" },
    clock,
    instruments: [instrument],
    balances: opening,
    settings: { slippageTicks: 0, volumeShare: null },
  });
  const price = (value: number) =>
    paper.point(symbol, { at: clock.time, ticks: ticks(value), gap: false, volume: null });
  price(100);
  return { clock, paper, venue: faulty(paper, { ...plan, seed, clock }), price };
}

function always(...faults: FaultName[]): FaultPlan {
  const rates = { ...noFaults };
  for (const fault of faults) Object.assign(rates, { [fault]: 1 });
  return { ...perfect, rates };
}

const limit = (id: string, price = "95") => order("buy", "limit", "1", { id, price });
const cancelOf = (id: string) => ({ venueOrderId: null, clientOrderId: id, symbol });
const unknown = { type: "unknown", cause: "no reply in time" } as const;

async function openIds(venue: Venue): Promise<readonly (string | null)[] | string> {
  const reply = await venue.openOrders();
  return reply.type === "confirmed" ? reply.value.map((each) => each.clientOrderId) : reply.type;
}

/** `order open`, `fill T1`: every report that is due. */
function heard(venue: Venue): string[] {
  const reports: string[] = [];
  for (;;) {
    const report: VenueReport | null = venue.takeReport();
    if (report === null) return reports;
    reports.push(
      report.type === "fill" ? `fill ${report.fill.tradeId}` : `order ${report.order.state}`,
    );
  }
}

test("faulty() at rates of zero is the venue itself, in every answer and report", async () => {
  const plain = line(perfect);
  const wrapped = line(perfect);
  const said = async (venue: Venue, { clock, price }: Line) => {
    const replies: unknown[] = [
      await venue.submit(limit("a")),
      await venue.submit(limit("b", "90")),
    ];
    const amend = { venueOrderId: "O2", clientOrderId: "b", symbol, stopPrice: null };
    const { quantity } = limit("b");
    replies.push(await venue.amend({ ...amend, quantity, price: limit("b", "91").price }));
    clock.time += 1_000;
    price(94);
    replies.push(await venue.cancel(cancelOf("b")), await venue.lookUp("a", symbol));
    replies.push(await venue.openOrders(), await venue.balances(), await venue.fillsSince(0));
    replies.push(await venue.instruments(), heard(venue));
    return replies;
  };
  expect(await said(wrapped.venue, wrapped)).toEqual(await said(plain.paper, plain));
  expect([wrapped.venue.assumptions, wrapped.venue.counts]).toEqual([
    plain.paper.assumptions,
    noFaults,
  ]);
});

test("requestLost: requests are unknown, the venue never hears of them", async () => {
  const { venue, paper } = line(always("requestLost"));
  expect(await venue.submit(limit("a"))).toEqual(unknown);
  expect(await openIds(paper)).toEqual([]);
  await paper.submit(limit("b"));
  const { quantity, price } = limit("b", "96");
  const amend = {
    venueOrderId: "O1",
    clientOrderId: "b",
    symbol,
    quantity,
    price,
    stopPrice: null,
  };
  expect([await venue.amend(amend), await venue.cancel(cancelOf("b"))]).toEqual([unknown, unknown]);
  expect(await paper.openOrders()).toMatchObject({ value: [{ price: "95", state: "open" }] });
  expect(venue.counts).toEqual({ ...noFaults, requestLost: 3 });
});

test("replyLost: submit, amend and cancel are unknown, and the venue has done them", async () => {
  const { venue, paper } = line(always("replyLost"));
  expect(await venue.submit(limit("a"))).toEqual(unknown);
  expect(await openIds(paper)).toEqual(["a"]);
  const { quantity, price } = limit("a", "96");
  const amend = {
    venueOrderId: "O1",
    clientOrderId: "a",
    symbol,
    quantity,
    price,
    stopPrice: null,
  };
  expect(await venue.amend(amend)).toEqual(unknown);
  expect(await paper.openOrders()).toMatchObject({ value: [{ price: "96" }] });
  expect(await venue.cancel(cancelOf("a"))).toEqual(unknown);
  expect(await openIds(paper)).toEqual([]);
});

test("replyLost: a refusal that is lost is unknown too", async () => {
  const { venue } = line(always("replyLost"));
  expect(await venue.submit(limit("a", "95.2"))).toEqual(unknown);
});

test("acceptedLate: the submit reaches the venue when it is due, within its window", async () => {
  const { venue, paper, clock } = line(always("acceptedLate"));
  expect(await venue.submit(limit("a"))).toEqual(unknown);
  expect(await openIds(venue)).toEqual([]);
  const due = venue.due() ?? 0;
  expect(due > clock.time && due <= clock.time + venue.assumptions.latestAcceptMs).toBe(true);
  clock.time = due;
  expect(await openIds(venue)).toEqual(["a"]);
  expect(await paper.openOrders()).toMatchObject({ value: [{ createdAt: due }] });
  expect(venue.assumptions.latestAcceptMs).toBe(1_000);
});

test("acceptedLate: a submit past its window is lost, however far time jumped", async () => {
  const { venue, paper, clock } = line(always("acceptedLate"));
  await venue.submit(limit("a"));
  clock.time += 1_001;
  await venue.advance(clock.time);
  expect([await openIds(paper), venue.due()]).toEqual([[], null]);
});

test("acceptedLate: sending again under another id places twice", async () => {
  const { venue, paper, clock } = line(always("acceptedLate"));
  await venue.submit(limit("a"));
  await venue.submit(limit("again"));
  clock.time += 1_000;
  await venue.advance(clock.time);
  expect([...(await openIds(paper))].sort()).toEqual(["a", "again"]);
});

test("readFailed: every read is unknown, never empty", async () => {
  const { venue } = line(always("readFailed"));
  await venue.submit(limit("a"));
  const replies: Reply<unknown>[] = [
    await venue.openOrders(),
    await venue.balances(),
    await venue.fillsSince(0),
    await venue.lookUp("a", symbol),
    await venue.instruments(),
  ];
  expect(replies).toEqual([unknown, unknown, unknown, unknown, unknown]);
});

test("readStale: reads learn what happened once the lag has passed", async () => {
  const { venue, clock, price } = line(always("readStale"));
  await venue.submit(limit("a"));
  expect(await openIds(venue)).toEqual([]);
  expect(await venue.lookUp("a", symbol)).toEqual({
    type: "confirmed",
    value: { orders: [], fills: [] },
  });
  clock.time += venue.assumptions.readLagMs;
  expect(await openIds(venue)).toEqual(["a"]);
  price(94);
  expect(await openIds(venue)).toEqual(["a"]);
  expect(await venue.fillsSince(0)).toEqual({ type: "confirmed", value: [] });
  expect(await venue.lookUp("a", symbol)).toMatchObject({
    value: { orders: [{ state: "open", filled: "0" }], fills: [] },
  });
  clock.time += venue.assumptions.readLagMs;
  expect(await openIds(venue)).toEqual([]);
  expect(await venue.lookUp("a", symbol)).toMatchObject({
    value: { orders: [{ state: "filled", filled: "1" }], fills: [{ tradeId: "T1" }] },
  });
});

test("reportLost: nothing is ever heard, and reads tell the truth", async () => {
  const { venue, price } = line(always("reportLost"));
  await venue.submit(limit("a"));
  price(94);
  expect([heard(venue), venue.due()]).toEqual([[], null]);
  expect(await venue.fillsSince(0)).toMatchObject({ value: [{ tradeId: "T1" }] });
});

test("reportLate: reports are held back, at most as long as planned, and all come", async () => {
  const { venue, price, clock } = line(always("reportLate"));
  await venue.submit(limit("a"));
  price(94);
  expect(heard(venue)).toEqual([]);
  const due = venue.due() ?? 0;
  expect(due > clock.time && due <= clock.time + 2_000).toBe(true);
  clock.time += 2_000;
  expect(heard(venue).sort()).toEqual(["fill T1", "order filled", "order open"]);
});

test("reportLate: some seed brings a fill after the order's end", async () => {
  const orders = new Set<string>();
  for (let seed = 0; seed < 30; seed += 1) {
    const { venue, price, clock } = line(always("reportLate"), String(seed));
    await venue.submit(limit("a"));
    price(94);
    venue.due();
    clock.time += 2_000;
    orders.add(heard(venue).join(", "));
  }
  expect(orders).toContain("order open, order filled, fill T1");
  expect(orders).toContain("order open, fill T1, order filled");
});

test("reportDuplicated: every report comes twice", async () => {
  const { venue, price, clock } = line(always("reportDuplicated"));
  await venue.submit(limit("a"));
  price(94);
  const reports = heard(venue);
  clock.time += 2_000;
  expect([...reports, ...heard(venue)].sort()).toEqual([
    "fill T1",
    "fill T1",
    "order filled",
    "order filled",
    "order open",
    "order open",
  ]);
});

/** Thirty orders on a bad line; everything that was said and heard. */
async function storm(seed: string, restartAt: number | null): Promise<unknown[]> {
  let { clock, paper, venue } = line(faultPresets.storm, seed);
  const venueRows = new Map<string, unknown>();
  const faultRows = new Map<string, unknown>();
  const said: unknown[] = [];
  for (let step = 0; step < 30; step += 1) {
    keep(venueRows, paper.changes());
    keep(faultRows, venue.changes());
    if (step === restartAt) {
      const time = clock.time;
      ({ clock, paper, venue } = line(faultPresets.storm, seed));
      clock.time = time;
      paper.restore(venueRows);
      venue.restore(faultRows);
      paper.changes();
    }
    said.push(await venue.submit(order("buy", "limit", "0.1", { id: `c${step}`, price: "99" })));
    clock.time += 7_000;
    const value = step % 3 === 0 ? 98 : 100;
    paper.point(symbol, { at: clock.time, ticks: ticks(value), gap: false, volume: null });
    if (step % 4 === 0) said.push(await venue.cancel(cancelOf(`c${step}`)));
    said.push(await venue.openOrders(), await venue.lookUp(`c${step}`, symbol));
    said.push(await venue.fillsSince(clock.time - 20_000), heard(venue), venue.due());
  }
  said.push(venue.counts, await paper.fillsSince(0));
  return said;
}

test("faulty() draws the same faults from the same seed, and others from another", async () => {
  const first = await storm("1", null);
  expect(await storm("1", null)).toEqual(first);
  expect(await storm("2", null)).not.toEqual(first);
  const counts = first.at(-2) as Record<FaultName, number>;
  expect(Object.entries(counts).filter(([, count]) => count === 0)).toEqual([]);
});

test("faulty() restored at any step goes on exactly as if nothing had happened", async () => {
  const unbroken = await storm("3", null);
  for (let step = 1; step < 30; step += 4) expect(await storm("3", step)).toEqual(unbroken);
});

test("faulty() draws for one order whatever happens to others", async () => {
  const alone = line(faultPresets.storm, "5");
  const among = line(faultPresets.storm, "5");
  for (let other = 0; other < 5; other += 1) await among.venue.submit(limit(`x${other}`, "90"));
  for (let attempt = 0; attempt < 40; attempt += 1) {
    const request = order("buy", "limit", "0.1", { id: `c${attempt}`, price: "95" });
    const [one, two] = [await alone.venue.submit(request), await among.venue.submit(request)];
    expect(two.type).toBe(one.type);
  }
});

test("faulty() presets grow from calm to storm in every rate", () => {
  const { calm, rough, storm: worst } = faultPresets;
  for (const name of Object.keys(noFaults) as FaultName[]) {
    expect(calm.rates[name] < rough.rates[name] && rough.rates[name] < worst.rates[name]).toBe(
      true,
    );
  }
});

test("faulty() forgets history that no read can want any more", async () => {
  const { venue, clock, price } = line(always("readStale"));
  const rows = new Map<string, unknown>();
  for (let round = 0; round < 20; round += 1) {
    clock.time += 5_000;
    price(100);
    await venue.submit(limit(`c${round}`));
    clock.time += 5_000;
    price(94);
    await venue.advance(clock.time);
    heard(venue);
    keep(rows, venue.changes());
  }
  const kept = [...rows.keys()].filter((key) => key.startsWith("history/"));
  expect(kept.length).toBeLessThan(3);
});

test("faulty() draws anew for each call about the same thing", async () => {
  const { venue } = line({ ...perfect, rates: { ...noFaults, readFailed: 0.5 } });
  const types: string[] = [];
  for (let read = 0; read < 20; read += 1) types.push((await venue.openOrders()).type);
  expect(new Set(types)).toEqual(new Set(["confirmed", "unknown"]));
});

test("faulty() restored still remembers how things were before", async () => {
  const { venue, paper, clock, price } = line(always("readStale"));
  await venue.submit(limit("a"));
  clock.time += 5_000;
  price(94);
  await venue.advance(clock.time);
  const copy = faulty(paper, { ...always("readStale"), seed: "7", clock });
  const rows = new Map<string, unknown>();
  keep(rows, venue.changes());
  copy.restore(rows);
  expect([await openIds(copy), await openIds(venue)]).toEqual([["a"], ["a"]]);
});
