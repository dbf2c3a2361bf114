/** Where orders go and whose they are: always two fields, never one label. */
export interface VenueAccount {
  readonly venue: string;
  readonly account: string;
}

/** `paper:main`: for the names of actors and rows, never parsed back. */
export function accountKey({ venue, account }: VenueAccount): string {
  return `${venue}:${account}`;
}

export function isSameAccount(one: VenueAccount, other: VenueAccount): boolean {
  return one.venue === other.venue && one.account === other.account;
}

/** A symbol as the desk writes it: `BASE/QUOTE`, upper case. */
export type SymbolName = string;

const symbolForm = /^[A-Z0-9][A-Z0-9.-]{0,19}\/[A-Z0-9][A-Z0-9.-]{0,19}$/;

/** Splits `BTC/USD` into its coins. @throws {RangeError} if the text is not of that form. */
export function coinsOf(symbol: SymbolName): { base: string; quote: string } {
  if (!symbolForm.test(symbol)) {
    throw new RangeError(`Cannot read symbol "${symbol}": wanted BASE/QUOTE such as "BTC/USD"`);
  }
  const [base = "", quote = ""] = symbol.split("/");
  return { base, quote };
}

/**
 * One strategy book's way of trading a symbol: `BTC/USD`, or `BTC/USD~trend` where books run side by
 * side. What is decided and held is a lane's; what is quoted and traded is the symbol's. A lane of an
 * account beside the desk's first one begins with it, `kraken:main/BTC/USD`: no two lanes meet.
 */
export type LaneName = string;

export function laneOf(
  symbol: SymbolName,
  book: string | null,
  beside: VenueAccount | null = null,
): LaneName {
  const own = book === null ? symbol : `${symbol}~${book}`;
  return beside === null ? own : `${accountKey(beside)}/${own}`;
}

/** The symbol that a lane trades. */
export function symbolOfLane(lane: LaneName): SymbolName {
  const own = lane.includes(":") ? lane.slice(lane.indexOf("/") + 1) : lane;
  return own.split("~", 1)[0] ?? own;
}

/** What the names of a lane's scanner and positions share: it holds the account once. */
export function lanePath(at: VenueAccount, lane: LaneName): string {
  const account = `${accountKey(at)}/`;
  return lane.startsWith(account) ? lane : account + lane;
}

/**
 * The kinds of durable actor. An actor's name is `kind:rest`, stable over restarts, and never
 * derived from a journal sequence (that one moves with every restart).
 */
export const actorKinds = [
  "desk",
  "feed",
  "scanner",
  "order",
  "position",
  "account",
  "reconciler",
  "breaker",
  "job",
] as const;
export type ActorKind = (typeof actorKinds)[number];

/** The kind that a name such as `order:paper:main/BTC/USD/7/entry` begins with. */
export function kindOf(name: string): ActorKind {
  const colon = name.indexOf(":");
  const kind = colon < 0 ? name : name.slice(0, colon);
  const known = actorKinds.find((each) => each === kind);
  if (known === undefined) throw new RangeError(`Cannot read actor kind of "${name}"`);
  return known;
}

/** `paper:main` of an actor that belongs to one account, or null. */
export function accountOfActor(name: string): string | null {
  const [kind, venue, rest] = name.split(":");
  const own: readonly string[] = ["account", "reconciler", "scanner", "order", "position"];
  if (kind === undefined || !own.includes(kind) || venue === undefined || rest === undefined) {
    return null;
  }
  return `${venue}:${rest.split("/", 1)[0]}`;
}

/** Names of the actors that are one per thing, so that any machine can address them. */
export const actorName = {
  desk: "desk",
  /** Of one market's symbol; that market has a name where the desk trades in several. */
  feed: (symbol: SymbolName, market?: string) =>
    market === undefined ? `feed:${symbol}` : `feed:${market}/${symbol}`,
  scanner: (at: VenueAccount, lane: LaneName) => `scanner:${lanePath(at, lane)}`,
  account: (at: VenueAccount) => `account:${accountKey(at)}`,
  reconciler: (at: VenueAccount) => `reconciler:${accountKey(at)}`,
  breaker: (scope: string) => `breaker:${scope}`,
  position: (positionId: string) => `position:${positionId}`,
  order: (intentId: string) => `order:${intentId}`,
  job: (jobId: string) => `job:${jobId}`,
};

/** `paper:main/BTC/USD/7`: the seventh position of that lane on that account. */
export function positionId(at: VenueAccount, lane: LaneName, number: number): string {
  return `${lanePath(at, lane)}/${number}`;
}
