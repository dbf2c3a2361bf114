import { type AccountConfig, accountsOf } from "../../actors/desk/mod.ts";
import { accountKey } from "../../machines/domain/ids.ts";
import { configDifferences, type RunConfig } from "./run-config.ts";

/** How the accounts of a command differ from those that a ledger was begun with. */
export interface AccountChanges {
  /** In words, an account each; none if they are the same. */
  readonly words: readonly string[];
  /** The other paths at which the two differ. */
  readonly rest: readonly string[];
}

/** Paths that speak of accounts, and so are told in words. */
const ofAccounts = /^desk\.(at|others|market|isLive|quote|symbols)(?=[.:])/;

/** Tells what differs of the accounts apart from what else does; paths are those of the two. */
export function accountChanges(ledger: RunConfig, command: RunConfig): AccountChanges {
  const [known, wanted] = [accountsOf(ledger.desk), accountsOf(command.desk)];
  const markets = [...known, ...wanted].flatMap(({ market }) => market ?? []);
  const isOfAccounts = (path: string) =>
    ofAccounts.test(path) || markets.some((market) => path.startsWith(`source.${market}/`));
  const differences = configDifferences(ledger, command);
  const words = wordsOf(known, wanted);
  if (words.length === 0) return { words, rest: differences };
  return { words, rest: differences.filter((each) => !isOfAccounts(each)) };
}

function wordsOf(known: readonly AccountConfig[], wanted: readonly AccountConfig[]): string[] {
  const keysOf = (accounts: readonly AccountConfig[]) => accounts.map(({ at }) => accountKey(at));
  const [before, now] = [keysOf(known), keysOf(wanted)];
  const added = now.filter((key) => !before.includes(key));
  const left = before.filter((key) => !now.includes(key));
  const changed = wanted.flatMap((account, index) => {
    const old = known[before.indexOf(now[index] ?? "")];
    // What the first one risks is the desk's own setting, which may change.
    return old === undefined ? [] : changesOf(now[index] ?? "", old, account, index === 0);
  });
  const isMoved = added.length + left.length === 0 && before.join() !== now.join();
  return [
    ...added.map((key) => `account "${key}" is added`),
    ...left.map((key) => `account "${key}" is left out`),
    ...(isMoved
      ? [`accounts are in the order ${now.join(", ")}, wanted ${before.join(", ")}`]
      : []),
    ...changed,
  ];
}

function changesOf(
  key: string,
  old: AccountConfig,
  account: AccountConfig,
  isFirst: boolean,
): string[] {
  const changes: string[] = [];
  const changed = (what: string, was: string, is: string) => {
    if (was !== is) changes.push(`account "${key}" ${what} "${is}", in the ledger "${was}"`);
  };
  changed("trades", symbolsOf(old), symbolsOf(account));
  changed("counts in", old.quote, account.quote);
  changed("goes by prices of", pricesOf(old), pricesOf(account));
  const parts = ({ symbols, risk }: AccountConfig) => ({ symbols, ...(!isFirst && { risk }) });
  if (changes.length > 0) return changes;
  return configDifferences(parts(old), parts(account)).map((each) => `account "${key}" ${each}`);
}

const symbolsOf = ({ symbols }: AccountConfig) =>
  symbols.map(({ instrument }) => instrument.symbol).join(", ");

const pricesOf = ({ market, isLive }: AccountConfig) =>
  market ?? (isLive ? "the venue's wire" : "the run's market");
