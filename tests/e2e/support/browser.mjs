// A real browser: Chromium as the system installed it.
//
// GREENROOM_CHROMIUM   its path, when it is not where Debian puts it
import assert from "node:assert/strict";
import fs from "node:fs";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import { chromium } from "playwright-core";

const shots = fileURLToPath(new URL("../test-results/", import.meta.url));
const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

export async function launch() {
  const executablePath = process.env.GREENROOM_CHROMIUM ?? places.find((at) => fs.existsSync(at));
  assert.ok(executablePath, "no Chromium found: install it, or set GREENROOM_CHROMIUM");
  // Root inside of a container has no user namespaces for the sandbox.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath, args });
}

/** A person with a browser of their own. Errors in the page end up in `person.errors`. */
export async function visit(browser, url, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    reducedMotion: "reduce",
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.stack ?? String(error)));
  page.on("console", (message) => {
    // A refused request is part of the tests; the browser reports it like an error of the page.
    if (message.type() === "error" && !/Failed to load resource/.test(message.text())) {
      errors.push(message.text());
    }
  });
  await page.goto(url);
  return Object.assign(page, { errors });
}

export async function shot(page, name) {
  fs.mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: `${shots}${name}.png`, animations: "disabled" });
}

/** Axe finds nothing to complain about on this page, as it is now. */
export async function accessible(page, name) {
  await page.evaluate(`${axe.source}; 0`);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }),
  );
  const found = violations.map(({ id, help, nodes }) => ({
    id,
    help,
    nodes: nodes.slice(0, 5).map((node) => `${node.target} ${node.failureSummary}`),
  }));
  assert.deepEqual(found, [], `${name} has accessibility violations`);
}

/** The same screen in light and dark: a picture and no violations of either. */
export async function bothThemes(page, name) {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await shot(page, `${name}-${colorScheme}`);
    await accessible(page, `${name} (${colorScheme})`);
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: "reduce" });
}
