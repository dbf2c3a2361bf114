import { afterAll, expect, test } from "bun:test";
import { benchLatency } from "./latency.ts";
import { LatencyCcxt } from "./latency-ccxt.ts";
import { LatencyDesk } from "./latency-desk.ts";
import { LatencyVenue } from "./latency-venue.ts";

const open: AsyncDisposable[] = [];

afterAll(async () => {
  for (const each of open.reverse()) await each[Symbol.asyncDispose]();
});

async function opened<Opened extends AsyncDisposable>(start: Promise<Opened>): Promise<Opened> {
  const each = await start;
  open.push(each);
  return each;
}

const terms = ["pair", "type", "ordertype", "price", "volume"];
const termsOf = (body: string) => {
  const fields = new URLSearchParams(body);
  return Object.fromEntries(terms.map((name) => [name, fields.get(name)]));
};

test("each measured order is signed, and its intent was on disk when its bytes arrived", async () => {
  const venue = await opened(LatencyVenue.start());
  const desk = await opened(LatencyDesk.start(venue));
  venue.lookInto(desk.ledgerFile);
  const ids = new Set<string | null>();
  for (let round = 0; round < 6; round += 1) {
    await desk.ready();
    const { tookMs, durableMs, arrived } = await desk.order();
    const { isSigned, isDurable, body } = arrived;
    expect({ isSigned, isDurable }).toEqual({ isSigned: true, isDurable: true });
    // What is durable within the way is a part of it, by the clocks of two threads.
    expect([durableMs > 0, durableMs < tookMs]).toEqual([true, true]);
    ids.add(new URLSearchParams(body).get("cl_ord_id"));
  }
  expect(ids.size).toBe(6);
});

test("ccxt alone sends the very order that the desk sent, signed, at the same message", async () => {
  const venues = [await opened(LatencyVenue.start()), await opened(LatencyVenue.start())] as const;
  const desk = await opened(LatencyDesk.start(venues[0]));
  await desk.ready();
  const ours = termsOf((await desk.order()).arrived.body);
  const { volume, price } = ours;
  const order = { quantity: volume ?? "", price: price ?? "" };
  const alone = await opened(LatencyCcxt.start(venues[1], order));
  for (let round = 0; round < 3; round += 1) {
    const { isSigned, body, tookNs } = await alone.next();
    expect([isSigned, termsOf(body), tookNs > 0]).toEqual([true, ours, true]);
  }
});

test("the bench tells every spread, and holds the durable part against the machine's flush", async () => {
  const rows = await benchLatency({ orders: 3, warmUp: 1, mostMs: 100_000 });
  expect(rows[0]).toMatchObject({ value: 3 });
  expect(rows.every(({ value }) => value > 0)).toBe(true);
  const held = rows.filter(({ most }) => most === 4).map(({ name }) => name.split(", ").at(-1));
  expect(held).toEqual(["p50", "p99", "p99.9", "p50", "p99", "p99.9"]);
});
