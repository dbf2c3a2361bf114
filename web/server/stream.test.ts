/** The event stream: complete and in order, or honest about what it left out. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Hono } from "hono";
import { stripView } from "../api/desk.ts";
import { openStream } from "../testing/stream.fixture.ts";
import { type TradedDesk, tradedDesk } from "../testing/traded-desk.fixture.ts";
import type { JournalRow, PanelOptions } from "./ports.ts";
import { entryStream } from "./stream.ts";
import { behindMost, type Place, StreamHub, type Told } from "./stream-hub.ts";

let traded: TradedDesk;
let server: ReturnType<typeof Bun.serve>;
let url: string;

beforeAll(async () => {
  traded = await tradedDesk({ hours: 2 });
  const app = new Hono().get("/stream", entryStream(traded.panel));
  server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: app.fetch });
  url = `http://127.0.0.1:${server.port}/stream`;
});
afterAll(async () => {
  await server.stop(true);
  await traded[Symbol.asyncDispose]();
});

const head = () => traded.parts.reader.head().seq;
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("the stream", () => {
  test("says hello, the strip, and then each record as it is committed", async () => {
    const before = head();
    await using client = await openStream(url);
    await client.until((heard) => heard.some(({ event }) => event === "strip"));
    expect(client.heard[0]).toMatchObject({ event: "hello", id: `${before}` });
    expect(client.heard[0]?.data).toMatchObject({ seq: before, version: "0.0.0" });
    await traded.runOn(0.5);
    const after = head();
    await client.until(() => client.lastId() === `${after}`);
    expect(client.seqs()).toEqual(numbers(before + 1, after));
    const strip = client.heard.findLast(({ event }) => event === "strip")?.data;
    expect(stripView.strict().parse(strip).mode).toBe("paper");
  });

  test("beats where nothing happens", async () => {
    await using client = await openStream(url);
    await client.until((heard) => heard.filter(({ event }) => event === "beat").length > 2);
    expect(client.seqs()).toEqual([]);
  });

  test("has neither hole nor double over connections that break", async () => {
    const before = head();
    const seqs: number[] = [];
    let lastId = `${before}`;
    for (let times = 0; times < 3; times += 1) {
      await using client = await openStream(url, { "Last-Event-ID": lastId });
      const running = traded.runOn(0.4);
      await client.until((heard) => heard.some(({ event }) => event === "entries"));
      await client.end();
      seqs.push(...client.seqs());
      lastId = client.lastId() ?? lastId;
      await running;
    }
    const after = head();
    await using client = await openStream(`${url}?after=${lastId}`);
    await client.until(() => client.lastId() === `${after}`);
    seqs.push(...client.seqs());
    expect(seqs).toEqual(numbers(before + 1, after));
  });

  test("begins at the end for a sequence that this journal never had", async () => {
    await using client = await openStream(url, { "Last-Event-ID": "999999999" });
    await client.until((heard) => heard.length > 1);
    expect(client.heard[0]?.data).toMatchObject({ seq: head() });
  });

  test("says which records it leaves out for one that was away too long", async () => {
    while (head() <= 7 + behindMost) await traded.runOn(4);
    const now = head();
    // A reader of its own: one that still looks for the listener before has what this one missed.
    const app = new Hono().get("/stream", entryStream(traded.panel));
    using fresh = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: app.fetch });
    await using client = await openStream(`http://127.0.0.1:${fresh.port}/stream?after=7`);
    await client.until((heard) => heard.some(({ event }) => event === "gap"));
    const gap = client.heard.find(({ event }) => event === "gap");
    expect(gap).toMatchObject({ id: `${now}`, data: { from: 8, to: now } });
    expect(client.seqs()).toEqual([]);
    await traded.runOn(0.2);
    await client.until(() => client.lastId() === `${head()}`);
    expect(client.seqs()).toEqual(numbers(now + 1, head()));
  });

  test("keeps the name of its ledger over a restart, and tells another's apart", async () => {
    const hello = async (panel: PanelOptions) => {
      const app = new Hono().get("/stream", entryStream(panel));
      using other = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: app.fetch });
      await using client = await openStream(`http://127.0.0.1:${other.port}/stream`);
      await client.until((heard) => heard.length > 0);
      return (client.heard[0] as { data: { run: string } }).data.run;
    };
    await using another = await tradedDesk({ hours: 1, seed: 2 });
    const run = await hello(traded.panel);
    expect(await hello(traded.panel)).toBe(run);
    expect(await hello(another.panel)).not.toBe(run);
  });
});

/** A journal that grows by so many records with each look, up to a last one. */
function growing(last: number, step: number, correlation: string) {
  let committed = 0;
  function* range(first = 0, until = last): Iterable<JournalRow> {
    for (let seq = first; seq <= Math.min(until, committed); seq += 1) {
      const row = { seq, at: seq, kind: "bar", subject: "s", code: null, correlation };
      yield { ...row, content: "{}", hash: "" };
    }
  }
  return {
    head: () => {
      committed = Math.min(last, committed + step);
      return { seq: committed, hash: "" };
    },
    isWhole: () => committed === last,
    meta: () => new Map(),
    history: () => [],
    journal: { range, record: () => null },
  };
}

