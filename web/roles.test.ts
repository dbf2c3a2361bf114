/** What the page lets each role do, in a real browser on a real desk. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "./testing/browser.fixture.ts";
import { type PanelProcess, startPanel } from "./testing/panel-process.fixture.ts";
import { openWatched, type WatchedBrowser } from "./testing/watched-browser.fixture.ts";

if (chromium === null) console.log("skipped: there is no chromium to walk the panel with");

const folder = mkdtempSync(join(tmpdir(), "novactor-roles-"));
const config = join(folder, "desk.yaml");
let panel: PanelProcess;
let browser: WatchedBrowser;

const inPage = <T>(expression: string) => browser.view.evaluate<T>(expression);
const until = (expression: string) => browser.until(expression, 60_000);
const button = (text: string) =>
  `[...document.querySelectorAll("button")].find((each) => each.innerText === "${text}")`;
const says = (selector: string, text: string) =>
  `document.querySelector("${selector}")?.innerText.includes(${JSON.stringify(text)})`;

async function open(path: string): Promise<void> {
  await browser.view.navigate(panel.origin + path);
  await until(`document.querySelector(".strip-day")`);
}

async function signIn(key: string): Promise<void> {
  // Within one document a link that differs by what follows its # loads nothing.
  await browser.view.navigate("about:blank");
  await browser.view.navigate(`${panel.origin}/#key=${key}`);
  await until(`document.querySelector(".strip-day")`);
}

async function newKey(role: string): Promise<string> {
  const first = new URL(panel.link).hash.slice("#key=".length);
  const reply = await fetch(`${panel.origin}/api/v1/keys`, {
    method: "POST",
    headers: { Authorization: `Bearer ${first}`, "Content-Type": "application/json" },
    body: JSON.stringify({ name: `one of ${role}`, role }),
  });
  return ((await reply.json()) as { key: string }).key;
}

beforeAll(async () => {
  if (chromium === null) return;
  writeFileSync(config, "risk:\n  positionCap: 5\n");
  panel = await startPanel({ flags: ["--config", config] });
  browser = await openWatched(panel.origin);
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await panel?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => {
  expect(browser?.faults ?? []).toEqual([]);
});

describe.skipIf(chromium === null)("the page", () => {
  test("shows role view every control, disabled, with the reason", async () => {
    await signIn(await newKey("view"));
    const needs = "The role operate is needed, yours is view";
    expect(await browser.text(".looks-on")).toContain(needs);
    for (const brake of ["Pause", "Flatten", "Halt"]) {
      expect(await inPage<boolean>(`${button(brake)}.disabled`)).toBe(true);
      expect(await inPage<string>(`${button(brake)}.title`)).toBe(needs);
    }
    await inPage(
      `document.dispatchEvent(new KeyboardEvent("keydown", { key: "k", bubbles: true }))`,
    );
    await until(`document.querySelector(".emergency")`);
    expect(await inPage<number>(`document.querySelectorAll(".emergency :enabled").length`)).toBe(0);
    await open("/risk");
    await until(`${button("Hold")}?.title === ${JSON.stringify(needs)}`);
    await open("/configuration");
    await until(`${button("Read it again…")}?.disabled`);
    await open("/logs");
    await until(`document.querySelector(".log-written select")?.disabled`);
    expect(await browser.text(".log-written")).toContain("The role admin is needed");
  });

  test("lets role operate stop the desk, and leaves what is an admin's", async () => {
    await signIn(await newKey("operate"));
    expect(await inPage<boolean>(`document.querySelector(".looks-on") === null`)).toBe(true);
    expect(await inPage<boolean>(`${button("Halt")}.disabled`)).toBe(false);
    await open("/configuration");
    await until(
      `${button("Read it again…")}?.title === "The role admin is needed, yours is operate"`,
    );
  });

  test("has an admin read the configuration again, and says what came of it", async () => {
    await signIn(await newKey("admin"));
    writeFileSync(config, "risk:\n  positionCap: 4\n");
    await open("/configuration");
    await until(`${button("Read it again…")}`);
    await inPage(`${button("Read it again…")}.click()`);
    await until(says("dialog .consequence", "It would change 1 key"));
    expect(await inPage<string>("document.activeElement.innerText")).toBe("Cancel");
    await inPage(`document.querySelector("dialog .act").click()`);
    await until(says(".notices", "risk.positionCap: 5 -> 4"));
    await until(`!document.querySelector("dialog[open]")`);
    await until(says("main", "The file and the environment say what is in force"));
  });

  test("keeps the window open with the reason where the configuration is refused", async () => {
    writeFileSync(config, "risk:\n  positionCap: 4\nseed: 7\n");
    await open("/configuration");
    await until(`${button("Read it again…")}`);
    await inPage(`${button("Read it again…")}.click()`);
    await until(`document.querySelector("dialog .act")`);
    await inPage(`document.querySelector("dialog .act").click()`);
    await until(says("dialog .error", "seed"));
    expect(await inPage<boolean>(`document.querySelector("dialog .act").disabled`)).toBe(false);
  });

  test("has an admin set what the log writes, and shows what the desk says of it", async () => {
    await open("/logs");
    await until(`document.querySelector(".log-written select")?.value === "warn"`);
    await inPage(`(() => {
      const choice = document.querySelector(".log-written select");
      choice.value = "debug";
      choice.dispatchEvent(new Event("change", { bubbles: true }));
    })()`);
    await until(says(".notices", 'The log writes from "debug" on'));
    await until(`document.querySelector(".log-written select").value === "debug"`);
    await until(says(".log", "warn -> debug"));
  });
});
