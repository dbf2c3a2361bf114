import { decimal, zero } from "./domain/decimal.ts";
import { Choices } from "./model-venue.fixture.ts";
import type { PositionEvent } from "./position.types.ts";
import { type ModelOrder, PositionWorld, type Refusals } from "./position-world.fixture.ts";

export type Role = ModelOrder["intent"]["role"];

/** A world in which nothing is refused unless it says so. */
export function worldOf(
  refusals: Partial<Refusals> = {},
  feeShare = zero,
  isBare = false,
): PositionWorld {
  const all = { stops: 0, exits: 0, amends: 0, drops: 0, ...refusals };
  return new PositionWorld(new Choices([]), all, feeShare, isBare);
}

export function latest(world: PositionWorld, role: Role): ModelOrder {
  const order = world.order(role);
  if (!order) throw new Error(`Cannot find order of role "${role}"`);
  return order;
}

/** Bought in whole, with its stop resting. */
export function protectedWorld(refusals: Partial<Refusals> = {}): PositionWorld {
  const world = worldOf(refusals);
  world.open(latest(world, "entry"));
  world.fill(latest(world, "entry"), 10);
  world.open(latest(world, "stop"));
  return world;
}

export function runs(world: PositionWorld): PositionWorld {
  for (let steps = 0; world.step(); steps++) {
    if (steps > 500) throw new Error(`Cannot end: still ${world.state}`);
  }
  return world;
}

export const raised: PositionEvent = { type: "level.raised", stopPrice: decimal(95) };
