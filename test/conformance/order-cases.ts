/** How orders are taken, filled, changed and ended. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { compare, decimal } from "../../machines/domain/decimal.ts";
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
  theOrder,
} from "./bench.ts";
import type { ConformanceCase } from "./case.ts";

const atMarket = "60000";

export const orderCases: readonly ConformanceCase[] = [
  {
    id: "C01",
    title: "an instrument is told with its rules",
    run: async (bench) => {
      const all = confirmed(await bench.venue.instruments());
      const { venue: _, ...rules } = all.find((each) => each.symbol === symbol) ?? {};
      deepEqual(rules, {
        ...{ symbol, base: "BTC", quote: "USD", tick: "0.1", lot: "0.00000001" },
        ...{ minQuantity: "0.00005", minNotional: "0.5", makerFee: "0.0025", takerFee: "0.004" },
      });
    },
  },
  {
    id: "C02",
    title: "a market order fills whole, at the touch",
    run: async (bench) => {
      bench.price(atMarket);
      await place(bench, order("buy", "market"));
      await assertOrder(bench, { state: "filled", filled: "0.01", type: "market", side: "buy" });
      const fills = await fillsOf(bench);
      deepEqual(
        fills.map(({ price, quantity, side }) => [price, quantity, side]),
        [["60000.1", "0.01", "buy"]],
      );
    },
  },
  {
    id: "C03",
    title: "a limit order away from the market rests",
    run: async (bench) => {
      bench.price(atMarket);
      await place(bench, order("buy", "limit", { price: "50000" }));
      await assertOrder(bench, { state: "open", filled: "0", price: "50000", quantity: "0.01" });
      deepEqual(await openIds(bench.venue), [clientId(1)]);
    },
  },
  {
    id: "C04",
    title: "a limit order that crosses takes, never beyond its limit",
    run: async (bench) => {
      bench.price(atMarket);
      await place(bench, order("sell", "limit", { price: "59000" }));
      await assertOrder(bench, { state: "filled", filled: "0.01" });
      const [fill] = await fillsOf(bench);
      deepEqual([fill?.liquidity, fill?.price], ["taker", "59999.9"]);
    },
  },
  {
    id: "C05",
    title: "a resting limit order is traded through at its price, as maker",
    run: async (bench) => {
      bench.price(atMarket);
      await place(bench, order("buy", "limit", { price: "59000" }));
      bench.price("58990");
      await assertOrder(bench, { state: "filled", filled: "0.01" });
      const [fill] = await fillsOf(bench);
      deepEqual([fill?.liquidity, fill?.price], ["maker", "59000"]);
    },
  },
  {
    id: "C06",
    title: "a post-only order that would take is refused",
    run: async (bench) => {
      bench.price(atMarket);
      const request = order("buy", "limit", { price: "61000", postOnly: true });
      assertRefused(await bench.venue.submit(request), "wouldTakeLiquidity");
      deepEqual(await openIds(bench.venue), []);
    },
  },
  {
    id: "C07",
    title: "a post-only order that would not take rests",
    run: async (bench) => {
      bench.price(atMarket);
      await place(bench, order("buy", "limit", { price: "59000", postOnly: true }));
      await assertOrder(bench, { state: "open", filled: "0" });
    },
  },
  {
    id: "C08",
    title: "an immediate-or-cancel order ends with what it could not take at once",
    run: async (bench) => {
      bench.price(atMarket);
      await place(bench, order("buy", "limit", { price: "50000", timeInForce: "ioc" }));
      const { state, filled } = await theOrder(bench);
      ok(state === "expired" || state === "canceled", `state was "${state}"`);
      equal(filled, "0");
      deepEqual(await openIds(bench.venue), []);
    },
  },
  {
    id: "C09",
    title: "an immediate-or-cancel order that can take fills",
    run: async (bench) => {
      bench.price(atMarket);
      await place(bench, order("buy", "limit", { price: "60010", timeInForce: "ioc" }));
      await assertOrder(bench, { state: "filled", filled: "0.01" });
    },
  },
  {
    id: "C10",
    title: "an order good till a date ends at that date, not before",
    run: async (bench) => {
      bench.price(atMarket);
      const expiresAt = Math.ceil(bench.now() / 1_000) * 1_000 + 60_000;
      await place(bench, order("buy", "limit", { price: "50000", timeInForce: "gtd", expiresAt }));
      bench.pass(expiresAt - bench.now() - 500);
      await assertOrder(bench, { state: "open" });
      bench.pass(1_000);
      await assertOrder(bench, { state: "expired", filled: "0" });
    },
  },
  {
    id: "C11",
    title: "a stop rests, and sells when touched",
    run: async (bench) => {
      bench.price(atMarket);
      await place(bench, order("sell", "stop", { stopPrice: "55000" }));
      bench.price("55000.1");
      await assertOrder(bench, { state: "open", stopPrice: "55000", type: "stop", price: null });
      bench.price("54500");
      await assertOrder(bench, { state: "filled", filled: "0.01" });
      const [fill] = await fillsOf(bench);
      const price = fill?.price ?? decimal("0");
      ok(compare(price, decimal("55000")) <= 0 && compare(price, decimal("54500")) >= 0, price);
    },
  },
  {
    id: "C12",
    title: "a stop that a gap jumps over sells at what is there",
    needs: ["marketStop"],
    run: async (bench) => {
      bench.price(atMarket);
      await place(bench, order("sell", "stop", { stopPrice: "55000" }));
      bench.price("50000", { gap: true });
      await assertOrder(bench, { state: "filled", filled: "0.01" });
      equal((await fillsOf(bench))[0]?.price, "49999.9");
    },
  },
  {
    id: "C13",
    title: "a stop-limit sells within its limit when touched",
    needs: ["stopLimit"],
    run: async (bench) => {
      bench.price(atMarket);
      await place(bench, order("sell", "stopLimit", { stopPrice: "55000", price: "54900" }));
      await assertOrder(bench, { state: "open", type: "stopLimit", price: "54900" });
      bench.price("54950");
      await assertOrder(bench, { state: "filled" });
      const price = (await fillsOf(bench))[0]?.price ?? decimal("0");
      ok(compare(price, decimal("54900")) >= 0, price);
    },
  },
  {
    id: "C14",
    title: "a stop-limit that a gap jumps over lives on, unfilled",
    needs: ["stopLimit"],
    run: async (bench) => {
      bench.price(atMarket);
      await place(bench, order("sell", "stopLimit", { stopPrice: "55000", price: "54900" }));
      bench.price("50000", { gap: true });
      const { state, filled } = await theOrder(bench);
      ok(state === "triggered" || state === "open", `state was "${state}"`);
      equal(filled, "0");
      deepEqual(await openIds(bench.venue), [clientId(1)]);
    },
  },
  {
    id: "C15",
    title: "price and quantity of a resting order are amended in place",
    needs: ["amend"],
    run: async (bench) => {
      bench.price(atMarket);
      const { venueOrderId } = await place(bench, order("buy", "limit", { price: "50000" }));
      const wanted = { quantity: decimal("0.02"), price: decimal("51000"), stopPrice: null };
      const named = { venueOrderId, clientOrderId: clientId(1), symbol };
      const amended = confirmed(await bench.venue.amend({ ...named, ...wanted }));
      const terms = { venueOrderId, ...wanted, state: "open" };
      deepEqual({ ...amended, ...terms }, amended);
      await assertOrder(bench, terms);
    },
  },
  {
    id: "C16",
    title: "a resting stop is amended in place",
    needs: ["amend"],
    run: async (bench) => {
      bench.price(atMarket);
      const { venueOrderId } = await place(bench, order("sell", "stop", { stopPrice: "55000" }));
      const wanted = { quantity: decimal("0.005"), price: null, stopPrice: decimal("56000") };
      const named = { venueOrderId, clientOrderId: clientId(1), symbol };
      confirmed(await bench.venue.amend({ ...named, ...wanted }));
      await assertOrder(bench, { venueOrderId, ...wanted, state: "open" });
    },
  },
  {
    id: "C17",
    title: "an amendment below what is filled is refused, and the order stays",
    needs: ["amend"],
    run: async (bench) => {
      bench.price(atMarket);
      const { venueOrderId } = await place(bench, order("buy", "limit", { price: "59990" }));
      bench.price("59989.9", { volume: 0.016 });
      await assertOrder(bench, { state: "partial", filled: "0.004" });
      const wanted = { quantity: decimal("0.003"), price: decimal("59990"), stopPrice: null };
      const named = { venueOrderId, clientOrderId: clientId(1), symbol };
      assertRefused(await bench.venue.amend({ ...named, ...wanted }));
      await assertOrder(bench, { state: "partial", filled: "0.004", quantity: "0.01" });
    },
  },
  {
    id: "C18",
    title: "a cancel is confirmed with the order's end",
    run: async (bench) => {
      bench.price(atMarket);
      const { venueOrderId } = await place(bench, order("buy", "limit", { price: "50000" }));
      const named = { venueOrderId, clientOrderId: clientId(1), symbol };
      const ended = confirmed(await bench.venue.cancel(named));
      deepEqual([ended.state, ended.filled], ["canceled", "0"]);
      await assertOrder(bench, { state: "canceled", filled: "0" });
      deepEqual(await openIds(bench.venue), []);
    },
  },
  {
    id: "C19",
    title: "a cancel by client id alone finds its order",
    run: async (bench) => {
      bench.price(atMarket);
      await place(bench, order("buy", "limit", { price: "50000" }));
      const named = { venueOrderId: null, clientOrderId: clientId(1), symbol };
      equal(confirmed(await bench.venue.cancel(named)).state, "canceled");
    },
  },
  {
    id: "C20",
    title: "a partial fill and then a cancel end with what filled",
    run: async (bench) => {
      bench.price(atMarket);
      const { venueOrderId } = await place(bench, order("buy", "limit", { price: "59990" }));
      bench.price("59989.9", { volume: 0.016 });
      await assertOrder(bench, { state: "partial", filled: "0.004" });
      const named = { venueOrderId, clientOrderId: clientId(1), symbol };
      const ended = confirmed(await bench.venue.cancel(named));
      deepEqual([ended.state, ended.filled], ["canceled", "0.004"]);
      deepEqual(
        (await fillsOf(bench)).map(({ quantity }) => quantity),
        ["0.004"],
      );
    },
  },
  {
    id: "C21",
    title: "an order fills in several parts, each a fill of its own",
    run: async (bench) => {
      bench.price(atMarket);
      await place(bench, order("buy", "limit", { price: "59990" }));
      for (const price of ["59989.9", "59989.8", "59989.7"]) bench.price(price, { volume: 0.016 });
      await assertOrder(bench, { state: "filled", filled: "0.01" });
      const fills = await fillsOf(bench);
      deepEqual(
        fills.map(({ quantity }) => quantity),
        ["0.004", "0.004", "0.002"],
      );
      equal(new Set(fills.map(({ tradeId }) => tradeId)).size, 3);
    },
  },
];
