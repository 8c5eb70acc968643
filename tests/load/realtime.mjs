// Many clients follow one collection, one writer writes: how soon they are told, and at what cost.
//
//   node tests/load/realtime.mjs [--clients 1000] [--rate 10] [--seconds 15] [--burst 50]
//                                [--rule RULE] [--callers N] [--idle 60] [--reference PATH]
//
// With `--rule 'owner = @request.auth.id' --callers 1000` each client is somebody else and each
// record somebody's. With `--reference` the same is done to that binary, in the same run. The
// clients share one thread: where it is the bottleneck, the times are upper bounds. Linux only.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import crypto from "node:crypto";
import http from "node:http";
import net from "node:net";
import path from "node:path";
import { parseArgs } from "node:util";
import { binary, eventually, root } from "../sdk/support/server.mjs";
import { Subject } from "./support.mjs";

const { values: options } = parseArgs({
  options: {
    clients: { type: "string", default: "1000" },
    rate: { type: "string", default: "10" },
    seconds: { type: "string", default: "15" },
    burst: { type: "string", default: "50" },
    rule: { type: "string", default: "" },
    callers: { type: "string", default: "0" },
    idle: { type: "string", default: "0" },
    reference: { type: "string" },
  },
});
const clients = Number(options.clients);
const callers = Number(options.callers);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
function request(subject, method, target, { token, body } = {}) {
  const payload = body && JSON.stringify(body);
  const headers = { ...(token && { Authorization: token }) };
  if (payload) {
    headers["Content-Type"] = "application/json";
    headers["Content-Length"] = Buffer.byteLength(payload);
  }
  const where = { host: "127.0.0.1", port: subject.port, method, path: target, headers, agent };
  return new Promise((resolve, reject) => {
    const call = http.request(where, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part) => (text += part));
      response.on("error", reject);
      response.on("end", () => {
        const ok = response.statusCode < 300;
        if (!ok) return reject(new Error(`${method} ${target}: ${response.statusCode} ${text}`));
        resolve(text ? JSON.parse(text) : undefined);
      });
    });
    call.on("error", reject);
    call.end(payload);
  });
}

async function signIn(subject) {
  const target = "/api/collections/_superusers/auth-with-password";
  const body = { identity: root.email, password: root.password };
  return (await request(subject, "POST", target, { body })).token;
}

// Thousands of passwords would take minutes to hash: one user is copied instead.
const copyUsers = `
import sqlite3, sys, json
db = sqlite3.connect(sys.argv[1])
names = [r[1] for r in db.execute("PRAGMA table_info(users)")]
row = dict(zip(names, db.execute("SELECT * FROM users").fetchone()))
made = []
for n in range(int(sys.argv[2])):
    copy = dict(row, id="user%011d" % n, email="u%d@example.com" % n, tokenKey="%050d" % n)
    marks = ",".join("?" * len(names))
    quoted = ",".join('"%s"' % name for name in names)
    db.execute("INSERT INTO users (%s) VALUES (%s)" % (quoted, marks), [copy[k] for k in names])
    made.append([copy["id"], copy["tokenKey"]])
db.commit()
options = json.loads(db.execute("SELECT options FROM _collections WHERE name = 'users'").fetchone()[0])
print(json.dumps({"users": made, "secret": options["authToken"]["secret"]}))
`;

function token(id, key) {
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { collectionId: "_pb_users_auth_", exp: 2e9, id, refreshable: true, type: "auth" };
  const text = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
  return `${text}.${crypto.createHmac("sha256", key).update(text).digest("base64url")}`;
}

async function prepare(subject) {
  subject.command("superuser", "upsert", root.email, root.password);
  await subject.start();
  const admin = await signIn(subject);
  const owner = { name: "owner", type: "relation", collectionId: "_pb_users_auth_" };
  const number = { name: "n", type: "number" };
  const text = { name: "text", type: "text" };
  const fields = [text, owner, number];
  const form = { name: "marks", fields, listRule: options.rule, viewRule: options.rule };
  await request(subject, "POST", "/api/collections", { token: admin, body: form });
  if (!callers) return { admin, people: [] };
  const password = "a long enough password";
  const body = { email: "first@example.com", password, passwordConfirm: password };
  await request(subject, "POST", "/api/collections/users/records", { token: admin, body });
  await subject.stop();
  const args = ["-c", copyUsers, path.join(subject.dir, "data.db"), String(callers)];
  const output = execFileSync("python3", args, { encoding: "utf8", maxBuffer: 2 ** 30 });
  const { users, secret } = JSON.parse(output);
  await subject.start();
  const people = users.map(([id, key]) => ({ id, token: token(id, key + secret) }));
  return { admin: await signIn(subject), people };
}

/** One connection that counts what it is told and notes how late. */
class Client {
  static shared = Buffer.alloc(1 << 16);

