import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { defaultLedgerFile } from "../../config/defaults.ts";
import { liveNotice, liveSwitch, liveSwitchWord } from "../../config/live-schema.ts";
import type { Configuration } from "../../config/schema.ts";
import { coinsOf, type VenueAccount } from "../../machines/domain/ids.ts";
import { systemClock } from "../clock/system-clock.ts";
import type { Secret } from "../config/secret.ts";
import { examine } from "../doctor/mod.ts";
import { checkAccount, doctorRow, failing, type Row, row, worstOfRows } from "../preflight/mod.ts";
import type { LeaseHolder } from "../store/lease-row.ts";
import { ledgerLookUp } from "../store/look-up.ts";
import { isProvablyDead, thisProcess } from "../store/process-identity.ts";
import { LedgerReader } from "../store/reader.ts";
import { CcxtVenue, KeyError, normaliseKeys } from "../venues/ccxt/mod.ts";
import { PublicMarket } from "../venues/ccxt/public-market.ts";
import { accountKeys, sharedKeys } from "./account-keys.ts";
import { codes, examinationOf } from "./doctor.ts";
import { ledgerFailure } from "./ledger-failure.ts";
import { preflightText } from "./preflight-text.ts";
import { type ConfigurationFlags, startConfiguration } from "./start-configuration.ts";
import { version } from "./version.ts";

/** What a look before live trading is about. */
export interface PreflightSubject {
  readonly flags: ConfigurationFlags;
  readonly configuration: Configuration;
  readonly secrets: ReadonlyMap<string, Secret>;
  readonly ledgerFile: string;
}

/** What one machine and its configuration say, without asking anybody. */
export async function ownRows(subject: PreflightSubject): Promise<readonly Row[]> {
  const { flags, configuration, ledgerFile } = subject;
  const { config, preset, set } = flags;
  const findings = await examine(
    examinationOf({
      db: ledgerFile,
      ...{ json: false, full: false, set },
      ...(config === undefined ? {} : { config }),
      ...(preset === undefined ? {} : { preset }),
    }),
  );
  // What it says of live trading is to come here, and the clock is compared with the venue's.
  const doctored = findings.filter(({ check }) => check !== "live" && check !== "clock");
  return [...doctored.map(doctorRow), ...gateRows(configuration, process.env)];
}

/** What the operator has to have said for real money to be traded. */
function gateRows(
  { mode, live, market }: Configuration,
  env: Readonly<Record<string, string | undefined>>,
): readonly Row[] {
  const { quote } = coinsOf(market.live.symbols[0] ?? "");
  const isSwitched = env[liveSwitch] === liveSwitchWord;
  const isKnown = live.acknowledged === liveNotice;
  return [
    mode === "live"
      ? row("mode", { severity: "ok", text: "mode is live" })
      : row("mode", {
          severity: "critical",
          text: `mode is ${mode}: no real money would be traded`,
          cure: "Set mode to live, or begin with --preset kraken-live or --preset coinbase-live",
        }),
    isSwitched
      ? row("switch", { severity: "ok", text: `${liveSwitch} is "${liveSwitchWord}"` })
      : row("switch", {
          severity: "critical",
          text: `${liveSwitch} is not "${liveSwitchWord}" in the environment`,
          cure: `Start with ${liveSwitch}=${liveSwitchWord}, once you mean it`,
        }),
    isKnown
      ? row("notice", { severity: "ok", text: "live.acknowledged says what it has to" })
      : row("notice", {
          severity: "critical",
          text: "live.acknowledged is none",
          cure: `Set live.acknowledged to "${liveNotice}"`,
        }),
    mode === "live"
      ? row("cap", {
          severity: "ok",
          text: `Positions and entries come to ${live.maxExposure} ${quote} at most (live.maxExposure)`,
        })
      : row("cap", {
          severity: "warning",
          text: `No cap holds while mode is ${mode}: positions may be as large as risk.* allows`,
          cure: `With mode live they would come to ${live.maxExposure} ${quote} at most (live.maxExposure)`,
        }),
  ];
}

/** What the venues of all accounts say. */
export async function accountRows(subject: PreflightSubject): Promise<readonly Row[]> {
  const accounts = tradedAccounts(subject.configuration);
  // Those of one venue one after the other: they share its limits for this address.
  const venues = [...Map.groupBy(accounts, ({ venue }) => venue).values()];
  const found = await Promise.all(
    venues.map(async (own) => {
      const rows: Row[] = [];
      for (const each of own) rows.push(...(await rowsOf(each, each.symbols, subject)));
      return rows;
    }),
  );
  return found.flat();
}

/** An account as the configuration has it, the first one too. */
export type TradedAccount = Pick<
  Configuration["accounts"][number],
  "venue" | "account" | "rest" | "symbols"
>;

/** All accounts, the first one first. */
export const tradedAccounts = ({
  account,
  accounts,
  market,
}: Pick<Configuration, "account" | "accounts" | "market">): readonly TradedAccount[] => [
  { ...account, symbols: market.live.symbols },
  ...accounts,
];

