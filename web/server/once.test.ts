/** A command happens once, however often it is sent, and by the limits that there are. */
import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type TestPanel, testPanel } from "../testing/panel.fixture.ts";
import { type TradedDesk, tradedDesk } from "../testing/traded-desk.fixture.ts";

setDefaultTimeout(120_000);

let traded: TradedDesk;
let panel: TestPanel;
beforeAll(async () => {
  traded = await tradedDesk({ hours: 7 });
  panel = await testPanel(traded);
});
afterAll(async () => {
  await panel[Symbol.asyncDispose]();
  await traded[Symbol.asyncDispose]();
});

const commands = () =>
  [...traded.parts.reader.journal.range()].filter(({ kind }) => kind === "command").length;
const key = (text: string) => text.padStart(16, "0");
const brakes = () => traded.parts.desk.status().brakes.map(({ brakeId }) => brakeId);

function send(body: object, role: "operate" | "admin" = "operate", on = panel) {
  const as = { key: on.keys[role].text };
  return on.ask("/api/v1/commands", { method: "POST", as, body });
}

test("fifty at once have one effect and one reply", async () => {
  const before = commands();
  const body = { name: "pause", reason: "lunch", idempotencyKey: key("a") };
  const replies = await Promise.all(Array.from({ length: 50 }, () => send(body)));
  const texts = await Promise.all(replies.map((reply) => reply.text()));
  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
  expect(new Set(texts).size).toBe(1);
  expect(commands()).toBe(before + 1);
  const { seq } = JSON.parse(texts[0] ?? "") as { seq: number };
  const record = traded.parts.reader.journal.record(seq);
  expect([record?.kind, record?.subject]).toEqual(["command", "pause"]);
});

test("another panel on the same file, as after a restart, gives the same reply", async () => {
  const body = { name: "resume", idempotencyKey: key("b") };
  const first = await (await send(body)).text();
  const before = commands();
  const again = await panel.again();
  expect(await (await send(body, "operate", again)).text()).toBe(first);
  expect(commands()).toBe(before);
  await again[Symbol.asyncDispose]();
});

test("a reply that was cut off by a kill is made up for without a second effect", async () => {
  const body = { name: "pause", idempotencyKey: key("c") };
  await send(body);
  const before = commands();
  // As if the process had ended between the command's commit and the reply's.
  using file = new Database(panel.store.path);
  file.run("UPDATE replies SET reply = NULL WHERE key = ?", [key("c")]);
  expect(await (await send(body)).json()).toMatchObject({ done: true });
  expect(commands()).toBe(before);
});

test("another body under a known key is refused, and another operator's key is another one", async () => {
  await send({ name: "pause", idempotencyKey: key("d") });
  const before = commands();
  expect((await send({ name: "halt", idempotencyKey: key("d") })).status).toBe(409);
  expect(commands()).toBe(before);
  expect((await send({ name: "pause", idempotencyKey: key("d") }, "admin")).status).toBe(200);
  expect(commands()).toBe(before + 1);
});

describe("what the operator saw", () => {
  test("is compared with the brakes that are on", async () => {
    await send({ name: "resume", idempotencyKey: key("e1") });
    const before = commands();
    const stale = { brakes: ["pause/desk"] };
    const moved = await send({ name: "pause", idempotencyKey: key("e2"), expected: stale });
    expect(moved.status).toBe(409);
    expect(await moved.json()).toEqual({
      error: "Cannot pause: the brakes that are on are other ones than you saw: none",
      brakes: [],
    });
    expect([commands(), brakes()]).toEqual([before, []]);
    const fresh = { brakes: [] };
    // What was refused may come again under its key.
    const body = { name: "pause", idempotencyKey: key("e2"), expected: fresh };
    expect((await send(body)).status).toBe(200);
    expect(brakes()).toEqual(["pause/desk"]);
  });

  test("is compared with the record that last changed an actor", async () => {
    const seq = traded.parts.reader.liveActor("desk")?.seq ?? 0;
    const ask = (actor: object, name: string) =>
      send({ name: "resume", idempotencyKey: key(name), expected: { actor } });
    expect((await ask({ name: "desk", seq: seq - 1 }, "f1")).status).toBe(409);
    expect((await ask({ name: "nobody", seq }, "f2")).status).toBe(409);
    expect((await ask({ name: "desk", seq }, "f3")).status).toBe(200);
  });
});

test("a limit holds back other commands, and never the emergency brakes", async () => {
  const { now } = panel.clock;
  const at = async (name: string, number: number) => {
    const reply = await send({ name, idempotencyKey: key(`${name}${number}`) }, "admin");
    panel.clock.now = now;
    return reply.status;
  };
  const resumes = [];
  for (let number = 0; number < 40; number++) resumes.push(await at("resume", number));
  expect(resumes).toContain(429);
  for (const name of ["pause", "flatten", "halt"]) {
    for (let number = 0; number < 30; number++) expect(await at(name, number)).toBe(200);
  }
});

test("a command of the desk that the panel's file cannot note is obeyed if it is a brake", async () => {
  const broken = await testPanel(traded, ({ keeper }) => {
    const fail = () => {
      throw new Error("disk full");
    };
    const still = { claim: fail, keepReply: fail, disclaim: fail, record: fail, useKey: fail };
    // A class's methods are not its own: each is bound by name.
    const bound = Object.fromEntries(
      Object.getOwnPropertyNames(Object.getPrototypeOf(keeper)).map((name) => [
        name,
        (...given: unknown[]) =>
          (keeper as unknown as Record<string, (...g: unknown[]) => unknown>)[name]?.(...given),
      ]),
    );
    return { keeper: { ...bound, ...still } as unknown as typeof keeper };
  });
  expect(
    (await send({ name: "resume", idempotencyKey: key("g1") }, "operate", broken)).status,
  ).toBe(503);
  expect((await send({ name: "pause", idempotencyKey: key("g2") }, "operate", broken)).status).toBe(
    200,
  );
  expect(brakes()).toContain("pause/desk");
  await broken[Symbol.asyncDispose]();
});

test("who, what, from where and what came of it stands in the record", async () => {
  await send({ name: "pause", reason: "noon", idempotencyKey: key("h") });
  const [last] = panel.store.actions({ what: "command" }, 1);
  expect(last).toMatchObject({
    ...{ who: "the operate", role: "operate", what: "command.pause", outcome: "done" },
    from: expect.stringMatching(/^127\.0\.0\.1 Bun/) as string,
  });
});
