/** Scanner and Trade in a real browser, over a desk of five coins that trades on. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chromium } from "./browser.fixture.ts";
import { type PanelProcess, startPanel } from "./panel-process.fixture.ts";
import { openWatched, type WatchedBrowser } from "./watched-browser.fixture.ts";

const eager = ["minStrategies=1", "minConfidence=0.2", "minRewardToRisk=0"];
const flags = [...eager.flatMap((each) => ["--set", `strategy.confluence.${each}`]), "--book"];
/** What the desk has traded until, before it is watched. */
const tradeUntil = "2026-01-01T18:00:00Z";

if (chromium === null) console.warn("skipped: there is no chromium, the pages of lanes are unseen");

describe.skipIf(chromium === null)("the pages of lanes", () => {
  let panel: PanelProcess;
  let browser: WatchedBrowser;
  beforeAll(async () => {
    panel = await startPanel({ tradeUntil, flags });
    browser = await openWatched(panel.origin);
    await browser.sized(1_440, 900);
    await browser.view.navigate(panel.link);
    await browser.until(`document.querySelector(".strip")`);
  }, 240_000);
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await panel?.[Symbol.asyncDispose]();
  });

  const count = (selector: string) =>
    browser.view.evaluate<number>(`document.querySelectorAll(${JSON.stringify(selector)}).length`);
  const open = async (path: string, until: string) => {
    await browser.view.navigate(panel.origin + path);
    await browser.until(until);
  };
  const isDrawn = `document.querySelectorAll(".canvas canvas").length > 2`;
  const lastBar = `document.querySelector(".at-time")?.innerText ?? ""`;

  test("show every lane with votes that are told by signs, and why it does what it does", async () => {
    await open("/scanner", `document.querySelectorAll(".scan .heat").length === 5`);
    expect(await count(".scan > tbody > tr")).toBe(5);
    const cells = await browser.view.evaluate<string[]>(
      `[...document.querySelectorAll(".heat tbody td")].map((each) => each.className + each.innerText)`,
    );
    expect(cells.length).toBe(5 * 3 * 11);
    expect(cells.every((each) => /^heat-(none|zero·|up-\d\+\d+|down-\d−\d+)$/.test(each))).toBe(
      true,
    );
    expect(await browser.text(".scan .why")).toMatch(/no trade|hold|buy|sell/);
    expect(await count(".codes li")).toBeGreaterThan(3);
  }, 120_000);

  test("filter lanes by what the address says, and lead to each", async () => {
    await open("/scanner?filter=sol", `document.querySelectorAll(".scan .heat").length === 1`);
    expect(await browser.text(".scan th a")).toBe("SOL/USD");
    await browser.view.click(".scan th a");
    await browser.until(isDrawn);
    expect(await browser.view.evaluate<string>("location.pathname")).toBe("/trade/SOL%2FUSD");
  }, 120_000);

  test("draw candles, and go on as bars come", async () => {
    await open("/trade/BTC%2FUSD?frame=1m", isDrawn);
    await browser.until(lastBar);
    const first = await browser.view.evaluate<string>(lastBar);
    await browser.until(`(${lastBar}) > ${JSON.stringify(first)}`);
    expect(await browser.text(".canvas + details")).toBe("The same as text");
    await browser.until(`document.querySelector(".depth svg polygon")`);
    expect(await count(".book tbody tr")).toBe(8);
  }, 120_000);

  test("tell the votes at a bar of the past, found by keys alone", async () => {
    const at = Date.parse("2026-01-01T12:00:00Z");
    await open(`/trade/BTC%2FUSD?frame=5m&at=${at}`, isDrawn);
    await browser.until(`document.querySelector(".votes li b")`);
    expect(await browser.text(".at-time")).toContain("2026-01-01 12:00 5m");
    expect(await browser.text(".past")).toContain("does not follow new bars");
    await browser.view.evaluate(`document.querySelector('[aria-label="Bar before"]').focus()`);
    await browser.view.press("Enter");
    await browser.until(`(${lastBar}).includes("11:55")`);
    await browser.until(`document.querySelector(".votes li b")`);
    await browser.view.evaluate(`document.querySelector(".past button").click()`);
    await browser.until(`!document.querySelector(".past") && ${isDrawn}`);
    expect(await browser.view.evaluate<string>("location.search")).toBe("?frame=5m");
  }, 120_000);

  test.each([
    ["/scanner", `document.querySelector(".scan .heat")`],
    ["/trade/ETH%2FUSD", isDrawn],
  ])(
    "stay within a phone's width: %s",
    async (path, until) => {
      await browser.sized(390, 844);
      await open(path, until);
      const width = "document.scrollingElement.scrollWidth";
      expect(await browser.view.evaluate<number>(width)).toBeLessThanOrEqual(390);
    },
    120_000,
  );

  test("never say an error, break the policy, or ask elsewhere", () => {
    expect(browser.faults).toEqual([]);
  });
});
