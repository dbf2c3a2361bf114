/** The overview, the strip and what commands would do, of a desk that has traded. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { deskRoutes, foretold } from "../api/desk.ts";
import { leastTrades, overviewRoutes } from "../api/overview.ts";
import { RouteError } from "../api/route.ts";
import { type TradedDesk, tradedDesk } from "../testing/traded-desk.fixture.ts";
import { ClosedDays, dayText } from "./closed-days.ts";
import { deskViews } from "./desk.ts";
import { overviewViews } from "./overview.ts";

const who = { name: "ada", role: "view" } as const;
const nothing = { params: {}, query: undefined, body: undefined, who };
let traded: TradedDesk;
let overview: ReturnType<typeof overviewViews>;
let desk: ReturnType<typeof deskViews>;

beforeAll(async () => {
  traded = await tradedDesk({ hours: 14 });
  overview = overviewViews(traded.panel);
  desk = deskViews(traded.panel);
});
afterAll(() => traded[Symbol.asyncDispose]());

const shown = async () =>
  overviewRoutes["GET /api/v1/overview"].reply
    .strict()
    .parse(await overview["GET /api/v1/overview"](nothing));

const calendar = async (month?: string) =>
  overviewRoutes["GET /api/v1/calendar"].reply
    .strict()
    .parse(await overview["GET /api/v1/calendar"]({ ...nothing, query: { month } }));

const foretell = async (command: string) =>
  deskRoutes["GET /api/v1/consequences/:command"].reply
    .strict()
    .parse(await desk["GET /api/v1/consequences/:command"]({ ...nothing, params: { command } }));

const closedRows = () =>
  [...traded.parts.reader.books.eachPosition()].filter(
    ({ state, bought }) => state === "closed" && bought !== "0",
  );

const obey = (name: "pause" | "flatten" | "halt" | "resume") =>
  traded.parts.desk.command({
    ...{ name, who: "ada", role: "operate", target: null, reason: "" },
    idempotencyKey: `overview-test-${name}-${Math.random()}`,
  });

describe("GET /api/v1/overview", () => {
  test("sums up the closed trades of the whole ledger", async () => {
    const rows = closedRows();
    const { kpi } = await shown();
    const realised = rows.reduce((sum, { realizedPnl }) => sum + Number(realizedPnl), 0);
    expect(rows.length).toBeGreaterThan(0);
    expect(kpi.trades).toBe(rows.length);
    expect(kpi.realised).toBeCloseTo(realised, 6);
    expect(kpi.fees).toBeCloseTo(
      rows.reduce((sum, { fees }) => sum + Number(fees), 0),
      6,
    );
  });

  test("gives no share of fewer trades than say something", async () => {
    const { kpi } = await shown();
    const isEnough = kpi.trades >= leastTrades;
    expect([kpi.winRate === null, kpi.expectancy === null]).toEqual([!isEnough, !isEnough]);
  });

  test("values open positions at the last price, with their stops and machines", async () => {
    for (let hours = 0; hours < 40 && (await shown()).positions.length === 0; hours += 1) {
      await traded.runOn(0.25);
    }
    const { positions, kpi } = await shown();
    const rows = [...traded.parts.reader.books.positionsPage("open", { limit: 50 })];
    expect(rows.length).toBeGreaterThan(0);
    for (const { positionId, symbol, cost, quantity, at } of rows) {
      const price = Number(traded.parts.desk.lastPrice(at, symbol));
      const told = positions.find((each) => each.positionId === positionId);
      expect(told?.actor).toBe(`position:${positionId}`);
      expect(told?.unrealised).toBeCloseTo(Number(quantity) * price - Number(cost), 6);
      expect(told?.stopDistance).toBeCloseTo(1 - Number(told?.stopPrice) / price, 9);
    }
    const sum = positions.reduce((total, { unrealised }) => total + (unrealised ?? 0), 0);
    expect(kpi.unrealised).toBeCloseTo(sum, 6);
  });

  test("follows equity to the present, and how far it is below its highest", async () => {
    const { curve, equity, at, kpi } = await shown();
    expect(curve.at(-1)?.slice(0, 2)).toEqual([at, Number(equity)]);
    expect(curve.map(([time]) => time)).toEqual(
      curve.map(([time]) => time).toSorted((a, b) => a - b),
    );
    const highest = Math.max(...curve.map(([, value]) => value));
    expect(curve.at(-1)?.[2]).toBeCloseTo((highest - Number(equity)) / highest, 9);
    expect(kpi.maxDrawdown).toBeGreaterThanOrEqual(kpi.drawdown);
  });

  test("lists the latest decisions, newest first, with the gate that stopped each", async () => {
    const { decisions } = await shown();
    expect(decisions.length).toBeGreaterThan(5);
    expect(decisions[0]?.at).toBe(traded.parts.desk.decisions.at(-1)?.at as number);
    expect(decisions.some(({ gate }) => gate !== null)).toBe(true);
  });

  test("warns of brakes with what releases them", async () => {
    expect((await shown()).alerts).toEqual([]);
    obey("pause");
    const { alerts } = await shown();
    expect(alerts[0]).toMatchObject({ tone: "bad", link: "/risk" });
    expect(alerts[0]?.text).toContain("released by resume");
    obey("resume");
  });
});

describe("GET /api/v1/calendar", () => {
  test("sums up each day as the ledger has it", async () => {
    const { days, month, first } = await calendar();
    expect([month, first]).toEqual(["2026-01", "2026-01"]);
    const rows = closedRows();
    for (const { day, pnl, trades } of days) {
      const own = rows.filter(({ closedAt }) =>
        new Date(closedAt ?? 0).toISOString().startsWith(day),
      );
      expect(own).toHaveLength(trades);
      expect(pnl).toBeCloseTo(
        own.reduce((sum, { realizedPnl }) => sum + Number(realizedPnl), 0),
        6,
      );
    }
    expect(days.reduce((sum, { trades }) => sum + trades, 0)).toBe(rows.length);
  });

  test("has nothing of a month without trades", async () => {
    expect((await calendar("2020-02")).days).toEqual([]);
  });

  test("goes on from what it summed up, over days, to what it would sum up anew", async () => {
    const { ledger } = traded.panel;
    const { pause } = traded.panel.lanes;
    const going = new ClosedDays(ledger, () => "USD", pause);
    for (let days = 0; days < 2; days += 1) {
      await going.byDay();
      await traded.runOn(9);
    }
    const anew = new ClosedDays(ledger, () => "USD", pause);
    // Whoever asks while it is read waits for the same.
    const [known, again] = await Promise.all([going.byDay(), going.byDay()]);
    expect(again).toBe(known);
    expect([...known]).toEqual([...(await anew.byDay())]);
    expect(known.size).toBeGreaterThan(1);
    expect(dayText([...known.keys()][0] ?? 0)).toBe("2026-01-01");
  });

  test("lets others have their turn while a long ledger is read", async () => {
    const { ledger } = traded.panel;
    const [row] = [...ledger.books.closedSince(0)];
    const long = { closedSince: () => Array.from({ length: 1_000 }, () => row) };
    let pauses = 0;
    const days = new ClosedDays(
      { ...ledger, head: () => ledger.head(), books: long } as unknown as typeof ledger,
      () => "USD",
      async () => {
        pauses += 1;
      },
    );
    expect((await days.total()).trades).toBe(1_000);
    expect(pauses).toBe(4);
  });

  test("reads again what could not be read once", async () => {
    const { ledger } = traded.panel;
    const { pause } = traded.panel.lanes;
    let isBroken = true;
    const sometimes = {
      ...ledger,
      head: () => ledger.head(),
      books: {
        *closedSince(from: number) {
          for (const row of ledger.books.closedSince(from)) {
            yield row;
            if (isBroken) throw new Error("Cannot read the ledger: it is busy");
          }
        },
      },
    } as unknown as typeof ledger;
    const days = new ClosedDays(sometimes, () => "USD", pause);
    await expect(days.total()).rejects.toThrow("it is busy");
    isBroken = false;
    const anew = new ClosedDays(ledger, () => "USD", pause);
    expect(await days.total()).toEqual(await anew.total());
  });
});

describe("GET /api/v1/strip", () => {
  test("is what is committed, with limits and what is heard of each account", async () => {
    const strip = deskRoutes["GET /api/v1/strip"].reply
      .strict()
      .parse(await desk["GET /api/v1/strip"](nothing));
    const { exposure, day, links } = strip;
    const costs = [...traded.parts.reader.books.positionsPage("open", { limit: 50 })];
    expect(Number(exposure)).toBeGreaterThanOrEqual(
      costs.reduce((sum, { cost }) => sum + Number(cost), 0),
    );
    expect(day.lossLimit).toBe(0.05);
    expect(day.pnl).toBeCloseTo(-day.lossShare * day.start, 6);
    expect(links).toEqual([
      expect.objectContaining({ account: "paper:main", state: "reconciled", fault: null }),
    ]);
    expect(strip.journalSeq).toBe(traded.parts.reader.head().seq);
  });
});

describe("GET /api/v1/consequences/:command", () => {
  test("foretells what flatten then does", async () => {
    for (let hours = 0; hours < 80 && (await foretell("flatten")).positions === 0; hours += 1) {
      await traded.runOn(0.25);
    }
    const told = await foretell("flatten");
    expect(told.positions).toBeGreaterThan(0);
    expect(told.text).toContain("will be sold at market");
    expect(Number(told.notional)).toBeGreaterThan(0);
    obey("flatten");
    await traded.runOn(0.25);
    expect(await foretell("flatten")).toMatchObject({
      ...{ positions: 0, entries: 0, notional: "0", brakes: ["pause/desk"] },
    });
    expect((await foretell("resume")).text).toContain("Released: pause/desk");
    obey("resume");
    expect((await foretell("resume")).text).toContain("nothing is released");
  });

  test.each([...foretold])("changes nothing by foretelling %s", async (command) => {
    const before = traded.parts.reader.head();
    const { mode, text } = await foretell(command);
    expect(mode).toBe("paper");
    expect(text).toEndWith("On paper: no order reaches a venue.");
    expect(traded.parts.reader.head()).toEqual(before);
  });

  test("knows no other command", async () => {
    expect(() =>
      desk["GET /api/v1/consequences/:command"]({ ...nothing, params: { command: "accept" } }),
    ).toThrow(RouteError);
  });
});