test("a client that does not read is waited for, and then told what it missed", async () => {
  const ledger = growing(12_000, 1_000, "x".repeat(6_000));
  const panel = { ...traded.panel, ledger } as unknown as PanelOptions;
  const app = new Hono().get("/stream", entryStream(panel));
  using server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: app.fetch });
  let text = "";
  const decoder = new TextDecoder();
  const socket = await Bun.connect({
    ...{ hostname: "127.0.0.1", port: server.port ?? 0 },
    socket: {
      data: (_, chunk) => {
        text += decoder.decode(chunk, { stream: true });
      },
    },
  });
  socket.pause();
  socket.write("GET /stream?after=0 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  while (!ledger.isWhole()) await Bun.sleep(20);
  expect(text).toBe("");
  socket.resume();
  while (!text.includes("id: 12000\n")) await Bun.sleep(20);
  socket.end();
  // A chunk's length may stand anywhere between.
  text = text.replace(/\r\n[0-9a-f]+\r\n/g, "");
  expect(text).toContain("event: gap");
  const gaps = [...text.matchAll(/"from":(\d+),"to":(\d+)/g)].map(([, from, to]) => [from, to]);
  const told = [...text.matchAll(/"seq":(\d+),"at"/g)].map(([, seq]) => Number(seq));
  const missed = gaps.flatMap(([from, to]) => numbers(Number(from), Number(to)));
  expect([...told, ...missed].toSorted((one, other) => one - other)).toEqual(numbers(1, 12_000));
});

/** A hub over a journal that grows by hand, whose looks come when they are let. */
class Bench {
  committed = 0;
  /** The first record that is not archived. */
  first = 1;
  readonly read: number[] = [];
  looks = 0;
  isBroken = false;
  readonly hub: StreamHub;
  private wake: (() => void) | null = null;

  constructor() {
    const journal = {
      range: (first = 0, last = 0) => this.range(first, last),
    } as unknown as PanelOptions["ledger"]["journal"];
    const ledger = { head: () => ({ seq: this.committed, hash: "" }), journal };
    const desk = traded.panel.desk;
    this.hub = new StreamHub({ ...traded.panel, desk, ledger } as PanelOptions);
  }

  private *range(first: number, last: number): Iterable<JournalRow> {
    if (this.isBroken) throw new Error("the disk is gone");
    for (let seq = Math.max(first, this.first); seq <= Math.min(last, this.committed); seq += 1) {
      this.read.push(seq);
      const row = { seq, at: seq, kind: "bar", subject: "s", code: null, correlation: null };
      yield { ...row, content: "{}", hash: "" };
    }
  }

  readonly sleep = (): Promise<void> => {
    this.looks += 1;
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  };

