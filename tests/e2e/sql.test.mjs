// The SQL page: written with completion, run at the cursor, explained, and asked twice before a change.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import fs from "node:fs";
import { bothThemes } from "./support/browser.mjs";
import { startSignedIn } from "./support/dashboard.mjs";

let dashboard, page;
const editor = () => page.getByRole("textbox", { name: "SQL" });
const cells = () => page.getByRole("grid", { name: "Result" }).getByRole("gridcell");
const status = (text) => page.locator("footer").getByRole("status").filter({ hasText: text }).waitFor();

/** Puts this into the editor in place of what was there. */
async function write(text) {
  await editor().click();
  await page.keyboard.press("Control+a");
  // Chromium would give text that replaces coloured text an inline style, which the policy blocks.
  await page.keyboard.press("Delete");
  await page.keyboard.insertText(text);
  await page.keyboard.press("Escape");
}

before(async () => {
  dashboard = await startSignedIn();
  await dashboard.api.collections.create({
    name: "plays",
    type: "base",
    fields: [
      { name: "title", type: "text" },
      { name: "acts", type: "number" },
    ],
  });
  const plays = dashboard.api.collection("plays");
  for (const [title, acts] of [["Hamlet", 5], ["Tartuffe", 5], ["Endgame", 1]]) {
    await plays.create({ title, acts });
  }
  page = dashboard.page;
});
after(() => dashboard?.stop());

test("the statement at the cursor runs, and names are completed", async () => {
  await page.reload();
  await page.getByRole("link", { name: "SQL", exact: true }).click();
  await editor().waitFor();
  await bothThemes(page, "sql-empty");
  await editor().click();
  await page.keyboard.type("select acts, count(*) as n, null as blank from pla");
  await page.getByRole("option", { name: /plays/ }).click();
  await page.keyboard.type(" group by 1 order by 1;\nselect broken;");
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("Control+Enter");
  await status("2 rows");
  assert.deepEqual(await cells().allInnerTexts(), ["1", "1", "NULL", "5", "2", "NULL"]);
  await bothThemes(page, "sql-result");
  const coming = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download CSV" }).click();
  const csv = fs.readFileSync(await (await coming).path(), "utf8");
  assert.equal(csv, "acts,n,blank\r\n1,1,\r\n5,2,\r\n");
});

test("a mistake is told with the result kept", async () => {
  await editor().click();
  await page.keyboard.press("Control+End");
  await page.keyboard.press("Control+Enter");
  await page.getByText(/no such column: broken/).waitFor();
  assert.equal(await page.locator(".cm-wrong").innerText(), "broken");
  assert.equal(await cells().count(), 6);
  await bothThemes(page, "sql-error");
});

test("the plan tells what reads a whole table", async () => {
  await write("select title from plays where acts = 5");
  await page.getByRole("button", { name: "Explain" }).click();
  await page.getByText("reads all 3 rows").waitFor();
  await bothThemes(page, "sql-plan");
});

test("a change takes a second act", async () => {
  const { api } = dashboard;
  const count = async () => (await api.collection("plays").getList(1, 1)).totalItems;
  await write("delete from plays where title = :title");
  await page.keyboard.press("Control+Enter");
  await page.getByRole("dialog").getByLabel(":title").fill("Endgame");
  await page.keyboard.press("Enter");
  const bar = page.getByRole("alertdialog", { name: "This changes data" });
  await bar.getByText("title = 'Endgame'").waitFor();
  await bothThemes(page, "sql-change");
  await page.keyboard.press("Control+Enter");
  assert.equal(await count(), 3, "keys alone do not run it");
  await bar.getByRole("button", { name: "Leave it" }).click();
  await bar.waitFor({ state: "detached" });
  assert.equal(await count(), 3);
  await page.keyboard.press("Control+Enter");
  await page.keyboard.press("Enter");
  await bar.getByRole("button", { name: "Run and commit" }).click();
  await status("1 row changed");
  assert.equal(await count(), 2);
});

test("queries are saved, found again and remembered", async () => {
  await write("select 42 as answer");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.keyboard.type("The answer");
  await page.keyboard.press("Enter");
  await page.getByText("“The answer” is saved").waitFor();
  await write("select 1");
  await page.reload();
  await page.getByRole("link", { name: "The answer" }).waitFor();
  await page.getByRole("button", { name: "Insert plays" }).waitFor();
  await page.getByText("select 42 as answer").waitFor();
  await page.getByRole("button", { name: "Run", exact: false }).first().click();
  await status("1 row");
  assert.deepEqual(await cells().allInnerTexts(), ["42"]);
  await page.getByRole("button", { name: /^delete from plays/ }).waitFor();
});

test("Tab leaves the editor, and the page fits a phone", async () => {
  await editor().click();
  await page.keyboard.press("Tab");
  assert.notEqual(await page.evaluate(() => document.activeElement.shadowRoot !== null), true);
  await page.setViewportSize({ width: 390, height: 844 });
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false);
  await bothThemes(page, "sql-phone");
  assert.deepEqual(page.errors, []);
});
