/** The visualiser in a real browser, over a desk that trades while it is watched. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chromium } from "./browser.fixture.ts";
import { type TestPanel, testPanel } from "./panel.fixture.ts";
import { type TradedDesk, tradedDesk } from "./traded-desk.fixture.ts";
import { openWatched, type WatchedBrowser } from "./watched-browser.fixture.ts";

const hourMs = 3_600_000;

/** An order that fills in parts, and when it is made and filled: hours of the generated market. */
interface Foreseen {
  readonly order: string;
  readonly position: string;
  readonly made: number;
  readonly filled: number;
}

interface Transition {
  readonly actor: string;
  readonly to: { readonly live?: { readonly held?: string } } | string | null;
}

/** The same market was run before: what it holds is known. */
async function foreseen(): Promise<Foreseen> {
  await using desk = await tradedDesk({ hours: 12 });
  const lives = new Map<string, { made: number; states: string[] }>();
  let first = Number.NaN;
  for (const { at, content } of desk.panel.ledger.journal.range(1)) {
    if (Number.isNaN(first)) first = at;
    const { transitions = [] } = JSON.parse(content) as { readonly transitions?: Transition[] };
    for (const { actor, to } of transitions) {
      if (!/^order:.*\/exit-1$/.test(actor)) continue;
      const life = lives.get(actor) ?? { made: (at - first) / hourMs, states: [] };
      lives.set(actor, life);
      const held = typeof to === "object" ? to?.live?.held : undefined;
      if (held) life.states.push(held);
      if (held !== "filled" || !life.states.includes("partial")) continue;
      const position = actor.slice("order:".length, -"/exit-1".length);
      return { order: actor, position, made: life.made, filled: (at - first) / hourMs };
    }
  }
  throw new Error("Cannot find an order that fills in parts: the generated market has none");
}

/** Puts down each state of `held` that is lit, in the order in which they are. */
const watch = `(() => {
  window.lit = [];
  const look = () => {
    const node = document.querySelector('.node.atomic.active[data-state^="order.live.held."]');
    const state = node?.dataset.state.split(".").at(-1);
    if (state && state !== window.lit.at(-1)) window.lit.push(state);
  };
  new MutationObserver(look).observe(document.body, {
    subtree: true, childList: true, attributes: true,
  });
})()`;

const shown = `({
  address: location.pathname + location.search,
  event: document.querySelector(".actor-side h2").textContent,
  states: document.querySelector(".states").dataset.states,
  guards: [...document.querySelectorAll(".actor-side .guards li")].map((each) => each.textContent),
  changed: [...document.querySelectorAll(".actor-side .changes dt")].map((each) => each.textContent),
})`;

interface Shown {
  readonly address: string;
  readonly event: string;
  readonly states: string;
  readonly guards: readonly string[];
  readonly changed: readonly string[];
}

