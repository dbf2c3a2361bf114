import {
  absolute,
  add,
  compare,
  type Decimal,
  divide,
  isZero,
  multiply,
  negate,
  subtract,
  sum,
  toNumber,
  zero,
} from "../../machines/domain/decimal.ts";
import type { Decision } from "../../machines/domain/decision.ts";
import type { OrderRow } from "../../machines/domain/ledger.ts";
import type { FillRow } from "../store/tables.ts";

/** What a run came to, in the order in which it did. */
export interface DayRecord {
  readonly decisions: readonly Decision[];
  readonly orders: readonly OrderRow[];
  readonly fills: readonly FillRow[];
}

/** What two runs of one day may differ by. */
export interface DayTerms {
  /** How long an order takes over the wire to meet the market, milliseconds. */
  readonly latencyMs: number;
  /** How long one in the process may wait for the next point of a path, where that is longer. */
  readonly pathMs: number;
  /** What the account opened with, quote coin: orders are sized by it. */
  readonly equity: Decimal;
  /** Lowest and highest price traded from one time to another, both included; quote coin. */
  readonly range: (symbol: string, from: number, to: number) => readonly [Decimal, Decimal] | null;
  /** What taking costs beyond that, quote coin. */
  readonly slippage: (symbol: string) => Decimal;
}

export type DayPart = "decisions" | "signals" | "orders" | "fills";

/** Something that is not the same in both runs; unexplained where there is no explanation. */
export interface DayDifference {
  readonly part: DayPart;
  /** The order's intent, or the lane and time of a decision. */
  readonly of: string;
  readonly what: string;
  readonly inProcess: string;
  readonly overSockets: string;
  readonly explanation: string | null;
}

export interface DayCount {
  readonly part: DayPart;
  readonly inProcess: number;
  readonly overSockets: number;
  readonly equal: number;
  readonly explained: number;
  readonly unexplained: number;
}

export interface DayComparison {
  readonly counts: readonly DayCount[];
  readonly differences: readonly DayDifference[];
}

/** Share by which amounts may differ because a wire tells money with fewer digits. */
const roundingShare = 1e-6;

type Compared = Omit<DayDifference, "part" | "of">;

/** Compares one day traded in the process with the same day traded over sockets. */
export function compareDays(a: DayRecord, b: DayRecord, terms: DayTerms): DayComparison {
  const day = new Days(a, b, terms);
  const parts: readonly [DayPart, ReturnType<typeof paired<unknown>>][] = [
    ["decisions", paired(keyedDecisions(a), keyedDecisions(b), (x, y) => day.decision(x, y))],
    [
      "signals",
      paired(
        signalsOf(a),
        signalsOf(b),
        () => [],
        (of) => day.decided(of),
      ),
    ],
    [
      "orders",
      paired(
        keyedOrders(a),
        keyedOrders(b),
        (x, y) => day.order(x, y),
        (_, one) => day.lone(one),
      ),
    ],
    [
      "fills",
      paired(
        keyedFills(a),
        keyedFills(b),
        (x, y) => day.fill(x, y),
        (_, one) => day.turned(one.at),
      ),
    ],
  ];
  return {
    counts: parts.map(([part, { found, ...count }]) => {
      const odd = found.filter(({ differences }) => differences.length > 0);
      const isOpen = odd.filter(({ differences }) =>
        differences.some(({ explanation }) => explanation === null),
      );
      const unexplained = isOpen.length;
      const explained = odd.length - unexplained;
      return { part, ...count, equal: found.length - odd.length, explained, unexplained };
    }),
    differences: parts.flatMap(([part, { found }]) =>
      found.flatMap(({ of, differences }) => differences.map((each) => ({ part, of, ...each }))),
    ),
  };
}

/** Pairs what both runs have under one key; what only one of them has is a difference too. */
function paired<T>(
  a: ReadonlyMap<string, T>,
  b: ReadonlyMap<string, T>,
  differ: (x: T, y: T) => readonly Compared[],
  explain: (of: string, one: T) => string | null = () => null,
) {
  const found = [...new Set([...a.keys(), ...b.keys()])].map((of) => {
    const [x, y] = [a.get(of), b.get(of)];
    if (x !== undefined && y !== undefined) return { of, differences: differ(x, y) };
    const [inProcess, overSockets] = x === undefined ? ["none", "one"] : ["one", "none"];
    const explanation = explain(of, (x ?? y) as T);
    const missing = { what: "is", inProcess, overSockets, explanation };
    return { of, differences: [missing] };
  });
  return { inProcess: a.size, overSockets: b.size, found };
}

function numbered<T>(all: readonly T[], keyOf: (each: T) => string): Map<string, T> {
  const counts = new Map<string, number>();
  return new Map(
    all.map((each) => {
      const key = keyOf(each);
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      return [count === 1 ? key : `${key} #${count}`, each];
    }),
  );
}

const keyedDecisions = ({ decisions }: DayRecord) =>
  numbered(decisions, ({ symbol, at }) => `${symbol} ${new Date(at).toISOString()}`);
