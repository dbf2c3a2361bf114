/** What a desk needs after it lost a reply, or its own memory. */
import { deepEqual, equal } from "node:assert/strict";
import {
  assertOrder,
  type Bench,
  clientId,
  confirmed,
  fillsOf,
  found,
  openIds,
  order,
  place,
  symbol,
} from "./bench.ts";
import type { ConformanceCase } from "./case.ts";

/** An order brought into a state, that an adapter without memory then finds as it was. */
function restart(
  id: string,
  title: string,
  reach: (bench: Bench) => Promise<void>,
  check: (bench: Bench) => Promise<void>,
  needs: ConformanceCase["needs"] = [],
): ConformanceCase {
  return {
    id,
    title,
    needs,
    run: async (bench) => {
      bench.price("60000");
      await reach(bench);
      const before = await found(bench.venue);
      const venue = await bench.restarted();
      deepEqual(
        await found(venue).then(({ orders, fills }) => [orders.map(({ state }) => state), fills]),
        [before.orders.map(({ state }) => state), before.fills],
      );
      await check(bench);
    },
  };
}

const named = { venueOrderId: null, clientOrderId: clientId(1), symbol };

const resting = async (bench: Bench) => {
  await place(bench, order("buy", "limit", { price: "59990" }));
};

export const doubtCases: readonly ConformanceCase[] = [
  {
    id: "C70",
    title: "an order whose reply was lost is unknown, and a look-up finds it",
    needs: ["lostReplies"],
    run: async (bench) => {
      bench.price("60000");
      bench.loseReply("placed");
      equal((await bench.venue.submit(order("buy", "limit", { price: "50000" }))).type, "unknown");
      await assertOrder(bench, { state: "open", quantity: "0.01", price: "50000" });
      equal(confirmed(await bench.venue.cancel(named)).state, "canceled");
    },
  },
  {
    id: "C71",
    title: "an order that was lost on its way is unknown, and a look-up soundly finds nothing",
    needs: ["lostReplies"],
    run: async (bench) => {
      bench.price("60000");
      bench.loseReply("absent");
      equal((await bench.venue.submit(order("buy", "limit", { price: "50000" }))).type, "unknown");
      deepEqual(await found(bench.venue), { orders: [], fills: [] });
      deepEqual(await openIds(bench.venue), []);
    },
  },
  restart(
    "C72",
    "an adapter without memory finds an open order by its client id, and cancels it",
    resting,
    async (bench) => {
      equal(confirmed(await bench.venue.cancel(named)).state, "canceled");
    },
  ),
  restart(
    "C73",
    "an adapter without memory finds a partial order, and its later fills",
    async (bench) => {
      await resting(bench);
      bench.price("59989.9", { volume: 0.016 });
      await assertOrder(bench, { state: "partial", filled: "0.004" });
    },
    async (bench) => {
      bench.price("59980");
      await assertOrder(bench, { state: "filled", filled: "0.01" });
      equal((await fillsOf(bench)).length, 2);
    },
  ),
  restart(
    "C74",
    "an adapter without memory finds a filled order with its client id on each fill",
    async (bench) => {
      await place(bench, order("buy", "market"));
    },
    async (bench) => {
      const all = confirmed(await bench.venue.fillsSince(0));
      deepEqual(
        all.map(({ clientOrderId }) => clientOrderId),
        [clientId(1)],
      );
    },
  ),
  restart(
    "C75",
    "an adapter without memory finds a cancelled order",
    async (bench) => {
      await resting(bench);
      confirmed(await bench.venue.cancel(named));
    },
    async (bench) => {
      await assertOrder(bench, { state: "canceled", filled: "0" });
    },
  ),
  restart(
    "C76",
    "an adapter without memory finds a resting stop, which still sells",
    async (bench) => {
      await place(bench, order("sell", "stop", { stopPrice: "55000" }));
    },
    async (bench) => {
      bench.price("54000");
      await assertOrder(bench, { state: "filled", filled: "0.01" });
    },
  ),
  restart(
    "C77",
    "an adapter without memory amends an open order by its client id",
    resting,
    async (bench) => {
      const wanted = { quantity: order("buy", "market").quantity, stopPrice: null };
      const { price } = order("buy", "limit", { price: "59000" });
      const { orders } = await found(bench.venue);
      const venueOrderId = orders[0]?.venueOrderId ?? "";
      confirmed(await bench.venue.amend({ ...named, venueOrderId, ...wanted, price }));
      await assertOrder(bench, { price: "59000", state: "open" });
    },
    ["amend"],
  ),
];
