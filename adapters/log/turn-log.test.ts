import { describe, expect, test } from "bun:test";
import type { CommitBatch, JournalRecord, Stored } from "../../actors/runtime/ports.ts";
import type { Brake } from "../../machines/domain/brake.ts";
import type { LogDestination } from "./destination.ts";
import { Log, type LogLevel } from "./log.ts";
import { TurnLog } from "./turn-log.ts";

class Lines implements LogDestination {
  readonly lines: Record<string, unknown>[] = [];
  readonly lost = 0;
  write(line: string): void {
    const { time: _, ...rest } = JSON.parse(line);
    this.lines.push(rest);
  }
  close(): void {}
}

interface Told {
  readonly kind?: string;
  readonly subject?: string;
  readonly correlation?: string;
  readonly input?: unknown;
  readonly transitions?: readonly object[];
  readonly undone?: object;
}

const at = 1_700_000_000_000;
const seq = 42;
const when = { seq, at: "2023-11-14T22:13:20.000Z" };

function record({ kind = "bar", subject = "BTC/USD", correlation, ...rest }: Told): JournalRecord {
  const content = JSON.stringify({ at, kind, subject, seq, ...rest });
  return {
    seq,
    at,
    kind,
    subject,
    code: null,
    correlation: correlation ?? null,
    content,
    hash: "",
  };
}

function told(turns: readonly Told[], level: LogLevel = "info", stored?: Stored) {
  const to = new Lines();
  const log = new TurnLog(new Log({ level, destination: to, secrets: [] }));
  if (stored) log.loaded(stored);
  const batch = { records: turns.map(record) } as Partial<CommitBatch> as CommitBatch;
  log.committed(batch);
  return to.lines;
}

const brake: Brake = {
  brakeId: "breaker/dailyLoss/desk",
  kind: "breaker",
  scope: "desk",
  reason: "lost 6 %",
  since: at,
  releasedBy: "the next day",
};
const onAccount: Brake = { ...brake, brakeId: "poison/paper:main", scope: "paper:main/BTC/USD" };

function ofDesk(changed: object, event: object = { type: "brake.on" }): Told {
  return { transitions: [{ actor: "desk", event, from: "running", to: "running", changed }] };
}

function move(actor: string, from: unknown, to: unknown, event: object): Told {
  return { transitions: [{ actor, event, from, to, changed: {} }] };
}

