// Import and export of records in the dashboard: file, columns, check, run; and back out again.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { ours, tempDir } from "../sdk/support/server.mjs";
import { accessible, bothThemes } from "./support/browser.mjs";
import { startSignedIn } from "./support/dashboard.mjs";

let run, page, api;
before(async () => {
  run = await startSignedIn();
  ({ page, api } = run);
  await api.collections.create({
    name: "books",
    type: "base",
    fields: [
      { name: "title", type: "text", required: true },
      { name: "pages", type: "number" },
      { name: "tags", type: "select", values: ["novel", "essay"], maxSelect: 2 },
    ],
    indexes: ["CREATE UNIQUE INDEX idx_title ON books (title)"],
  });
  await page.reload();
});
after(() => run?.stop());

const dialog = () => page.getByRole("dialog");
const grid = () => page.getByRole("grid", { name: "Records of books" });
const titles = async () => (await api.collection("books").getFullList({ sort: "title" })).map((one) => one.title);

async function pick(name, text) {
  const file = path.join(tempDir(), name);
  fs.writeFileSync(file, text);
  await dialog().locator("input[type=file]").setInputFiles(file);
}

test("a file is checked before anything is written", ours, async () => {
  await run.open("#/data/books");
  await page.getByText("No records yet").waitFor();
  await page.getByRole("button", { name: "Import and export" }).click();
  await page.getByRole("menuitem", { name: "Import…" }).click();
  await bothThemes(page, "import-file");
  await pick("books.csv", "Title;Pages;Tags;Shelf\nDune;412;novel;a\nEmma;many;;b\nUlysses;730;novel,essay;c\n");
  // Names are found in any case, and what no field has the name of is left out.
  assert.equal(await dialog().getByLabel("Field for Title").inputValue(), "title");
  assert.equal(await dialog().getByLabel("Between cells").inputValue(), ";");
  assert.equal(await dialog().getByLabel("Field for Shelf").inputValue(), "");
  await dialog().getByLabel("Between several values in a cell").fill(",");
  await dialog().getByRole("button", { name: "Check" }).click();
  await dialog().getByText("2 rows can be imported.").waitFor();
  await dialog().getByText(/^Row 2: pages/).waitFor();
  await bothThemes(page, "import-checked");
  assert.deepEqual(await titles(), []);
});

test("the import leaves out what is refused, and hands it back with the reasons", ours, async () => {
  await dialog().getByRole("button", { name: "Import 2 rows" }).click();
  await dialog().getByText("The import is done.").waitFor();
  await dialog().getByText("2 made, 0 changed.").waitFor();
  await accessible(page, "import done");
  const waiting = page.waitForEvent("download");
  await dialog().getByRole("button", { name: "Download the refused rows" }).click();
  assert.match(fs.readFileSync(await (await waiting).path(), "utf8"), /Emma/);
  await dialog().getByRole("button", { name: "Show the records" }).click();
  await grid().getByRole("row").filter({ hasText: "Ulysses" }).waitFor();
  assert.deepEqual(await titles(), ["Dune", "Ulysses"]);
});

test("records that are there are changed, and pasted text will do", ours, async () => {
  await page.keyboard.press("i");
  await dialog()
    .getByLabel("or paste it")
    .fill('{"title":"Dune","pages":604}\n{"title":"Emma","pages":320}\n');
  await dialog().getByLabel("Records that are there already").selectOption("Change the one with the same title");
  await dialog().getByRole("button", { name: "Check" }).click();
  await dialog().getByText("1 would be made, 1 changed.").waitFor();
  await dialog().getByRole("button", { name: "Import 2 rows" }).click();
  await dialog().getByText("1 made, 1 changed.").waitFor();
  await dialog().getByRole("button", { name: "Show the records" }).click();
  await grid().getByRole("row").filter({ hasText: "604" }).waitFor();
});

test("what is shown, ticked or all is exported", async () => {
  for (const title of ["Dune", "Emma", "Ulysses"]) {
    const [found] = await api.collection("books").getFullList({ filter: `title = "${title}"` });
    if (!found) await api.collection("books").create({ title, pages: 1 });
  }
  await run.open('#/data/books?filter=title~"u"&sort=title');
  await grid().getByRole("row").filter({ hasText: "Ulysses" }).waitFor();
  const take = async () => {
    const waiting = page.waitForEvent("download");
    await dialog().getByRole("button", { name: "Export", exact: true }).click();
    const download = await waiting;
    await dialog().waitFor({ state: "detached" });
    return fs.readFileSync(await download.path(), "utf8");
  };
  await page.locator("body").press("e");
  await dialog().getByLabel("What").waitFor();
  await bothThemes(page, "export");
  const csv = await take();
  assert.match(csv, /^id,title,pages/);
  assert.equal(csv.trim().split("\n").length, 3);

  await page.locator("body").press("e");
  await dialog().getByLabel("What").selectOption("All records");
  await dialog().getByLabel("As").selectOption("JSON, one list");
  const all = JSON.parse(await take());
  assert.deepEqual(all.map(({ title }) => title), ["Dune", "Emma", "Ulysses"]);

  await grid().getByRole("row").filter({ hasText: "Dune" }).getByRole("checkbox", { name: /^Select/ }).check();
  await page.locator("body").press("e");
  await dialog().getByLabel("What").locator("option", { hasText: "ticked: 1 record" }).waitFor({ state: "attached" });
  await dialog().getByLabel("As").selectOption("NDJSON, an object on each line");
  assert.equal(JSON.parse(await take()).title, "Dune");
});

test("import and export on a phone", ours, async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.locator("body").press("i");
  await pick("more.json", '[{"title":"Middlemarch","pages":900}]');
  await dialog().getByLabel("Field for title").waitFor();
  await bothThemes(page, "import-phone");
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  assert.equal(overflow, false);
  assert.deepEqual(page.errors, []);
});