const signalsOf = (record: DayRecord) =>
  new Map([...keyedDecisions(record)].filter(([, { outcome }]) => outcome === "trade"));
const keyedOrders = ({ orders }: DayRecord) =>
  new Map(orders.map((order) => [order.intent.intentId, order]));
const keyedFills = ({ fills }: DayRecord) => numbered(fills, ({ intentId }) => intentId);

class Days {
  private readonly decisionsOfA: ReadonlyMap<string, Decision>;
  private readonly decisionsOfB: ReadonlyMap<string, Decision>;

  constructor(
    private readonly a: DayRecord,
    private readonly b: DayRecord,
    private readonly terms: DayTerms,
  ) {
    this.decisionsOfA = keyedDecisions(a);
    this.decisionsOfB = keyedDecisions(b);
  }

  /** Why only one run had a signal there: why they decided differently. */
  decided(of: string): string | null {
    const [x, y] = [this.decisionsOfA.get(of), this.decisionsOfB.get(of)];
    if (x === undefined || y === undefined) return null;
    return this.decision(x, y)[0]?.explanation ?? null;
  }

  /** Why only one run has an order: why only that one decided on it. */
  lone({ intent }: OrderRow): string | null {
    const at = new Date(intent.createdAt).toISOString();
    return this.decided(`${intent.symbol} ${at}`);
  }

  /** Why things went on differently from about then: the runs decided differently, explained. */
  turned(at: number): string | null {
    const apartMs = Math.max(this.terms.latencyMs, this.terms.pathMs);
    for (const [of, decision] of this.decisionsOfA) {
      if (Math.abs(decision.at - at) <= apartMs && this.decided(of) !== null) {
        return "went another way where what was decided differs";
      }
    }
    return null;
  }

  decision(x: Decision, y: Decision): readonly Compared[] {
    const told = ({ outcome, code, gate }: Decision) =>
      `${outcome} ${code}${gate === null ? "" : ` at ${gate.name}`}`;
    if (told(x) === told(y)) return [];
    const explanation = this.isMidway(x.at)
      ? "a fill of about then came to one of both before the other"
      : null;
    return [{ what: "decided", inProcess: told(x), overSockets: told(y), explanation }];
  }

  order(x: OrderRow, y: OrderRow): readonly Compared[] {
    const differences: Compared[] = [];
    const note = (what: string, of: (row: OrderRow) => unknown, explanation: string | null) => {
      const [inProcess, overSockets] = [String(of(x)), String(of(y))];
      if (inProcess !== overSockets)
        differences.push({ what, inProcess, overSockets, explanation });
    };
    const sized = this.sizeExplained(x.intent.quantity, y.intent.quantity, x.intent.createdAt);
    note("side", ({ intent }) => intent.side, null);
    note("type", ({ intent }) => intent.type, null);
    note("quantity", ({ intent }) => intent.quantity, sized);
    note("price", ({ intent }) => intent.price, this.levelExplained(x, y, "price"));
    note("stop price", ({ intent }) => intent.stopPrice, this.levelExplained(x, y, "stopPrice"));
    const turned = this.turned(x.updatedAt) ?? this.turned(y.updatedAt);
    note("state", ({ state }) => state, turned);
    const filled = this.sizeExplained(x.filled, y.filled, x.updatedAt);
    note("filled", ({ filled: whole }) => whole, filled ?? turned);
    note("attempts", ({ attempts }) => attempts, null);
    return differences;
  }

  fill(x: FillRow, y: FillRow): readonly Compared[] {
    const differences: Compared[] = [];
    const note = (what: string, of: (row: FillRow) => unknown, explanation: string | null) => {
      const [inProcess, overSockets] = [String(of(x)), String(of(y))];
      if (inProcess !== overSockets)
        differences.push({ what, inProcess, overSockets, explanation });
    };
    note("time", ({ at }) => at, this.timeExplained(y.at - x.at));
    note("price", ({ price }) => price, this.priceExplained(x, y));
    note("quantity", ({ quantity }) => quantity, this.sizeExplained(x.quantity, y.quantity, x.at));
    note("liquidity", ({ liquidity }) => liquidity, null);
    note("fee coin", ({ feeCoin }) => feeCoin, null);
    note("fee", ({ fee }) => fee, this.feeExplained(x, y));
    return differences;
  }

  /** Whether there was a fill about then that one run may have had before the other. */
  private isMidway(at: number): boolean {
    const apartMs = Math.max(this.terms.latencyMs, this.terms.pathMs);
    const isNear = (fill: FillRow) => apartMs > 0 && Math.abs(fill.at - at) <= apartMs;
    return this.a.fills.some(isNear) || this.b.fills.some(isNear);
  }

  private timeExplained(late: number): string | null {
    const { latencyMs, pathMs } = this.terms;
    if (late > 0 && late <= latencyMs) return `met the market ${late} ms later`;
    const waited = -late;
    return waited > 0 && waited <= pathMs
      ? `waited ${waited} ms for the path's next point in the process`
      : null;
  }

