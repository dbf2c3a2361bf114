import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { add, type Decimal, sum } from "../../machines/domain/decimal.ts";
import { type ParamsOf, RouteError } from "../api/route.ts";
import {
  bookView,
  laneChartView,
  laneList,
  laneStateView,
  tradeRoutes,
  votesView,
} from "../api/trade.ts";
import type { PanelOptions } from "../server/ports.ts";
import { tradedLanes, who } from "../testing/traded-lanes.fixture.ts";
import { tradeViews } from "./trade.ts";

type World = Awaited<ReturnType<typeof tradedLanes>>;
type ChartKey = "GET /api/v1/lanes/:lane/chart";

const lane = "BTC/USD";
const minute = 60_000;

const viewsOf = (world: World) => tradeViews(world as unknown as PanelOptions);

/** Asks as the server does: texts of the query are checked by the route's own schema. */
async function chartOf(world: World, query: Record<string, string>, of = lane) {
  const key: ChartKey = "GET /api/v1/lanes/:lane/chart";
  const checked = tradeRoutes[key].query.parse(query);
  const asked = {
    params: { lane: of } as ParamsOf<ChartKey>,
    query: checked,
    body: undefined,
    who,
  };
  return laneChartView.strict().parse(await viewsOf(world)[key](asked));
}

async function votesAt(world: World, seq: number | string, of = lane) {
  const key = "GET /api/v1/lanes/:lane/votes/:seq";
  const params = { lane: of, seq: String(seq) };
  const reply = await viewsOf(world)[key]({ params, query: undefined, body: undefined, who });
  return votesView.strict().parse(reply);
}

async function stateOf(world: World, of = lane) {
  const key = "GET /api/v1/lanes/:lane";
  const params = { lane: of };
  const reply = await viewsOf(world)[key]({ params, query: undefined, body: undefined, who });
  return laneStateView.strict().parse(reply);
}

async function bookOf(world: World, levels: number) {
  const key = "GET /api/v1/lanes/:lane/book";
  const asked = { params: { lane }, query: { levels }, body: undefined, who };
  return bookView.strict().parse(await viewsOf(world)[key](asked));
}

