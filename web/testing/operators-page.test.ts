/** Signing in and the operators' page, in a real browser. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Browser, chromium, openBrowser } from "./browser.fixture.ts";
import { type TestPanel, testPanel } from "./panel.fixture.ts";

setDefaultTimeout(120_000);

describe.skipIf(chromium === null)("in a browser (skipped where there is no chromium)", () => {
  let panel: TestPanel;
  let browser: Browser;
  beforeAll(async () => {
    panel = await testPanel();
    browser = openBrowser(1440, 900);
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    await panel[Symbol.asyncDispose]();
  });

  const press = (text: string) =>
    browser.view.evaluate(
      `[...document.querySelectorAll("button")].find((each) => each.textContent === ${JSON.stringify(text)} || each.ariaLabel === ${JSON.stringify(text)}).click()`,
    );
  const see = (text: string) =>
    browser.until(`document.body.innerText.includes(${JSON.stringify(text)})`);

  test("a wrong key is refused in words and not kept, a right one lets in", async () => {
    await browser.view.navigate(`${panel.served.origin}/operators`);
    await browser.until("document.querySelector('#key')");
    await browser.view.click("#key");
    await browser.view.type(`${panel.keys.admin.text.slice(0, -3)}xxx`);
    await browser.view.press("Enter");
    await see("Cannot answer: sign in with a key that is in use");
    expect(await browser.view.evaluate("document.querySelector('#key').value")).toBe("");
    await browser.view.click("#key");
    await browser.view.type(panel.keys.admin.text);
    await browser.view.press("Enter");
    await see("Record of actions");
  });

  test("nothing of the key or the session is in reach of a script", async () => {
    const found = await browser.view.evaluate(
      "JSON.stringify([document.cookie, {...localStorage}, {...sessionStorage}, document.documentElement.outerHTML])",
    );
    expect(String(found)).not.toContain(panel.keys.admin.text.slice(20));
    expect(await browser.view.evaluate("document.cookie")).toBe("");
  });

  test("a key is created, shown once, and revoked", async () => {
    await press("Create a key");
    await browser.until("document.querySelector('dialog input:not([type])')");
    await browser.view.click("dialog input:not([type])");
    await browser.view.type("grafana");
    await press("Create");
    await see("It is shown this once");
    const key = String(await browser.view.evaluate("document.querySelector('.made-key').value"));
    expect((await panel.ask("/api/v1/strip", { as: { key } })).status).toBe(200);
    await press("I have it");
    await see("grafana");
    expect(await browser.view.evaluate("document.documentElement.outerHTML")).not.toContain(key);
    await press("Revoke grafana");
    await browser.until("document.querySelector('dialog[open]')");
    // The key that is pressed in haste cancels.
    expect(await browser.view.evaluate("document.activeElement.textContent")).toBe("Cancel");
    await browser.view.evaluate("document.querySelector('dialog .act').click()");
    await see("revoked 2");
    expect((await panel.ask("/api/v1/strip", { as: { key } })).status).toBe(401);
  });

  test("the banner's link signs in, and the key leaves the address", async () => {
    await browser.view.navigate("about:blank");
    await browser.view.navigate(`${panel.served.origin}/help/panel#key=${panel.keys.view.text}`);
    await see("the view (view)");
    expect(await browser.view.evaluate("location.href")).toBe(`${panel.served.origin}/help/panel`);
    await see("Keys, roles and sessions");
    await browser.view.navigate(`${panel.served.origin}/operators`);
    await see("are shown to the role admin; yours is view");
  });

  test("a session that is revoked leads back to the door, by its stream alone", async () => {
    await browser.view.navigate(`${panel.served.origin}/help/panel`);
    await see("the view (view)");
    for (const { id } of panel.store.sessions()) panel.store.endSession(id);
    await browser.until("document.querySelector('#key')");
    expect(browser.said.filter((line) => !line.includes("40"))).toEqual([]);
  });
});
