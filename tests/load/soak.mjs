// A server under a mixed load for a long time: clients that follow a table, readers, writers,
// uploads, sign-ins, a backup every few minutes, and a cut of the network every minute.
//
//   node tests/load/soak.mjs [--minutes 30] [--clients 2000] [--copies 20] [--writers 4]
//                            [--readers 4] [--backup 300] [--cut 60] [--seed N] [--csv FILE]
//
// `--copies` of the clients keep a copy of the table by the stream alone; after each cut, and at
// the end, theirs must equal the table: no event was missed. It fails on any answer of 5xx, and
// when
// resident memory at the end is more than 10 % above that after a sixth of the time. Linux only.
import assert from "node:assert/strict";
import fs from "node:fs";
import http from "node:http";
import { parseArgs } from "node:util";
import { binary, eventually, root } from "../sdk/support/server.mjs";
import { Copy, Proxy, Subject, agent, pause, randomFrom, request, rootToken } from "./support.mjs";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    clients: { type: "string", default: "2000" },
    copies: { type: "string", default: "20" },
    writers: { type: "string", default: "4" },
    readers: { type: "string", default: "4" },
    backup: { type: "string", default: "300" },
    cut: { type: "string", default: "60" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    csv: { type: "string" },
  },
});
const number = Object.fromEntries(Object.entries(values).map(([key, text]) => [key, Number(text)]));
const random = randomFrom(values.seed);
const whole = number.minutes * 60_000;
/** Rows that the table is held at: deletes keep up with creates. */
const ROWS = 2000;
const MOST_GROWTH = 1.1;
const records = "/api/collections/marks/records";
const counts = { writes: 0, reads: 0, signIns: 0, uploads: 0, backups: 0, cuts: 0, refused: 0 };
const failures = [];

/** Asks, and notes what no load may cause. */
async function ask(server, method, target, options) {
  const answer = await request(server, method, target, options);
  if (answer.status >= 500) failures.push(`${method} ${target}: ${answer.status}`);
  if (answer.status === 429) counts.refused++;
  return answer;
}

/** A client that reads what it is told and keeps nothing; it connects again when it is cut off. */
class Listener {
  constructor(port) {
    this.port = port;
    this.connect();
  }

  connect() {
    let isOver = false;
    const again = () => {
      if (isOver || this.isClosed) return;
      isOver = true;
      this.isOn = false;
      setTimeout(() => this.connect(), 100 + Math.random() * 2000);
    };
    const target = { host: "127.0.0.1", port: this.port, path: "/api/realtime", agent: false };
    this.call = http.get(target, (response) => {
      let head = "";
      response.on("data", (bytes) => {
        if (this.isOn || isOver) return;
        head += bytes;
        const id = /"clientId":"(\w+)"/.exec(head)?.[1];
        if (!id) return;
        this.isOn = true;
        const body = { clientId: id, subscriptions: ["marks/*"] };
        request({ url: `http://127.0.0.1:${this.port}` }, "POST", "/api/realtime", { body }).then(
          ({ status }) => status !== 204 && this.call.destroy(),
          again,
        );
      });
      response.on("error", again);
      response.on("close", again);
    });
    this.call.on("error", again);
  }

  close() {
    this.isClosed = true;
    this.call.destroy();
  }
}

const server = new Subject(binary, false);
server.command("superuser", "upsert", root.email, root.password);
await server.start();
const token = await rootToken(server);
const fields = [
  { name: "n", type: "number" },
  { name: "text", type: "text" },
  { name: "file", type: "file", maxSize: 1 << 20 },
];
const rules = { listRule: "", viewRule: "" };
const form = { name: "marks", fields, ...rules };
assert.equal((await ask(server, "POST", "/api/collections", { token, body: form })).status, 200);

const state = { isOver: false, gate: Promise.resolve(), at: 0, n: 0, ids: [] };

async function forever(work) {
  while (!state.isOver) {
    await state.gate;
    state.at++;
    try {
      await work();
    } finally {
      state.at--;
    }
    await pause(5 + Math.random() * 40);
  }
}

async function write() {
  counts.writes++;
  const body = { n: ++state.n, text: "x".repeat(state.n % 300) };
  const roll = Math.random();
  const any = Math.floor(Math.random() * state.ids.length);
  if (state.ids.length < 20 || (roll < 0.4 && state.ids.length < ROWS)) {
    const { status, json } = await ask(server, "POST", records, { token, body });
    assert.equal(status, 200, JSON.stringify(json));
    state.ids.push(json.id);
  } else if (roll < 0.75) {
    await ask(server, "PATCH", `${records}/${state.ids[any]}`, { token, body });
  } else {
    const [id] = state.ids.splice(any, 1);
    await ask(server, "DELETE", `${records}/${id}`, { token });
  }
}

async function read() {
  counts.reads++;
  const filter = encodeURIComponent(`n > ${Math.floor(Math.random() * state.n)}`);
  await ask(server, "GET", `${records}?perPage=30&sort=-n&filter=${filter}`);
}

async function signIn() {
  counts.signIns++;
  const body = { identity: root.email, password: root.password };
  await ask(server, "POST", "/api/collections/_superusers/auth-with-password", { body });
  await pause(2000);
}