interface JournaledBar {
  readonly openedAt: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** The lane's bars as the journal has them, read without any of the panel's code. */
function journaled(world: World, of = lane) {
  return [...world.ledger.journal.range()]
    .filter(({ kind, subject }) => kind === "bar" && subject === of)
    .map(({ seq, code, content }) => {
      return { seq, code, bar: (JSON.parse(content) as { input: JournaledBar }).input };
    });
}

/** Each value that an actor's context had under a key, with the record that left it so. */
function historyOf(world: World, actor: string, key: string) {
  const values: { seq: number; value: unknown }[] = [];
  for (const { seq, content } of world.ledger.journal.range()) {
    const { transitions = [] } = JSON.parse(content) as {
      transitions?: { actor: string; changed: Record<string, unknown> }[];
    };
    for (const each of transitions) {
      if (each.actor !== actor || !(key in each.changed)) continue;
      const value = each.changed[key];
      if (values.at(-1)?.value !== value) values.push({ seq, value });
    }
  }
  return values;
}

function fillsOf(world: World) {
  return [...world.ledger.books.eachFill()].filter(({ symbol }) => symbol === lane);
}

const rowsOf = (of: World) =>
  [...of.ledger.books.eachPosition()].filter(({ symbol }) => symbol === lane);

let world: World;
/** The same run, left standing where the lane's longest position is held. */
let held: World;
beforeAll(async () => {
  world = await tradedLanes({ hours: 24 });
  const begunAt = journaled(world)[0]?.bar.openedAt ?? 0;
  const spans = rowsOf(world).map(({ openedAt, closedAt }) => [openedAt, closedAt ?? openedAt]);
  const [[from = 0, to = 0] = []] = spans.toSorted((a, b) => spanOf(b) - spanOf(a));
  held = await tradedLanes({ hours: ((from + to) / 2 - begunAt) / 3_600_000 });
}, 240_000);
const spanOf = ([from = 0, to = 0]: readonly number[]) => to - from;
afterAll(() => {
  held.close();
  world.close();
});

describe("a lane's chart", () => {
  test("has every bar of the journal with what was decided on it", async () => {
    const { candles, tick, hasOlder, hasNewer } = await chartOf(world, { count: "1000" });
    const bars = journaled(world).slice(-1_000);
    expect(candles.map(({ seq, code, openedAt }) => ({ seq, code, openedAt }))).toEqual(
      bars.map(({ seq, code, bar }) => ({ seq, code, openedAt: bar.openedAt })) as never,
    );
    const volume = candles.reduce((total, each) => total + each.volume, 0);
    expect(volume).toBeCloseTo(
      bars.reduce((total, { bar }) => total + bar.volume, 0),
      6,
    );
    expect({ tick, hasOlder, hasNewer }).toEqual({ tick: "0.1", hasOlder: true, hasNewer: false });
  });

  test.each([["5m"], ["15m"], ["1h"]])(
    "candles of %s are what their base bars make",
    async (frame) => {
      const { candles, frameMs } = await chartOf(world, { frame, count: "1000" });
      const groups = Map.groupBy(
        journaled(world),
        ({ bar }) => Math.floor(bar.openedAt / frameMs) * frameMs,
      );
      expect(candles.map(({ openedAt }) => openedAt)).toEqual([...groups.keys()]);
      for (const candle of candles) {
        const own = groups.get(candle.openedAt) ?? [];
        const bars = own.map(({ bar }) => bar);
        const { open, high, low, close, bars: count, seq } = candle;
        expect({ open, high, low, close, count, seq }).toEqual({
          open: bars[0]?.open ?? 0,
          high: Math.max(...bars.map((each) => each.high)),
          low: Math.min(...bars.map((each) => each.low)),
          close: bars.at(-1)?.close ?? 0,
          count: bars.length,
          seq: own.at(-1)?.seq ?? 0,
        });
        expect(candle.volume).toBeCloseTo(
          bars.reduce((total, each) => total + each.volume, 0),
          6,
        );
        expect(candle.isClosed).toBe(
          candle.openedAt + frameMs <= (bars.at(-1)?.openedAt ?? 0) + minute,
        );
      }
    },
  );

  test("is paged back without a hole, without anything twice, to the first bar", async () => {
    const pages: number[][] = [];
    let until = "";
    for (;;) {
      const query = { count: "500", ...(until !== "" && { until }) };
      const { candles, hasOlder, hasNewer } = await chartOf(world, query);
      expect(hasNewer).toBe(until !== "");
      pages.unshift(candles.map(({ openedAt }) => openedAt));
      if (!hasOlder) break;
      until = String(candles[0]?.openedAt);
    }
    expect(pages.length).toBeGreaterThan(2);
    expect(pages.flat()).toEqual(journaled(world).map(({ bar }) => bar.openedAt));
  });

  test("has every fill of the ledger in its time, and no other", async () => {
    const all = fillsOf(world);
    const whole = await chartOf(world, { frame: "5m", count: "1000" });
    expect(whole.fills.map(({ tradeId }) => tradeId).sort()).toEqual(
      all.map(({ tradeId }) => tradeId).sort(),
    );
    const bought = whole.fills.filter(({ side }) => side === "buy");
    const rows = rowsOf(world);
    expect(sum(bought.map(({ quantity }) => quantity as Decimal))).toBe(
      sum(all.filter(({ side }) => side === "buy").map(({ quantity }) => quantity)),
    );
    expect(new Set(whole.fills.map(({ positionId }) => positionId))).toEqual(
      new Set(rows.map(({ positionId }) => positionId)),
    );
    const [, second] = rows;
    const until = (second?.openedAt ?? 0) + 3 * minute;
    const part = await chartOf(world, { count: "10", until: String(until) });
    const from = part.candles[0]?.openedAt ?? 0;
    const to = (part.candles.at(-1)?.openedAt ?? 0) + minute;
    expect(part.fills.length).toBeGreaterThan(0);
    expect(part.fills.map(({ tradeId }) => tradeId)).toEqual(
      all.filter(({ at }) => at >= from && at < to).map(({ tradeId }) => tradeId),
    );
  });

  test("draws stops and targets as the positions' actors had them", async () => {
    const { levels } = await chartOf(world, { frame: "5m", count: "1000" });
    expect(levels.map(({ positionId }) => positionId)).toEqual(
      rowsOf(world)
        .toSorted((a, b) => a.openedAt - b.openedAt)
        .map(({ positionId }) => positionId),
    );
    let raised = 0;
    for (const { positionId, stops, target, isWhole } of levels) {
      const history = historyOf(world, `position:${positionId}`, "stopPrice");
      expect(stops.map(({ seq, price }) => ({ seq, value: price as unknown }))).toEqual(history);
      const [first] = historyOf(world, `position:${positionId}`, "targetPrice");
      expect({ target, isWhole }).toEqual({ target: first?.value as string, isWhole: true });
      raised += stops.length - 1;
    }
    expect(raised).toBeGreaterThan(0);
  });

  test("looks further back for the first stop of a position that it begins within", async () => {
    const { candles, levels } = await chartOf(held, { count: "5" });
    const [own] = levels;
    const history = historyOf(held, `position:${own?.positionId}`, "stopPrice");
    expect(own?.stops[0]?.at).toBeLessThan(candles[0]?.openedAt ?? 0);
    expect(own?.stops.map(({ price }) => price as unknown)).toEqual(
      history.map(({ value }) => value),
    );
  });

  test("refuses a lane that is not traded, and a frame that its bars do not make", async () => {
    const refusal = (asked: Promise<unknown>) =>
      asked.then(
        () => null,
        (error) => error,
      );
    const lost = await refusal(chartOf(world, {}, "DOGE/USD"));
    expect(lost).toBeInstanceOf(RouteError);
    expect([lost.status, lost.message]).toEqual([
      404,
      'Cannot show lane "DOGE/USD": wanted one of BTC/USD, ETH/USD',
    ]);
    const odd = await refusal(chartOf(world, { frame: "7m" }));
    expect([odd.status, odd.message.slice(0, 26)]).toEqual([400, 'Cannot show frame "7m": wa']);
    expect(() => tradeRoutes["GET /api/v1/lanes/:lane/chart"].query.parse({ from: "1" })).toThrow();
  });
});

describe("a lane's state", () => {
  test("shows what is held, its stop as it rests, and what may be done to it", async () => {
    const { positions, orders, price, decision } = await stateOf(held);
    const [position] = positions;
    const row = held.ledger.books.position(position?.positionId ?? "");
    expect(row?.state).toBe("open");
    expect(position).toMatchObject({
      quantity: row?.quantity ?? "",
      isOver: false,
      exitRefused: null,
      abandonRefused: "its entry does not work any more",
    });
    const worth = Number(price) * Number(row?.quantity) - Number(row?.cost);
    expect(Number(position?.openPnl)).toBeCloseTo(worth, 6);
    const stop = orders.find(({ role, standing }) => role === "stop" && standing === "working");
    expect(stop?.live.stopPrice).toBe(position?.restingStop?.stopPrice ?? "none");
    expect(decision?.seq).toBe(journaled(held).at(-1)?.seq ?? 0);
    expect(decision?.code).toBe("inPosition");
  });

  test("lists the lanes, and which of them hold a position", async () => {
    const key = "GET /api/v1/lanes";
    const asked = { params: {}, query: undefined, body: undefined, who };
    for (const each of [held, world]) {
      const { lanes } = laneList.strict().parse(await viewsOf(each)[key](asked));
      const open = each.ledger.books.positionsPage("open", { limit: 10 });
      expect(lanes.map(({ lane: name }) => name)).toEqual(["BTC/USD", "ETH/USD"]);
      expect(lanes.filter(({ isHeld }) => isHeld).map(({ symbol }) => symbol)).toEqual(
        open.map(({ symbol }) => symbol).sort(),
      );
      if (each === held) expect(open.map(({ symbol }) => symbol)).toContain(lane);
    }
  });
});

describe("votes at a bar", () => {
  test("are those of the plane itself at the last one", async () => {
    const { evaluation } = await stateOf(world);
    const last = journaled(world).at(-1)?.seq ?? 0;
    const told = await votesAt(world, last);
    expect(told.evaluation?.frames).toEqual(evaluation?.frames ?? []);
    expect({ isSame: told.isSame, confidence: told.evaluation?.confidence }).toEqual({
      isSame: true,
      confidence: evaluation?.confidence,
    } as never);
  });

  test("lead to the decision that was made, wherever they are asked for", async () => {
    const bars = journaled(world);
    // A late one first: an earlier one cannot go on from there, a later one can.
    for (const place of [1_100, 450, 1_101, 1_300]) {
      const { seq = 0, code } = bars[place] ?? {};
      const { decision, isSame, evaluation, unknown } = await votesAt(world, seq);
      expect([place, decision?.code, evaluation?.frames.length]).toEqual([place, code, 3] as never);
      expect(isSame === true || unknown !== null).toBe(true);
    }
  });

  test("of an entry are those that the position's actor was told", async () => {
    const entry = journaled(world).find(({ code }) => code === "trade");
    const { evaluation, isSame } = await votesAt(world, entry?.seq ?? 0);
    expect(isSame).toBe(true);
    const [{ value } = { value: [] }] = historyOf(
      world,
      `position:paper:main/${lane}/1`,
      "votedBy",
    );
    const holders = (evaluation?.frames ?? [])
      .filter(({ score }) => (score ?? 0) > 0)
      .flatMap(({ votes }) => votes.filter((each) => each.direction > 0 && each.weight > 0))
      .map(({ strategy }) => strategy);
    expect(new Set(holders)).toEqual(new Set(value as string[]));
  });

  test("are not made up for a record that is no decision on the lane", async () => {
    const { evaluation, unknown } = await votesAt(world, 1);
    expect({ evaluation, unknown }).toEqual({
      evaluation: null,
      unknown: 'record 1 is no decision on "BTC/USD"',
    });
    const wrong = await votesAt(world, "x").then(
      () => null,
      (error) => error,
    );
    expect(wrong).toBeInstanceOf(RouteError);
  });
});

describe("a lane's book", () => {
  test("is said to be absent where the market is told in candles", async () => {
    const { book, source } = await bookOf(world, 5);
    expect({ book, source }).toEqual({
      book: null,
      source: "this market is told in candles alone: it has no order book",
    });
  });

  test("adds up from the best level on, as the market last told it", async () => {
    using stack = new DisposableStack();
    const booked = await tradedLanes({ hours: 1, books: true });
    stack.defer(() => booked.close());
    const { book } = await bookOf(booked, 10);
    const seen = booked.lanes.book(lane, null);
    expect(book?.at).toBe(seen?.at ?? 0);
    expect(book?.bids.map(({ quantity }) => quantity as string)).toEqual(
      (seen?.bids ?? []).slice(0, 10).map(({ quantity }) => quantity as string),
    );
    for (const [side, sign] of [
      [book?.bids ?? [], -1],
      [book?.asks ?? [], 1],
    ] as const) {
      expect(side.length).toBeGreaterThan(3);
      let total = "0" as Decimal;
      side.forEach((level, index) => {
        total = add(total, level.quantity as Decimal);
        expect(level.total).toBe(total);
        const before = side[index - 1];
        if (before) expect(Math.sign(Number(level.price) - Number(before.price))).toBe(sign);
      });
    }
    const touch = Number(book?.asks[0]?.price) - Number(book?.bids[0]?.price);
    expect(Number(book?.spread)).toBeCloseTo(touch, 8);
  });
});
