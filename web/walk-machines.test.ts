/** The visualiser in a real browser: an order as it lives, its past, and the story of its trade. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { chromium } from "./testing/browser.fixture.ts";
import { type TestPanel, testPanel } from "./testing/panel.fixture.ts";
import { type TradedDesk, tradedDesk } from "./testing/traded-desk.fixture.ts";
import { openWatched, type WatchedBrowser } from "./testing/watched-browser.fixture.ts";

if (chromium === null) console.log("skipped: there is no chromium to walk the visualiser with");

/** The generated market's first entry, at ten o'clock: it fills in parts. */
const order = "order:paper:main/SOL/USD/1/entry";
const position = "paper:main/SOL/USD/1";
/** Five seconds of the market, in hours. */
const shortly = 5 / 3_600;

let traded: TradedDesk;
let panel: TestPanel;
let browser: WatchedBrowser;

const until = (expression: string) => browser.until(expression, 60_000);
const inPage = <T>(expression: string) => browser.view.evaluate<T>(expression);
const states = `(document.querySelector(".states")?.dataset.states ?? "")`;
const shownSeq = `Number(new URL(location.href).searchParams.get("seq"))`;

/** Runs the market on in small steps until the desk is where it is wanted. */
async function runUntil(is: () => boolean): Promise<void> {
  for (let steps = 0; !is(); steps += 1) {
    if (steps > 5_000) throw new Error("The market never came to it");
    await traded.runOn(shortly);
  }
}

const held = (): unknown => {
  const found = new Map(traded.parts.desk.actors()).get(order)?.value as
    | { readonly live?: { readonly held?: unknown } }
    | undefined;
  return found === undefined ? null : (found.live?.held ?? "over");
};

beforeAll(async () => {
  if (chromium === null) return;
  traded = await tradedDesk({ hours: 9.9 });
  panel = await testPanel(traded, () => ({ now: () => Date.now() }));
  browser = await openWatched(panel.served.origin);
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await panel?.[Symbol.asyncDispose]();
  await traded?.[Symbol.asyncDispose]();
});
afterEach(() => {
  expect(browser?.faults ?? []).toEqual([]);
});

describe.skipIf(chromium === null)("the visualiser", () => {
  test("shows an order live, from new over partly filled to its end", async () => {
    await browser.sized(1_440, 900);
    await browser.view.navigate(`${panel.served.origin}/machines#key=${panel.keys.admin.text}`);
    await until(`document.querySelector(".tree")`);
    expect(held()).toBeNull();
    await runUntil(() => held() !== null);
    const link = `/machines/${encodeURIComponent(order)}`;
    await until(`document.querySelector('.tree a[href="${link}"]')`);
    await inPage(`document.querySelector('.tree a[href="${link}"]').click()`);
    await until(`document.querySelector(".chart-svg .node")`);
    await until(`/held\\.(new|open)/.test(${states})`);
    await runUntil(() => held() === "partial");
    await until(`${states}.includes("held.partial")`);
    await until(`document.querySelector(".chart-svg .edge.fired, .chart-svg .glow")`);
    await runUntil(() => !["new", "open", "partial"].includes(String(held())));
    await until(`!${states}.includes("held.partial")`);
    const steps = await browser.text(".steps");
    expect(steps).toContain("partial");
    expect(await inPage<string>("location.search")).toBe("");
  });

  test("goes back to a past transition, by key, with guards as they judged", async () => {
    await inPage("document.activeElement.blur()");
    let seq = Number.POSITIVE_INFINITY;
    for (let steps = 0; steps < 300; steps += 1) {
      await browser.view.press("ArrowLeft");
      await until(`${shownSeq} > 0 && ${shownSeq} <= ${seq}`);
      seq = await inPage<number>(shownSeq);
      const isThere = `${states}.includes("held.partial") && document.querySelector(".guards li .saw")`;
      if (await inPage<boolean>(`Boolean(${isThere})`)) break;
    }
    expect(await browser.text(".past")).toContain(`After record ${seq}`);
    expect(await inPage<string>(states)).toContain("held.partial");
    const guards = await browser.text(".guards");
    expect(guards).toMatch(/✓|✗/);
    // The live actor is where it was.
    expect(held()).not.toBe("partial");
    await browser.view.press("l");
    await until(`!document.querySelector(".past")`);
  });

  test("opens a trade's story, whose steps lead to their records", async () => {
    await runUntil(
      () =>
        !new Map(traded.parts.desk.actors()).has(`position:${position}`) ||
        traded.parts.reader.books.position(position)?.state === "closed",
    );
    await browser.view.navigate(`${panel.served.origin}/trades`);
    const link = `a[href^="/trades/${encodeURIComponent(position)}"]`;
    await until(`document.querySelector('main ${link}')`);
    await inPage(`document.querySelector('main ${link}').click()`);
    await until(`document.querySelectorAll(".timeline li").length > 3`);
    const story = await browser.text("main");
    for (const part of ["Signal", "What happened", "entry", "Postings"])
      expect(story).toContain(part);
    await inPage(`document.querySelector('.timeline a[href^="/journal/"]').click()`);
    await until(`location.pathname.startsWith("/journal/")`);
    await until(`document.querySelector("main pre, main code")`);
  });

  test("fits a phone, with the chart at the state that is active", async () => {
    await browser.sized(390, 844);
    await browser.view.navigate(`${panel.served.origin}/machines/${encodeURIComponent(order)}`);
    await until(`document.querySelector(".chart-svg .node.active, .chart-svg .node")`);
    expect(await inPage<number>("document.scrollingElement.scrollWidth")).toBeLessThanOrEqual(390);
  });
});
