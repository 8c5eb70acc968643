// Cuts the connection of a client that keeps a copy of a table, again and again, while others
// write. After each cut the client connects anew, names the last change it knows, is told what it
// missed, and its copy equals the table.
//
//   node tests/load/cuts.mjs [--cuts 1000] [--writers 4] [--seed N]
//
// A third of the cuts end the connection properly, a third reset it, a third leave it half open:
// nothing comes any more, and nobody says so.
import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import { Server, eventually } from "../sdk/support/server.mjs";
import { Copy, Proxy, agent, pause, randomFrom, request, rootToken } from "./support.mjs";

const { values } = parseArgs({
  options: {
    cuts: { type: "string", default: "1000" },
    writers: { type: "string", default: "4" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
const cuts = Number(values.cuts);
const random = randomFrom(values.seed);

const records = "/api/collections/marks/records";

async function table() {
  const rows = new Map();
  for (let page = 1; ; page++) {
    const target = `${records}?perPage=500&sort=id&page=${page}`;
    const { json } = await request(server, "GET", target);
    for (const row of json.items) rows.set(row.id, row);
    if (json.items.length < 500) return rows;
  }
}

const server = await Server.start();
const token = await rootToken(server);
const fields = [
  { name: "n", type: "number" },
  { name: "text", type: "text" },
];
const form = { name: "marks", fields, listRule: "", viewRule: "" };
assert.equal((await request(server, "POST", "/api/collections", { token, body: form })).status, 200);

// Writers that stand still while the copy is compared.
const state = { isOver: false, gate: Promise.resolve(), at: 0, n: 0, ids: [] };
async function write() {
  while (!state.isOver) {
    await state.gate;
    state.at++;
    const roll = Math.random();
    const known = state.ids.length;
    const body = { n: ++state.n, text: "x".repeat(state.n % 200) };
    if (roll < 0.4 || known < 20) {
      const { status, json } = await request(server, "POST", records, { token, body });
      assert.equal(status, 200);
      state.ids.push(json.id);
    } else if (roll < 0.7) {
      const id = state.ids[Math.floor(Math.random() * known)];
      await request(server, "PATCH", `${records}/${id}`, { token, body });
    } else {
      const [id] = state.ids.splice(Math.floor(Math.random() * known), 1);
      await request(server, "DELETE", `${records}/${id}`, { token });
    }
    state.at--;
    await pause(Math.random() * 4);
  }
}

async function compare(copy, round) {
  let open;
  state.gate = new Promise((resolve) => (open = resolve));
  await eventually("writers stand still", () => state.at === 0, { pause: 1 });
  const { json } = await request(server, "GET", "/api/collections/marks/changes", { token });
  await eventually(`round ${round}: the copy is level with change ${json.seq}`, () => {
    return copy.isLevel && copy.since >= json.seq;
  }, { pause: 1, timeout: 30_000 });
  const rows = await table();
  const byId = (map) => [...map.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  assert.deepEqual(byId(copy.rows), byId(rows), `round ${round}`);
  open();
  return rows.size;
}

console.log(`cuts: ${cuts} cuts, ${values.writers} writers, seed ${values.seed}`);
const started = performance.now();
const proxy = new Proxy(server.port);
await proxy.listen();
const copy = new Copy(proxy.port, "marks");
const writing = Array.from({ length: Number(values.writers) }, write);
await compare(copy, 0);
const ways = { end: 0, reset: 0, "half-open": 0 };
let size = 0;
for (let round = 1; round <= cuts; round++) {
  await pause(random() * 30);
  // Some cuts hit the stream while it is told what it missed.
  const before = copy.connections;
  ways[proxy.cut(["end", "reset", "half-open"][Math.floor(random() * 3)])]++;
  await pause(random() * 10);
  copy.giveUp();
  await eventually("it connects again", () => copy.connections > before, { pause: 1 });
  size = await compare(copy, round);
}
state.isOver = true;
await Promise.all(writing);
copy.close();
proxy.close();
agent.destroy();
await server.stop();
assert.equal(copy.resyncs, 0, "the log reaches back far enough");
const seconds = ((performance.now() - started) / 1000).toFixed(1);
console.log(
  `cuts: ok, ${cuts} cuts (${JSON.stringify(ways)}), ${state.n} writes, ${copy.told} messages, ` +
    `${size} rows at the end, the copy equal every time, ${seconds} s`,
);
