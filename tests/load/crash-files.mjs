// Kills the server at a random moment while records with files are made, changed and deleted.
//
// After each restart, once the sweep is through: every file that a record names is there with its
// bytes, and there is no other file.
//
//   node tests/load/crash-files.mjs [--rounds 20] [--writers 12] [--seed N]
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { superuser } from "../sdk/support/client.mjs";
import { Server, eventually } from "../sdk/support/server.mjs";
import { pause, randomFrom } from "./support.mjs";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "20" },
    writers: { type: "string", default: "12" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
const rounds = Number(values.rounds);
const writers = Number(values.writers);
const random = randomFrom(values.seed);

let made = 0;

/** A file whose content follows from its name: `n0012x345` is file 12, 345 bytes long. */
function file() {
  const n = ++made;
  const length = n % 5 === 0 ? 0 : Math.floor(random() * 200_000);
  const name = `n${String(n).padStart(6, "0")}x${length}`;
  return new File([content(n, length)], `${name}.txt`);
}

function content(n, length) {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += 1) bytes[at] = (n * 31 + at * 7) & 0xff;
  return bytes;
}

/** Makes, changes and deletes until the server dies; remembers what was acknowledged. */
async function write(client, known) {
  const papers = client.collection("papers");
  const gone = (error) => error.status === 0;
  try {
    for (;;) {
      const paper = await papers.create({ docs: [file(), file()], cover: file() });
      known.set(paper.id, paper);
      let changed = await papers.update(paper.id, { "docs+": [file()], cover: file() });
      known.set(paper.id, changed);
      changed = await papers.update(paper.id, { "docs-": [changed.docs[0]] });
      known.set(paper.id, changed);
      if (random() < 0.3) {
        // From here on it may be there or not.
        known.delete(paper.id);
        await papers.delete(paper.id);
      } else if (random() < 0.5) {
        known.delete(paper.id);
        const batch = client.createBatch();
        batch.collection("papers").update(paper.id, { docs: [file()] });
        batch.collection("papers").create({ cover: file() });
        const [{ body: first }, { body: second }] = await batch.send();
        known.set(first.id, first);
        known.set(second.id, second);
      }
    }
  } catch (error) {
    if (!gone(error)) throw error;
  }
}

/** Paths below a folder, sorted. */
function below(folder) {
  if (!fs.existsSync(folder)) return [];
  const entries = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name))).sort();
}

function named(records) {
  const paths = [];
  for (const { collectionId, id, docs, cover } of records) {
    for (const name of [...docs, cover].filter(Boolean)) {
      const file = path.join(collectionId, id, name);
      paths.push(file, `${file}.attrs`);
    }
  }
  return paths.sort();
}

const server = await Server.start({ env: { GREENROOM_LOG: "greenroom=info" } });
const storage = path.join(server.dir, "storage");
let client = await superuser(server);
const docs = { name: "docs", type: "file", maxSelect: 5 };
await client.collections.create({ name: "papers", fields: [docs, { name: "cover", type: "file" }] });
await client.settings.update({ batch: { enabled: true } });

console.log(`crash-files: ${rounds} rounds, ${writers} writers, seed ${values.seed}`);
const started = performance.now();
const known = new Map();
let swept = 0;
let left = 0;
for (let round = 1; round <= rounds; round++) {
  const working = Array.from({ length: writers }, () => write(client, known));
  await pause(50 + random() * 700);
  await server.kill();
  await Promise.all(working);
  const after = below(storage).length;

  await server.start();
  client = await superuser(server);
  const records = await client.collection("papers").getFullList({ batch: 1000 });
  const byId = new Map(records.map((record) => [record.id, record]));
  for (const [id, paper] of known) {
    assert.ok(byId.has(id), `round ${round}: ${id} was acknowledged and is lost`);
    known.set(id, byId.get(id) ?? paper);
  }
  const expected = named(records);
  left += after - expected.length;
  await eventually(`round ${round}: only what is named is left`, () => {
    assert.deepEqual(below(storage), expected);
    return true;
  });
  for (const file of expected.filter((file) => !file.endsWith(".attrs"))) {
    const [, n, length] = /n(\d{6})x(\d+)_\w+\.txt$/.exec(file);
    const stored = fs.readFileSync(path.join(storage, file));
    assert.ok(stored.equals(content(Number(n), Number(length))), `round ${round}: ${file}`);
  }
  await eventually("no temporary file is left", () => {
    return below(path.join(server.dir, ".pb_temp_to_delete")).length === 0;
  });
  for (const line of server.output.matchAll(/that no record names.*?files=(\d+)/g)) {
    swept += Number(line[1]);
  }
  console.log(`  round ${round}: ${records.length} records, ${expected.length / 2} files, all right`);
}
await server.stop();
const seconds = ((performance.now() - started) / 1000).toFixed(1);
console.log(
  `crash-files: ok, ${rounds} kills left ${left} files and sidecars that no record names, ` +
    `${swept} files were swept, ${made} were sent, ${seconds} s`,
);
