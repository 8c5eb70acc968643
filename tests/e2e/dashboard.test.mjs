// The dashboard in a browser: from the set-up link to a collection with records, and over a restart.
import { after, before, test as plainTest } from "node:test";
import assert from "node:assert/strict";
import { Server, eventually } from "../sdk/support/server.mjs";
import { bothThemes, launch, shot, visit } from "./support/browser.mjs";
import { dashboardUrl, withDashboard } from "./support/dashboard.mjs";

const email = "root@example.com";
const password = "correct horse battery";

let server, browser, page, home;
before(async () => {
  server = withDashboard(new Server());
  await server.start();
  home = () => dashboardUrl(server);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** The tests are steps of one path: after a failed one, with its picture, the rest is left out. */
let failed = false;
const test = (name, body) =>
  plainTest(name, async (t) => {
    if (failed) return t.skip("an earlier step failed");
    try {
      await body();
    } catch (error) {
      failed = true;
      if (page) await shot(page, `failed-${name.replace(/\W+/g, "-")}`);
      throw error;
    }
  });

const row = (text) => page.getByRole("row").filter({ hasText: text });
const grid = () => page.getByRole("grid", { name: "Records of books" });
const dialog = () => page.getByRole("dialog");
// Docked beside the grid at this width; on a smaller screen it is a dialog.
const drawer = () => page.getByRole("complementary", { name: /record/i });

/** The titles in the grid, top to bottom, once they are these. */
async function shows(...titles) {
  await eventually(
    `the grid shows ${titles.join(", ") || "nothing"}`,
    async () => {
      const rows = await grid().getByRole("row").allInnerTexts();
      const found = rows.slice(1).map((text) => titles.find((title) => text.includes(title)));
      if (rows.length - 1 === titles.length && titles.every((title, at) => found[at] === title)) {
        return true;
      }
      throw new Error(JSON.stringify(rows));
    },
    { timeout: 60_000, pause: 100 },
  );
}

async function filter(text) {
  const box = page.getByRole("combobox", { name: "Filter" });
  await box.fill(text);
  await box.press("Enter");
}

test("the printed link makes the first superuser", async () => {
  const link = /http:\/\/\S+\/_\/#\/(pbinstall\/[\w.-]+)/;
  const [, hash] = await eventually("the link is printed", () => server.output.match(link));
  page = await visit(browser, `${home()}#/${hash}`);
  await page.getByRole("heading", { name: "Create the first superuser" }).waitFor();
  await bothThemes(page, "set-up");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Create and sign in" }).click();
  await page.getByRole("heading", { name: "Home", level: 1 }).waitFor();
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Data" }).click();
  await page.getByRole("heading", { name: "Collections" }).first().waitFor();
  await page.getByRole("link", { name: "users" }).waitFor();
  await bothThemes(page, "collections");
});

test("a collection is made with fields", async () => {
  await page.getByRole("button", { name: "New collection" }).first().click();
  await dialog().getByLabel("Name").fill("books");
  await dialog()
    .getByLabel("Fields")
    .fill("title text!, pages number, read bool, owner → users, tags select(novel, essay) [0..2]");
  await bothThemes(page, "new-collection");
  await dialog().getByRole("button", { name: "Create collection" }).click();
  await page.getByRole("heading", { name: "books", level: 1 }).waitFor();
  await page.getByLabel("Name of title").waitFor();
  await dialog().waitFor({ state: "detached" });
  await bothThemes(page, "schema");

  // A wrong line says what is wrong with it; a right one adds a field that is saved.
  const line = page.getByLabel("Add fields");
  await line.fill("rating nonsense");
  await line.press("Enter");
  await page.getByText(/rating nonsense: /).waitFor();
  await line.fill("rating number");
  await line.press("Enter");
  await page.getByRole("button", { name: "Review and save" }).click();
  await dialog().getByRole("button", { name: "Apply" }).click();
  await page.getByText("Schema of books saved").waitFor();
});

test("its rules are set, and a wrong one is told", async () => {
  await page.getByRole("main").getByRole("link", { name: "Rules" }).click();
  const rule = (name) => page.getByRole("group", { name });
  await rule("List").getByLabel("Anyone").check();
  await rule("View").getByLabel("Custom").check();
  await rule("View").getByLabel("Expression").fill("nope = 1");
  await page.getByRole("button", { name: "Save rules" }).click();
  await rule("View").getByText(/nope/).last().waitFor();
  await page.getByText("The rules were not saved.").waitFor();
  await rule("View").getByLabel("Expression").fill('pages > 0 || @request.auth.id != ""');
  await page.getByRole("button", { name: "Save rules" }).click();
  await page.getByText("Rules of books saved").waitFor();
  await bothThemes(page, "rules");

  const visitor = await fetch(`${server.url}/api/collections/books/records`);
  assert.equal(visitor.status, 200);
});

test("records are added, with errors beside their field", async () => {
  await page.getByRole("link", { name: "Records" }).click();
  await page.getByText("No records yet").waitFor();
  await bothThemes(page, "no-records");
  const books = [
    ["Dune", 412],
    ["Emma", 320],
    ["Ulysses", 730],
  ];
  for (const [title, pages] of books) {
    await page.getByRole("button", { name: "New record" }).first().click();
    if (title === "Dune") {
      await drawer().getByRole("textbox", { name: "pages" }).fill("1");
      await drawer().getByRole("button", { name: "Create" }).click();
      await drawer().getByText("Cannot be blank.").first().waitFor();
      await bothThemes(page, "record-error");
    }
    await drawer().getByRole("textbox", { name: "title" }).fill(title);
    await drawer().getByRole("textbox", { name: "pages" }).fill(String(pages));
    await drawer().getByRole("button", { name: "Create" }).click();
    await page.getByText(/Record \w{15} created/).first().waitFor();
    await drawer().getByRole("button", { name: "Close" }).click();
    await drawer().waitFor({ state: "detached" });
  }
  await eventually("three rows", async () => (await grid().getByRole("row").count()) === 4);
  await bothThemes(page, "records");
});

test("the grid sorts and filters", async () => {
  const sortBy = (column) =>
    grid().getByRole("columnheader", { name: column }).getByRole("button").click();
  await sortBy("pages");
  await shows("Emma", "Dune", "Ulysses");
  await sortBy("pages");
  await shows("Ulysses", "Dune", "Emma");
  await filter("pages < 500");
  await shows("Dune", "Emma");
  await filter('title ~ "em"');
  await shows("Emma");
  await filter("title = ");
  await page.getByText(/At \d+:/).waitFor();
  await shot(page, "filter-error");
  await filter('title = "nothing"');
  await page.getByText("No record matches").waitFor();
  await page.getByRole("button", { name: "Clear filter" }).first().click();
  await shows("Ulysses", "Dune", "Emma");
});

test("a record is edited and another deleted", async () => {
  await row("Dune").getByText("Dune").click();
  await page.keyboard.press("Enter");
  await drawer().getByRole("textbox", { name: "pages" }).fill("604");
  await drawer().getByRole("switch", { name: "read" }).or(drawer().getByRole("checkbox", { name: "read" })).check();
  await bothThemes(page, "record");
  await drawer().getByRole("button", { name: "Save" }).click();
  await page.getByText("Record saved").waitFor();
  await drawer().getByRole("button", { name: "Close" }).click();
  await drawer().waitFor({ state: "detached" });
  await row("604").waitFor();

  await row("Emma").getByRole("checkbox", { name: /^Select/ }).check();
  await page.getByRole("button", { name: "Delete…" }).click();
  await dialog().getByText("Delete 1 record?").waitFor();
  await bothThemes(page, "delete");
  await dialog().getByRole("button", { name: "Delete 1 record" }).click();
  await page.getByText("1 record deleted").waitFor();
  await shows("Ulysses", "Dune");
});

test("all of it survives a restart, and a sign-in", async () => {
  const { port } = server;
  await server.stop();
  await server.start({ port });
  await page.reload();
  await shows("Ulysses", "Dune");

  const fresh = await visit(browser, home());
  await fresh.getByRole("heading", { name: "Sign in" }).waitFor();
  await bothThemes(fresh, "sign-in");
  await fresh.getByLabel("E-mail").fill(email);
  await fresh.getByLabel("Password", { exact: true }).fill("wrong password");
  await fresh.getByRole("button", { name: "Sign in" }).click();
  await fresh.getByText("E-mail or password is wrong.").waitFor();
  await fresh.getByLabel("Password", { exact: true }).fill(password);
  await fresh.getByRole("button", { name: "Sign in" }).click();
  await fresh.getByRole("link", { name: "books" }).click();
  await fresh.getByRole("row").filter({ hasText: "Ulysses" }).waitFor();
  assert.deepEqual([page.errors, fresh.errors], [[], []]);
  await fresh.context().close();
});

test("the main screens fit a phone", async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await row("Ulysses").waitFor();
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  assert.equal(overflow, false);
  await bothThemes(page, "records-phone");
});
