/** Round trips in the panel, against the ledger of a run. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Decimal, isPositive, isZero, sum } from "../../machines/domain/decimal.ts";
import { accountKey } from "../../machines/domain/ids.ts";
import type { PositionRow } from "../../machines/domain/position.ts";
import type { PositionContext } from "../../machines/position.types.ts";
import { tradeGroups, tradeSortings } from "../api/trades.ts";
import { asking } from "../testing/ask.fixture.ts";
import { type TradedDesk, tradedDesk } from "../testing/traded-desk.fixture.ts";

setDefaultTimeout(180_000);

let world: TradedDesk;
let ask: ReturnType<typeof asking>;
let closed: readonly PositionRow[] = [];
beforeAll(async () => {
  world = await tradedDesk({ hours: 36, hasSecond: true });
  ask = asking(world.panel);
  const rows = [...world.parts.reader.books.eachPosition()];
  closed = rows.filter(({ state, bought }) => state === "closed" && isPositive(bought));
});
afterAll(() => world[Symbol.asyncDispose]());

const ids = (rows: readonly { readonly positionId: string }[]) =>
  rows.map(({ positionId }) => positionId);
const pnlOf = (rows: readonly { readonly realizedPnl: Decimal }[]) =>
  sum(rows.map(({ realizedPnl }) => realizedPnl));

/** CSV without quotes in it, as lists of cells. */
const cellsOf = (text: string) =>
  text
    .trim()
    .split("\r\n")
    .map((line) => line.split(","));

describe("the list of round trips", () => {
  test("has each closed one of all accounts, with the ledger's numbers", async () => {
    const { rows } = await ask("GET /api/v1/trades", { query: { limit: 200 } });
    expect(ids(rows).toSorted()).toEqual(ids(closed).toSorted());
    expect(closed.length).toBeGreaterThan(10);
    expect(new Set(rows.map(({ account }) => account))).toEqual(
      new Set(["paper:main", "paper:second"]),
    );
    for (const row of rows) {
      const own = closed.find(({ positionId }) => positionId === row.positionId);
      expect(row).toMatchObject({
        ...{ pnl: own?.realizedPnl, fees: own?.fees, quantity: own?.bought },
        ...{ openedAt: own?.openedAt, closedAt: own?.closedAt, exitReason: own?.exitReason },
      });
      expect(Number(row.entryPrice)).toBeCloseTo(Number(own?.boughtFor) / Number(own?.bought), 6);
      expect(Number(row.exitPrice)).toBeCloseTo(Number(own?.soldFor) / Number(own?.sold), 6);
      const isFirst = row.account === "paper:main";
      expect(row.lane).toBe(isFirst ? row.symbol : `${row.account}/${row.symbol}`);
      expect(row.positionId).toBe(`${isFirst ? "paper:main/" : ""}${row.lane}/${row.number}`);
    }
  });

  test("keeps who voted, as the position's actor had it", () => {
    for (const { positionId, votedBy } of closed) {
      const actor = world.parts.reader.archivedActor(`position:${positionId}`);
      const snapshot = actor?.snapshot as { readonly context: PositionContext } | undefined;
      expect([positionId, votedBy]).toEqual([positionId, [...(snapshot?.context.votedBy ?? [])]]);
    }
  });

  test.each(tradeSortings)("sorted by %s, both ways, visits each row once", async (sort) => {
    for (const direction of ["up", "down"] as const) {
      const seen: string[] = [];
      for (let after: string | undefined; ; ) {
        const { rows, next } = await ask("GET /api/v1/trades", {
          query: { sort, direction, limit: 3, ...(after !== undefined && { after }) },
        });
        seen.push(...ids(rows));
        if (next === null) break;
        after = next;
      }
      expect([seen.length, seen.toSorted()]).toEqual([closed.length, ids(closed).toSorted()]);
    }
  });

  test("sorted by gain begins with the greatest, and ends with the worst loss", async () => {
    const { rows } = await ask("GET /api/v1/trades", { query: { sort: "pnl", limit: 200 } });
    const gains = rows.map(({ pnl }) => Number(pnl));
    expect(gains).toEqual(gains.toSorted((a, b) => b - a));
  });

  test("is filtered by each of its words", async () => {
    const [one] = closed;
    if (!one) throw new Error("Cannot filter: nothing was traded");
    const day = new Date(one.closedAt ?? 0).toISOString().slice(0, 10);
    const strategy = one.votedBy?.[0] ?? "";
    const asked = [
      [{ symbol: one.symbol }, (row: PositionRow) => row.symbol === one.symbol],
      [{ account: "paper:second" }, (row: PositionRow) => accountKey(row.at) === "paper:second"],
      [{ exit: one.exitReason ?? "stop" }, (row: PositionRow) => row.exitReason === one.exitReason],
      [{ strategy }, (row: PositionRow) => row.votedBy?.includes(strategy) ?? false],
      [
        { day },
        ({ closedAt }: PositionRow) => new Date(closedAt ?? 0).toISOString().startsWith(day),
      ],
    ] as const;
    for (const [query, isWanted] of asked) {
      const { rows } = await ask("GET /api/v1/trades", { query: { ...query, limit: 200 } });
      expect(ids(rows).toSorted()).toEqual(ids(closed.filter(isWanted)).toSorted());
    }
  });

  test.each(["x", "~", "1", "NaN~a"])("refuses to go on after %p", async (after) => {
    const asked = ask("GET /api/v1/trades", { query: { after } });
    await expect(asked).rejects.toThrow("Cannot go on after");
  });

  test("refuses an account of another form, a day that is none, and words that it does not know", async () => {
    const by = (query: object) => ask("GET /api/v1/trades", { query: query as never });
    await expect(by({ account: "paper" })).rejects.toThrow("Cannot read account");
    await expect(by({ day: "2026-02-31" })).rejects.toThrow();
    await expect(by({ colour: "red" })).rejects.toThrow();
    expect((await by({ symbol: "' OR 1=1 --" })).rows).toEqual([]);
  });
});

