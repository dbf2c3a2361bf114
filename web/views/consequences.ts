import type { z } from "zod";
import type { Desk } from "../../actors/desk/mod.ts";
import {
  add,
  type Decimal,
  isPositive,
  multiply,
  roundToPlaces,
  zero,
} from "../../machines/domain/decimal.ts";
import type { OrderContext } from "../../machines/order.types.ts";
import type { PositionContext } from "../../machines/position.types.ts";
import { type consequenceView, foretold } from "../api/desk.ts";
import { RouteError } from "../api/route.ts";

type Consequences = z.input<typeof consequenceView>;

/** What a command would do to what is committed now. @throws {RouteError} for another command */
export function consequencesOf(desk: Desk, command: string): Consequences {
  const name = foretold.find((each) => each === command);
  if (!name) {
    const wanted = foretold.join(", ");
    throw new RouteError(404, `Cannot foretell "${command}", wanted one of ${wanted}`);
  }
  const { mode, brakes, quote, journalHead } = desk.status();
  const { entries, held, notional, unpriced } = underWay(desk);
  const cancels = entries === 0 ? "no entry is at work" : counted(entries, "working entry");
  const closes =
    held === 0
      ? "No position is open: nothing is sold."
      : `${counted(held, "position")} worth about ${grouped(notional)} ${quote}${unpriced} will be sold at market.`;
  const own = brakes.filter(
    ({ kind, scope }) => (kind === "pause" || kind === "halt") && scope === "desk",
  );
  const others = brakes.filter((brake) => !own.includes(brake));
  const words: Record<typeof name, string[]> = {
    pause: [
      "No new entries until you resume.",
      `Entries at work stay (${entries}), and positions stay managed (${held}): stops, trails and targets go on.`,
    ],
    halt: [
      "No new exposure until you resume.",
      entries === 0
        ? "No entry is at work: nothing is cancelled."
        : `${cancels} will be cancelled.`,
      `Positions stay open (${held}) and their stops stay: nothing is sold.`,
    ],
    flatten: [
      "The desk is paused until you resume.",
      entries === 0
        ? "No entry is at work: nothing is cancelled."
        : `${cancels} will be cancelled.`,
      closes,
    ],
    resume: [
      own.length === 0
        ? "No pause or halt is on: nothing is released."
        : `Released: ${own.map(({ brakeId }) => brakeId).join(", ")}. New entries are possible at the next decision.`,
      ...(others.length === 0
        ? []
        : [`Still on: ${others.map(({ brakeId }) => brakeId).join(", ")}.`]),
    ],
  };
  return {
    text: [...words[name], moneyWords[mode]].join(" "),
    ...{ mode, notional, journalSeq: journalHead.seq },
    entries: name === "flatten" || name === "halt" ? entries : 0,
    positions: name === "flatten" ? held : 0,
    brakes: brakes.map(({ brakeId }) => brakeId),
  };
}

const moneyWords = {
  paper: "On paper: no order reaches a venue.",
  rehearsal: "In rehearsal: orders go to a venue of our own.",
  live: "Live: this is real money.",
} as const;

function counted(number: number, what: string): string {
  if (number === 1) return `1 ${what}`;
  return `${number} ${what.endsWith("y") ? `${what.slice(0, -1)}ies` : `${what}s`}`;
}

/** Entries at work, and what positions hold at the last price. */
function underWay(desk: Desk) {
  let entries = 0;
  let held = 0;
  let notional: Decimal = zero;
  const unpriced: string[] = [];
  for (const [name, snapshot] of desk.actors()) {
    if (snapshot.hasTag("over")) continue;
    if (name.startsWith("order:")) {
      const { intent } = snapshot.context as OrderContext;
      if (intent.role === "entry") entries += 1;
    }
    if (!name.startsWith("position:")) continue;
    const { at, symbol, quantity } = snapshot.context as PositionContext;
    if (!isPositive(quantity)) continue;
    held += 1;
    const price = desk.lastPrice(at, symbol);
    if (price === null) unpriced.push(symbol);
    else notional = add(notional, multiply(quantity, price));
  }
  const without = unpriced.length === 0 ? "" : ` (without ${unpriced.join(", ")}: no price yet)`;
  return { entries, held, notional: roundToPlaces(notional, 2, "down"), unpriced: without };
}

/** With thousands apart. */
const grouped = (amount: string): string => amount.replace(/\B(?<!\.\d*)(?=(\d{3})+(?!\d))/g, ",");
