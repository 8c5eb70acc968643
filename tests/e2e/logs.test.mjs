// The log page: what happened, found by time, kind and filter, and followed while it happens.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import fs from "node:fs";
import { eventually } from "../sdk/support/server.mjs";
import { accessible, bothThemes } from "./support/browser.mjs";
import { startSignedIn } from "./support/dashboard.mjs";

let dashboard, page;
const grid = () => page.getByRole("grid", { name: "Log entries" });
const rows = () => grid().getByRole("row");
const hits = (path, init) => fetch(`${dashboard.server.url}${path}`, init);

/** Requests are written to the log some seconds after they were answered. */
const logged = (filter, count) =>
  eventually(
    `${count} entries with ${filter}`,
    async () => (await dashboard.api.logs.getList(1, 1, { filter })).totalItems >= count,
    { timeout: 20_000, pause: 200 },
  );

/** Waits until the list has these entries, by a word of theirs, and none of those. */
const shows = (has, hasNot = []) =>
  eventually(
    `the list has ${has} and not ${hasNot}`,
    async () => {
      const texts = (await rows().allInnerTexts()).slice(1);
      const isThere = (word) => texts.some((text) => text.includes(word));
      if (has.every(isThere) && !hasNot.some(isThere)) return true;
      throw new Error(JSON.stringify(texts));
    },
    { timeout: 30_000, pause: 100 },
  );

before(async () => {
  dashboard = await startSignedIn();
  page = dashboard.page;
  for (let count = 0; count < 3; count += 1) await hits("/api/health");
  await hits("/api/collections/users/records/nobody?expand=a%20b");
  await hits("/api/collections/_superusers/auth-with-password", { method: "POST", body: "{}" });
  await logged("data.status >= 400 && data.auth != '_superusers'", 2);
});
after(() => dashboard?.stop());

test("the errors of the last hour are two steps away", async () => {
  await page.getByRole("link", { name: "Logs", exact: true }).click();
  await page.getByRole("link", { name: "Errors, last hour" }).click();
  await shows(["nobody", "auth-with-password"], ["/api/health"]);
  await page.getByRole("button", { name: /^Client errors 4xx [2-9]$/, pressed: false }).waitFor();
  await page.locator(".u-over").waitFor();
  await bothThemes(page, "logs-errors");
});

test("an entry tells all of it, and leads to others like it", async () => {
  await rows().filter({ hasText: "nobody" }).getByText("GET").click();
  const entry = page.getByRole("complementary", { name: "Log entry" });
  await entry.getByText("a b", { exact: true }).waitFor();
  await bothThemes(page, "log-entry");
  await page.keyboard.press("Escape");
  await entry.waitFor({ state: "detached" });
  assert.match(await page.evaluate(() => document.activeElement.closest("[role=row]").innerText), /nobody/);
  await page.keyboard.press("Enter");
  await entry.getByRole("button", { name: "this status" }).click();
  await shows(["nobody"], ["auth-with-password"]);
  assert.match(page.url(), /status=404/);
  await page.goBack();
  await entry.waitFor();
  await page.goBack();
  await entry.waitFor({ state: "detached" });
  await shows(["nobody", "auth-with-password"]);
});

test("a filter completes names of data, and a wrong one is told where it is wrong", async () => {
  const box = page.getByRole("combobox", { name: "Filter" });
  await box.pressSequentially("data.sta");
  await page.getByRole("option", { name: /data\.status/ }).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  assert.equal(await box.inputValue(), "data.status");
  await box.fill("data.status >");
  await box.press("Enter");
  await page.getByText(/At 1\d:/).waitFor();
  await shows(["nobody", "auth-with-password"]);
  await box.fill('data.method = "POST"');
  await box.press("Enter");
  await shows(["auth-with-password"], ["nobody"]);
  await box.fill("nowhere to be found");
  await box.press("Enter");
  await page.getByText("Nothing matches").waitFor();
  await page.getByRole("button", { name: "Clear all filters" }).click();
  await rows().filter({ hasText: "/api/health" }).first().waitFor();
});

test("the chart is read and narrowed by keys, and there as a table", async () => {
  await dashboard.open("#/logs?range=15m");
  await page.getByRole("link", { name: "All requests" }).waitFor();
  const chart = page.getByRole("slider", { name: /Entries over time/ });
  await chart.focus();
  await page.keyboard.press("End");
  assert.match(await chart.getAttribute("aria-valuetext"), /: \d+ entr/);
  for (let count = 0; count < 30; count += 1) await page.keyboard.press("Shift+ArrowLeft");
  await page.keyboard.press("Enter");
  await eventually("the address has the stretch", () => /from=.*to=/.test(page.url()));
  await page.getByRole("button", { name: "Whole range" }).click();
  await page.getByRole("button", { name: "More", exact: true }).click();
  await page.getByRole("menuitem", { name: "Counts as a table" }).click();
  const table = page.getByRole("table");
  await table.getByRole("row").nth(1).waitFor();
  await accessible(page, "logs-table");
});

test("one who follows sees what comes; a filter can be kept", async () => {
  await page.getByRole("link", { name: "Errors, last hour" }).click();
  await shows(["nobody"]);
  await page.getByRole("button", { name: "Follow" }).click();
  await hits("/api/collections/users/records/while-looking");
  await rows().filter({ hasText: "while-looking" }).waitFor();
  await page.getByRole("button", { name: "Pause" }).click();

  await page.getByRole("button", { name: "More", exact: true }).click();
  await page.getByRole("menuitem", { name: "Keep this filter" }).click();
  await page.keyboard.type("My errors");
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "All requests" }).click();
  await page.getByRole("link", { name: "My errors" }).click();
  await shows(["while-looking", "nobody"], ["/api/health"]);
});

test("ticked entries are downloaded", async () => {
  await rows().filter({ hasText: "nobody" }).getByRole("checkbox").check();
  const coming = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download as JSON" }).click();
  const entries = JSON.parse(fs.readFileSync(await (await coming).path(), "utf8"));
  assert.deepEqual(entries.map((entry) => entry.data.status), [404]);
});

test("it fits a phone", async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await dashboard.open("#/logs");
  await shows(["nobody"]);
  await page.getByRole("heading", { name: "Logs", level: 1 }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false);
  await bothThemes(page, "logs-phone");
  await page.setViewportSize({ width: 1280, height: 800 });
});

test("what is logged is set, and all of it is deleted after asking", async () => {
  const menu = page.getByRole("button", { name: "More", exact: true });
  await menu.click();
  await page.getByRole("menuitem", { name: "Log settings" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(/Keep for/).fill("9");
  await dialog.getByRole("switch", { name: "Ids of users" }).check();
  await bothThemes(page, "log-settings");
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.getByText("Log settings saved").waitFor();
  const { logs } = await dashboard.api.settings.getAll();
  assert.deepEqual([logs.maxDays, logs.logAuthId], [9, true]);

  await menu.click();
  await page.getByRole("menuitem", { name: "Delete all logs…" }).click();
  await dialog.getByRole("button", { name: "Delete all logs" }).click();
  await page.getByText("All logs are deleted").waitFor();
  await shows([], ["nobody", "/api/health"]);
  assert.deepEqual(page.errors, []);
});