/** What one account's venue says, keys first. */
async function rowsOf(
  account: Pick<Configuration["accounts"][number], "venue" | "account" | "rest">,
  symbols: readonly string[],
  { configuration, secrets, ledgerFile }: Omit<PreflightSubject, "flags">,
): Promise<readonly Row[]> {
  const { venue: name } = account;
  if (name === "paper") return [];
  if (name === "binanceus") {
    const text = "Binance.US can be traded on paper only: its private stream is not spoken here";
    const cure = "Take the account out, or trade it at Kraken or Coinbase";
    return [
      row("venue", { severity: "critical", text, cure, account: `${name}:${account.account}` }),
    ];
  }
  const at = { venue: name, account: account.account };
  const label = `${at.venue}:${at.account}`;
  const given = accountKeys(account, secrets);
  if (given.type === "missing") {
    const text = `No keys: ${given.variables.join(" and ")} not set`;
    const cure =
      "Set them in the environment, or in a file of mode 600 that secretsFile names; " +
      "the key needs no right to withdraw";
    return [row("keys", { severity: "critical", text, cure, account: label })];
  }
  const urls = account.rest === null ? {} : { urls: { rest: account.rest } };
  try {
    normaliseKeys(name, given.keys);
  } catch (error) {
    if (!(error instanceof KeyError)) throw error;
    const cure = "Copy key and secret whole from the venue; in a file, line ends as \\n";
    const { message: text } = error;
    return [row("keys", { severity: "critical", text, cure, account: label })];
  }
  const { account: first, accounts } = configuration;
  const owner = sharedKeys([first, ...accounts], secrets).get(label);
  if (owner !== undefined) {
    const text = `The key is that of ${owner} too: they would be one account at the venue`;
    const cure = "Make a key at the other account, and give each its own";
    return [row("keys", { severity: "critical", text, cure, account: label })];
  }
  const text = "Key and secret are there, and of the form that the venue hands out";
  return [
    row("keys", { severity: "ok", text, account: label }),
    ...(await withLedger(ledgerFile, ({ isOurs, atWork }) => {
      const keys = atWork === null ? given.keys : null;
      const venue = new CcxtVenue({ at, keys, symbols, ...urls });
      const market = new PublicMarket({ venue: name, symbols, ...urls });
      const now = () => systemClock.now();
      return checkAccount({
        ...{ venue, market, symbols, now, atWork },
        isOurs: (id) => isOurs(at, id),
      });
    })),
  ];
}

/** What a ledger says that bears on its accounts. */
interface LedgerSays {
  readonly isOurs: (at: VenueAccount, clientOrderId: string) => boolean;
  /** The process that runs a desk on it. */
  readonly atWork: string | null;
}

/** With a ledger that is only read: a desk may be running on it. */
async function withLedger<T>(file: string, run: (says: LedgerSays) => Promise<T>): Promise<T> {
  const reader = existsSync(file) ? openedLedger(file) : null;
  if (reader === null) return await run({ isOurs: () => false, atWork: null });
  try {
    const ledger = ledgerLookUp(reader);
    return await run({
      isOurs: (at, id) => ledger.orderByClientOrderId(at, id) !== null,
      atWork: atWork(reader.lease()),
    });
  } finally {
    reader.close();
  }
}

function atWork(holder: LeaseHolder | null): string | null {
  if (!holder || holder.releasedAt !== null || systemClock.now() >= holder.expiresAt) return null;
  if (isProvablyDead(holder, thisProcess())) return null;
  return `process ${holder.pid} on host "${holder.host}"`;
}

/** Null for one that cannot be read, of which the doctor's row says why. */
function openedLedger(file: string): LedgerReader | null {
  try {
    return new LedgerReader(file);
  } catch (error) {
    if (ledgerFailure(error) === null) throw error;
    return null;
  }
}

interface PreflightOptions extends ConfigurationFlags {
  readonly db: string;
  readonly json: boolean;
}

/** Looks at everything that live trading needs. Sends no order, and takes no lease. */
async function preflight(options: PreflightOptions): Promise<number> {
  const { configuration, secrets } = startConfiguration(options);
  const subject = { flags: options, configuration, secrets, ledgerFile: options.db };
  const rows = [...(await ownRows(subject)), ...(await accountRows(subject))];
  const severity = worstOfRows(rows);
  const code = codes[severity];
  const isColoured = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
  const whole = {
    ...{ version, ledger: resolve(options.db), severity, exitCode: code },
    isReady: failing(rows).length === 0,
    rows,
  };
  console.log(options.json ? JSON.stringify(whole) : preflightText(rows, isColoured));
  return code;
}

/** Adds `preflight` to the command line. */
export function registerPreflightCommand(program: Command): void {
  const collect = (value: string, before: readonly string[]) => [...before, value];
  program
    .command("preflight")
    .description("everything that trading with real money needs, looked at without trading")
    .addOption(
      new Option("--db <file>", "the ledger").default(defaultLedgerFile).env("NOVACTOR_DB"),
    )
    .option("--config <file>", "the configuration that the desk is to be started with")
    .option("--preset <name>", "the preset that it is to be started with")
    .option("--set <path=value>", "one key of it", collect, [])
    .option("--json", "as one JSON object", false)
    .action(async (options: PreflightOptions) => {
      process.exitCode = await preflight(options);
    });
}
