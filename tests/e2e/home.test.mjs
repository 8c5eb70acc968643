// The first page of the dashboard: what needs attention, numbers of the day, where one was.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { eventually } from "../sdk/support/server.mjs";
import { bothThemes } from "./support/browser.mjs";
import { startSignedIn } from "./support/dashboard.mjs";

let run, page, api;
before(async () => {
  run = await startSignedIn();
  ({ page, api } = run);
  await api.collections.create({
    name: "notes",
    type: "base",
    createRule: "",
    fields: [{ name: "text", type: "text" }],
  });
  await api.collection("notes").create({ text: "one" });
  await api.collection("notes").create({ text: "two" });
});
after(() => run?.stop());

const card = (name) => page.getByRole("region", { name });

test("the numbers of the day come from the log", async () => {
  // Lines of the log are written every few seconds.
  await eventually("the requests are logged", async () => {
    const { totalItems } = await api.logs.getList(1, 1, { filter: 'data.type = "request"' });
    return totalItems > 0;
  });
  await page.reload();
  await page.getByRole("heading", { name: "Home", level: 1 }).waitFor();
  const today = card("The last 24 hours");
  await today.getByRole("img", { name: /^Requests by hour: \d+ in all/ }).waitFor();
  await card("Collections").getByText("2 records").waitFor();
  await bothThemes(page, "home");
});

test("each thing that needs attention leads to where it is mended", async () => {
  const attention = card("Needs attention");
  const line = (text) => attention.getByRole("listitem").filter({ hasText: text });
  await line("records of").first().waitFor();
  await line("No mail server is set up").getByRole("link", { name: "To the setting" }).click();
  await page.getByRole("heading", { name: "Mail", level: 1 }).waitFor();
  await eventually("the switch has the focus", () =>
    page.getByRole("switch").first().evaluate((box) => box === document.activeElement),
  );
  await api.settings.update({ smtp: { enabled: true, host: "mail.example.com", port: 587 } });
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Home" }).click();
  await line("Nobody is slowed down").waitFor();
  assert.equal(await line("No mail server is set up").count(), 0);
});

test("what was opened last is there to go on with", async () => {
  await card("Collections").getByRole("link", { name: "notes" }).click();
  await page.getByRole("heading", { name: "notes", level: 1 }).waitFor();
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Home" }).click();
  await card("Continue").getByRole("link", { name: "notes" }).waitFor();
  await page.setViewportSize({ width: 390, height: 844 });
  await bothThemes(page, "home-phone");
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  assert.equal(overflow, false);
  assert.deepEqual(page.errors, []);
});
