/** One venue that is down when the desk starts again keeps no other account from being looked after. */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import type { DeskStatus } from "../../actors/desk/mod.ts";
import { exitCode } from "../../adapters/cli/exit-codes.ts";
import type { Rehearsal } from "../../adapters/venues/rehearsal/mod.ts";
import { DeskProcess, novactor } from "../kill/desk-process.ts";
import { WorkFolder } from "../kill/harness.ts";
import { accounts, besideText, isHeldOn, Markets, socket, statusOf } from "./accounts.fixture.ts";
import { Door } from "./door.fixture.ts";
import { liveEnvironment, liveSettings } from "./live-gate.fixture.ts";
import { accountAt, marketAt, nervous, setsOf, startVenue } from "./nervous.fixture.ts";

setDefaultTimeout(300_000);

const folder = new WorkFolder();
afterAll(() => folder[Symbol.dispose]());
let runs = 0;

/** The command of a desk at Kraken, and at Coinbase through a door. */
function startArgs(
  settings: Readonly<Record<string, string>>,
  door: Door,
): { readonly file: string; readonly args: readonly string[] } {
  runs += 1;
  const configuration = folder.file(`down-${runs}.yaml`);
  const beside = {
    ...{ venue: "coinbase", account: "main", prices: "coinbase" },
    ...{ rest: door.url, stream: socket(door.url, "/user") },
    ...{ pricesRest: door.url, pricesStream: socket(door.url, "/") },
  };
  writeFileSync(configuration, besideText([beside]));
  const file = folder.file(`down-${runs}.db`);
  const args = ["start", "--config", configuration, ...setsOf(settings), "--db", file];
  return { file, args: [...args, "--port", "0"] };
}

const keysOf = (kraken: Rehearsal, coinbase: Rehearsal) => ({
  ...liveEnvironment("kraken", kraken),
  ...liveEnvironment("coinbase", coinbase),
});

/** Waits until the desk's own answer holds; whatever it printed comes with a failure. */
async function comes(
  desk: DeskProcess,
  file: string,
  holds: (status: DeskStatus) => boolean,
): Promise<DeskStatus> {
  const seen: { last: DeskStatus | null } = { last: null };
  const held = await desk.until(async () => {
    await Bun.sleep(50);
    seen.last = await statusOf(file);
    return seen.last !== null && holds(seen.last);
  });
  if (held && seen.last) return seen.last;
  throw new Error(`Cannot wait on: the desk ended\n${desk.out}\n${(await desk.ended).err}`);
}

const stateOf = (status: DeskStatus, account: string) =>
  status.accounts.find((each) => each.account === account)?.state;
const holds = (status: DeskStatus, account: string) =>
  status.positions.some(({ positionId }) => positionId.startsWith(`${account}/`));

function bitcoinAt({ control }: Rehearsal): string | undefined {
  return control.record().balances.find(({ coin }) => coin === "BTC")?.total;
}

const liveOrders = ({ control }: Rehearsal) =>
  control.record().orders.filter(({ state }) => ["open", "triggered", "partial"].includes(state));

test.concurrent.each(["refusing", "hanging"] as const)(
  "an account is reconciled and flattened while the venue of another is %s, which follows",
  async (how) => {
    await using kraken = await startVenue("kraken");
    await using coinbase = await startVenue("coinbase");
    await using door = await new Door(coinbase.url).set("open");
    const settings = {
      ...{ ...nervous, ...marketAt(kraken.url), ...accountAt(kraken.url) },
      "stop.targetAtrMultiple": "100",
    };
    const { file, args } = startArgs(settings, door);
    // A cancel that nobody heard may be on its way for so long: two minutes, at Coinbase itself.
    const quick = { NOVACTOR_ASSUMPTIONS: "latestAcceptMs=3000,readLagMs=300" };
    const keys = { ...keysOf(kraken, coinbase), ...quick };
    {
      await using desk = new DeskProcess(args, keys);
      const markets = new Markets([kraken, coinbase]);
      const both = (status: DeskStatus) => accounts.every((each) => isHeldOn(status, each));
      expect([await markets.until(desk, file, both), desk.out]).toEqual([true, desk.out]);
      desk.signal("SIGKILL");
      await desk.ended;
    }
    await door.set(how);
    await using desk = new DeskProcess(args, keys);
    const back = await comes(
      desk,
      file,
      (status) => stateOf(status, "kraken:main") === "reconciled",
    );
    expect(accounts.map((each) => holds(back, each))).toEqual([true, true]);
    expect(stateOf(back, "coinbase:main")).toBe("reconciling");
    expect(desk.out).toContain("Cannot reach Coinbase Advanced: ");
    expect(desk.out).toContain("going on by the rules that the ledger has");
    const flattened = await novactor(["flatten", "--db", file, "--reason", "enough"]);
    expect([flattened.code, flattened.err]).toEqual([exitCode.ok, ""]);
    const half = await comes(desk, file, (status) => !holds(status, "kraken:main"));
    expect([holds(half, "coinbase:main"), liveOrders(kraken)]).toEqual([true, []]);
    expect(bitcoinAt(kraken)).toBe("1");
    const told = await comes(
      desk,
      file,
      ({ accounts: [, second] }) => (second?.unreadable?.times ?? 0) > 0,
    );
    expect(stateOf(told, "coinbase:main")).toBe("reconciling");
    const said = await novactor(["status", "--db", file]);
    expect(said.out).toContain(`coinbase:main could not be read`);

    await door.set("open");
    await comes(
      desk,
      file,
      (status) =>
        stateOf(status, "coinbase:main") === "reconciled" && !holds(status, "coinbase:main"),
    );
    expect([bitcoinAt(coinbase), liveOrders(coinbase)]).toEqual(["1", []]);
    desk.signal("SIGINT");
    expect((await desk.ended).code).toBe(exitCode.ok);
  },
);

test.concurrent("with real money an account is gated alone until its venue is reached and its checks pass", async () => {
  await using kraken = await startVenue("kraken");
  await using coinbase = await startVenue("coinbase");
  await using door = await new Door(coinbase.url).set("open");
  const { file, args } = startArgs(liveSettings("kraken", kraken.url), door);
  const keys = keysOf(kraken, coinbase);
  const isReconciled = (account: string) => (status: DeskStatus) =>
    stateOf(status, account) === "reconciled";
  {
    await using desk = new DeskProcess(args, keys);
    await comes(desk, file, (status) => accounts.every((each) => isReconciled(each)(status)));
    desk.signal("SIGKILL");
    await desk.ended;
  }
  await door.set("refusing");
  await using desk = new DeskProcess(args, keys);
  const back = await comes(desk, file, isReconciled("kraken:main"));
  const gate = (status: DeskStatus) =>
    status.brakes.find(({ brakeId }) => brakeId === "coldStart/coinbase:main");
  expect(back.brakes.filter(({ kind }) => kind === "coldStart")).toEqual([
    expect.objectContaining({ scope: "coinbase:main" }),
  ]);
  expect(gate(back)?.reason).toStartWith("Cannot reach coinbase");
  expect(desk.out).toContain("coinbase:main takes no entry until it passes, and is tried again");
  const refused = await novactor(["brake", "release", "coldStart/coinbase:main", "--db", file]);
  expect(refused.code).toBe(exitCode.refused);

  await door.set("open");
  await comes(
    desk,
    file,
    (status) => gate(status) === undefined && isReconciled("coinbase:main")(status),
  );
  expect(desk.out).toContain("coinbase:main passes every check now, and may trade");
  desk.signal("SIGINT");
  expect((await desk.ended).code).toBe(exitCode.ok);
});