  constructor(subject, onMark) {
    this.rest = "";
    this.onMark = onMark;
    this.ready = new Promise((resolve, reject) => {
      const onread = { buffer: Client.shared, callback: (n, buffer) => this.read(n, buffer) };
      this.socket = net.connect({ host: "127.0.0.1", port: subject.port, onread });
      this.socket.once("error", reject);
      this.socket.once("close", () => {
        this.isClosed = true;
        reject(new Error("the stream ended"));
      });
      this.connected = resolve;
    });
    this.socket.write("GET /api/realtime HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }

  read(n, buffer) {
    const text = this.rest + buffer.latin1Slice(0, n);
    if (!this.id) {
      this.id = /^data:\{"clientId":"(\w+)"\}/m.exec(text)?.[1];
      if (this.id) this.connected();
      else this.rest = text;
      return true;
    }
    // `n` is the last field of a record.
    let at = 0;
    for (;;) {
      const found = text.indexOf('"n":', at);
      if (found < 0) break;
      const end = text.indexOf(",", found + 4);
      const brace = text.indexOf("}", found + 4);
      const close = end < 0 ? brace : Math.min(end, brace < 0 ? end : brace);
      if (close < 0) break;
      this.onMark(Number(text.slice(found + 4, close)));
      at = close;
    }
    this.rest = text.slice(Math.max(at, text.length - 64));
    return true;
  }
}

async function measure(subject) {
  const { admin, people } = await prepare(subject);
  await pause(500);
  const sent = new Map();
  let late = [];
  let delivered = 0;
  let lastAt = 0;
  const onMark = (n) => {
    lastAt = performance.now();
    delivered++;
    const started = sent.get(n);
    if (started !== undefined) late.push(lastAt - started);
  };
  const memoryBefore = subject.memory();
  const all = [];
  for (let at = 0; at < clients; at += 100) {
    const some = Array.from({ length: Math.min(100, clients - at) }, () => new Client(subject, onMark));
    await Promise.all(some.map((client) => client.ready));
    const subscribe = (client, i) =>
      request(subject, "POST", "/api/realtime", {
        token: people.length ? people[(at + i) % people.length].token : undefined,
        body: { clientId: client.id, subscriptions: ["marks/*"] },
      });
    await Promise.all(some.map(subscribe));
    all.push(...some);
  }
  await pause(1000);
  const memory = (subject.memory() - memoryBefore) / clients;

  let n = 0;
  let expected = 0;
  const target = "/api/collections/marks/records";
  const perEvent = people.length && options.rule ? Math.ceil(clients / people.length) : clients;
  const write = async () => {
    const person = people.length ? people[n % people.length] : undefined;
    const body = { n: ++n, text: "some text that is told to everybody", owner: person?.id ?? "" };
    sent.set(n, performance.now());
    expected += perEvent;
    await request(subject, "POST", target, { token: admin, body });
  };
  const all_told = () =>
    eventually("everybody is told", () => delivered >= expected, { timeout: 60_000, pause: 5 });
  await write();
  await all_told();

  // Paced: how late.
  late = [];
  let cpu = subject.cpu();
  let before = delivered;
  const events = Math.round(Number(options.rate) * Number(options.seconds));
  for (let i = 0; i < events; i++) {
    const started = performance.now();
    await write();
    await pause(Math.max(0, 1000 / Number(options.rate) - (performance.now() - started)));
  }
  await all_told();
  const cpuPerEvent = (subject.cpu() - cpu) / events;
  const cpuPerDelivery = (subject.cpu() - cpu) / (delivered - before);
  const times = late.sort((a, b) => a - b);
  late = [];
  const quantile = (q) => times[Math.min(times.length - 1, Math.floor(q * times.length))];

  // Back to back: how many.
  before = delivered;
  cpu = subject.cpu();
  const started = performance.now();
  for (let i = 0; i < Number(options.burst); i++) await write();
  const wrote = performance.now() - started;
  await all_told();
  const perSecond = (delivered - before) / ((lastAt - started) / 1000);
  const writes = Number(options.burst) / (wrote / 1000);
  const burstCpu = (subject.cpu() - cpu) / (delivered - before);

  let idle;
  if (Number(options.idle)) {
    await pause(2000);
    cpu = subject.cpu();
    await pause(Number(options.idle) * 1000);
    idle = ((subject.cpu() - cpu) / Number(options.idle)) * 100;
  }
  const open = all.filter((client) => !client.isClosed).length;
  assert.equal(open, clients, "some were cut off");
  const loaded = (subject.memory() - memoryBefore) / clients;
  for (const client of all) client.socket.destroy();
  const stopping = performance.now();
  await subject.stop();
  const micro = (seconds) => `${(seconds * 1e6).toFixed(1)} µs`;
  const result = {
    "delivery p50": `${quantile(0.5).toFixed(1)} ms`,
    "delivery p99": `${quantile(0.99).toFixed(1)} ms`,
    "delivery max": `${times.at(-1).toFixed(1)} ms`,
    "CPU per event": micro(cpuPerEvent),
    "CPU per delivery": micro(cpuPerDelivery),
    "delivered per second": perSecond.toFixed(0),
    "writes per second meanwhile": writes.toFixed(0),
    "CPU per delivery at most": micro(burstCpu),
    "memory per client": `${(memory / 1024).toFixed(1)} KiB`,
    "memory per client, after": `${(loaded / 1024).toFixed(1)} KiB`,
    "time to stop": `${(performance.now() - stopping).toFixed(0)} ms`,
  };
  if (idle !== undefined) result["idle CPU"] = `${idle.toFixed(2)} % of a core`;
  return result;
}

const told = callers ? `${clients} clients, ${callers} callers` : `${clients} clients`;
console.log(`realtime: ${told}, rule "${options.rule}", ${options.rate} events/s paced`);
const table = { greenroom: await measure(new Subject(binary, false)) };
if (options.reference) {
  table.reference = await measure(new Subject(path.resolve(options.reference), true));
}
agent.destroy();
for (const key of Object.keys(table.greenroom)) {
  const cells = Object.entries(table).map(([name, row]) => `${name} ${row[key] ?? "-"}`);
  console.log(`  ${key.padEnd(28)} ${cells.join("   ")}`);
}
process.exit(0);
