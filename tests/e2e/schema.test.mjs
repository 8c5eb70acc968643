// The schema of all collections in the dashboard: diagram, export, import; and the matrix of rules.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import fs from "node:fs";
import { eventually } from "../sdk/support/server.mjs";
import { accessible, bothThemes, shot } from "./support/browser.mjs";
import { startSignedIn } from "./support/dashboard.mjs";

let run, page, api;
before(async () => {
  run = await startSignedIn();
  ({ page, api } = run);
  const users = await api.collections.getOne("users");
  const relation = (name, to, more) => ({ name, type: "relation", collectionId: to.id, ...more });
  const posts = await api.collections.create({
    name: "posts",
    type: "base",
    listRule: "",
    createRule: "",
    updateRule: '@request.auth.id != "" && author = @request.auth.id',
    fields: [{ name: "title", type: "text", required: true }, relation("author", users)],
  });
  const tags = await api.collections.create({
    name: "tags",
    type: "base",
    fields: [{ name: "label", type: "text" }],
  });
  await api.collections.create({
    name: "comments",
    type: "base",
    fields: [
      { name: "body", type: "text" },
      relation("post", posts, { required: true, cascadeDelete: true }),
      relation("tags", tags, { maxSelect: 5 }),
    ],
  });
});
after(() => run?.stop());

const card = (name) => page.getByRole("link", { name: `Open the schema of ${name}` });
const hasFocus = (what, box) =>
  eventually(`${what} has the focus`, () => box.evaluate((it) => it === document.activeElement));

test("the diagram shows collections and relations, and keys go along them", async () => {
  // The collections came after the sign-in.
  await page.reload();
  await run.open("#/schema");
  await page.getByRole("heading", { name: "Schema", level: 1 }).waitFor();
  await card("comments").waitFor();
  await eventually("three relations are drawn", async () =>
    (await page.locator(".svelte-flow__edge").count()) === 3,
  );
  await eventually("they can be seen", () => card("posts").isVisible());
  await bothThemes(page, "schema-diagram");
  await page.getByText("post → posts, deleted together").waitFor();

  await card("comments").focus();
  await page.keyboard.press("ArrowRight");
  const on = await page.evaluate(() => document.activeElement.dataset.card);
  assert.ok(["posts", "tags"].includes(on), on);
  await page.getByLabel("All fields").check();
  await page.getByLabel("Show").selectOption("posts and its neighbours");
  await eventually("only the neighbours are left", async () => (await card("tags").count()) === 0);
  await card("posts").focus();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "posts", level: 1 }).waitFor();
  await page.goBack();
  await card("posts").waitFor();
});

let exported;
test("collections are exported, without what belongs to this server", async () => {
  await page.getByRole("link", { name: "Export" }).click();
  await page.getByRole("checkbox", { name: "tags" }).uncheck();
  const preview = page.getByRole("region", { name: "What is exported" });
  await bothThemes(page, "schema-export");
  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download" }).click();
  exported = JSON.parse(fs.readFileSync(await (await waiting).path(), "utf8"));
  assert.deepEqual(exported.map(({ name }) => name).sort(), ["comments", "posts", "users"]);
  assert.ok(exported.every((one) => !("updated" in one)));
  await page.getByLabel("As").selectOption("Mermaid diagram");
  await preview.getByText("erDiagram").waitFor();
});

test("an import shows what it would change, and changes just that", async () => {
  await page.getByRole("link", { name: "Import" }).click();
  const text = page.getByLabel("Collections as JSON");
  await text.fill("[");
  await page.getByText("This is no JSON:").waitFor();
  await text.fill(JSON.stringify(exported));
  await page.getByText("Nothing would change").waitFor();

  const changed = structuredClone(exported);
  const posts = changed.find(({ name }) => name === "posts");
  posts.listRule = null;
  posts.fields.push({ name: "likes", type: "number" });
  changed.push({ name: "pages", type: "base", fields: [{ name: "path", type: "text" }] });
  changed.find(({ name }) => name === "comments").viewRule = "";
  await text.fill(JSON.stringify(changed));
  const row = (name) => page.getByRole("row").filter({ hasText: name });
  await row("listRule").waitFor();
  await row("likes").waitFor();
  await page.getByRole("checkbox", { name: "Take over comments" }).uncheck();
  await bothThemes(page, "schema-import");
  await page.getByRole("button", { name: "Import 2 collections" }).click();
  const dialog = page.getByRole("dialog");
  await accessible(page, "schema-import dialog");
  await dialog.getByRole("button", { name: "Import 2 collections" }).click();
  await page.getByText("2 collections imported").waitFor();
  await page.getByRole("button", { name: "Dismiss" }).click();
  const now = await api.collections.getFullList();
  const of = (name) => now.find((one) => one.name === name);
  assert.equal(of("posts").listRule, null);
  assert.ok(of("posts").fields.some(({ name }) => name === "likes"));
  assert.equal(of("comments").viewRule, null);
  assert.ok(of("pages") && of("tags"));
});

test("what an import deletes must be typed, and what was left out stays", async () => {
  const text = page.getByLabel("Collections as JSON");
  await text.fill(JSON.stringify(exported));
  await page.getByLabel("Delete what is not in the import").check();
  await page.getByRole("checkbox", { name: "Take over tags" }).uncheck();
  await page.getByRole("button", { name: "Import 2 collections" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("posts: likes").waitFor();
  const go = dialog.getByRole("button", { name: "Import 2 collections" });
  assert.equal(await go.isDisabled(), true);
  await shot(page, "schema-import-loss");
  await accessible(page, "schema-import with losses");
  await dialog.getByLabel("Type delete to confirm").fill("delete");
  await go.click();
  await page.getByText("2 collections imported").waitFor();
  const names = (await api.collections.getFullList()).filter((one) => !one.system);
  assert.deepEqual(names.map(({ name }) => name).sort(), ["comments", "posts", "tags", "users"]);
  assert.equal(names.find(({ name }) => name === "posts").listRule, "");
});

test("all rules in one table, with what is open to anybody", async () => {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Rules" }).click();
  await page.getByText("One rule lets anybody on the internet change records.").waitFor();
  const cell = (rule) => page.getByRole("link", { name: new RegExp(`^${rule} of posts`) });
  assert.match(await cell("Update").getAttribute("aria-label"), /Owner \(author\)/);
  await bothThemes(page, "rules-matrix");
  await page.getByLabel("Only what is open to anybody").check();
  assert.equal(await page.getByRole("row").filter({ hasText: "comments" }).count(), 0);
  await cell("Create").click();
  await page.getByRole("heading", { name: "posts", level: 1 }).waitFor();
  await hasFocus("the rule", page.getByRole("group", { name: "Create" }).getByLabel("Anyone"));
});

test("all of it on a phone", async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  for (const path of ["#/schema", "#/schema/export", "#/schema/import", "#/rules"]) {
    await run.open(path);
    await page.getByRole("heading", { level: 1 }).waitFor();
    if (path === "#/schema") await card("posts").waitFor();
    if (path === "#/schema/export") await page.getByRole("checkbox", { name: "tags" }).waitFor();
    await bothThemes(page, `${path.slice(2).replace("/", "-")}-phone`);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    assert.equal(overflow, false, path);
  }
  assert.deepEqual(page.errors, []);
});