  /** A price that was traded while the order was on its way. */
  private priceExplained(x: FillRow, y: FillRow): string | null {
    if (x.at === y.at || this.timeExplained(y.at - x.at) === null) return null;
    const range = this.terms.range(x.symbol, Math.min(x.at, y.at), Math.max(x.at, y.at));
    if (range === null) return null;
    const slippage = this.terms.slippage(x.symbol);
    const [low, high] = [subtract(range[0], slippage), add(range[1], slippage)];
    if (compare(y.price, low) < 0 || compare(y.price, high) > 0) return null;
    return `traded at ${range[0]} to ${range[1]} within the latency`;
  }

  /** Levels hang on what was paid: they differ by no more than that did. */
  private levelExplained(x: OrderRow, y: OrderRow, level: "price" | "stopPrice"): string | null {
    const [one, other] = [x.intent[level], y.intent[level]];
    if (one === null || other === null) return null;
    const { positionId, symbol } = x.intent;
    const paid = ({ orders }: DayRecord) => {
      const entry = orders.find(({ intent }) => {
        return intent.positionId === positionId && intent.role === "entry";
      });
      if (entry === undefined || isZero(entry.filled)) return null;
      return divide(entry.filledFor, entry.filled, 12, "nearest");
    };
    const [before, after] = [paid(this.a), paid(this.b)];
    if (before === null || after === null) return null;
    const apart = add(absolute(subtract(before, after)), this.terms.slippage(symbol));
    if (isZero(subtract(before, after)) || compare(absolute(subtract(one, other)), apart) > 0) {
      return null;
    }
    return `the entry was paid ${absolute(subtract(before, after))} apart`;
  }

  /** Quantities hang on the equity: they differ by no more than it did by then, as a share. */
  private sizeExplained(one: Decimal, other: Decimal, at: number): string | null {
    const apart = absolute(subtract(one, other));
    const share = toNumber(one) === 0 ? Number.POSITIVE_INFINITY : toNumber(apart) / toNumber(one);
    if (share <= roundingShare) return "rounding of amounts on the wire";
    const money = absolute(subtract(moneyBefore(this.a, at), moneyBefore(this.b, at)));
    const moved = toNumber(money) / toNumber(this.terms.equity);
    // Equity is what it began with less what was lost since: twice the share is ample.
    if (moved > 0 && share <= 2 * moved + roundingShare) {
      return `sized by an equity that differs by ${money} since earlier fills`;
    }
    return null;
  }

  /** A fee is the same share of what was traded. */
  private feeExplained(x: FillRow, y: FillRow): string | null {
    const rate = ({ fee, price, quantity }: FillRow) =>
      toNumber(fee) / (toNumber(price) * toNumber(quantity));
    if (Math.abs(rate(x) - rate(y)) > roundingShare) return null;
    const isSame = x.price === y.price && x.quantity === y.quantity;
    return isSame ? "rounding of amounts on the wire" : "the same share of another amount";
  }
}

/** What fills up to a time brought and cost, quote coin. */
function moneyBefore({ fills }: DayRecord, at: number): Decimal {
  const before = fills.filter((fill) => fill.at <= at);
  return before.length === 0 ? zero : sum(before.map(moneyOf));
}

function moneyOf({ side, price, quantity, fee }: FillRow): Decimal {
  const notional = multiply(price, quantity);
  return subtract(side === "buy" ? negate(notional) : notional, fee);
}

/** Differences shown of each kind; the rest are counted. */
const shownMost = 40;

/** The comparison for a person. */
export function comparisonText({ counts, differences }: DayComparison, terms: string): string {
  const columns = ["in process", "over sockets", "equal", "explained", "unexplained"];
  const head = `  ${"".padEnd(10)}${columns.map((name) => name.padStart(14)).join("")}`;
  const rows = counts.map(({ part, ...count }) => {
    const { inProcess, overSockets, equal, explained, unexplained } = count;
    const cells = [inProcess, overSockets, equal, explained, unexplained];
    return `  ${part.padEnd(10)}${cells.map((cell) => String(cell).padStart(14)).join("")}`;
  });
  const byUrgency = differences.toSorted(
    (x, y) => Number(x.explanation !== null) - Number(y.explanation !== null),
  );
  const lines = byUrgency.slice(0, shownMost).map((each) => {
    const { part, of, what, inProcess, overSockets, explanation } = each;
    return `  ${part} ${of}: ${what} ${inProcess}, over sockets ${overSockets}: ${explanation ?? "UNEXPLAINED"}`;
  });
  const left = differences.length - lines.length;
  const open = differences.filter(({ explanation }) => explanation === null).length;
  return [
    `one day, traded in the process and over sockets; ${terms}`,
    head,
    ...rows,
    ...(lines.length === 0 ? [] : ["", ...lines, ...(left > 0 ? [`  and ${left} more`] : [])]),
    "",
    open === 0
      ? "the same day: what differs is explained"
      : `NOT the same day: ${open} differences are not explained`,
  ].join("\n");
}
