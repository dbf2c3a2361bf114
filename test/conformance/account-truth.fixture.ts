/** What the tests of an account's truth ask of a desk and of its venue. */
import { expect } from "bun:test";
import type { AccountView, CoinView } from "../../actors/desk/mod.ts";
import type { Command, CommandName } from "../../machines/domain/command.ts";
import { type Decimal, zero } from "../../machines/domain/decimal.ts";
import { actorName } from "../../machines/domain/ids.ts";
import type { Posting } from "../../machines/domain/ledger.ts";
import type { LiveDesk } from "./live-desk.fixture.ts";

export function account(world: LiveDesk): AccountView {
  const [view] = world.desk.status().accounts;
  if (!view) throw new Error("Cannot find the account: the status has none");
  return view;
}

export function coin(world: LiveDesk, name: string): CoinView | undefined {
  return account(world).coins.find((each) => each.coin === name);
}

export const brakes = (world: LiveDesk) => world.desk.status().brakes.map((each) => each.brakeId);

/** Entries of the ledger that no fill and no opening made. */
export function adjustments(world: LiveDesk): readonly Posting[] {
  world.desk.commit();
  const of = (posting: Posting) => !["fill", "opening balance"].includes(posting.cause);
  return [...world.reader.books.eachPosting()].filter(
    (each) => of(each) && each.account === "asset",
  );
}

export function readAgain(world: LiveDesk): void {
  world.send(actorName.reconciler(world.at), { type: "reconcile.now" });
}

let keys = 0;

export function command(
  world: LiveDesk,
  name: CommandName,
  parts: Partial<Pick<Command, "target" | "details" | "role" | "reason">> = {},
) {
  keys += 1;
  return world.desk.command({
    ...{ name, who: "ann", role: "operate", target: null, reason: "looked at it" },
    idempotencyKey: `truth-${keys}`,
    ...parts,
  });
}

/** What the venue's own record says that the account has. */
export function atVenue(world: LiveDesk, name: string): Decimal {
  const { balances } = world.rehearsal.control.record();
  return balances.find((each) => each.coin === name)?.total ?? zero;
}

/** Reads anew until nothing differs, then holds every coin against the venue's own record. */
export async function expectSameBooks(world: LiveDesk): Promise<void> {
  readAgain(world);
  await world.until("an account that agrees", () => {
    const { differences } = account(world);
    return world.isTrading && differences.length === 0 && brakes(world).length === 0;
  });
  for (const { coin: name, ledger } of account(world).coins) {
    expect([name, ledger]).toEqual([name, atVenue(world, name)]);
  }
}

interface Told {
  readonly event: {
    readonly type: string;
    readonly adjustments?: readonly { readonly cause: string }[];
  };
}

function turns(world: LiveDesk): readonly (readonly Told[])[] {
  world.desk.commit();
  return [...world.reader.journal.range()].map(({ content }) => {
    const { transitions = [] } = JSON.parse(content) as { transitions?: readonly Told[] };
    return transitions;
  });
}

/** Causes of what was adjusted, as the journal tells it: each is an event. */
export function toldAdjustments(world: LiveDesk): readonly string[] {
  const events = turns(world).flatMap((turn) => turn.map(({ event }) => event));
  return events.flatMap(({ adjustments = [] }) => adjustments.map(({ cause }) => cause));
}

/** Types of the events of each turn that has one of a type. */
export function eventsBeside(world: LiveDesk, type: string): readonly (readonly string[])[] {
  const types = turns(world).map((turn) => turn.map(({ event }) => event.type));
  return types.filter((each) => each.includes(type));
}
