// The settings pages of the dashboard: search, limits, storage, the schedule of backups.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { eventually } from "../sdk/support/server.mjs";
import { accessible, bothThemes, shot } from "./support/browser.mjs";
import { startSignedIn } from "./support/dashboard.mjs";

let run, page, api;
before(async () => {
  run = await startSignedIn();
  ({ page, api } = run);
});
after(() => run?.stop());

const settings = () => api.send("/api/settings", {});
const heading = (name) => page.getByRole("heading", { name, level: 1 }).waitFor();
const card = (name) => page.getByRole("region", { name });
const main = () => page.locator("main");
const save = () => page.getByRole("button", { name: "Save", exact: true }).click();
const hasFocus = (what, box) =>
  eventually(`${what} has the focus`, () => box.evaluate((it) => it === document.activeElement));
const saved = async () => {
  await page.getByText("Settings saved").first().waitFor();
  await page.getByRole("button", { name: "Dismiss" }).first().click();
};

test("a setting is found by its name, and its box gets the focus", async () => {
  await run.open("#/settings");
  await heading("Application");
  const search = page.getByRole("searchbox", { name: "Search settings" });
  await search.fill("never limited");
  await page.getByRole("link", { name: /Never limited/ }).click();
  await heading("Limits");
  // Limits are off, so what can be focused is the switch that shows the box.
  await hasFocus("the switch", card("Rate limits").getByRole("switch"));
  await search.fill("zzz");
  await page.getByText("No setting is called “zzz”.").waitFor();
  await search.press("Escape");
  await page.getByRole("link", { name: "Storage" }).waitFor();
});

test("rate limits are a table, and say which rule a request meets", async () => {
  const rates = card("Rate limits");
  await rates.getByRole("switch").check();
  await rates.getByText("Rule 4 (/api/): 300 requests in 10 seconds.").waitFor();
  await rates.getByRole("button", { name: "Add a rule" }).click();
  await hasFocus("the new rule", rates.getByLabel("Requests, rule 5"));
  await page.keyboard.type("users:list");
  await rates.getByLabel("At most, rule 5").fill("7");
  await rates.getByText("Rule 5 (users:list): 7 requests in 10 seconds.").waitFor();
  await bothThemes(page, "settings-limits");

  // A second rule of the same name is refused by the server, beside the rule.
  await rates.getByRole("button", { name: "Add a rule" }).click();
  await rates.getByLabel("Requests, rule 6").fill("users:list");
  await save();
  await hasFocus("the wrong rule", rates.locator("[aria-invalid=true]").first());
  await accessible(page, "settings-limits with a wrong rule");
  await rates.getByRole("button", { name: "Remove rule 6" }).click();
  await save();
  await saved();
  const { rateLimits } = await settings();
  assert.equal(rateLimits.enabled, true);
  assert.deepEqual(rateLimits.rules[4], {
    label: "users:list",
    audience: "",
    duration: 10,
    maxRequests: 7,
  });
});

test("nobody locks themselves out by the addresses of superusers", async () => {
  const superusers = card("Superusers");
  await superusers.getByLabel("Addresses").fill("10.0.0.0/8");
  await superusers.getByText("You ask from 127.0.0.1").waitFor();
  await save();
  await main().getByText("The settings were not saved.").waitFor();
  assert.deepEqual((await settings()).superuserIPs, []);
  await superusers.getByRole("button", { name: "Add yours, 127.0.0.1" }).click();
  await save();
  await saved();
  assert.deepEqual((await settings()).superuserIPs, ["10.0.0.0/8", "127.0.0.1"]);
});

test("a bucket is tested, and what does not work is taken back", async () => {
  await page.getByRole("link", { name: "Storage" }).click();
  await heading("Storage");
  const files = card("Files of records");
  await files.getByRole("switch").check();
  await files.getByLabel("Service").selectOption("MinIO");
  await files.getByLabel("Endpoint").fill("http://127.0.0.1:9");
  await files.getByLabel("Bucket", { exact: true }).fill("uploads");
  await files.getByLabel("Access key").fill("key");
  await files.getByRole("textbox", { name: "Secret key" }).fill("a secret");
  await bothThemes(page, "settings-storage");
  await files.getByRole("button", { name: "Save and test" }).click();
  await files.getByText("The bucket did not work.").waitFor();
  assert.equal((await settings()).s3.enabled, true);
  await accessible(page, "settings-storage refused");
  await shot(page, "settings-storage-refused");
  await files.getByRole("button", { name: "Go back to what was saved before" }).click();
  await page.getByText("The settings are as they were before").waitFor();
  assert.equal((await settings()).s3.enabled, false);
  await files.getByRole("switch", { checked: false }).waitFor();
});

test("backups are scheduled in words", async () => {
  await page.getByRole("link", { name: "Backups" }).click();
  await heading("Backups");
  await page.getByText("Nothing is backed up by itself.").waitFor();
  await page.getByLabel("When").selectOption("Every day at 03:00 UTC");
  await page.getByText("That is every day at 03:00 UTC. Next:").waitFor();
  await page.getByLabel("When").selectOption("Another schedule");
  await page.getByRole("textbox", { name: "Schedule" }).fill("61 * * * *");
  await page.getByText("This is no schedule.").waitFor();
  await page.getByRole("textbox", { name: "Schedule" }).fill("30 2 * * 1");
  await page.getByText("That is every Monday at 02:30 UTC. Next:").waitFor();
  await page.getByLabel("Keep the newest").fill("5");
  await bothThemes(page, "settings-backups");
  await save();
  await saved();
  const { backups } = await settings();
  assert.deepEqual([backups.cron, backups.cronMaxKeep], ["30 2 * * 1", 5]);
});

test("about, and all of it on a phone", async () => {
  await page.getByRole("link", { name: "About" }).click();
  await heading("About");
  await page.getByText("127.0.0.1", { exact: true }).waitFor();
  await bothThemes(page, "settings-about");
  await page.setViewportSize({ width: 390, height: 844 });
  for (const name of ["About", "Limits", "Storage", "Backups"]) {
    await page.getByRole("link", { name, exact: true }).click();
    await heading(name);
    await main().locator("section").first().waitFor();
    await bothThemes(page, `settings-${name.toLowerCase()}-phone`);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    assert.equal(overflow, false, name);
  }
  assert.deepEqual(page.errors, []);
});