describe("TurnLog tells of", () => {
  const rows: [string, Told, object][] = [
    [
      "a new ledger",
      { kind: "genesis", subject: "desk", input: null },
      { level: "info", event: "ledger.begun", message: "A new ledger begins", actor: "desk" },
    ],
    [
      "a start",
      { kind: "start", subject: "desk", input: { resumed: false } },
      { level: "info", event: "desk.started", message: "The desk starts", actor: "desk" },
    ],
    [
      "a resume",
      { kind: "start", subject: "desk", input: { resumed: true } },
      {
        level: "info",
        event: "desk.resumed",
        message: "The desk goes on where it was",
        actor: "desk",
      },
    ],
    [
      "a command",
      {
        kind: "command",
        subject: "pause",
        input: {
          name: "pause",
          who: "ann",
          role: "admin",
          reason: "lunch",
          target: null,
          done: true,
          text: "paused",
        },
      },
      {
        level: "info",
        event: "command.done",
        message: "ann asked to pause: paused",
        actor: "desk",
        details: { name: "pause", who: "ann", role: "admin", reason: "lunch", target: null },
      },
    ],
    [
      "a command that was refused",
      {
        kind: "command",
        subject: "pause",
        input: { name: "pause", who: "ann", done: false, text: "no" },
      },
      {
        level: "warn",
        event: "command.refused",
        message: "ann asked to pause: no",
        actor: "desk",
        details: { name: "pause", who: "ann", role: null, reason: null, target: null },
      },
    ],
    [
      "a brake of the desk",
      ofDesk({ brakes: [brake] }),
      {
        level: "warn",
        event: "brake.on",
        message: 'Brake "breaker/dailyLoss/desk" is on: lost 6 %',
        actor: "desk",
        details: {
          brakeId: brake.brakeId,
          kind: "breaker",
          scope: "desk",
          since: when.at,
          releasedBy: "the next day",
        },
      },
    ],
    [
      "an alarm",
      ofDesk(
        { alarms: 1, lastAlarm: "order:paper:main/BTC/USD/1/entry: odd: very" },
        { type: "alarm.raised", from: "order:paper:main/BTC/USD/1/entry", text: "odd: very" },
      ),
      {
        level: "error",
        event: "alarm.raised",
        message: "odd: very",
        actor: "order:paper:main/BTC/USD/1/entry",
        account: "paper:main",
      },
    ],
    [
      "an alarm that the root raised itself",
      ofDesk({ alarms: 1, lastAlarm: "desk: Desk cannot take event" }, { type: "odd" }),
      { level: "error", event: "alarm.raised", message: "Desk cannot take event", actor: "desk" },
    ],
    [
      "a turn that was undone",
      {
        kind: "effect",
        subject: "order:paper:main/BTC/USD/1/entry",
        correlation: "paper:main/BTC/USD/1",
        undone: { actor: "position:paper:main/BTC/USD/1", event: "fill", error: "Error: no" },
      },
      {
        level: "error",
        event: "turn.undone",
        message: 'Turn "effect" of "order:paper:main/BTC/USD/1/entry" was undone: Error: no',
        actor: "position:paper:main/BTC/USD/1",
        account: "paper:main",
        correlation: "paper:main/BTC/USD/1",
        details: { kind: "effect", subject: "order:paper:main/BTC/USD/1/entry", failedOn: "fill" },
      },
    ],
    [
      "a mismatch",
      move("account:paper:main", "trading", "mismatched", {
        type: "account.mismatched",
        differences: ["BTC 1, wanted 2"],
      }),
      {
        level: "error",
        event: "account.mismatched",
        message: "Ledger and venue differ: BTC 1, wanted 2",
        actor: "account:paper:main",
        account: "paper:main",
      },
    ],
    [
      "what is booked without a fill",
      move("account:paper:main", "trading", "trading", {
        type: "account.adjusted",
        adjustments: [{ entryId: "e", coin: "USD", amount: "-5", cause: "withdrawal" }],
      }),
      {
        level: "warn",
        event: "account.adjusted",
        message: "-5 USD is booked without a fill: withdrawal",
        actor: "account:paper:main",
        account: "paper:main",
      },
    ],
    [
      "the end of a mismatch",
      move("account:paper:main", "mismatched", "trading", { type: "account.reconciled" }),
      {
        level: "warn",
        event: "account.reconciled",
        message: "Ledger and venue agree: new exposure is possible",
        actor: "account:paper:main",
        account: "paper:main",
      },
    ],
    [
      "a child that is restarted",
      ofDesk({}, { type: "child.restart", name: "feed:BTC/USD" }),
      {
        level: "warn",
        event: "child.restarted",
        message: '"feed:BTC/USD" is restarted from its last good state',
        actor: "feed:BTC/USD",
      },
    ],
    [
      "a position that is sought",
      ofDesk({}, { type: "position.open", plan: { positionId: "paper:main/BTC/USD/3" } }),
      {
        level: "info",
        event: "position.begun",
        message: "An entry is sought",
        correlation: "paper:main/BTC/USD/3",
        actor: "position:paper:main/BTC/USD/3",
        account: "paper:main",
      },
    ],
    [
      "a position that is closed",
      move("position:paper:main/BTC/USD/3", { closing: "selling" }, "closed", {
        type: "order.done",
      }),
      {
        level: "info",
        event: "position.closed",
        message: "The position is closed",
        correlation: "paper:main/BTC/USD/3",
        actor: "position:paper:main/BTC/USD/3",
        account: "paper:main",
      },
    ],
  ];

  test.each(rows)("%s", (_name, turn, line) => {
    expect(told([turn])).toEqual([{ ...line, ...when }]);
  });

  test("nothing of a turn in which nothing of that happened", () => {
    const quiet = move("scanner:paper:main/BTC/USD", "idle", "entering", { type: "x" });
    expect(
      told([{}, quiet, ofDesk({}), move("account:paper:main", "trading", "trading", {})]),
    ).toEqual([]);
  });

  test("brakes by what was on before, each once, with the account that they are on", () => {
    const lines = told([
      ofDesk({ brakes: [brake] }),
      ofDesk({ brakes: [brake, onAccount] }),
      ofDesk({ alarms: 0 }),
      ofDesk({ brakes: [onAccount] }),
    ]);
    expect(lines.map(({ event, message, account }) => [event, message, account])).toEqual([
      ["brake.on", 'Brake "breaker/dailyLoss/desk" is on: lost 6 %', undefined],
      ["brake.on", 'Brake "poison/paper:main" is on: lost 6 %', "paper:main"],
      ["brake.off", 'Brake "breaker/dailyLoss/desk" is released: lost 6 %', undefined],
    ]);
  });

  test("brakes after a restart only if they change", () => {
    const context = { brakes: [brake], alarms: 3, lastAlarm: "a: b" };
    const desk = {
      name: "desk",
      kind: "desk",
      version: 1,
      timers: [],
      seq: 1,
      snapshot: { context },
    };
    const stored = { head: { seq: 1, hash: "" }, actors: [desk] };
    const lines = told([ofDesk({ brakes: [brake, onAccount], alarms: 3 })], "info", stored);
    expect(lines.map(({ event, message }) => [event, message])).toEqual([
      ["brake.on", 'Brake "poison/paper:main" is on: lost 6 %'],
    ]);
  });

  test("brakes that changed while the level was above them", () => {
    const to = new Lines();
    const log = new Log({ level: "error", destination: to, secrets: [] });
    const turns = new TurnLog(log);
    const batch = (turn: Told) =>
      ({ records: [record(turn)] }) as Partial<CommitBatch> as CommitBatch;
    turns.committed(batch(ofDesk({ brakes: [brake] })));
    log.level = "warn";
    turns.committed(batch(ofDesk({ brakes: [] })));
    expect(to.lines.map(({ event }) => event)).toEqual(["brake.off"]);
  });

  test("every turn at level debug", () => {
    const lines = told([{ kind: "timer", subject: "order:paper:main/BTC/USD/1/entry" }], "debug");
    expect(lines).toEqual([
      {
        level: "debug",
        event: "turn.timer",
        message: 'Turn "timer" of "order:paper:main/BTC/USD/1/entry"',
        actor: "order:paper:main/BTC/USD/1/entry",
        account: "paper:main",
        ...when,
      },
    ]);
  });

  test("a record that cannot be read, and of those after it", () => {
    const to = new Lines();
    const turns = new TurnLog(new Log({ level: "info", destination: to, secrets: [] }));
    const broken = { ...record({ kind: "start" }), content: "{" };
    const sound = record({ kind: "start", input: { resumed: true } });
    turns.committed({ records: [broken, sound] } as Partial<CommitBatch> as CommitBatch);
    expect(to.lines.map(({ event }) => event)).toEqual(["log.failed", "desk.resumed"]);
  });
});

test("an account that cannot be read is told once for each cause, with it", () => {
  const actor = "reconciler:kraken:main";
  const event = { type: "reconcile.unreadable", cause: "balances: time-out" };
  const failed = (changed: object) => ({
    ...{ kind: "effect", subject: actor },
    transitions: [{ actor, event, from: "reading", to: "retrying", changed }],
  });
  const lines = told([
    failed({ unreadable: 1, cause: "balances: time-out" }),
    failed({ unreadable: 2 }),
  ]);
  const message = "The account cannot be read, the desk goes on asking: balances: time-out";
  expect(lines.map((line) => [line.level, line.account, line.message])).toEqual([
    ["warn", "kraken:main", message],
  ]);
});
