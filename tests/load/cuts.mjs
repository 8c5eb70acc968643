// Cuts the connection of a client that keeps a copy of a table, again and again, while others
// write. After each cut the client connects anew, names the last change it knows, is told what it
// missed, and its copy equals the table.
//
//   node tests/load/cuts.mjs [--cuts 1000] [--writers 4] [--seed N]
//
// A third of the cuts end the connection properly, a third reset it, a third leave it half open:
// nothing comes any more, and nobody says so.
import assert from "node:assert/strict";
import http from "node:http";
import net from "node:net";
import { parseArgs } from "node:util";
import { Server, eventually, root } from "../sdk/support/server.mjs";

const { values } = parseArgs({
  options: {
    cuts: { type: "string", default: "1000" },
    writers: { type: "string", default: "4" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
const cuts = Number(values.cuts);
let seed = Number(values.seed);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The same seed cuts in the same ways (mulberry32). */
function random() {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

/** Hands bytes on, until it is told to cut. */
class Proxy {
  constructor(port) {
    this.pairs = new Set();
    this.server = net.createServer((near) => {
      const far = net.connect({ host: "127.0.0.1", port });
      const pair = { near, far, isDead: false };
      this.pairs.add(pair);
      for (const [from, to] of [
        [near, far],
        [far, near],
      ]) {
        from.on("data", (bytes) => {
          if (!pair.isDead) to.write(bytes);
        });
        from.on("error", () => {});
        from.on("close", () => {
          this.pairs.delete(pair);
          if (!pair.isDead) to.destroy();
        });
      }
    });
  }

  async listen() {
    await new Promise((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    this.port = this.server.address().port;
  }

  cut(way) {
    for (const pair of this.pairs) {
      if (way === "half-open") pair.isDead = true;
      else if (way === "reset") pair.near.resetAndDestroy();
      else pair.near.destroy();
    }
    return way;
  }

  close() {
    for (const { near, far } of this.pairs) {
      near.destroy();
      far.destroy();
    }
    this.server.close();
  }
}

const agent = new http.Agent({ keepAlive: true });
function request(port, method, target, { token, body, through = agent } = {}) {
  const payload = body && JSON.stringify(body);
  const headers = { ...(token && { Authorization: token }) };
  if (payload) {
    headers["Content-Type"] = "application/json";
    headers["Content-Length"] = Buffer.byteLength(payload);
  }
  const where = { host: "127.0.0.1", port, method, path: target, headers, agent: through };
  return new Promise((resolve, reject) => {
    const call = http.request(where, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part) => (text += part));
      response.on("error", reject);
      response.on("end", () => {
        resolve({ status: response.statusCode, json: text ? JSON.parse(text) : undefined });
      });
    });
    call.on("error", reject);
    call.end(payload);
  });
}

const records = "/api/collections/marks/records";

async function table() {
  const rows = new Map();
  for (let page = 1; ; page++) {
    const target = `${records}?perPage=500&sort=id&page=${page}`;
    const { json } = await request(server.port, "GET", target);
    for (const row of json.items) rows.set(row.id, row);
    if (json.items.length < 500) return rows;
  }
}

/** Keeps a copy by the stream alone. */
class Copy {
  rows = new Map();
  since = 0;
  isLevel = false;
  told = 0;
  resyncs = 0;
  connections = 0;

  constructor(port) {
    this.port = port;
    this.connect();
  }

  connect() {
    this.isLevel = false;
    this.connections++;
    let isOver = false;
    const again = () => {
      if (isOver || this.isClosed) return;
      isOver = true;
      setTimeout(() => this.connect(), 5);
    };
    let rest = "";
    const target = { host: "127.0.0.1", port: this.port, path: "/api/realtime", agent: false };
    this.call = http.get(target, (response) => {
      response.setEncoding("utf8");
      response.on("data", (text) => {
        const blocks = (rest + text).split("\n\n");
        rest = blocks.pop();
        // What lay in the buffers of a connection that was given up comes too late.
        if (!isOver) for (const block of blocks) this.take(block, again);
      });
      response.on("error", again);
      response.on("close", again);
    });
    this.call.on("error", again);
  }

  /** As a client with a watchdog does that hears no heartbeat. */
  giveUp() {
    this.call.destroy();
  }

  take(block, again) {
    const data = /^data:(.*)$/m.exec(block)?.[1];
    if (!data) return;
    const message = JSON.parse(data);
    if (message.clientId) {
      const options = encodeURIComponent(JSON.stringify({ query: { since: this.since } }));
      const body = {
        clientId: message.clientId,
        subscriptions: [`marks/*?options=${options}`],
      };
      const { port } = this;
      request(port, "POST", "/api/realtime", { body, through: false }).then((answer) => {
        if (answer.status !== 204) this.call.destroy();
      }, again);
      return;
    }
    this.told++;
    if (message.action === "resync") this.resyncs++;
    else if (message.action === "delete") this.rows.delete(message.record.id);
    else if (message.record) this.rows.set(message.record.id, message.record);
    assert.ok(message.seq >= this.since, `${message.seq} comes after ${this.since}`);
    this.since = message.seq;
    if (message.action === "sync") this.isLevel = true;
  }

  close() {
    this.isClosed = true;
    this.call.destroy();
  }
}

const server = await Server.start();
const signIn = "/api/collections/_superusers/auth-with-password";
const credentials = { identity: root.email, password: root.password };
const { token } = (await request(server.port, "POST", signIn, { body: credentials })).json;
const fields = [
  { name: "n", type: "number" },
  { name: "text", type: "text" },
];
const form = { name: "marks", fields, listRule: "", viewRule: "" };
assert.equal((await request(server.port, "POST", "/api/collections", { token, body: form })).status, 200);

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
      const { status, json } = await request(server.port, "POST", records, { token, body });
      assert.equal(status, 200);
      state.ids.push(json.id);
    } else if (roll < 0.7) {
      const id = state.ids[Math.floor(Math.random() * known)];
      await request(server.port, "PATCH", `${records}/${id}`, { token, body });
    } else {
      const [id] = state.ids.splice(Math.floor(Math.random() * known), 1);
      await request(server.port, "DELETE", `${records}/${id}`, { token });
    }
    state.at--;
    await pause(Math.random() * 4);
  }
}

async function compare(copy, round) {
  let open;
  state.gate = new Promise((resolve) => (open = resolve));
  await eventually("writers stand still", () => state.at === 0, { pause: 1 });
  const { json } = await request(server.port, "GET", "/api/collections/marks/changes", { token });
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
const copy = new Copy(proxy.port);
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