describe("sums", () => {
  test("of all are those of the ledger", async () => {
    const { totals } = await ask("GET /api/v1/trade-sums", {});
    expect(totals).toEqual([
      {
        ...{ group: "all", quote: "USD", trades: closed.length, pnl: pnlOf(closed) },
        fees: sum(closed.map(({ fees }) => fees)),
        wins: closed.filter(({ realizedPnl }) => isPositive(realizedPnl)).length,
        share: expect.any(Number) as number,
      },
    ]);
  });

  test.each(tradeGroups)("by %s add up to the whole", async (group) => {
    const { totals, groups, isOverlapping } = await ask("GET /api/v1/trade-sums", {
      query: { group },
    });
    expect(isOverlapping).toBe(group === "strategy");
    const trades = groups.reduce((count, each) => count + each.trades, 0);
    if (isOverlapping) {
      // A trade counts for each that voted for it.
      expect(trades).toBe(closed.reduce((count, each) => count + (each.votedBy?.length ?? 1), 0));
      return;
    }
    expect(groups.length).toBeGreaterThan(1);
    expect(trades).toBe(closed.length);
    expect(sum(groups.map(({ pnl }) => pnl as Decimal))).toBe(totals[0]?.pnl as Decimal);
    expect(sum(groups.map(({ fees }) => fees as Decimal))).toBe(totals[0]?.fees as Decimal);
  });

  test("name what can be filtered by", async () => {
    const { choices } = await ask("GET /api/v1/trade-sums", {});
    expect(choices.accounts).toEqual(["paper:main", "paper:second"]);
    expect(choices.symbols).toContain("BTC/USD");
    expect(choices.strategies.length).toBeGreaterThan(3);
  });
});

describe("an export", () => {
  test("as CSV has the table's rows, all that match", async () => {
    const query = { account: "paper:main" };
    const [head = [], ...lines] = cellsOf(await ask("GET /api/v1/trades.csv", { query }));
    const { rows } = await ask("GET /api/v1/trades", {
      query: { ...query, direction: "up", limit: 200 },
    });
    const column = (name: string) => lines.map((cells) => cells[head.indexOf(name)]);
    expect(column("position")).toEqual(ids(rows));
    expect(column("pnl")).toEqual(rows.map(({ pnl }) => pnl));
    expect(column("fees")).toEqual(rows.map(({ fees }) => fees));
    expect(column("voted by")).toEqual(rows.map(({ votedBy }) => votedBy?.join(" ") ?? ""));
  });

  test("as JSON has them too, and is a list where nothing matches", async () => {
    const text = await ask("GET /api/v1/trades.json", {});
    const { rows } = await ask("GET /api/v1/trades", {
      query: { direction: "up", limit: 200 },
    });
    expect(JSON.parse(text)).toEqual(rows);
    const none = await ask("GET /api/v1/trades.json", { query: { symbol: "NO/USD" } });
    expect(JSON.parse(none)).toEqual([]);
  });
});

