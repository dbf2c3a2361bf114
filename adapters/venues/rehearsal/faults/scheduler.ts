import { share } from "../draws.ts";
import { type FaultLevel, type FaultRates, faultLevels } from "./levels.ts";
import {
  canStrike,
  checkedOrder,
  type FaultName,
  type FaultOrder,
  type FaultScope,
  faultRegistry,
  type Strike,
} from "./registry.ts";

/** One fault that was thrown. */
export interface ThrownFault {
  readonly number: number;
  /** Venue time, Unix milliseconds. */
  readonly at: number;
  readonly name: FaultName | "restart" | "clockSkew" | "connectionsClosed" | "status";
  readonly on: FaultScope | "venue";
  /** Which request or channel: `AddOrder`, `executions`. */
  readonly target: string;
  readonly by: "order" | "seed" | "control";
}

interface PendingOrder {
  readonly order: FaultOrder;
  left: number;
}

const thrownKept = 10_000;

/** Decides which fault strikes what: those that were ordered first, else by seed at a rate. */
export class FaultScheduler {
  readonly #now: () => number;
  #pending: PendingOrder[] = [];
  #rates: FaultRates = faultLevels.none;
  #seed = "0";
  #drawn = new Map<string, number>();
  #thrown: ThrownFault[] = [];
  #count = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @throws {RangeError} if the order makes no sense. */
  order(order: FaultOrder): void {
    this.#pending.push({ order: checkedOrder(order), left: order.count ?? 1 });
  }

  setLevel(level: FaultLevel, seed: string): void {
    this.#rates = faultLevels[level];
    this.#seed = seed;
    this.#drawn = new Map();
  }

  clear(): void {
    this.#pending = [];
  }

  get pending(): readonly (FaultOrder & { readonly left: number })[] {
    return this.#pending.map(({ order, left }) => ({ ...order, left }));
  }

  get thrown(): readonly ThrownFault[] {
    return this.#thrown;
  }

  /** The fault that strikes this request or message, or null. */
  next(on: FaultScope, target: string): Strike | null {
    const ordered = this.#pending.find(({ order }) => matches(order, on, target));
    if (ordered !== undefined) {
      ordered.left -= 1;
      if (ordered.left === 0) this.#pending = this.#pending.filter((each) => each !== ordered);
      return this.#strike(ordered.order, on, target, "order");
    }
    const name = this.#draw(on, target);
    return name === null ? null : this.#strike({ name }, on, target, "seed");
  }

  /** Notes what the control channel did to the whole venue. */
  note(name: ThrownFault["name"], target: string): void {
    this.#log({ name, on: "venue", target, by: "control" });
  }

  #draw(on: FaultScope, target: string): FaultName | null {
    const rates = Object.entries(this.#rates) as [FaultName, number][];
    const fitting = rates.filter(([name]) => canStrike(name, on, target));
    if (fitting.length === 0) return null;
    // Keyed by the number of its kind: what one kind of request draws does not depend on others.
    const number = (this.#drawn.get(`${on}/${target}`) ?? 0) + 1;
    this.#drawn.set(`${on}/${target}`, number);
    let drawn = share(this.#seed, "fault", on, target, number);
    for (const [name, rate] of fitting) {
      if (drawn < rate) return name;
      drawn -= rate;
    }
    return null;
  }

  #strike(order: FaultOrder, on: FaultScope, target: string, by: "order" | "seed"): Strike {
    const { accepts = false, status = null } = faultRegistry[order.name];
    const number = this.#log({ name: order.name, on, target, by });
    return { ...order, accepts: order.accepts ?? accepts, status, number };
  }

  #log(thrown: Omit<ThrownFault, "number" | "at">): number {
    this.#count += 1;
    this.#thrown.push({ number: this.#count, at: this.#now(), ...thrown });
    if (this.#thrown.length > 2 * thrownKept) this.#thrown = this.#thrown.slice(-thrownKept);
    return this.#count;
  }
}

function matches(order: FaultOrder, on: FaultScope, target: string): boolean {
  const isMeant = order.on?.includes(on) !== false && (order.target ?? target) === target;
  return isMeant && canStrike(order.name, on, target);
}
