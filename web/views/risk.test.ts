/** Limits and accounts in the panel, against the desk and the ledger of a run. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { add, type Decimal, isZero } from "../../machines/domain/decimal.ts";
import { asking } from "../testing/ask.fixture.ts";
import { type TradedDesk, tradedDesk } from "../testing/traded-desk.fixture.ts";

setDefaultTimeout(180_000);

let world: TradedDesk;
let ask: ReturnType<typeof asking>;
beforeAll(async () => {
  world = await tradedDesk({ hours: 26, hasSecond: true });
  ask = asking(world.panel);
});
afterAll(() => world[Symbol.asyncDispose]());

let keys = 0;
function command(name: "hold" | "halt" | "pause", target: string | null = null) {
  keys += 1;
  const who = { who: "ann", role: "operate", reason: "a look" } as const;
  return world.parts.desk.command({ name, target, ...who, idempotencyKey: `risk-test-${keys}` });
}

describe("risk", () => {
  test("has each account's limits beside their use", async () => {
    const { accounts, exposures } = await ask("GET /api/v1/risk", {});
    const status = world.parts.desk.status();
    expect(accounts.map(({ account }) => account)).toEqual(["paper:main", "paper:second"]);
    expect(exposures).toEqual([
      { quote: "USD", exposure: status.watch.exposure, cap: status.watch.exposureCap },
    ]);
    for (const each of accounts) {
      const own = status.accounts.find(({ account }) => account === each.account);
      expect(each.positionCap).toBe(own?.risk.positionCap ?? 0);
      expect(each.equity).toBe(own?.equity as Decimal);
      const held = status.positions.filter(({ positionId }) =>
        positionId.startsWith(`${each.account}/`),
      );
      expect(each.openPositions).toBeGreaterThanOrEqual(held.length);
      // What is lost of the day's first equity, and what is left of it, come to the whole.
      const start = Number(each.equity) - Number(each.dayPnl);
      expect(-Number(each.dayPnl)).toBeCloseTo(each.dayLoss * start, 0);
      for (const { value, share } of each.symbols) {
        expect(share).toBeCloseTo(Number(value) / Number(each.equity), 9);
      }
    }
  });

  test("has a brake with cause and release, and what may not be released by hand", async () => {
    const { scopes } = await ask("GET /api/v1/risk", {});
    expect(scopes).toContain("paper:second/BTC/USD");
    for (const scope of scopes) expect(command("hold", scope).done).toBe(true);
    const { brakes } = await ask("GET /api/v1/risk", {});
    expect(brakes.map(({ scope }) => scope).toSorted()).toEqual(scopes.toSorted());
    for (const { reason, releaseRefused } of brakes) {
      expect([reason, releaseRefused]).toEqual(["by ann: a look", null]);
    }
    world.parts.desk.observe({ type: "emergencyFile", path: "x.halt", isThere: true });
    const after = await ask("GET /api/v1/risk", {});
    expect(after.brakes.find(({ kind }) => kind === "file")?.releaseRefused).toBe(
      'brake "file/desk" is released by removing the file',
    );
  });

  test("has a tripped breaker before the others, with its cause and what releases it", async () => {
    const text = "the process paused for 2,000 ms";
    world.parts.desk.observe({ type: "vital", rule: "eventLoopLag", isGood: false, text });
    const { breakers, brakes } = await ask("GET /api/v1/risk", {});
    expect(breakers[0]).toMatchObject({
      ...{ brakeId: "breaker/eventLoopLag/desk", state: "open", trips: 1, reason: text },
      releasedBy: "a while without pauses",
    });
    expect(brakes.map(({ brakeId }) => brakeId)).toContain("breaker/eventLoopLag/desk");
    const failures = breakers.find(({ rule }) => rule === "repeatedFailures");
    expect(failures?.counts).toBe("0 of 10 failures");
  });

  test("has a lane that cools down with the time until which it does", async () => {
    for (let hours = 0; hours < 40; hours += 1) {
      const { coolDowns, at } = await ask("GET /api/v1/risk", {});
      const [one] = coolDowns;
      if (one) {
        expect(one.until ?? 0).toBeGreaterThanOrEqual(at);
        const actor = world.parts.reader.liveActor(one.actor);
        expect(actor?.snapshot).toMatchObject({ value: "coolingDown" });
        return;
      }
      await world.runOn(0.05);
      if (hours === 0) for (const { brakeId } of world.parts.desk.status().brakes) release(brakeId);
    }
    throw new Error("Cannot see a cool-down: no lane had one");
  });
});

function release(target: string): void {
  keys += 1;
  const who = { who: "ann", role: "operate", reason: "a look" } as const;
  const idempotencyKey = `risk-test-${keys}`;
  if (target.startsWith("file/")) {
    world.parts.desk.observe({ type: "emergencyFile", path: "x.halt", isThere: false });
  } else world.parts.desk.command({ name: "release", target, ...who, idempotencyKey });
}

describe("accounts", () => {
  test("have coins whose parts come to the whole, and their openings", async () => {
    const { accounts } = await ask("GET /api/v1/accounts", {});
    expect(accounts.map(({ account }) => account)).toEqual(["paper:main", "paper:second"]);
    for (const { account, coins, movements, differences, state, readAt } of accounts) {
      expect([state, differences, readAt === null]).toEqual(["reconciled", [], false]);
      for (const each of coins) {
        const parts = [each.owned, each.cash, each.dust, each.unmanaged] as Decimal[];
        expect(parts.reduce((total, part) => add(total, part))).toBe(each.ledger as Decimal);
        expect(isZero(each.difference as Decimal)).toBe(true);
        expect(Number(each.held)).toBeGreaterThanOrEqual(0);
      }
      expect(movements.map(({ entryId, isBalanced }) => [entryId, isBalanced])).toEqual([
        [`opening/${account}/USD`, true],
      ]);
    }
  });

  test("hold by their stops what their positions own", async () => {
    const { accounts } = await ask("GET /api/v1/accounts", {});
    const open = await ask("GET /api/v1/open-trades", {});
    for (const { account, coins } of accounts) {
      for (const { coin, owned, held } of coins) {
        const own = open.rows.filter(
          (row) => row.account === account && row.symbol.startsWith(`${coin}/`),
        );
        if (own.some(({ state }) => state !== "open")) continue;
        if (coin !== "USD") expect([coin, held]).toEqual([coin, owned]);
      }
    }
  });
});