describe("a trade's story", () => {
  test("is told for each trade, from its signal to postings that come to zero", async () => {
    for (const row of closed) {
      const { positionId } = row;
      const story = await ask("GET /api/v1/trades/:positionId", { params: { positionId } });
      expect(story.isWhole).toBe(true);
      expect(story.votedBy).toEqual([...(row.votedBy ?? [])]);
      expect(story.decision?.votedBy).toEqual([...(row.votedBy ?? [])]);
      expect(story.result).toMatchObject({ pnl: row.realizedPnl, exitReason: row.exitReason });
      const record = world.parts.reader.journal.record(story.decision?.seq ?? 0);
      expect(record?.code).toBe("trade");
      expect(story.orders.map(({ intentId }) => intentId)).toEqual(
        world.parts.reader.books.ordersOfPosition(positionId).map(({ intent }) => intent.intentId),
      );
      const fills = story.orders.flatMap((order) => order.fills);
      expect(fills.every(({ postings }) => postings.length >= 4)).toBe(true);
      const bought = story.orders
        .filter(({ side }) => side === "buy")
        .flatMap((each) => each.fills);
      expect(sum(bought.map(({ quantity }) => quantity as Decimal))).toBe(row.bought);
      expect(story.postings.every(({ isBalanced }) => isBalanced)).toBe(true);
      for (const coin of new Set(story.postings.map((each) => each.coin))) {
        const lines = story.postings.filter((each) => each.coin === coin);
        expect(isZero(sum(lines.map(({ amount }) => amount as Decimal)))).toBe(true);
      }
      const seqs = story.steps.map(({ seq }) => seq);
      expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
      for (const order of story.orders) {
        expect(order.states[0]?.state).toBe("new");
        expect(order.states.at(-1)?.state).toBe(order.state);
        expect(order.attempts.length).toBeGreaterThan(0);
      }
    }
  });

  test("has fills, stop moves and the bar whose signal ended it, each with its record", async () => {
    const told = new Map<string, number>();
    for (const { positionId } of closed) {
      const { steps } = await ask("GET /api/v1/trades/:positionId", {
        params: { positionId },
      });
      for (const { kind, title, seq } of steps) {
        told.set(kind, (told.get(kind) ?? 0) + 1);
        if (title.startsWith("Exit wanted") || title.startsWith("Stop raised")) {
          const record = world.parts.reader.journal.record(seq);
          expect(["bar", "move"]).toContain(record?.kind ?? "");
          told.set(title.slice(0, 11), (told.get(title.slice(0, 11)) ?? 0) + 1);
        }
      }
    }
    const kinds = [...told.keys()];
    expect(kinds).toEqual(
      expect.arrayContaining(["decision", "order", "fill", "stop", "position", "Exit wanted"]),
    );
  });

  test("of what is not in the ledger is not found", async () => {
    const asked = ask("GET /api/v1/trades/:positionId", { params: { positionId: "x/1" } });
    await expect(asked).rejects.toThrow('Cannot find trade "x/1"');
  });
});

describe("open trades", () => {
  test("are the positions that are not over, with what they are worth", async () => {
    const { rows } = await ask("GET /api/v1/open-trades", {});
    const { positions } = world.parts.desk.status();
    const held = rows.filter(({ openedAt }) => openedAt !== null);
    expect(ids(held).toSorted()).toEqual(ids(positions).toSorted());
    for (const row of held) {
      const own = world.parts.reader.books.position(row.positionId);
      const worth = Number(own?.quantity) * Number(row.lastPrice);
      expect(Number(row.pnl)).toBeCloseTo(worth - Number(own?.cost) + Number(own?.realizedPnl), 6);
      expect(row.restingStop === null || Number(row.restingStop) <= Number(row.stopPrice)).toBe(
        true,
      );
    }
  });
});
