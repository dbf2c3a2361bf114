import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { scannerView } from "../api/scanner.ts";
import type { PanelOptions } from "../server/ports.ts";
import { tradedLanes, who } from "../testing/traded-lanes.fixture.ts";
import { scannerViews } from "./scanner.ts";

type World = Awaited<ReturnType<typeof tradedLanes>>;

async function scan(world: World) {
  const views = scannerViews(world as unknown as PanelOptions);
  const asked = { params: {}, query: undefined, body: undefined, who };
  return scannerView.strict().parse(await views["GET /api/v1/scanner"](asked));
}

let world: World;
beforeAll(async () => {
  world = await tradedLanes({ hours: 24 });
}, 120_000);
afterAll(() => world.close());

/** The last journal record of a lane's bars, read without any of the panel's code. */
function lastBar(lane: string) {
  const rows = [...world.ledger.journal.range()];
  const row = rows.findLast(({ kind, subject }) => kind === "bar" && subject === lane);
  const first = rows.find(({ kind, subject }) => kind === "bar" && subject === lane);
  const read = (content = "{}") => JSON.parse(content) as { input: { close: number } };
  return {
    row,
    close: read(row?.content).input.close,
    firstClose: read(first?.content).input.close,
  };
}

describe("the scanner", () => {
  test("shows every lane with its last price, change and decision as the journal has them", async () => {
    const { lanes } = await scan(world);
    expect(lanes.map(({ lane }) => lane)).toEqual(["BTC/USD", "ETH/USD"]);
    for (const { lane, price, change, decision, lastClosedAt } of lanes) {
      const { row, close, firstClose } = lastBar(lane);
      expect(decision?.seq).toBe(row?.seq ?? 0);
      expect(decision?.code as string).toBe(row?.code ?? "");
      expect(decision?.words.length).toBeGreaterThan(0);
      expect(decision?.gate === null || decision?.gate.words.includes("wanted")).toBe(true);
      expect(change).toBeCloseTo(close / firstClose - 1, 10);
      const { tick } = world.desk.lanes().find((each) => each.lane === lane)?.instrument ?? {};
      expect(Number(price)).toBeCloseTo(close * Number(tick), 6);
      expect(lastClosedAt).toBe(row?.at ?? 0);
    }
  });

  test("counts decisions as the journal does", async () => {
    const { codes, decisions } = await scan(world);
    const journaled = new Map<string, number>();
    for (const { code } of world.ledger.journal.range()) {
      if (code !== null) journaled.set(code, (journaled.get(code) ?? 0) + 1);
    }
    expect(new Map(codes.map(({ code, count }) => [code as string, count]))).toEqual(journaled);
    expect(decisions).toBe([...journaled.values()].reduce((total, each) => total + each, 0));
    const counts = codes.map(({ count }) => count);
    expect(counts).toEqual([...counts].sort((a, b) => b - a));
  });

  test("has a cell for each strategy and frame, and none for a vote that is not there", async () => {
    const { lanes } = await scan(world);
    const planes = world.desk.lanes();
    for (const { lane, votes, regimes, leaning, confidence } of lanes) {
      const { evaluation, frames } = planes.find((each) => each.lane === lane) ?? {};
      expect(regimes.map(({ frame }) => frame)).toEqual(["1m", "5m", "15m"]);
      const own = (evaluation?.frames ?? []).flatMap((each) => each.votes);
      expect(votes.length).toBe((frames?.length ?? 0) * (own.length / 3));
      votes.forEach(({ strategy, value }, index) => {
        const vote = own[index];
        expect(strategy).toBe(vote?.strategy ?? "");
        if (value === null) expect(vote?.words).toContain("warming up");
        else expect(value).toBe((vote?.direction ?? 0) * (vote?.strength ?? 0) || 0);
      });
      expect({ leaning, confidence }).toEqual({
        leaning: evaluation?.leaning ?? 0,
        confidence: evaluation?.confidence ?? null,
      });
    }
    expect(lanes.flatMap(({ votes }) => votes).some(({ value }) => (value ?? 0) < 0)).toBe(true);
  });

  test("has empty cells, and says how far it is, before strategies have heard enough", async () => {
    using stack = new DisposableStack();
    const young = await tradedLanes({ hours: 0.5, symbols: 1 });
    stack.defer(() => young.close());
    const { lanes } = await scan(young);
    const [own] = lanes;
    expect(own).toMatchObject({ isWarm: false, bars: 30, decision: { code: "warmingUp" } });
    const [plane] = young.desk.lanes();
    const votes = (plane?.evaluation?.frames ?? []).flatMap((each) => each.votes);
    const isSilent = votes.map(({ words }) => words === "warming up");
    expect(isSilent).toContain(true);
    expect(own?.votes.map(({ value }) => value === null)).toEqual(isSilent);
  });

  test("names the position that a lane holds, and none where it holds none", async () => {
    const { lanes } = await scan(world);
    const open = world.ledger.books.positionsPage("open", { limit: 10 });
    const shown = lanes.flatMap(({ position }) => (position ? [position.positionId] : []));
    expect(shown).toEqual(expect.arrayContaining(open.map(({ positionId }) => positionId)));
    const live = [...world.desk.actors()].filter(
      ([name, snapshot]) => name.startsWith("position:") && !snapshot.hasTag("over"),
    );
    expect(shown.map((id) => `position:${id}`).sort()).toEqual(live.map(([name]) => name).sort());
    for (const { position, state } of lanes) expect(state === "engaged").toBe(position !== null);
  });
});
