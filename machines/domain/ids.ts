/** Where orders go and whose they are: always two fields, never one label. */
export interface VenueAccount {
  readonly venue: string;
  readonly account: string;
}

/** What is made of an account's name again and again, at each bar and for each row. */
interface AccountNames {
  readonly key: string;
  scanners: Map<LaneName, string> | null;
}

// By the object: there is one of each account in a desk's configuration.
const accountNames = new WeakMap<VenueAccount, AccountNames>();

function namesOf(at: VenueAccount): AccountNames {
  let names = accountNames.get(at);
  if (!names) {
    names = { key: `${at.venue}:${at.account}`, scanners: null };
    accountNames.set(at, names);
  }
  return names;
}

/** `paper:main`: for the names of actors and rows, never parsed back. */
export function accountKey(at: VenueAccount): string {
  return namesOf(at).key;
}

export function isSameAccount(one: VenueAccount, other: VenueAccount): boolean {
  return one === other || (one.venue === other.venue && one.account === other.account);
}

/** A symbol as the desk writes it: `BASE/QUOTE`, upper case. */
export type SymbolName = string;

const symbolForm = /^[A-Z0-9][A-Z0-9.-]{0,19}\/[A-Z0-9][A-Z0-9.-]{0,19}$/;

/** Symbols that were split; no desk knows of many. */
const splits = new Map<SymbolName, { readonly base: string; readonly quote: string }>();
const splitsMost = 10_000;

/** Splits `BTC/USD` into its coins. @throws {RangeError} if the text is not of that form. */
export function coinsOf(symbol: SymbolName): { readonly base: string; readonly quote: string } {
  const known = splits.get(symbol);
  if (known) return known;
  if (!symbolForm.test(symbol)) {
    throw new RangeError(`Cannot read symbol "${symbol}": wanted BASE/QUOTE such as "BTC/USD"`);
  }
  const [base = "", quote = ""] = symbol.split("/");
  const coins = { base, quote };
  if (splits.size < splitsMost) splits.set(symbol, coins);
  return coins;
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
  const book = own.indexOf("~");
  return book < 0 ? own : own.slice(0, book);
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

const kindsByName: ReadonlyMap<string, ActorKind> = new Map(actorKinds.map((kind) => [kind, kind]));

/** The kind that a name such as `order:paper:main/BTC/USD/7/entry` begins with. */
export function kindOf(name: string): ActorKind {
  const colon = name.indexOf(":");
  const kind = colon < 0 ? name : name.slice(0, colon);
  const known = kindsByName.get(kind);
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

/** Remembers the name made last: one position's is asked for many times in a row. */
function named(kind: ActorKind): (id: string) => string {
  let last = "";
  let name = `${kind}:`;
  return (id) => {
    if (id !== last) {
      last = id;
      name = `${kind}:${id}`;
    }
    return name;
  };
}

/** Names of the actors that are one per thing, so that any machine can address them. */
export const actorName = {
  desk: "desk",
  /** Of one market's symbol; that market has a name where the desk trades in several. */
  feed: (symbol: SymbolName, market?: string) =>
    market === undefined ? `feed:${symbol}` : `feed:${market}/${symbol}`,
  scanner: (at: VenueAccount, lane: LaneName) => {
    const names = namesOf(at);
    names.scanners ??= new Map();
    let name = names.scanners.get(lane);
    if (name === undefined) {
      name = `scanner:${lanePath(at, lane)}`;
      names.scanners.set(lane, name);
    }
    return name;
  },
  account: (at: VenueAccount) => `account:${accountKey(at)}`,
  reconciler: (at: VenueAccount) => `reconciler:${accountKey(at)}`,
  breaker: (scope: string) => `breaker:${scope}`,
  position: named("position"),
  order: named("order"),
  job: (jobId: string) => `job:${jobId}`,
};

/** `paper:main/BTC/USD/7`: the seventh position of that lane on that account. */
export function positionId(at: VenueAccount, lane: LaneName, number: number): string {
  return `${lanePath(at, lane)}/${number}`;
}
