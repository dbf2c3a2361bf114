/** How one intent is driven, and where it is struck. */
import type { FaultScope } from "../../adapters/venues/rehearsal/mod.ts";
import { decimal } from "../../machines/domain/decimal.ts";
import { actorName } from "../../machines/domain/ids.ts";
import type { OrderContext } from "../../machines/order.types.ts";
import { symbol } from "./bench.ts";
import { doubtMs, type LiveDesk } from "./live-desk.fixture.ts";

const context = (world: LiveDesk) => world.entry?.context as OrderContext | undefined;

const hasEnded = (world: LiveDesk) => () =>
  (context(world)?.ended ?? null) !== null && world.isSettled;

/** What befalls one intent. */
export interface Blow {
  readonly fault: string;
  /** Whether a read is sound under it all the same, or struck by nothing that a look-up can clear. */
  readonly isHarmless: boolean;
  /** Which requests or channels it can be struck in. */
  readonly targets: readonly string[];
  readonly strike: (targets: readonly string[], count?: number) => void;
  /** What was seen to be wrong on the way. */
  readonly wrong: string[];
}

/** An entry that takes is sent, and struck. */
async function submitted(world: LiveDesk, { fault, targets, strike }: Blow): Promise<void> {
  strike(targets);
  world.open("60010");
  if (fault === "partialFill") {
    const isPart = () => context(world)?.filled === "0.005" && isOpen(world);
    await world.until("a first part, protected", isPart);
    world.rehearsal.control.feedPoint(symbol, decimal("59000"));
  }
  await world.until("the entry's end", hasEnded(world));
}

/** An entry that rests is cancelled, and the cancel is struck. */
async function canceled(world: LiveDesk, { targets, strike }: Blow): Promise<void> {
  world.open("59000");
  await world.until("a resting entry", () => matches(world, "open"));
  strike(targets);
  world.send(actorName.position(world.positionId), { type: "entry.abandon", reason: "struck" });
  await world.until("the entry's end", hasEnded(world));
}

/** The stop of a position is raised, and the amendment is struck. */
async function amended(world: LiveDesk, { targets, strike }: Blow): Promise<void> {
  world.open("60010");
  await world.until("a protected position", () => world.isSettled && isOpen(world));
  strike(targets);
  const stopPrice = decimal("58500");
  world.send(actorName.position(world.positionId), { type: "level.raised", stopPrice });
  const isRaised = () => isOpen(world) && world.held?.stop?.live?.stopPrice === stopPrice;
  // The stop may fill instead: then there is nothing left to protect.
  const isOver = () => world.position?.hasTag("over") ?? false;
  await world.until("a raised stop", () => (isRaised() || isOver()) && world.isSettled);
}

/**
 * The reply to an entry is lost, and each look-up is struck until absence would be proof; then two of
 * the reads that a look-up consists of are struck, what they are asked after being sound.
 */
async function read(
  world: LiveDesk,
  { fault, isHarmless, targets, strike, wrong }: Blow,
): Promise<void> {
  const { control } = world.rehearsal;
  const [first = "", ...others] = targets;
  control.orderFault({ name: "acceptThenReset", on: ["submit"] });
  // A ban keeps everything from going out for seconds: one is enough.
  if (isHarmless) strike(targets, 10_000);
  else strike([first], fault === "banned" ? 1 : 10_000);
  const provesAt = control.now + doubtMs;
  world.open("60010");
  const isLost = () => (context(world)?.lookUps ?? 0) >= 1 && control.now > provesAt;
  await world.until("look-ups in vain, or the truth", () => isLost() || isKnown(world));
  control.clearFaults();
  if (!isHarmless) {
    if (!world.entry?.hasTag("unknown")) wrong.push("not unknown, though every look-up was struck");
    strike(others.slice(0, fault === "banned" ? 1 : 2));
  }
  await world.until("the entry's end", hasEnded(world));
}

/** A resting entry fills while the stream that would tell of it is struck. */
async function streamed(world: LiveDesk, { targets, strike }: Blow): Promise<void> {
  world.open("59000");
  await world.until("a resting entry", () => matches(world, "open"));
  strike(targets);
  world.rehearsal.control.feedPoint(symbol, decimal("58900"));
  await world.until("the entry's end", hasEnded(world));
}

const matches = (world: LiveDesk, held: string) =>
  world.entry?.matches({ live: { held, asked: "none" } } as never) ?? false;
const isOpen = (world: LiveDesk) => world.position?.matches("open" as never) ?? false;
const isKnown = (world: LiveDesk) => (context(world)?.venueOrderId ?? null) !== null;

/** One intent, driven until its end is known, by what is struck on its way. */
export const drives: Readonly<Record<FaultScope, (world: LiveDesk, blow: Blow) => Promise<void>>> =
  { submit: submitted, cancel: canceled, amend: amended, read, stream: streamed };
