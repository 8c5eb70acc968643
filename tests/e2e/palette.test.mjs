// Going somewhere by keys: the palette, and G with a letter.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { eventually } from "../sdk/support/server.mjs";
import { bothThemes } from "./support/browser.mjs";
import { startSignedIn } from "./support/dashboard.mjs";

let dashboard, page, record;
const box = () => page.getByRole("combobox", { name: /Page, collection/ });
const isAt = (path) => eventually(`the page is ${path}`, () => page.url().endsWith(`#${path}`));

async function goTo(text) {
  await page.keyboard.press("Control+k");
  await box().waitFor();
  await page.keyboard.type(text);
}

before(async () => {
  dashboard = await startSignedIn();
  await dashboard.api.collections.create({
    name: "plays",
    type: "base",
    fields: [{ name: "title", type: "text" }],
  });
  record = await dashboard.api.collection("plays").create({ title: "Hamlet" });
  page = dashboard.page;
  await page.reload();
  await page.getByRole("navigation", { name: "Main" }).waitFor();
});
after(() => dashboard?.stop());

test("pages, collections and settings are found by a few letters", async () => {
  await page.keyboard.press("Control+k");
  await box().waitFor();
  await bothThemes(page, "palette");
  await page.keyboard.type("backu");
  await page.keyboard.press("Enter");
  await isAt("/backups");
  await goTo("plays rules");
  await page.keyboard.press("Enter");
  await isAt("/data/plays/rules");
  await goTo("smtp host");
  await page.getByRole("option", { name: /Host/ }).first().waitFor();
  await page.keyboard.press("Enter");
  await eventually("the settings of mail", () => page.url().includes("#/settings/mail?"));
  await goTo("qqqqqq");
  await page.getByText("Nothing by that name.").waitFor();
  await page.keyboard.press("Escape");
  await box().waitFor({ state: "detached" });
});

test("a pasted id opens its record", async () => {
  await goTo(record.id);
  await page.getByRole("option", { name: /Record of plays/ }).waitFor();
  await bothThemes(page, "palette-record");
  await page.keyboard.press("Enter");
  await isAt(`/data/plays?record=${record.id}`);
  await page.getByRole("textbox", { name: "title" }).waitFor();
});

test("G and a letter go, but not while one types", async () => {
  await dashboard.open("#/jobs");
  await page.getByRole("heading", { name: "Scheduled" }).waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("l");
  await isAt("/logs");
  await page.getByRole("combobox", { name: "Filter" }).click();
  await page.keyboard.type("gd");
  await isAt("/logs");
  await page.getByRole("heading", { name: "Logs", level: 1 }).click();
  await page.keyboard.press("g");
  await page.keyboard.press("q");
  await isAt("/sql");
  await page.getByRole("textbox", { name: "SQL" }).waitFor();
  await page.keyboard.type("gl");
  await isAt("/sql");
  assert.deepEqual(page.errors, []);
});
