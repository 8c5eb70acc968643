// A server together with its dashboard, and a superuser who is signed in there.
//
// GREENROOM_DASHBOARD  "built" tries admin-ui/dist as it is now, not what the binary carries; so
//                      does GREENROOM_REFERENCE, which carries none of ours
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import PocketBase from "pocketbase";
import { Server, isReference, root } from "../../sdk/support/server.mjs";
import { launch, visit } from "./browser.mjs";

const dist = fileURLToPath(new URL("../../../admin-ui/dist", import.meta.url));
const fromFolder = isReference || process.env.GREENROOM_DASHBOARD === "built";

/** Puts the build where the server finds it, if it shall. To be called before it starts. */
export function withDashboard(server) {
  if (!fromFolder) return server;
  fs.mkdirSync(server.publicDir, { recursive: true });
  fs.cpSync(dist, path.join(server.publicDir, "dashboard"), { recursive: true });
  return server;
}

export const dashboardUrl = (server) => `${server.url}/${fromFolder ? "dashboard" : "_"}/`;

/** A server, a browser, and a page of it with a superuser signed in: `open("#/data")`. */
export async function startSignedIn(options) {
  const server = withDashboard(new Server(options));
  await server.superuser("upsert", root.email, root.password);
  await server.start();
  const api = new PocketBase(server.url);
  api.autoCancellation(false);
  await api.collection("_superusers").authWithPassword(root.email, root.password);
  const browser = await launch();
  const page = await visit(browser, dashboardUrl(server));
  await page.getByLabel("E-mail").fill(root.email);
  await page.getByLabel("Password", { exact: true }).fill(root.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("navigation", { name: "Main" }).waitFor();
  return {
    server,
    api,
    browser,
    page,
    open: (hash) => page.goto(`${dashboardUrl(server)}${hash}`),
    async stop() {
      await browser.close();
      await server.stop();
    },
  };
}
