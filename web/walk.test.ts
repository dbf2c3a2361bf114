/** An operator's walk through the panel of a real desk, in a real browser, on a desk and a phone. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { chromium } from "./testing/browser.fixture.ts";
import { type PanelProcess, startPanel } from "./testing/panel-process.fixture.ts";
import { openWatched, type WatchedBrowser } from "./testing/watched-browser.fixture.ts";

if (chromium === null) console.log("skipped: there is no chromium to walk the panel with");

let panel: PanelProcess;
let browser: WatchedBrowser;

const sizes = [
  ["desktop", 1_440, 900],
  ["phone", 390, 844],
] as const;

const inPage = <T>(expression: string) => browser.view.evaluate<T>(expression);
const until = (expression: string) => browser.until(expression, 60_000);
const has = (selector: string, text: string) =>
  `[...document.querySelectorAll(${JSON.stringify(selector)})]
    .some((each) => each.innerText.includes(${JSON.stringify(text)}))`;
const closedTrades = `Number([...document.querySelectorAll(".tile")]
  .find((each) => each.querySelector("h3").innerText === "Closed trades")
  ?.querySelector(".figure").innerText ?? -1)`;

async function open(path: string): Promise<void> {
  await browser.view.navigate(panel.origin + path);
  await until(`document.querySelector(".strip-day")`);
}

/** Presses Tab until something is focused; as an operator without a mouse would. */
async function tabTo(isThere: string): Promise<void> {
  for (let presses = 0; presses < 80; presses += 1) {
    if (await inPage<boolean>(`Boolean(${isThere})`)) return;
    await browser.view.press("Tab");
  }
  throw new Error(`No Tab leads to: ${isThere}`);
}

const isFocused = (text: string) => `document.activeElement.innerText?.startsWith("${text}")`;

/** Confirms the command that is asked about by keys alone; returns what it said would happen. */
async function confirmByKeys(verb: string): Promise<string> {
  await until(`document.querySelector("dialog .act")`);
  await until(`!document.querySelector(".consequence").innerText.startsWith("Working")`);
  const told = await browser.text(".consequence");
  expect(await browser.text("dialog .mode")).toBe("PAPER");
  // A hasty Enter does nothing.
  expect(await inPage<string>("document.activeElement.innerText")).toBe("Cancel");
  await tabTo(isFocused(verb));
  await browser.view.press("Enter");
  await until(`!document.querySelector("dialog[open]")`);
  return told;
}

async function pressBrake(verb: string): Promise<string> {
  await inPage("document.activeElement.blur()");
  await tabTo(`document.activeElement.matches(".brake") && ${isFocused(verb)}`);
  await browser.view.press("Enter");
  return confirmByKeys(verb);
}

beforeAll(async () => {
  if (chromium === null) return;
  panel = await startPanel({
    ...{ tradeUntil: "2026-01-01T14:00:00Z", flags: ["--speed", "1200"] },
  });
  browser = await openWatched(panel.origin);
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await panel?.[Symbol.asyncDispose]();
});
afterEach(() => {
  expect(browser?.faults ?? []).toEqual([]);
});

describe.skipIf(chromium === null).each(sizes)("on a %s", (_, width, height) => {
  test("the banner's link signs in, and keeps no key in the address", async () => {
    await browser.sized(width, height);
    // Within one document a link that differs by what follows its # loads nothing.
    await browser.view.navigate("about:blank");
    await browser.view.navigate(panel.link);
    await until(`document.querySelector(".strip-day")`);
    expect(await inPage<string>("location.href")).toBe(`${panel.origin}/`);
    expect(await browser.text(".strip .mode")).toBe("PAPER");
    expect(await inPage<string>("document.title")).toStartWith("Overview · PAPER");
  });

  test("nothing is wider than the window, on any page", async () => {
    const paths = await inPage<string[]>(
      `[...document.querySelectorAll(".nav a")].map((each) => new URL(each.href).pathname)`,
    );
    expect(paths.length).toBeGreaterThan(3);
    for (const path of paths) {
      await open(path);
      await until(
        `![...document.querySelectorAll(".age")].some((each) => each.innerText === "reading")`,
      );
      const wide = await inPage<number>("document.scrollingElement.scrollWidth");
      expect([path, wide <= width]).toEqual([path, true]);
      expect(await browser.text("main")).not.toContain("cannot be shown");
    }
  });

  test("trades arrive while the overview is watched, and nobody reloads it", async () => {
    await open("/");
    await until(`document.querySelector(".canvas canvas")`);
    const before = await inPage<number>(closedTrades);
    expect(before).toBeGreaterThanOrEqual(0);
    await until(`${closedTrades} > ${before}`);
    expect(
      await inPage<number>("Number(document.querySelector('.canvas').dataset.points)"),
    ).toBeGreaterThan(10);
  });

  test("pause and resume, by keys alone", async () => {
    await open("/");
    expect(await pressBrake("Pause")).toContain("No new entries until you resume");
    await until(has(".strip .state", "Braked"));
    await until(has(".strip .state", "pause/desk"));
    await until(has(".notice", "paused"));
    await tabTo(`document.activeElement.matches(".resume")`);
    await browser.view.press("Enter");
    expect(await confirmByKeys("Resume")).toContain("Released: pause/desk");
    await until(has(".strip .state", "Running"));
  });

  test("flatten, by keys alone, sells what is open", async () => {
    await open("/");
    await until(
      `document.querySelectorAll("section[aria-label='Open positions'] tbody tr").length > 0`,
    );
    const told = await pressBrake("Flatten");
    expect(told).toContain("The desk is paused until you resume");
    await until(has("main", "No position is open"));
    await until(has(".alerts", "pause/desk"));
  });

  test("halt from the window that one key opens", async () => {
    await inPage("document.activeElement.blur()");
    await browser.view.press("k");
    await until(`document.querySelector(".emergency")`);
    await tabTo(isFocused("Halt"));
    await browser.view.press("Enter");
    expect(await confirmByKeys("Halt")).toContain("nothing is sold");
    await until(has(".strip .state", "halt/desk"));
    await browser.view.click(".resume");
    await confirmByKeys("Resume");
    await until(has(".strip .state", "Running"));
  });

  test("a desk that is silent turns the numbers grey, and the brakes still open", async () => {
    panel.hold();
    try {
      await until(`document.querySelector(".strip.stale")`);
      expect(await browser.text(".strip-link")).toContain("numbers are old");
      await inPage("document.querySelector('.brake.pause').click()");
      await until(`document.querySelector("dialog .act")`);
      expect(await browser.text("dialog")).toContain("what it says is old");
      expect(await inPage<boolean>("document.querySelector('dialog .act').disabled")).toBe(false);
      await browser.view.press("Escape");
      await until(`!document.querySelector("dialog[open]")`);
    } finally {
      panel.letOn();
    }
    await until(`!document.querySelector(".strip.stale")`);
  });
});

describe.skipIf(chromium === null)("a desk that starts anew behind the same address", () => {
  test("is heard again, without a hole that nobody tells of", async () => {
    await browser.sized(1_440, 900);
    await open("/");
    const before = await inPage<number>(closedTrades);
    await panel.end();
    await until(`document.querySelector(".strip.stale")`);
    await panel.begin();
    // What the browser tells of the broken connection is what this test is about.
    await until(`!document.querySelector(".strip.stale")`);
    await until(`${closedTrades} > ${before}`);
    browser.forgive();
  });
});