describe.skipIf(chromium === null)("the visualiser in a browser", () => {
  let desk: TradedDesk;
  let panel: TestPanel;
  let browser: WatchedBrowser;
  let order: string;
  let position: string;
  let path: string;
  let toGo: number;
  const limitMs = 90_000;

  const open = async (address: string) => {
    await browser.view.navigate(panel.served.origin + address);
  };
  const look = async () => (await browser.view.evaluate(shown)) as Shown;
  const saying = (words: string) => `(each) => each.textContent === ${JSON.stringify(words)}`;
  const press = (selector: string, words: string) =>
    browser.view.evaluate(
      `[...document.querySelectorAll(${JSON.stringify(selector)})].find(${saying(words)}).click()`,
    );
  const until = (expression: string) => browser.until(expression, limitMs);

  beforeAll(async () => {
    const known = await foreseen();
    ({ order, position } = known);
    path = `/machines/${encodeURIComponent(order)}`;
    const before = known.made - 1 / 60;
    desk = await tradedDesk({ hours: before });
    toGo = known.filled - before + 1 / 300;
    panel = await testPanel(desk, () => ({ now: Date.now }));
    browser = await openWatched(panel.served.origin);
    await open(`/#key=${panel.keys.operate.text}`);
    await until(`document.querySelector(".nav a")`);
  });

  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    await panel[Symbol.asyncDispose]();
    await desk[Symbol.asyncDispose]();
  });

  test("the tree names every actor that lives, and is narrowed down by what is typed", async () => {
    await open("/machines");
    await until(`document.querySelectorAll(".tree li").length > 10`);
    const lane = position.slice(0, position.lastIndexOf("/"));
    await open(`/machines?text=${encodeURIComponent(lane)}&kind=scanner`);
    await until(`document.querySelectorAll(".tree li").length === 1`);
    const line = await browser.view.evaluate(`document.querySelector(".tree li").textContent`);
    expect(line).toContain(lane);
    expect(line).toContain("engaged");
  });

  test("an order is seen to be made, filled in part and filled, each state in its turn", async () => {
    await open(path);
    await until(`document.querySelector(".node") && document.querySelector("p.card.error")`);
    await browser.view.evaluate(watch);
    await desk.runOn(toGo);
    await until(`window.lit.includes("filled")`);
    const lit = (await browser.view.evaluate("window.lit")) as string[];
    expect(lit.filter((state) => ["new", "partial", "filled"].includes(state))).toEqual([
      "new",
      "partial",
      "filled",
    ]);
    expect(await browser.view.evaluate(`document.querySelectorAll(".edge.fired").length`)).not.toBe(
      0,
    );
  });

  test("a past step shows its event, its guards and what it changed, and its address alone does", async () => {
    await open(path);
    const first = `[...document.querySelectorAll(".steps li")].findLast((each) => each.textContent.startsWith("order.fill "))`;
    await until(`${first} && document.querySelector(".actor-side .changes")`);
    await browser.view.evaluate(`${first}.querySelector("a").click()`);
    await until(`document.querySelector(".past") && location.search.includes("seq=")`);
    await until(`document.querySelector(".actor-side h2").textContent === "Event order.fill"`);
    const past = await look();
    expect(past.states).toContain("order.live.held.partial");
    expect(past.changed).toContain("filled");
    expect(past.guards.length).toBeGreaterThan(0);
    expect(past.guards.join()).toContain("isFilled");
    expect(await browser.view.evaluate(`document.body.textContent.includes("Send by hand")`)).toBe(
      false,
    );
    await open(past.address);
    await until(`document.querySelector(".actor-side .changes")`);
    expect(await look()).toEqual(past);
  });

  test("keys step back and forth, play, and go back to live", async () => {
    await open(path);
    await until(
      `document.querySelector(".actor-side .guards, .actor-side .empty") && document.querySelectorAll(".steps li").length > 3`,
    );
    const seqs: string[] = [];
    for (const key of ["ArrowLeft", "ArrowLeft", "ArrowRight"] as const) {
      const before = await browser.view.evaluate("location.search");
      await browser.view.press(key);
      await until(
        `location.search !== ${JSON.stringify(before)} && document.querySelector(".past")`,
      );
      seqs.push(String(await browser.view.evaluate("location.search")));
    }
    expect(seqs[2]).toBe(String(seqs[0]));
    expect(seqs[1]).not.toBe(seqs[0]);
    await browser.view.press(" ");
    await until(`location.search !== ${JSON.stringify(seqs[2])}`);
    await browser.view.press("l");
    await until(`location.search === "" && !document.querySelector(".past")`);
  });

  test("what an event would do is shown, and nothing is done", async () => {
    const head = desk.parts.desk.status().journalHead;
    await open(`/machines/${encodeURIComponent(`position:${position}`)}`);
    await until(`document.querySelector(".next button")`);
    await browser.view.evaluate(`document.querySelector(".next button").click()`);
    await until(`document.querySelector(".outcome")`);
    expect(desk.parts.desk.status().journalHead).toEqual(head);
  });

  test("an event is sent by hand once it is confirmed, and shown as recorded by its record", async () => {
    await open(`/machines/${encodeURIComponent("reconciler:paper:main")}`);
    await until(`[...document.querySelectorAll(".next button")].some(${saying("reconcile.now")})`);
    await press(".next button", "reconcile.now");
    await until(`[...document.querySelectorAll("button")].some(${saying("Send by hand…")})`);
    await press("button", "Send by hand…");
    await until(`document.querySelector("dialog[open]")`);
    expect(await browser.view.evaluate("document.activeElement.textContent")).toBe("Cancel");
    await press("dialog button", "Send reconcile.now");
    await until(`document.body.textContent.includes("Recorded as ")`);
    const records = [...desk.panel.ledger.journal.range(1)].map(({ content }) => content);
    expect(records.filter((content) => content.includes('"send"'))).toHaveLength(1);
  });

  test("a position's messages lead from the signal to the fill, each with its record", async () => {
    await open(`/machines/sequence/${encodeURIComponent(position)}`);
    await until(`document.querySelectorAll(".message").length > 20`);
    const text = String(
      await browser.view.evaluate(`document.querySelector(".sequence").textContent`),
    );
    for (const part of ["outside", "scanner", "position", "order", "order.fill"]) {
      expect(text).toContain(part);
    }
    await browser.view.evaluate(
      `document.querySelector(".message a").dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, button: 0 }))`,
    );
    await until(`document.querySelector("h2")?.textContent.startsWith("Record ")`);
  });

  test("the journal is searched by actor and event, and a record tells its transitions", async () => {
    await open(`/journal?actor=${encodeURIComponent(order)}&event=order.fill`);
    await until(`document.querySelector(".journal li")`);
    await browser.view.evaluate(`document.querySelector(".journal a").click()`);
    await until(`document.querySelector(".transitions li")`);
    const text = await browser.view.evaluate(`document.querySelector(".transitions").textContent`);
    expect(text).toContain("order.fill");
    expect(text).toContain("isFilled");
  });

  test("at 390 pixels nothing overflows the page, and the state that was reached is in view", async () => {
    await browser.sized(390, 844);
    const sequence = `/machines/sequence/${encodeURIComponent(position)}`;
    const pages: readonly (readonly [address: string, ready: string])[] = [
      ["/machines", ".tree li"],
      [sequence, ".message"],
      ["/journal", ".journal li"],
      ["/journal/1", ".hash"],
      [path, ".actor-side .changes dt, .actor-side .empty"],
    ];
    for (const [address, ready] of pages) {
      await open(address);
      await until(`document.querySelector("${ready}")`);
      const wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
      expect([address, await browser.view.evaluate(wide)]).toEqual([address, 0]);
    }
    await until(`document.querySelector(".node.atomic.active, .node.final.active")`);
    const isIn = `(() => {
      const box = document.querySelector(".chart-svg").getBoundingClientRect();
      return [...document.querySelectorAll(".node.atomic.active")].some((node) => {
        const { left, top, right, bottom } = node.getBoundingClientRect();
        return left >= box.left && right <= box.right && top >= box.top && bottom <= box.bottom;
      });
    })()`;
    await until(isIn);
    await browser.sized(1440, 900);
  });

  test("nothing is refused by the browser, and nothing but the wait for the order is on its console", () => {
    const awaited = `${panel.served.origin}/api/v1/actors/${encodeURIComponent(order)}`;
    const others = browser.faults.filter((fault) => !fault.endsWith(`404 (Not Found) ${awaited}`));
    expect(others).toEqual([]);
  });
});
