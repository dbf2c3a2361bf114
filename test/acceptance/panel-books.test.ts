/** Trades, ledger, risk and accounts of a running desk, in a real browser. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { LedgerReader } from "../../adapters/store/reader.ts";
import { isPositive } from "../../machines/domain/decimal.ts";
import type { PositionRow } from "../../machines/domain/position.ts";
import { type Browser, chromium, openBrowser } from "../../web/testing/browser.fixture.ts";
import { type DeskProcess, novactor } from "../kill/desk-process.ts";
import { runToEnd, WorkFolder } from "../kill/harness.ts";
import { day, ledgerAt, pacedDesk, positionRow } from "./moments.fixture.ts";

setDefaultTimeout(180_000);

const folder = new WorkFolder();
const file = folder.file("desk.db");
let desk: DeskProcess;
let browser: Browser;
let held: PositionRow;

/** A position that is held for an hour, and some that were closed before. */
function heldLong(ledgerFile: string): PositionRow {
  using reader = new LedgerReader(ledgerFile);
  const rows = [...reader.books.eachPosition()].filter(({ bought }) => isPositive(bought));
  const found = rows.find(
    ({ openedAt, closedAt }) =>
      (closedAt ?? 0) - openedAt > 3_600_000 &&
      rows.filter((each) => (each.closedAt ?? Number.POSITIVE_INFINITY) < openedAt).length > 2,
  );
  if (!found) throw new Error("Cannot find a position that was held for an hour: the run has none");
  return found;
}

if (chromium === null) console.log("panel-books: no chromium is here, so no page is looked at");

describe.skipIf(chromium === null)("the panel's books", () => {
  beforeAll(async () => {
    const whole = folder.file("whole.db");
    await runToEnd(day, whole);
    held = heldLong(whole);
    await ledgerAt(file, held.openedAt + 900_000);
    // So slow that the position is still held when it is left.
    desk = pacedDesk(file, 1, "--port", "0");
    const link = () => /panel +(http:\S+)/.exec(desk.out)?.[1];
    if (!(await desk.until(() => link() !== undefined))) throw new Error((await desk.ended).err);
    browser = openBrowser(1440, 900);
    await browser.view.navigate(link() ?? "");
    await browser.until("document.querySelector('.strip')");
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    await desk[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  /** Goes to a page within the panel, as a link does. */
  async function open(path: string): Promise<void> {
    const { origin } = new URL(await browser.view.evaluate<string>("location.href"));
    await browser.view.navigate(origin + path);
    await browser.until("document.querySelector('main .card')");
  }
  const text = (selector: string) =>
    browser.view.evaluate<string>(`document.querySelector(${JSON.stringify(selector)}).innerText`);
  /** Presses the button of that name. */
  const press = async (name: string) => {
    const found = `[...document.querySelectorAll("button")].find((each) => (each.ariaLabel ?? each.innerText.trim()) === ${JSON.stringify(name)} && !each.disabled)`;
    await browser.until(found);
    await browser.view.evaluate(`${found}.click()`);
  };
  const fits = () =>
    browser.view.evaluate<boolean>("document.documentElement.scrollWidth <= innerWidth");

  test("list every closed trade, and tell one's story with its chart", async () => {
    await open("/trades");
    const table = "section[aria-label='Closed trades'] tbody tr";
    await browser.until(`document.querySelector(${JSON.stringify(table)})`);
    using reader = new LedgerReader(file);
    const closed = [...reader.books.eachPosition()].filter(({ state }) => state === "closed");
    const rows = await browser.view.evaluate<number>(
      `document.querySelectorAll(${JSON.stringify(table)}).length`,
    );
    expect(rows).toBe(closed.length);
    const csv = `fetch("/api/v1/trades.csv").then((reply) => reply.text())`;
    const lines = (await browser.view.evaluate<string>(csv)).trim().split("\r\n");
    expect(lines).toHaveLength(closed.length + 1);
    const story = await browser.view.evaluate<string>(
      `document.querySelector(${JSON.stringify(`${table} a`)}).getAttribute("href")`,
    );
    await open(story);
    await browser.until("document.querySelector('.timeline li.fill')");
    await browser.until("Number(document.querySelector('.canvas')?.dataset.points) > 10");
    expect(await text("main")).toContain("Comes to zero in");
    expect(await text("main")).toMatch(/gates open/);
  });

  test("leave a position by its button, which says what will happen", async () => {
    await open("/trades");
    await press(`Exit ${held.positionId}`);
    await browser.until("document.querySelector('[role=dialog], dialog')");
    expect(await text("[role=dialog], dialog")).toContain("what it holds is sold at market");
    // The one in the dialog, not that of the row.
    await browser.view.evaluate(
      `[...document.querySelectorAll("dialog button, [role=dialog] button")].find((each) => each.innerText.trim() === ${JSON.stringify(`Exit ${held.positionId}`)}).click()`,
    );
    await browser.until("!document.querySelector('[role=dialog], dialog[open]')");
    const wanted = () => {
      using reader = new LedgerReader(file);
      const actor = reader.liveActor(`position:${held.positionId}`);
      const snapshot = actor?.snapshot as { context?: { exitReason?: string } } | undefined;
      return snapshot?.context?.exitReason === "operator";
    };
    expect(await desk.until(wanted)).toBe(true);
    const again = await novactor(["position", "exit", held.positionId, "--db", file]);
    expect(again.out).toContain("it is being left already (operator)");
    expect(positionRow(file, held.positionId)?.state).toBe("open");
  });

  test("hold and release from the risk page, with the brake's cause", async () => {
    await open("/risk");
    await press("Hold");
    await browser.until("document.querySelector('dialog[open], [role=dialog]')");
    await press("Hold paper");
    await browser.until("document.querySelector('.brake-card')");
    expect(await text(".brake-card")).toContain("hold/paper");
    await press("Release hold/paper");
    await browser.until("document.querySelector('dialog[open], [role=dialog]')");
    await browser.view.evaluate(
      `[...document.querySelectorAll("dialog button, [role=dialog] button")].find((each) => each.innerText.trim() === "Release hold/paper").click()`,
    );
    await browser.until("!document.querySelector('.brake-card')");
  });

  test("add up when asked, and say that they do", async () => {
    await open("/ledger");
    await press("Add up all of it");
    await browser.until("document.querySelector('.hash code')");
    expect(await text("main")).toMatch(/Each of \d+ entries comes to zero/);
  });

  test("fit a desk's width and a phone's, and nothing is complained of", async () => {
    const story = `/trades/${encodeURIComponent(held.positionId)}`;
    for (const path of ["/trades", story, "/ledger?list=entries", "/risk", "/accounts"]) {
      await open(path);
      await browser.until("document.querySelector('main table')");
      expect([path, await fits()]).toEqual([path, true]);
    }
    await browser.view.resize(390, 844);
    for (const path of ["/trades", story, "/ledger?list=entries", "/risk", "/accounts"]) {
      await open(path);
      await browser.until("document.querySelector('main table')");
      expect([path, await fits()]).toEqual([path, true]);
    }
    expect(browser.said.filter((line) => /^error/i.test(line))).toEqual([]);
  });
});
