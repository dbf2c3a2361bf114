/** What an entry that follows the price asks of a venue: another price, or another order. */
import { deepEqual, equal } from "node:assert/strict";
import { decimal, sum } from "../../machines/domain/decimal.ts";
import {
  assertOrder,
  assertRefused,
  clientId,
  confirmed,
  fillsOf,
  openIds,
  order,
  place,
  symbol,
} from "./bench.ts";
import type { ConformanceCase } from "./case.ts";

export const chaseCases: readonly ConformanceCase[] = [
  {
    id: "C22",
    title: "a post-only order that is moved across the market is refused, and stays where it was",
    needs: ["amend"],
    run: async (bench) => {
      bench.price("60000");
      const placed = order("buy", "limit", { price: "50000", postOnly: true });
      const { venueOrderId } = await place(bench, placed);
      const named = { venueOrderId, clientOrderId: clientId(1), symbol };
      const terms = { quantity: decimal("0.01"), price: decimal("61000"), stopPrice: null };
      const reply = await bench.venue.amend({ ...named, ...terms, postOnly: true });
      assertRefused(reply, "wouldTakeLiquidity");
      bench.meet();
      await assertOrder(bench, { state: "open", filled: "0", price: "50000" });
    },
  },
  {
    id: "C23",
    title: "a limit order that is moved up to the touch keeps its id and what it filled",
    needs: ["amend"],
    run: async (bench) => {
      bench.price("60000");
      const { venueOrderId } = await place(bench, order("buy", "limit", { price: "59990" }));
      bench.price("59989.9", { volume: 0.016 });
      await assertOrder(bench, { state: "partial", filled: "0.004" });
      bench.price("60100", { gap: true });
      const named = { venueOrderId, clientOrderId: clientId(1), symbol };
      const terms = { quantity: decimal("0.01"), price: decimal("60099.9"), stopPrice: null };
      confirmed(await bench.venue.amend({ ...named, ...terms, postOnly: false }));
      await assertOrder(bench, { venueOrderId, price: "60099.9", filled: "0.004" });
      bench.price("60090");
      await assertOrder(bench, { state: "filled", filled: "0.01" });
    },
  },
  {
    id: "C24",
    title: "an order is ended, its final quantity told, and another one placed for what is left",
    run: async (bench) => {
      bench.price("60000");
      const { venueOrderId } = await place(bench, order("buy", "limit", { price: "59990" }));
      bench.price("59989.9", { volume: 0.016 });
      const named = { venueOrderId, clientOrderId: clientId(1), symbol };
      const ended = confirmed(await bench.venue.cancel(named));
      deepEqual([ended.state, ended.filled], ["canceled", "0.004"]);
      deepEqual(await openIds(bench.venue), []);
      const rest = order("buy", "market", { quantity: "0.006" });
      await place(bench, { ...rest, clientOrderId: clientId(2) });
      await assertOrder(bench, { state: "filled", filled: "0.006" }, clientId(2));
      const fills = [...(await fillsOf(bench)), ...(await fillsOf(bench, clientId(2)))];
      equal(sum(fills.map(({ quantity }) => quantity)), "0.01");
    },
  },
];
