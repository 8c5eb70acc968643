// Kills the server at a random moment under concurrent creates, again and again.
//
// After each restart: every acknowledged record is there as it was sent, no record is half
// written, and SQLite's integrity check is content.
//
//   node tests/load/crash.mjs [--rounds 50] [--writers 64] [--seed N]
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import path from "node:path";
import { parseArgs } from "node:util";
import { Server } from "../sdk/support/server.mjs";
import { agent, pause, randomFrom, request, rootToken } from "./support.mjs";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "50" },
    writers: { type: "string", default: "64" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
const rounds = Number(values.rounds);
const writers = Number(values.writers);
const random = randomFrom(values.seed);

const records = "/api/collections/marks/records";
const written = (n) => ({ n, text: `mark ${n} ${"x".repeat(n % 900)}`, check: n * 7 + 3 });

/** Creates until the server dies; remembers what was acknowledged. */
async function write(server, token, acknowledged, counter) {
  for (;;) {
    const n = counter.next++;
    let answer;
    try {
      answer = await request(server, "POST", records, { token, body: written(n) });
    } catch {
      return;
    }
    assert.equal(answer.status, 200, JSON.stringify(answer.json));
    acknowledged.set(answer.json.id, n);
  }
}

const inspect = `
import json, sqlite3, sys
db = sqlite3.connect(sys.argv[1])
rows = {i: [n, t, c] for i, n, t, c in db.execute('SELECT id, n, text, "check" FROM marks')}
print(json.dumps({"integrity": [r[0] for r in db.execute("PRAGMA integrity_check")], "rows": rows}))
`;

/** Reads the database from outside, while the server runs. */
function readDatabase(server) {
  const args = ["-c", inspect, path.join(server.dir, "data.db")];
  const output = execFileSync("python3", args, { encoding: "utf8", maxBuffer: 2 ** 30 });
  return JSON.parse(output);
}

const server = await Server.start();
let token = await rootToken(server);
const fields = [
  { name: "n", type: "number" },
  { name: "text", type: "text" },
  { name: "check", type: "number" },
];
const made = await request(server, "POST", "/api/collections", {
  token,
  body: { name: "marks", fields, indexes: ["CREATE UNIQUE INDEX idx_marks_n ON marks (n)"] },
});
assert.equal(made.status, 200, JSON.stringify(made.json));

console.log(`crash: ${rounds} rounds, ${writers} writers, seed ${values.seed}`);
const started = performance.now();
const acknowledged = new Map();
const counter = { next: 1 };
let unacknowledged = 0;
for (let round = 1; round <= rounds; round++) {
  const before = acknowledged.size;
  const working = Array.from({ length: writers }, () =>
    write(server, token, acknowledged, counter),
  );
  await pause(20 + random() * 480);
  await server.kill();
  await Promise.all(working);

  await server.start();
  const { integrity, rows } = readDatabase(server);
  assert.deepEqual(integrity, ["ok"], `round ${round}`);
  const lost = [...acknowledged.keys()].filter((id) => !(id in rows));
  assert.deepEqual(lost, [], `round ${round}: acknowledged, but lost`);
  for (const [id, [n, text, check]] of Object.entries(rows)) {
    assert.deepEqual({ n, text, check }, written(n), `round ${round}: ${id} is half written`);
    if (acknowledged.has(id)) assert.equal(acknowledged.get(id), n);
  }
  unacknowledged = Object.keys(rows).length - acknowledged.size;
  token = await rootToken(server);
  const list = await request(server, "GET", `${records}?perPage=1`, { token });
  assert.equal(list.json.totalItems, Object.keys(rows).length);
  console.log(`  round ${round}: ${acknowledged.size - before} acknowledged, all there`);
}
await server.stop();
agent.destroy();
const seconds = ((performance.now() - started) / 1000).toFixed(1);
console.log(
  `crash: ok, ${rounds} kills, ${acknowledged.size} records acknowledged and none lost ` +
    `(${unacknowledged} more committed before their answer left), ${seconds} s`,
);
