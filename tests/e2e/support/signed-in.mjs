// A server with one superuser, and somebody signed in to its dashboard.
//
// GREENROOM_DASHBOARD  "dist" takes the dashboard from admin-ui/dist, where it was built by hand,
//                      instead of the one in the program
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import PocketBase from "pocketbase";
import { Server, isReference, root } from "../../sdk/support/server.mjs";
import { launch, visit } from "./browser.mjs";

const dist = fileURLToPath(new URL("../../../admin-ui/dist", import.meta.url));
const isBeside = isReference || process.env.GREENROOM_DASHBOARD === "dist";

/** Starts both; `close` ends both. */
export async function openDashboard(options = {}) {
  const server = new Server(options);
  if (isBeside) {
    fs.mkdirSync(server.publicDir, { recursive: true });
    fs.symlinkSync(dist, path.join(server.publicDir, "dashboard"));
  }
  await server.superuser("upsert", root.email, root.password);
  await server.start();
  const home = () => `${server.url}/${isBeside ? "dashboard" : "_"}/`;

  const api = new PocketBase(server.url);
  api.autoCancellation(false);
  await api.collection("_superusers").authWithPassword(root.email, root.password);
  const { token, record } = api.authStore;

  const browser = await launch();
  /** A page at this address of the dashboard, signed in. */
  const at = async (hash, visitOptions) => {
    const session = JSON.stringify({ token, record });
    const storageState = {
      cookies: [],
      origins: [
        { origin: server.url, localStorage: [{ name: "greenroom_superuser", value: session }] },
      ],
    };
    return visit(browser, `${home()}#${hash}`, { storageState, ...visitOptions });
  };
  const close = async () => {
    await browser.close();
    await server.stop();
  };
  return { server, api, home, browser, at, close };
}
