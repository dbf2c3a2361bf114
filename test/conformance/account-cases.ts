/** What is known of an account: money, fills, orders of others, reports, and after a loss. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { compare, decimal } from "../../machines/domain/decimal.ts";
import type { Fill, VenueReport } from "../../machines/domain/fill.ts";
import type { VenueOrder } from "../../machines/domain/order.ts";
import {
  assertBalance,
  type Bench,
  balanceOf,
  clientId,
  confirmed,
  fillsOf,
  found,
  isOver,
  openIds,
  order,
  place,
  symbol,
  theOrder,
  until,
} from "./bench.ts";
import type { ConformanceCase } from "./case.ts";

const fillsIn = (reports: readonly VenueReport[]): Fill[] =>
  reports.flatMap((each) => (each.type === "fill" ? [each.fill] : []));

const ordersIn = (reports: readonly VenueReport[], id: string): VenueOrder[] =>
  reports.flatMap((each) =>
    each.type === "order" && each.order.clientOrderId === id ? [each.order] : [],
  );

const clientIdOf = (report: VenueReport) =>
  report.type === "fill" ? report.fill.clientOrderId : report.order.clientOrderId;

/** What a report and a read must agree in: the times are those of who tells. */
function terms({ createdAt: _c, updatedAt: _u, reason: _r, ...rest }: VenueOrder) {
  return rest;
}

/** Waits for the report of an order's end, and of all its fills. */
async function reportedEnd(bench: Bench, id = clientId(1)): Promise<VenueOrder> {
  await until(`the end of "${id}"`, () => ordersIn(bench.reports(), id).some(isOver));
  return ordersIn(bench.reports(), id).findLast(isOver) as VenueOrder;
}

