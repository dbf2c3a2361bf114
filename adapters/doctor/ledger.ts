/** Is the ledger sound: its pages, its archives, its chain, what its actors can go on from? */
import { statSync } from "node:fs";
import type { JournalHead, JournalRecord, StoredActor } from "../../actors/runtime/ports.ts";
import type { Brake } from "../../machines/domain/brake.ts";
import {
  add,
  compare,
  type Decimal,
  isZero,
  multiply,
  zero,
} from "../../machines/domain/decimal.ts";
import { accountKey } from "../../machines/domain/ids.ts";
import { archivePath } from "../store/archive-file.ts";
import { quickCheck } from "../store/diagnosis.ts";
import { StoreTooNew, StoreTooOld, sqliteCode } from "../store/errors.ts";
import { LedgerReader } from "../store/reader.ts";
import { type Finding, found } from "./finding.ts";

/** What verification said, wherever it was made. */
export interface ChainVerified {
  readonly records: number;
  readonly findings: readonly { readonly seq: number; readonly text: string }[];
  readonly unlisted: number;
}

export interface ChainVerifier {
  /** Records that follow `start`, in memory. */
  part(records: readonly JournalRecord[], start: JournalHead): ChainVerified;
  /** All there is, archives included. */
  whole(reader: LedgerReader): ChainVerified;
}

/** By kind of actor: the version of what its machine stores, and the steps up to it. */
export type ActorVersions = Readonly<
  Record<
    string,
    { readonly version: number; readonly migrations?: Readonly<Record<number, unknown>> }
  >
>;

export interface LedgerExamination {
  readonly ledgerFile: string;
  /** Whether the whole chain is verified, and not only its end. */
  readonly isFull: boolean;
  readonly verifier: ChainVerifier;
  readonly versions: ActorVersions;
}

/** Records at the journal's end that are verified unless all are. */
const tailRecords = 10_000;

const restore =
  'Stop the desk, keep a copy of the file with its "-wal", and put back the latest good back-up';

/** Opens the ledger as a reader; a finding where that fails. */
export function openLedger(path: string): LedgerReader | Finding {
  try {
    return new LedgerReader(path);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error instanceof StoreTooOld) {
      const cure = "Nothing to do: the next start brings it up to date and keeps a copy";
      return found("ledger", "note", error.message, cure);
    }
    const cure = error instanceof StoreTooNew ? "Use the version that wrote it, or newer" : restore;
    return found("ledger", "critical", error.message, cure);
  }
}

/** Everything about an open ledger but its lease. Reads one state of it. */
export function checkLedger(reader: LedgerReader, options: LedgerExamination): Finding[] {
  const parts: (() => Finding[])[] = [
    () => [pagesFinding(options.ledgerFile)],
    () => archiveFindings(reader),
    () => [headFinding(reader)],
    () => [chainFinding(reader, options)],
    () => actorFindings(reader.actors(), options.versions),
    () => [booksFinding(reader)],
    () => [brakesFinding(reader.actors())],
  ];
  return reader.atOnce(() => parts.flatMap((part) => orDamage(part)));
}

/** Damaged pages can end any read: that is a finding, and the other checks are still made. */
function orDamage(check: () => Finding[]): Finding[] {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof Error) || sqliteCode(error) === null) throw error;
    return [found("ledger", "critical", `Cannot read the ledger: ${error.message}`, restore)];
  }
}

function pagesFinding(ledgerFile: string): Finding {
  const wrong = quickCheck(ledgerFile);
  if (wrong.length === 0) return found("ledger", "ok", "SQLite finds its pages in order");
  const more = wrong.length > 1 ? `, and ${wrong.length - 1} more` : "";
  return found("ledger", "critical", `Its pages are damaged: ${wrong[0]}${more}`, restore);
}

function archiveFindings(reader: LedgerReader): Finding[] {
  const archives = reader.journal.archives();
  const bad = archives.flatMap((archive) => {
    const path = archivePath(reader.path, archive);
    const size = statSync(path, { throwIfNoEntry: false })?.size;
    if (size === archive.bytes) return [];
    const state = size === undefined ? "is missing" : `has ${size} bytes, wanted ${archive.bytes}`;
    const cure = "Put it back from where archives are kept: its records are nowhere else";
    return [found("archives", "critical", `Archive "${path}" ${state}`, cure)];
  });
  if (bad.length > 0) return bad;
  const text = archives.length === 1 ? "1 archive file" : `${archives.length} archive files`;
  return [found("archives", "ok", `${text}, each there and of its size`)];
}

function headFinding(reader: LedgerReader): Finding {
  const head = reader.head();
  const [last] = reader.journal.page({}, 1);
  const is = last ? { seq: last.seq, hash: last.hash } : { seq: 0, hash: head.hash };
  if (is.seq === head.seq && is.hash === head.hash) {
    return found("journalHead", "ok", `The journal ends at record ${head.seq}, as the store says`);
  }
  const text =
    is.seq === head.seq
      ? `Record ${is.seq}, the last, has another hash than the store's head`
      : `The journal ends at record ${is.seq}, the store says ${head.seq}`;
  return found("journalHead", "critical", text, restore);
}

