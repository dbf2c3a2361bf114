/** A desk in mode live at venues on this machine: everything is held as with real money there. */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import type { DeskStatus } from "../../actors/desk/mod.ts";
import { askDesk } from "../../adapters/cli/control.ts";
import type { Row } from "../../adapters/preflight/mod.ts";
import { LedgerReader } from "../../adapters/store/reader.ts";
import { type Rehearsal, rehearsalVenues } from "../../adapters/venues/rehearsal/mod.ts";
import { add, compare, decimal, multiply } from "../../machines/domain/decimal.ts";
import { DeskProcess, novactor } from "../kill/desk-process.ts";
import { complaintsOf, WorkFolder } from "../kill/harness.ts";
import { liveArgs, liveEnvironment } from "./live-gate.fixture.ts";
import { lastClose, startVenue, symbol } from "./nervous.fixture.ts";

setDefaultTimeout(240_000);

const folder = new WorkFolder();
afterAll(() => folder[Symbol.dispose]());

async function statusOf(file: string): Promise<DeskStatus | null> {
  try {
    return (await askDesk(file, "/status")) as DeskStatus;
  } catch {
    // Not there yet: whoever waits looks again.
    return null;
  }
}

/** Moves the price up a little, again and again, until the desk is where it is wanted. */
function rising(
  venue: Rehearsal,
  desk: DeskProcess,
  isThere: () => Promise<boolean>,
): Promise<boolean> {
  let ticks = lastClose;
  return desk.until(async () => {
    // Each move may change a stop, and the venue counts requests.
    await Bun.sleep(500);
    ticks += 200;
    venue.control.feedPoint(symbol, decimal((ticks / 10).toFixed(1)));
    return await isThere();
  });
}

test.each(rehearsalVenues)(
  "%s: what is bought stays below the cap, and is protected",
  async (name) => {
    const file = folder.file(`${name}.db`);
    await using venue = await startVenue(name);
    const environment = liveEnvironment(name, venue);
    // Far enough for the fees of either venue.
    const target = ["--set", "stop.targetAtrMultiple=100"];
    const args = [...liveArgs(name, venue.url), ...target, "--db", file];
    await using desk = new DeskProcess(["start", ...args, "--port", "0"], environment);
    const isProtected = async () =>
      (await statusOf(file))?.positions.some(({ state }) => state === "open") === true;
    expect(await rising(venue, desk, isProtected)).toBe(true);
    expect(desk.out).toContain("ready: no check stands against trading with real money");
    expect(desk.out).toContain("LIVE, REAL MONEY");

    const { orders, trades } = venue.control.record();
    const spent = trades
      .filter(({ order }) => order.side === "buy")
      .reduce((sum, { price, quantity }) => add(sum, multiply(price, quantity)), decimal(0));
    expect([compare(spent, decimal(50)), compare(spent, decimal(40))]).toEqual([-1, 1]);
    expect(orders.filter(({ side }) => side === "sell")).toMatchObject([{ state: "open" }]);

    // Beside a desk at work it looks, takes nothing and places nothing.
    const looked = await novactor(["preflight", ...args, "--json"], environment);
    const rows = (JSON.parse(looked.out) as { rows: Row[] }).rows;
    expect(rows.filter(({ severity }) => severity === "critical")).toEqual([]);
    const lease = rows.find(({ check }) => check === "lease");
    expect(lease?.text).toStartWith("The lease is held by process ");
    const asked = rows.filter(({ account }) => account !== null);
    expect(asked.map(({ check, severity }) => `${check} ${severity}`)).toEqual([
      ...["keys ok", "venue ok", "venueClock ok", "rules ok", "keyRights note"],
    ]);
    expect(asked.at(-1)?.text).toContain("trades with this key, and would be disturbed");
    expect(desk.isDone).toBe(false);

    const flatten = { name: "flatten", target: null, reason: "", who: "test" };
    const answer = await askDesk(file, "/command", { ...flatten, idempotencyKey: "flatten-it" });
    expect(answer).toMatchObject({ done: true });
    const hasSold = async () => {
      await Bun.sleep(50);
      return (await statusOf(file))?.counts.trades === 1;
    };
    expect(await desk.until(hasSold)).toBe(true);
    desk.signal("SIGINT");
    const ended = await desk.ended;
    expect([ended.code, complaintsOf(ended)]).toEqual([0, ""]);
    const btc = venue.control.record().balances.find(({ coin }) => coin === "BTC");
    expect(btc?.total).toBe(decimal(1));
  },
);

test("a cap below the venue's minimum closes a gate that says so, and nothing is sent", async () => {
  const file = folder.file("capped.db");
  await using venue = await startVenue("kraken");
  const environment = liveEnvironment("kraken", venue);
  const args = [...liveArgs("kraken", venue.url), "--set", "live.maxExposure=2", "--db", file];
  await using desk = new DeskProcess(["start", ...args, "--port", "0"], environment);
  const isCapped = () => {
    using reader = new LedgerReader(file);
    return [...reader.journal.range()].some(({ code }) => code === "exposureCap");
  };
  const isThere = async () => (await statusOf(file)) !== null && isCapped();
  expect(await rising(venue, desk, isThere)).toBe(true);
  desk.signal("SIGINT");
  expect((await desk.ended).code).toBe(0);
  expect(venue.control.record().orders).toEqual([]);
  const shown = await novactor([
    "journal",
    "show",
    "--db",
    file,
    "--code",
    "exposureCap",
    "--json",
  ]);
  const [line = ""] = shown.out.split("\n");
  expect(JSON.parse(line)).toMatchObject({
    decision: { code: "exposureCap", gate: { name: "exposure", value: "0", limit: "2" } },
  });
});

test("the dead man's switch is armed as long as the desk lives, and called off at its end", async () => {
  const file = folder.file("switch.db");
  await using venue = await startVenue("kraken");
  const environment = liveEnvironment("kraken", venue);
  const armed = ["account.deadMansSwitch=60s", "account.acceptNaked=true"];
  const sets = armed.flatMap((each) => ["--set", each]);
  const args = [...liveArgs("kraken", venue.url), ...sets, "--db", file, "--port", "0"];
  const asked = () =>
    venue.control.requests.filter(({ name }) => name === "CancelAllOrdersAfter").length;
  await using desk = new DeskProcess(["start", ...args], environment);
  expect(await desk.until(() => asked() >= 1)).toBe(true);
  const before = asked();
  desk.signal("SIGINT");
  const ended = await desk.ended;
  expect([ended.code, complaintsOf(ended), asked() > before]).toEqual([0, "", true]);
});