export const accountCases: readonly ConformanceCase[] = [
  {
    id: "C50",
    title: "a resting buy holds what it may cost, and its end gives it back",
    run: async (bench) => {
      bench.price("60000");
      const { venueOrderId } = await place(bench, order("buy", "limit", { price: "50000" }));
      const { total, held } = await balanceOf(bench.venue, "USD");
      equal(total, "100000");
      ok(compare(held, decimal("500")) >= 0 && compare(held, decimal("510")) <= 0, held);
      confirmed(await bench.venue.cancel({ venueOrderId, clientOrderId: clientId(1), symbol }));
      equal((await balanceOf(bench.venue, "USD")).held, "0");
    },
  },
  {
    id: "C51",
    title: "a resting stop holds the coins that it would sell",
    run: async (bench) => {
      bench.price("60000");
      await place(bench, order("sell", "stop", { stopPrice: "55000", quantity: "0.4" }));
      deepEqual(await balanceOf(bench.venue, "BTC"), { coin: "BTC", total: "1", held: "0.4" });
    },
  },
  {
    id: "C52",
    title: "a fill moves both coins, less the taker's fee, to the last digit",
    run: async (bench) => {
      bench.price("60000");
      await place(bench, order("buy", "market"));
      const [fill] = await fillsOf(bench);
      deepEqual([fill?.fee, fill?.feeCoin, fill?.liquidity], ["2.400004", "USD", "taker"]);
      await assertBalance(bench.venue, "BTC", "1.01");
      // 100000 less 600.001 less 2.400004; a venue may show four decimals of a dollar.
      const { total } = await balanceOf(bench.venue, "USD");
      ok(["99397.598996", "99397.5989", "99397.599"].includes(total), total);
    },
  },
  {
    id: "C53",
    title: "a fill that made the market pays the maker's fee",
    run: async (bench) => {
      bench.price("60000");
      await place(bench, order("buy", "limit", { price: "59000" }));
      bench.price("58990");
      const [fill] = await fillsOf(bench);
      deepEqual([fill?.fee, fill?.feeCoin, fill?.liquidity], ["1.475", "USD", "maker"]);
    },
  },
  {
    id: "C54",
    title: "fills since a time are told all, however many, oldest first",
    run: async (bench) => {
      bench.price("60000");
      for (let number = 1; number <= 60; number += 1) {
        const request = order("buy", "market", { quantity: "0.0001" });
        await place(bench, { ...request, clientOrderId: clientId(number) });
        bench.pass(1_000);
      }
      const all = confirmed(await bench.venue.fillsSince(0));
      deepEqual(
        all.map((fill) => fill.clientOrderId),
        Array.from({ length: 60 }, (_, index) => clientId(index + 1)),
      );
      const since = all[50]?.at ?? 0;
      const later = confirmed(await bench.venue.fillsSince(since));
      deepEqual(later, all.slice(50));
    },
  },
  {
    id: "C55",
    title: "a look-up finds an order and its fills, whether it lives or ended",
    run: async (bench) => {
      bench.price("60000");
      await place(bench, order("buy", "limit", { price: "50000" }));
      await place(bench, { ...order("buy", "market"), clientOrderId: clientId(2) });
      const live = await found(bench.venue, clientId(1));
      const ended = await found(bench.venue, clientId(2));
      deepEqual(
        [live.orders.length, live.fills.length, ended.orders.length, ended.fills.length],
        [1, 0, 1, 1],
      );
      equal(ended.fills[0]?.venueOrderId, ended.orders[0]?.venueOrderId);
    },
  },
  {
    id: "C56",
    title: "a look-up of an id that was never used finds nothing, soundly",
    run: async (bench) => {
      bench.price("60000");
      await place(bench, order("buy", "limit", { price: "50000" }));
      deepEqual(await found(bench.venue, clientId(2)), { orders: [], fills: [] });
    },
  },
  {
    id: "C57",
    title: "open orders of others are listed, without a client id of ours",
    needs: ["foreignOrders"],
    run: async (bench) => {
      bench.price("60000");
      await place(bench, order("buy", "limit", { price: "50000" }));
      const foreignId = bench.placeForeign();
      const listed = confirmed(await bench.venue.openOrders());
      deepEqual(new Set(listed.map((each) => each.clientOrderId)), new Set([clientId(1), null]));
      equal(listed.find((each) => each.clientOrderId === null)?.venueOrderId, foreignId);
    },
  },
  {
    id: "C58",
    title: "the reports of an order end where a read of it does",
    run: async (bench) => {
      bench.price("60000");
      await bench.listen();
      await place(bench, order("buy", "limit", { price: "59990" }));
      for (const price of ["59989.9", "59989.8", "59989.7"]) bench.price(price, { volume: 0.016 });
      const reported = await reportedEnd(bench);
      const { orders } = await found(bench.venue);
      deepEqual(orders.map(terms), [terms(reported)]);
    },
  },
  {
    id: "C59",
    title: "a cancel is reported with what filled before it",
    run: async (bench) => {
      bench.price("60000");
      await bench.listen();
      const { venueOrderId } = await place(bench, order("buy", "limit", { price: "59990" }));
      bench.price("59989.9", { volume: 0.016 });
      confirmed(await bench.venue.cancel({ venueOrderId, clientOrderId: clientId(1), symbol }));
      const { state, filled } = await reportedEnd(bench);
      deepEqual([state, filled], ["canceled", "0.004"]);
    },
  },
  {
    id: "C60",
    title: "a fill that is reported twice is told under one trade id",
    needs: ["repeatedMessages", "reportedFills"],
    run: async (bench) => {
      bench.price("60000");
      await bench.listen();
      bench.repeatReport();
      await place(bench, order("buy", "market"));
      bench.repeatReport();
      await place(bench, { ...order("buy", "market"), clientOrderId: clientId(2) });
      await reportedEnd(bench, clientId(2));
      const reported = new Set(fillsIn(bench.reports()).map(({ tradeId }) => tradeId));
      const read = confirmed(await bench.venue.fillsSince(0)).map(({ tradeId }) => tradeId);
      deepEqual([...reported].sort(), [...read].sort());
      equal(read.length, 2);
    },
  },
  {
    id: "C61",
    title: "two accounts at one venue never mix",
    run: async (bench) => {
      const other = await bench.other();
      bench.price("60000");
      await place(bench, order("buy", "limit", { price: "50000" }));
      await place(other, { ...order("buy", "market"), clientOrderId: clientId(2) });
      deepEqual([await openIds(bench.venue), await openIds(other.venue)], [[clientId(1)], []]);
      deepEqual(await found(other.venue, clientId(1)), { orders: [], fills: [] });
      deepEqual(await found(bench.venue, clientId(2)), { orders: [], fills: [] });
      deepEqual(confirmed(await bench.venue.fillsSince(0)), []);
      await assertBalance(bench.venue, "BTC", "1");
      await assertBalance(other.venue, "BTC", "1.01");
    },
  },
  {
    id: "C62",
    title: "twenty orders at once are twenty orders",
    run: async (bench) => {
      bench.price("60000");
      const ids = Array.from({ length: 20 }, (_, index) => clientId(index + 1));
      const replies = await Promise.all(
        ids.map((clientOrderId) =>
          bench.venue.submit({ ...order("buy", "limit", { price: "50000" }), clientOrderId }),
        ),
      );
      deepEqual(
        replies.filter((reply) => reply.type !== "confirmed"),
        [],
      );
      equal(new Set(replies.map((reply) => confirmed(reply).venueOrderId)).size, 20);
      deepEqual([...(await openIds(bench.venue))].sort(), ids);
    },
  },
  {
    id: "C63",
    title: "a cancel goes out before reads that wait",
    needs: ["queuedCalls"],
    run: async (bench) => {
      bench.price("60000");
      const { venueOrderId } = await place(bench, order("buy", "limit", { price: "50000" }));
      let answered = 0;
      const reads = Array.from({ length: 20 }, async () => {
        confirmed(await bench.venue.openOrders());
        answered += 1;
      });
      const named = { venueOrderId, clientOrderId: clientId(1), symbol };
      equal(confirmed(await bench.venue.cancel(named)).state, "canceled");
      // The one under way, and one that may slip in between the cancel and the look for its end.
      ok(answered <= 2, `${answered} reads were answered before the cancel`);
      await Promise.all(reads);
    },
  },
  {
    id: "C64",
    title: "fills are reported as a read tells them, one for one",
    needs: ["reportedFills"],
    run: async (bench) => {
      bench.price("60000");
      await bench.listen();
      await place(bench, order("buy", "limit", { price: "59990" }));
      for (const price of ["59989.9", "59989.8", "59989.7"]) bench.price(price, { volume: 0.016 });
      await reportedEnd(bench);
      const { fills } = await found(bench.venue);
      equal(fills.length, 3);
      deepEqual(fillsIn(bench.reports()), fills);
    },
  },
  {
    id: "C65",
    title: "one symbol and one client order id on two accounts are two orders",
    run: async (bench) => {
      const other = await bench.other();
      bench.price("60000");
      const both = [bench, other] as const;
      const [own, others] = await Promise.all([
        bench.venue.submit(order("buy", "limit", { price: "50000" })),
        other.venue.submit(order("sell", "limit", { price: "60010", quantity: "0.02" })),
      ]);
      const [ownId, othersId] = [confirmed(own).venueOrderId, confirmed(others).venueOrderId];
      const sides = await Promise.all(both.map(async ({ venue }) => (await found(venue)).orders));
      deepEqual(
        sides.map((orders) => orders.map(({ side, quantity }) => `${side} ${quantity}`)),
        [["buy 0.01"], ["sell 0.02"]],
      );
      const first = { venueOrderId: ownId, clientOrderId: clientId(1), symbol };
      confirmed(await bench.venue.cancel(first));
      equal((await theOrder(other)).state, "open");
      other.price("60020");
      const [fill] = await fillsOf(other);
      deepEqual([fill?.venueOrderId, fill?.quantity], [othersId, "0.02"]);
      deepEqual(await fillsOf(bench), []);
      await assertBalance(bench.venue, "BTC", "1");
      await assertBalance(other.venue, "BTC", "0.98");
    },
  },
  {
    id: "C66",
    title: "an account hears of its own orders only, from a market that both trade in",
    run: async (bench) => {
      const other = await bench.other();
      bench.price("60000");
      await bench.listen();
      await other.listen();
      await place(bench, order("buy", "limit", { price: "59990" }));
      const second = { ...order("buy", "limit", { price: "59980" }), clientOrderId: clientId(2) };
      await place(other, second);
      bench.price("59970");
      await reportedEnd(bench);
      await reportedEnd(other, clientId(2));
      const named = (each: Bench) => new Set(each.reports().map((told) => clientIdOf(told)));
      deepEqual([named(bench), named(other)], [new Set([clientId(1)]), new Set([clientId(2)])]);
      deepEqual((await fillsOf(bench)).length, 1);
      deepEqual((await fillsOf(other, clientId(2))).length, 1);
    },
  },
];
