// The todo example in a browser: two people, each with their own list.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Server, root } from "../sdk/support/server.mjs";
import { bothThemes, launch, shot, visit } from "./support/browser.mjs";

const example = fileURLToPath(new URL("../../examples/todo-web", import.meta.url));
const sdk = fileURLToPath(new URL("node_modules/pocketbase/dist/", import.meta.url));
const password = "a long enough password";

let server, browser;
before(async () => {
  // What `npm run vendor` does, from the copy of the SDK these tests have anyway.
  fs.mkdirSync(path.join(example, "vendor"), { recursive: true });
  const name = "pocketbase.es.mjs";
  fs.copyFileSync(path.join(sdk, name), path.join(example, "vendor", name));

  server = await Server.start({ publicDir: example });
  const env = {
    ...process.env,
    GREENROOM_URL: server.url,
    GREENROOM_SUPERUSER_EMAIL: root.email,
    GREENROOM_SUPERUSER_PASSWORD: root.password,
  };
  const setUp = () =>
    execFileSync(process.execPath, [path.join(example, "setup.mjs")], { env, encoding: "utf8" });
  assert.equal(setUp(), "todos: created\n");
  assert.equal(setUp(), "todos: updated\n");
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const texts = (page) => page.getByRole("listitem").allInnerTexts();
const todo = (page, text) => page.getByRole("listitem").filter({ hasText: text });

/** Waits until the list shows exactly these todos, newest first. */
async function shows(page, ...expected) {
  const list = expected.map((text) => `${text}\nEdit\nDelete`);
  await page
    .waitForFunction(
      (wanted) => {
        const items = [...document.querySelectorAll("#list li .text")];
        return JSON.stringify(items.map((item) => item.textContent)) === wanted;
      },
      JSON.stringify(expected),
    )
    .catch(async () => {
      await shot(page, "failed-todo");
      assert.deepEqual(await texts(page), list);
    });
}

async function signUp(page, email) {
  await page.getByRole("button", { name: "Create an account" }).click();
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByLabel("Password, once more").fill(password);
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByText(email).waitFor();
}

async function add(page, title) {
  await page.getByLabel("What needs doing?").fill(title);
  await page.getByRole("button", { name: "Add" }).click();
  await todo(page, title).waitFor();
}

test("errors stand beside their field", async () => {
  const page = await visit(browser, server.url);
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await bothThemes(page, "todo-sign-in");
  await page.getByLabel("Email").fill("nobody@example.com");
  await page.getByLabel("Password", { exact: true }).fill("wrong password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("Failed to authenticate.").waitFor();

  await page.getByRole("button", { name: "Create an account" }).click();
  await page.getByLabel("Email").fill("nobody");
  await page.getByLabel("Password", { exact: true }).fill("short");
  await page.getByLabel("Password, once more").fill("short");
  await page.getByRole("button", { name: "Create account" }).click();
  const email = page.getByLabel("Email");
  await page.locator("#email-error").getByText(/valid email/).waitFor();
  await page.locator("#password-error").getByText(/at least 8/).waitFor();
  assert.equal(await email.getAttribute("aria-invalid"), "true");
  assert.equal(await email.getAttribute("aria-describedby"), "email-error");
  await bothThemes(page, "todo-errors");
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test("two people see and change only what is theirs", async () => {
  const ada = await visit(browser, server.url);
  await signUp(ada, "ada@example.com");
  await ada.getByText("Nothing to do. Write something down.").waitFor();
  await add(ada, "Water the fern");
  await add(ada, "Call Grace");
  await add(ada, "<img src=x onerror=alert(1)> & more");
  await shows(ada, "<img src=x onerror=alert(1)> & more", "Call Grace", "Water the fern");

  const bob = await visit(browser, server.url);
  await signUp(bob, "bob@example.com");
  await shows(bob);
  await add(bob, "Feed the cat");
  await shows(bob, "Feed the cat");

  // Not even with the id in hand.
  const stolen = await ada.evaluate(async () => {
    const { default: Client } = await import("/vendor/pocketbase.es.mjs");
    return (await new Client(location.origin).collection("todos").getFullList())[0].id;
  });
  const statuses = await bob.evaluate(async (id) => {
    const { default: Client } = await import("/vendor/pocketbase.es.mjs");
    const todos = new Client(location.origin).autoCancellation(false).collection("todos");
    const status = (call) => call.then(() => 200, (error) => error.status);
    return Promise.all([
      status(todos.getOne(id)),
      status(todos.update(id, { done: true })),
      status(todos.delete(id)),
      status(todos.create({ title: "for you", owner: "nosuchperson000" })),
    ]);
  }, stolen);
  assert.deepEqual(statuses, [404, 404, 404, 400]);

  // Toggle and filter.
  await todo(ada, "Water the fern").getByRole("checkbox").check();
  await ada.getByText("Open", { exact: true }).click();
  await shows(ada, "<img src=x onerror=alert(1)> & more", "Call Grace");
  await ada.getByText("2 open todos").waitFor();
  await ada.getByText("Done", { exact: true }).click();
  await shows(ada, "Water the fern");
  await ada.getByText("All", { exact: true }).click();
  await bothThemes(ada, "todo-list");

  // Edit, with an error first.
  await ada.getByRole("button", { name: "Edit Call Grace" }).click();
  const input = ada.getByLabel("New text of Call Grace");
  await input.fill("   ");
  await input.press("Enter");
  await ada.locator(".editor .error").getByText("Cannot be blank.").waitFor();
  await input.fill("Call Grace at noon");
  await input.press("Enter");
  await todo(ada, "Call Grace at noon").waitFor();

  // Delete, reload, sign out, come back.
  await ada.getByRole("button", { name: /Delete <img/ }).click();
  await shows(ada, "Call Grace at noon", "Water the fern");
  await ada.reload();
  await ada.getByText("ada@example.com").waitFor();
  await shows(ada, "Call Grace at noon", "Water the fern");
  assert.equal(await todo(ada, "Water the fern").getByRole("checkbox").isChecked(), true);
  await ada.getByRole("button", { name: "Sign out" }).click();
  await ada.getByRole("heading", { name: "Sign in" }).waitFor();
  await ada.getByLabel("Email").fill("ada@example.com");
  await ada.getByLabel("Password", { exact: true }).fill(password);
  await ada.getByRole("button", { name: "Sign in" }).click();
  await shows(ada, "Call Grace at noon", "Water the fern");

  await shows(bob, "Feed the cat");
  assert.deepEqual([ada.errors, bob.errors], [[], []]);
  await ada.context().close();
  await bob.context().close();
});

test("the lists survive a restart, and fit a phone", async () => {
  const page = await visit(browser, server.url, { viewport: { width: 360, height: 720 } });
  await page.getByLabel("Email").fill("bob@example.com");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await shows(page, "Feed the cat");
  const { port } = server;
  await server.stop();
  await server.start({ port });
  await page.reload();
  await shows(page, "Feed the cat");
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  assert.equal(overflow, false, "nothing sticks out at 360 px");
  await shot(page, "todo-phone");
  assert.deepEqual(page.errors, []);
  await page.context().close();
});