async function upload() {
  counts.uploads++;
  const body = new FormData();
  body.set("n", String(++state.n));
  body.set("file", new Blob([Buffer.alloc(64 << 10, state.n)]), "file.bin");
  const headers = { Authorization: token };
  const answer = await fetch(server.url + records, { method: "POST", headers, body });
  if (answer.status >= 500) failures.push(`upload: ${answer.status}`);
  const { id } = await answer.json();
  if (id) await ask(server, "DELETE", `${records}/${id}`, { token });
  await pause(1000);
}

async function backUp() {
  const name = `soak_${++counts.backups}.zip`;
  const made = await ask(server, "POST", "/api/backups", { token, body: { name } });
  if (made.status !== 204) failures.push(`backup: ${made.status} ${JSON.stringify(made.json)}`);
  await ask(server, "DELETE", `/api/backups/${name}`, { token });
}

async function table() {
  const rows = new Map();
  for (let page = 1; ; page++) {
    const { json } = await ask(server, "GET", `${records}?perPage=1000&sort=id&page=${page}`);
    for (const row of json.items) rows.set(row.id, row);
    if (json.items.length < 1000) return rows;
  }
}

/** While the writers stand still, every copy must equal the table. */
async function compare(copies, when) {
  let open;
  state.gate = new Promise((resolve) => (open = resolve));
  await eventually("writers stand still", () => state.at === 0, { pause: 5, timeout: 60_000 });
  const { json } = await ask(server, "GET", "/api/collections/marks/changes", { token });
  const level = (copy) => copy.isLevel && copy.since >= json.seq;
  const told = `${when}: the copies are level with change ${json.seq}`;
  await eventually(told, () => copies.every(level), { pause: 20, timeout: 60_000 });
  const rows = await table();
  const byId = (map) => [...map.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const expected = byId(rows);
  for (const copy of copies) assert.deepEqual(byId(copy.rows), expected, when);
  open();
}

console.log(`soak: ${values.minutes} minutes, ${values.clients} clients, seed ${values.seed}`);
const proxy = new Proxy(server.port);
await proxy.listen();
const copies = Array.from({ length: number.copies }, () => new Copy(proxy.port, "marks"));
const listeners = [];
while (listeners.length < number.clients - number.copies) {
  listeners.push(new Listener(proxy.port));
  if (listeners.length % 50 === 0) await pause(20);
}
await eventually("all are connected", () => listeners.every(({ isOn }) => isOn), {
  timeout: 120_000,
});
const work = [
  ...Array.from({ length: number.writers }, () => forever(write)),
  ...Array.from({ length: number.readers }, () => forever(read)),
  forever(signIn),
  forever(upload),
];

const started = performance.now();
const samples = [];
let [nextCut, nextBackup, backup] = [number.cut * 1000, number.backup * 1000, Promise.resolve()];
const ways = ["end", "reset", "half-open"];
while (performance.now() - started < whole) {
  await pause(1000);
  const passed = performance.now() - started;
  samples.push({ seconds: Math.round(passed / 1000), bytes: server.memory(), cpu: server.cpu() });
  if (passed >= nextBackup) {
    nextBackup += number.backup * 1000;
    backup = backUp();
  }
  if (passed >= nextCut) {
    nextCut += number.cut * 1000;
    const way = proxy.cut(ways[Math.floor(random() * ways.length)]);
    // As clients with a watchdog do that hear no heartbeat.
    if (way === "half-open") for (const one of [...listeners, ...copies]) one.call.destroy();
    counts.cuts++;
    await compare(copies, `after cut ${counts.cuts} (${way})`);
    await eventually("all are connected again", () => listeners.every(({ isOn }) => isOn), {
      timeout: 120_000,
    });
  }
}
await backup;
await compare(copies, "at the end");
state.isOver = true;
await Promise.all(work);
for (const one of [...listeners, ...copies]) one.close();
proxy.close();
agent.destroy();
await server.stop();

if (values.csv) {
  const lines = samples.map(({ seconds, bytes, cpu }) => `${seconds},${bytes},${cpu}`);
  fs.writeFileSync(values.csv, ["seconds,bytes,cpu", ...lines, ""].join("\n"));
}
/** The median, so that one upload or backup does not decide. */
const memoryAt = (from, to) => {
  const part = samples.slice(Math.floor(samples.length * from), Math.ceil(samples.length * to));
  return part.map(({ bytes }) => bytes).sort((a, b) => a - b)[part.length >> 1];
};
const [before, after] = [memoryAt(1 / 6, 2 / 6), memoryAt(5 / 6, 1)];
const most = Math.max(...samples.map(({ bytes }) => bytes));
const mib = (bytes) => (bytes / 2 ** 20).toFixed(0);
const resyncs = copies.reduce((sum, copy) => sum + copy.resyncs, 0);
const told = copies.reduce((sum, copy) => sum + copy.told, 0);
console.log(
  `soak: ${JSON.stringify(counts)}, ${told} messages to ${copies.length} copies, all equal; ` +
    `memory ${mib(before)} MiB, then ${mib(after)}, ${mib(most)} at the most; ` +
    `${failures.length} answers of 5xx`,
);
assert.deepEqual(failures.slice(0, 20), [], "no answer of 5xx");
assert.equal(resyncs, 0, "the log reaches back far enough");
const percent = ((after / before - 1) * 100).toFixed(1);
assert.ok(after <= before * MOST_GROWTH, `memory grew by ${percent} %`);
