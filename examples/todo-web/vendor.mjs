// Puts the SDK where the page loads it from: its own origin.
import { copyFile, mkdir } from "node:fs/promises";

const here = (path) => new URL(path, import.meta.url);
await mkdir(here("vendor"), { recursive: true });
await copyFile(
  here("node_modules/pocketbase/dist/pocketbase.es.mjs"),
  here("vendor/pocketbase.es.mjs"),
);