  /** Lets the hub look once more. */
  async look(): Promise<void> {
    const looked = this.hub.looked();
    this.wake?.();
    await Promise.race([looked, Bun.sleep(0)]);
  }

  /** Everything that is to be told now to who stands there. */
  tell(place: Place): Told[] {
    const told: Told[] = [];
    for (let next = this.hub.next(place); next; next = this.hub.next(place)) told.push(next);
    return told.filter(({ event }) => event === "entries" || event === "gap");
  }
}

const placeAt = (seq: number): Place => ({ seq, strip: 0, beat: 0 });
const seqsOf = (told: readonly Told[]) =>
  told.flatMap(({ data }) => (JSON.parse(data) as { seq: number }[]).map(({ seq }) => seq));

describe("the one reader of the journal", () => {
  test("reads each record once, however many listen", async () => {
    const bench = new Bench();
    const places = Array.from({ length: 50 }, () => placeAt(0));
    for (const _ of places) bench.hub.join(bench.sleep);
    for (const committed of [3, 600, 1_400]) {
      bench.committed = committed;
      await bench.look();
      await bench.look();
      for (const place of places) bench.tell(place);
    }
    expect(places.every(({ seq }) => seq === 1_400)).toBe(true);
    expect(bench.read).toEqual(numbers(1, 1_400));
  });

  test("looks no more once nobody listens, and again for the next one", async () => {
    const bench = new Bench();
    const leave = bench.hub.join(bench.sleep);
    await bench.look();
    leave();
    await bench.look();
    const { looks } = bench;
    await bench.look();
    await bench.look();
    expect(bench.looks).toBe(looks);
    bench.committed = 5;
    bench.hub.join(bench.sleep);
    bench.committed = 9;
    await bench.look();
    expect(seqsOf(bench.tell(placeAt(5)))).toEqual([6, 7, 8, 9]);
  });

  test("tells who fell behind of a gap up to now, and goes on from there", async () => {
    const bench = new Bench();
    bench.hub.join(bench.sleep);
    const place = placeAt(0);
    for (let looks = 0; looks < 8; looks += 1) {
      bench.committed += 1_000;
      await bench.look();
    }
    const [gap, ...rest] = bench.tell(place);
    expect(JSON.parse(gap?.data ?? "")).toMatchObject({ from: 1, to: 8_000 });
    expect(rest).toEqual([]);
    bench.committed += 3;
    await bench.look();
    expect(seqsOf(bench.tell(place))).toEqual([8_001, 8_002, 8_003]);
  });

  test("tells all of a gap where the desk is faster than it can read", async () => {
    const bench = new Bench();
    bench.hub.join(bench.sleep);
    const place = placeAt(0);
    bench.committed = behindMost + 1;
    await bench.look();
    expect(JSON.parse(bench.tell(place)[0]?.data ?? "")).toMatchObject({ from: 1, to: 5_001 });
    expect(bench.read).toEqual([]);
  });

  test("tells of a gap where records were archived meanwhile", async () => {
    const bench = new Bench();
    bench.committed = 900;
    bench.first = 401;
    bench.hub.join(bench.sleep);
    await bench.look();
    const [gap] = bench.tell(placeAt(100));
    expect(JSON.parse(gap?.data ?? "")).toMatchObject({ from: 101, to: 900 });
    expect(gap?.event).toBe("gap");
    expect(seqsOf(bench.tell(placeAt(400)))).toEqual(numbers(401, 900));
  });

  test("ends the streams where the journal cannot be read, and looks anew for the next one", async () => {
    const bench = new Bench();
    const leave = bench.hub.join(bench.sleep);
    bench.isBroken = true;
    bench.committed = 4;
    const looked = bench.hub.looked();
    await bench.look();
    expect(await looked).toBe(false);
    leave();
    bench.isBroken = false;
    bench.hub.join(bench.sleep);
    bench.committed = 6;
    await bench.look();
    expect(seqsOf(bench.tell(placeAt(4)))).toEqual([5, 6]);
  });
});
