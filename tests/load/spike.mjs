// Many clients at once for a while, each with connections, lists, uploads of JSON and files of its
// own; then none. The memory of the server has to come back.
//
//   node tests/load/spike.mjs [--users 1400] [--seconds 60] [--patience 90] [--most 1.5]
//
// It fails when, `--patience` seconds after the last client is gone, the server holds more than
// `--most` times what it held before, or when any answer is a 5xx other than 503. Linux, loopback.
import assert from "node:assert/strict";
import fs from "node:fs";
import http from "node:http";
import { parseArgs } from "node:util";
import { Server } from "../sdk/support/server.mjs";
import { agent, pause, randomFrom, request, rootToken } from "./support.mjs";

const { values } = parseArgs({
  options: {
    users: { type: "string", default: "1400" },
    seconds: { type: "string", default: "60" },
    patience: { type: "string", default: "90" },
    most: { type: "string", default: "1.5" },
  },
});
const [users, seconds, patience, most] = ["users", "seconds", "patience", "most"].map((name) =>
  Number(values[name]),
);
const notes = "/api/collections/notes/records";

/** Resident memory of the server in MiB, without pages of files that it maps. */
function resident(server) {
  const status = fs.readFileSync(`/proc/${server.process.child.pid}/status`, "utf8");
  return Number(/^RssAnon:\s+(\d+) kB/m.exec(status)[1]) / 1024;
}

async function fill(server, token) {
  const fields = [
    { name: "text", type: "text", max: 0 },
    { name: "data", type: "json", maxSize: 2_000_000 },
  ];
  const rules = { listRule: "", viewRule: "", createRule: "", updateRule: "", deleteRule: "" };
  const made = await request(server, "POST", "/api/collections", {
    token,
    body: { name: "notes", fields, ...rules },
  });
  assert.equal(made.status, 200, JSON.stringify(made.json));
  for (let i = 0; i < 300; i++) {
    await request(server, "POST", notes, { body: { text: "word ".repeat(200), data: { i } } });
  }
}

/** One client: a connection of its own, and something else each time. */
async function client(server, random, until, counts) {
  const through = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const asks = [
    () => request(server, "GET", `${notes}?perPage=200`, { through }),
    () => request(server, "GET", `${notes}?filter=text~'word'&sort=-text&perPage=500`, { through }),
    () => request(server, "POST", notes, { body: { data: "x".repeat(200_000) }, through }),
    () => request(server, "GET", "/api/health", { through }),
  ];
  while (performance.now() < until) {
    const ask = asks[Math.floor(random() * asks.length)];
    const { status } = await ask().catch(() => ({ status: 0 }));
    counts.set(status, (counts.get(status) ?? 0) + 1);
    await pause(random() * 1000);
  }
  through.destroy();
}

const server = await Server.start({ args: ["--hash-passes", "2"] });
const token = await rootToken(server);
await fill(server, token);
await pause(2000);
const before = resident(server);
const counts = new Map();
const random = randomFrom(7);
const until = performance.now() + seconds * 1000;
let peak = 0;
const watch = setInterval(() => (peak = Math.max(peak, resident(server))), 250);
await Promise.all(Array.from({ length: users }, () => client(server, random, until, counts)));
clearInterval(watch);
agent.destroy();
const deadline = performance.now() + patience * 1000;
let after = resident(server);
while (after > before * most && performance.now() < deadline) {
  await pause(1000);
  after = resident(server);
}
const shown = (mib) => `${mib.toFixed(1)} MiB`;
const answers = [...counts].map(([status, count]) => `${status}: ${count}`).join(", ");
console.log(
  `spike: ${users} users for ${seconds} s; before ${shown(before)}, peak ${shown(peak)}, ` +
    `after ${shown(after)}; answers ${answers}`,
);
for (const status of counts.keys()) {
  assert.ok(status < 500 || status === 503, `${status} was answered`);
}
assert.ok(after <= before * most, `${shown(after)} is more than ${most} times ${shown(before)}`);
await server.stop();
