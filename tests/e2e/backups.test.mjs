// Jobs and backups: what runs by the clock, what is queued, and the data of before put back.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import fs from "node:fs";
import { eventually, isReference } from "../sdk/support/server.mjs";
import { bothThemes } from "./support/browser.mjs";
import { startSignedIn } from "./support/dashboard.mjs";

let dashboard, page;
const dialog = () => page.getByRole("dialog");
const row = (text) => page.getByRole("row").filter({ hasText: text });
const titles = async () =>
  (await dashboard.api.collection("plays").getFullList({ sort: "title" })).map((one) => one.title);

before(async () => {
  dashboard = await startSignedIn();
  await dashboard.api.collections.create({
    name: "plays",
    type: "base",
    fields: [{ name: "title", type: "text" }],
  });
  await dashboard.api.collection("plays").create({ title: "Hamlet" });
  page = dashboard.page;
});
after(() => dashboard?.stop());

test("what is scheduled is told in words, and runs when asked", async () => {
  await page.getByRole("link", { name: "Jobs", exact: true }).click();
  await row("Optimise the database").waitFor();
  await bothThemes(page, "jobs");
  await page.getByRole("button", { name: "Run now: Remove old logs" }).click();
  await page.getByText("Remove old logs: started").waitFor();
});

test("the queue shows what waits and what was given up", async () => {
  await page.getByRole("link", { name: "Given up" }).click();
  await page.getByText(isReference ? "no queue of jobs" : "No job was given up").waitFor();
  await bothThemes(page, "jobs-queue");
});

test("a backup is made, by name or at once, and downloaded", async () => {
  await page.getByRole("link", { name: "Backups" }).click();
  await page.getByText("No backup yet").waitFor();
  await page.getByText("No schedule").waitFor();
  await bothThemes(page, "backups-none");
  await page.getByRole("button", { name: "With a name…" }).click();
  await page.getByRole("menuitem", { name: "With a name…" }).click();
  await dialog().getByLabel("Name").fill("Not A Name");
  await dialog().getByRole("button", { name: "Make backup" }).click();
  await dialog().locator("[aria-invalid=true]").waitFor();
  await dialog().getByLabel("Name").fill("first");
  await dialog().getByRole("button", { name: "Make backup" }).click();
  await row("first.zip").waitFor();
  await dialog().waitFor({ state: "detached" });

  const coming = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download first.zip" }).click();
  const path = await (await coming).path();
  assert.equal(fs.readFileSync(path).subarray(0, 2).toString(), "PK");
  fs.copyFileSync(path, `${dashboard.server.home}/again.zip`);

  await page.locator("main").focus();
  await page.keyboard.press("n");
  await page.getByText("2 backups,").waitFor();
});

test("a backup is uploaded, and another deleted after asking", async () => {
  await page.locator("input[type=file]").setInputFiles(`${dashboard.server.home}/again.zip`);
  await page.getByText("again.zip is uploaded").waitFor();
  await row("again.zip").waitFor();
  await bothThemes(page, "backups");
  await page.getByRole("button", { name: "More for again.zip" }).click();
  await page.getByRole("menuitem", { name: "Delete…" }).click();
  await dialog().getByText("Delete again.zip?").waitFor();
  await bothThemes(page, "backup-delete");
  await dialog().getByRole("button", { name: "Delete backup" }).click();
  await page.getByText("again.zip is deleted").waitFor();
  await row("again.zip").waitFor({ state: "detached" });

  fs.writeFileSync(`${dashboard.server.home}/no.zip`, "this is no zip");
  await page.locator("input[type=file]").setInputFiles(`${dashboard.server.home}/no.zip`);
  await page.getByText("The file could not be uploaded.").waitFor();
});

test("a backup is restored through the restart, with a way back", async () => {
  await dashboard.api.collection("plays").create({ title: "Macbeth" });
  assert.deepEqual(await titles(), ["Hamlet", "Macbeth"]);
  await page.getByRole("button", { name: "Restore first.zip…" }).click();
  const restore = dialog().getByRole("button", { name: "Restore and restart" });
  assert.equal(await restore.isDisabled(), true, "the name must be typed");
  await dialog().getByLabel("Type first.zip to confirm").fill("first.zip");
  await bothThemes(page, "restore");
  await restore.click();
  await dialog().getByText("The backup is restored.").waitFor();
  await bothThemes(page, "restored");
  await dialog().getByRole("button", { name: "Close" }).last().click();
  await eventually("the data is that of the backup", async () => (await titles()).join() === "Hamlet");
  await row(/before_restore_\d+_\d+\.zip/).waitFor();
});

test("it fits a phone", async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await bothThemes(page, "backups-phone");
  const overflow = () => page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  assert.equal(await overflow(), false);
  await dashboard.open("#/jobs");
  await row("Optimise the database").waitFor();
  assert.equal(await overflow(), false);
  await bothThemes(page, "jobs-phone");
  assert.deepEqual(page.errors, []);
});
