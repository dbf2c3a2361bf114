/** What a venue says no to, in so many words, and what then is not there. */
import { deepEqual, equal } from "node:assert/strict";
import {
  assertOrder,
  assertRefused,
  clientId,
  confirmed,
  found,
  openIds,
  order,
  place,
  symbol,
} from "./bench.ts";
import type { ConformanceCase } from "./case.ts";

function refusal(
  id: string,
  title: string,
  request: ReturnType<typeof order>,
  ...codes: readonly string[]
): ConformanceCase {
  return {
    id,
    title,
    run: async (bench) => {
      bench.price("60000");
      assertRefused(await bench.venue.submit(request), ...codes);
      deepEqual(await openIds(bench.venue), []);
      deepEqual(confirmed(await bench.venue.fillsSince(0)), []);
    },
  };
}

export const refusalCases: readonly ConformanceCase[] = [
  refusal(
    "C30",
    "less than the smallest quantity is refused",
    order("buy", "limit", { price: "50000", quantity: "0.00001" }),
    "belowMinimum",
  ),
  refusal(
    "C31",
    "less than the smallest cost is refused",
    order("buy", "limit", { price: "5000", quantity: "0.00006" }),
    "belowMinimum",
  ),
  refusal(
    "C32",
    "a price off the grid is refused",
    order("buy", "limit", { price: "50000.05" }),
    "offGrid",
  ),
  refusal(
    "C33",
    "more quote coin than there is, is refused",
    order("buy", "limit", { price: "50000", quantity: "10" }),
    "insufficientFunds",
  ),
  refusal(
    "C34",
    "more base coin than there is, is refused",
    order("sell", "limit", { price: "70000", quantity: "1.5" }),
    "insufficientFunds",
  ),
  {
    id: "C35",
    title: "a symbol that is not traded is refused",
    run: async (bench) => {
      bench.price("60000");
      const request = { ...order("buy", "limit", { price: "50000" }), symbol: "NONE/USD" };
      assertRefused(await bench.venue.submit(request), "unsupported");
    },
  },
  {
    id: "C36",
    title: "a client id of an open order places no second order",
    run: async (bench) => {
      bench.price("60000");
      const request = order("buy", "limit", { price: "50000" });
      const { venueOrderId } = await place(bench, request);
      const again = await bench.venue.submit(request);
      if (again.type === "confirmed") equal(again.value.venueOrderId, venueOrderId);
      else assertRefused(again, "duplicateClientOrderId");
      await assertOrder(bench, { venueOrderId, state: "open" });
    },
  },
  {
    id: "C37",
    title: "a client id of an ended order does what is assumed of the venue",
    run: async (bench, { repeatedClientId }) => {
      bench.price("60000");
      const request = order("buy", "limit", { price: "50000" });
      const { venueOrderId } = await place(bench, request);
      const named = { venueOrderId, clientOrderId: clientId(1), symbol };
      confirmed(await bench.venue.cancel(named));
      const again = await bench.venue.submit(request);
      const { orders } = await found(bench.venue);
      if (repeatedClientId === "secondOrder") {
        equal(again.type, "confirmed", JSON.stringify(again));
        deepEqual(orders.map(({ state }) => state).sort(), ["canceled", "open"]);
      } else deepEqual([orders.length, orders[0]?.state], [1, "canceled"]);
    },
  },
  {
    id: "C38",
    title: "a cancel of a filled order is refused",
    run: async (bench) => {
      bench.price("60000");
      const { venueOrderId } = await place(bench, order("buy", "market"));
      await assertOrder(bench, { state: "filled" });
      const named = { venueOrderId, clientOrderId: clientId(1), symbol };
      assertRefused(await bench.venue.cancel(named), "unknownOrder", "alreadyDone");
      await assertOrder(bench, { state: "filled", filled: "0.01" });
    },
  },
  {
    id: "C39",
    title: "a cancel of an order that never was is refused",
    run: async (bench) => {
      bench.price("60000");
      const named = { venueOrderId: null, clientOrderId: clientId(9), symbol };
      // An adapter that has to look for the venue's id first has nothing to send.
      assertRefused(await bench.venue.cancel(named), "unknownOrder", "notSent");
    },
  },
  {
    id: "C40",
    title: "an amendment of an ended order is refused",
    needs: ["amend"],
    run: async (bench) => {
      bench.price("60000");
      const request = order("buy", "limit", { price: "50000" });
      const { venueOrderId } = await place(bench, request);
      const named = { venueOrderId, clientOrderId: clientId(1), symbol };
      confirmed(await bench.venue.cancel(named));
      const { quantity, price, stopPrice } = request;
      const reply = await bench.venue.amend({ ...named, quantity, price, stopPrice });
      assertRefused(reply, "unknownOrder", "alreadyDone");
    },
  },
];
