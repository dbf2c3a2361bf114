/** What waits for its time goes on waiting for that very time, whatever was killed meanwhile. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { actorName } from "../../machines/domain/ids.ts";
import { outcomeOf, runToEnd, WorkFolder } from "../kill/harness.ts";
import {
  day,
  firedAt,
  ledgerAt,
  type Moments,
  momentsOfDay,
  orderRow,
  startAndKill,
  storedActor,
} from "./moments.fixture.ts";

setDefaultTimeout(60_000);

const folder = new WorkFolder();
afterAll(() => folder[Symbol.dispose]());

let moments: Moments;
beforeAll(async () => {
  moments = await momentsOfDay(folder);
});

test("an order that waited on a timer when killed is cancelled at the original deadline", async () => {
  const { intent } = moments.restingEntry;
  const file = folder.file("patience.db");
  const deadline = intent.createdAt + (intent.patienceMs ?? 0);
  const name = actorName.order(intent.intentId);
  await ledgerAt(file, intent.createdAt + 1_000);
  expect(storedActor(file, name).deadlines).toContain(deadline);

  await startAndKill(file);
  await startAndKill(file);
  expect(storedActor(file, name).deadlines).toContain(deadline);

  const report = await runToEnd(day, file);
  expect(firedAt(file, name)).toContain(deadline);
  expect(orderRow(file, intent.intentId)).toEqual(moments.restingEntry);
  expect(outcomeOf(report)).toEqual(moments.outcome);
});

test("a scanner that cooled down when killed cools down until the original deadline", async () => {
  const { at, symbol, closedAt } = moments.closed;
  const file = folder.file("cool-down.db");
  const name = actorName.scanner(at, symbol);
  await ledgerAt(file, closedAt + 60_000);
  const before = storedActor(file, name);
  expect(before.value).toBe("coolingDown");
  expect(before.deadlines).toHaveLength(1);

  await startAndKill(file);
  await startAndKill(file);
  expect(storedActor(file, name)).toEqual(before);

  const report = await runToEnd(day, file);
  expect(firedAt(file, name)).toContain(before.deadlines[0] ?? 0);
  expect(outcomeOf(report)).toEqual(moments.outcome);
});