/** Whether rows that follow from each other do: fills, orders, postings, balances (P5). */
function booksFinding({ books }: LedgerReader): Finding {
  const filled = new Map<string, { quantity: Decimal; cost: Decimal }>();
  for (const { intentId, quantity, price } of books.eachFill()) {
    const sum = filled.get(intentId) ?? { quantity: zero, cost: zero };
    const cost = add(sum.cost, multiply(price, quantity));
    filled.set(intentId, { quantity: add(sum.quantity, quantity), cost });
  }
  const wrong: string[] = [];
  for (const { intent, filled: quantity, filledFor } of books.eachOrder()) {
    const sum = filled.get(intent.intentId) ?? { quantity: zero, cost: zero };
    if (compare(sum.quantity, quantity) === 0 && compare(sum.cost, filledFor) === 0) continue;
    wrong.push(
      `order "${intent.intentId}" says ${quantity} for ${filledFor}, its fills ${sum.quantity} for ${sum.cost}`,
    );
  }
  const held = new Map<string, Decimal>();
  const entries = new Map<string, Decimal>();
  for (const { at, account, coin, amount, entryId } of books.eachPosting()) {
    const entry = `${entryId} in ${coin}`;
    entries.set(entry, add(entries.get(entry) ?? zero, amount));
    if (account !== "asset") continue;
    const key = `${accountKey(at)} ${coin}`;
    held.set(key, add(held.get(key) ?? zero, amount));
  }
  for (const [entry, sum] of entries)
    if (!isZero(sum)) wrong.push(`posting ${entry} sums to ${sum}`);
  for (const { at, coin, total } of books.eachBalance()) {
    const sum = held.get(`${accountKey(at)} ${coin}`) ?? zero;
    if (compare(sum, total) !== 0)
      wrong.push(`balance of ${coin} is ${total}, its postings ${sum}`);
  }
  const [first] = wrong;
  if (first === undefined) {
    return found(
      "books",
      "ok",
      "Orders are the sum of their fills, balances that of their postings",
    );
  }
  const more = wrong.length > 1 ? `, and ${wrong.length - 1} more` : "";
  return found("books", "critical", `The books do not balance: ${first}${more}`, restore);
}

function chainFinding(reader: LedgerReader, { isFull, verifier }: LedgerExamination): Finding {
  const verified = isFull ? verifier.whole(reader) : verifyTail(reader, verifier);
  const { records, findings, unlisted } = verified;
  const what = isFull ? "Whole chain" : "End of the chain";
  const [first] = findings;
  if (!first) return found("chain", "ok", `${what} verified: ${records} records`);
  const others = findings.length + unlisted - 1;
  const text = `${what}: ${first.text}${others > 0 ? `, and ${others} more findings` : ""}`;
  return found(
    "chain",
    "critical",
    text,
    'See "novactor journal verify"; trust no back-up after it',
  );
}

/** The record before the tail is trusted: the whole chain says whether it may be. */
function verifyTail(reader: LedgerReader, verifier: ChainVerifier): ChainVerified {
  const [first, ...rest] = reader.journal.tail(tailRecords + 1);
  if (!first) return { records: 0, findings: [], unlisted: 0 };
  const genesis = { seq: 0, hash: "0".repeat(64) };
  return first.seq === 1
    ? verifier.part([first, ...rest], genesis)
    : verifier.part(rest, { seq: first.seq, hash: first.hash });
}

function actorFindings(actors: readonly StoredActor[], versions: ActorVersions): Finding[] {
  const findings = new Map<string, { count: number; finding: Finding }>();
  for (const actor of actors) {
    const finding = actorFinding(actor, versions);
    if (!finding) continue;
    const known = findings.get(finding.text);
    if (known) known.count += 1;
    else findings.set(finding.text, { count: 1, finding });
  }
  if (findings.size === 0) {
    const text = `${actors.length} live actors, each of the version of its machine`;
    return [found("actors", "ok", text)];
  }
  return [...findings.values()].map(({ count, finding }) => {
    const text = count === 1 ? `1 actor: ${finding.text}` : `${count} actors: ${finding.text}`;
    return { ...finding, text };
  });
}

/** One text for all actors that are alike. */
function actorFinding({ kind, version }: StoredActor, versions: ActorVersions): Finding | null {
  const known = versions[kind];
  const cure =
    "The next start sets such actors aside, says so, and rebuilds them from venue and ledger";
  if (!known) return found("actors", "warning", `kind "${kind}" is not known here`, cure);
  if (version === known.version) return null;
  const text = `kind "${kind}" is stored in version ${version}, the machine is version ${known.version}`;
  const steps = Array.from({ length: known.version - version }, (_, step) => version + step);
  const isBridged = version < known.version && steps.every((step) => known.migrations?.[step]);
  if (!isBridged) return found("actors", "warning", text, cure);
  return found("actors", "note", text, "Nothing to do: the next start brings them up to date");
}

/** Brakes that say that something went wrong, which nobody meant to happen. */
const grave: readonly Brake["kind"][] = ["mismatch", "poison", "foreignOrder", "supervision"];

function brakesFinding(actors: readonly StoredActor[]): Finding {
  const desk = actors.find(({ name }) => name === "desk");
  const { context } = (desk?.snapshot ?? {}) as { context?: { brakes?: readonly Brake[] } };
  const brakes = context?.brakes ?? [];
  if (brakes.length === 0) return found("brakes", "ok", "No brake is on");
  const texts = brakes.map(
    ({ brakeId, reason, releasedBy }) => `${brakeId} (${reason}; released by ${releasedBy})`,
  );
  const severity = brakes.some(({ kind }) => grave.includes(kind)) ? "warning" : "note";
  const text = `No new exposure while these are on: ${texts.join(", ")}`;
  return found(
    "brakes",
    severity,
    text,
    "novactor brake list, then release ID once the cause is known",
  );
}
