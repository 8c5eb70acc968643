// A busy but ordinary half minute: many kept-open connections that read and write, sign-ins at
// all times, and a health check on a connection of its own that must not notice.
//
//   node tests/load/steady.mjs [--connections 1000] [--logins 16] [--seconds 30] [--think 500]
//
// `--think` is the mean pause of a connection between two requests, in milliseconds. Loopback only.
import assert from "node:assert/strict";
import http from "node:http";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import { Server, root } from "../sdk/support/server.mjs";

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** One connection that is kept; `opened` counts how often it had to be made. */
class Connection {
  constructor(port) {
    this.port = port;
    this.opened = 0;
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const connect = this.agent.createConnection.bind(this.agent);
    this.agent.createConnection = (...args) => {
      this.opened++;
      return connect(...args);
    };
  }

  request(method, path, { token, body } = {}) {
    const { port, agent } = this;
    const payload = body && JSON.stringify(body);
    const headers = { ...(token && { Authorization: token }) };
    if (payload) {
      headers["Content-Type"] = "application/json";
      headers["Content-Length"] = Buffer.byteLength(payload);
    }
    return new Promise((resolve, reject) => {
      const options = { host: "127.0.0.1", port, method, path, headers, agent };
      const call = http.request(options, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part) => (text += part));
        response.on("error", reject);
        response.on("end", () => resolve({ status: response.statusCode, text }));
      });
      call.setTimeout(30_000, () => call.destroy(new Error("no answer within 30 s")));
      call.on("error", reject);
      call.end(payload);
    });
  }

  close() {
    this.agent.destroy();
  }
}

/** The health check runs on its own thread, so that the load generator does not slow it down. */
async function probe({ port, milliseconds }) {
  const connection = new Connection(port);
  await connection.request("GET", "/api/health");
  const times = [];
  let failed = 0;
  const end = performance.now() + milliseconds;
  while (performance.now() < end) {
    const started = performance.now();
    const { status } = await connection.request("GET", "/api/health").catch(() => ({}));
    times.push(performance.now() - started);
    if (status !== 200) failed++;
    await pause(5);
  }
  connection.close();
  parentPort.postMessage({ times, failed, opened: connection.opened });
}

async function main() {
  const { values } = parseArgs({
    options: {
      connections: { type: "string", default: "1000" },
      logins: { type: "string", default: "16" },
      seconds: { type: "string", default: "30" },
      think: { type: "string", default: "500" },
    },
  });
  const [connections, logins, seconds, think] = ["connections", "logins", "seconds", "think"].map(
    (name) => Number(values[name]),
  );

  const server = await Server.start();
  const { tokens, ids } = await seed(server, logins);
  const tally = { statuses: {}, failures: [], kinds: {} };
  const count = (kind, status) => {
    tally.statuses[status] = (tally.statuses[status] ?? 0) + 1;
    tally.kinds[kind] = (tally.kinds[kind] ?? 0) + 1;
  };

  const milliseconds = seconds * 1000;
  const all = [];
  const open = (Kind) => all[all.push(new Kind(server.port)) - 1];
  const clients = Array.from({ length: connections }, () => open(Connection));
  const doors = Array.from({ length: logins }, () => open(Connection));
  // Everybody connects before the clock starts.
  for (let at = 0; at < all.length; at += 50) {
    const some = all.slice(at, at + 50);
    await Promise.all(some.map((connection) => connection.request("GET", "/api/health")));
  }

  const health = new Promise((resolve, reject) => {
    const worker = new Worker(fileURLToPath(import.meta.url), {
      workerData: { port: server.port, milliseconds },
    });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  const end = performance.now() + milliseconds;
  const attempt = async (kind, call) => {
    try {
      count(kind, (await call()).status);
    } catch (error) {
      tally.failures.push(`${kind}: ${error.message}`);
    }
  };
  const clientLoop = async (connection, n) => {
    const token = tokens[n % tokens.length];
    await pause(Math.random() * think);
    while (performance.now() < end) {
      const id = ids[Math.floor(Math.random() * ids.length)];
      const [kind, ...call] = pick(Math.random(), id);
      await attempt(kind, () => connection.request(call[0], call[1], { token, body: call[2] }));
      if (think) await pause(Math.random() * 2 * think);
    }
  };
  const loginLoop = async (connection, n) => {
    while (performance.now() < end) {
      const path = "/api/collections/users/auth-with-password";
      const body = { identity: `u${n}@example.com`, password };
      await attempt("login", () => connection.request("POST", path, { body }));
    }
  };
  await Promise.all([...clients.map(clientLoop), ...doors.map(loginLoop)]);
  const probed = await health;
  for (const connection of all) connection.close();
  await server.stop();
  report({ tally, probed, all, seconds, connections, logins });
}

const password = "a long enough password";
const records = "/api/collections/notes/records";

function pick(roll, id) {
  if (roll < 0.5) return ["view", "GET", `${records}/${id}`];
  if (roll < 0.75) return ["list", "GET", `${records}?perPage=30&skipTotal=1&sort=-n`];
  const body = { title: `note ${roll}`, n: Math.floor(roll * 1e6) };
  if (roll < 0.92) return ["create", "POST", records, body];
  return ["update", "PATCH", `${records}/${id}`, body];
}

async function seed(server, logins) {
  const connection = new Connection(server.port);
  const must = async (...call) => {
    const { status, text } = await connection.request(...call);
    assert.equal(status, 200, `${call[0]} ${call[1]}: ${text}`);
    return JSON.parse(text);
  };
  const signIn = async (collection, identity, password) => {
    const path = `/api/collections/${collection}/auth-with-password`;
    return (await must("POST", path, { body: { identity, password } })).token;
  };
  const token = await signIn("_superusers", root.email, root.password);
  const someone = '@request.auth.id != ""';
  const collection = {
    name: "notes",
    fields: [
      { name: "title", type: "text" },
      { name: "n", type: "number" },
    ],
    indexes: ["CREATE INDEX idx_notes_n ON notes (n)"],
    listRule: someone,
    viewRule: someone,
    createRule: someone,
    updateRule: someone,
  };
  await must("POST", "/api/collections", { token, body: collection });
  const ids = [];
  for (let n = 0; n < 500; n++) {
    ids.push((await must("POST", records, { token, body: { title: `note ${n}`, n } })).id);
  }
  const tokens = [];
  for (let n = 0; n < logins; n++) {
    const email = `u${n}@example.com`;
    const body = { email, password, passwordConfirm: password };
    await must("POST", "/api/collections/users/records", { body });
    tokens.push(await signIn("users", email, password));
  }
  connection.close();
  return { tokens, ids };
}

function report({ tally, probed, all, seconds, connections, logins }) {
  const times = probed.times.sort((a, b) => a - b);
  const quantile = (q) => times[Math.min(times.length - 1, Math.floor(q * times.length))];
  const total = Object.values(tally.kinds).reduce((a, b) => a + b, 0);
  const reopened = all.filter((connection) => connection.opened !== 1).length;
  console.log(`steady: ${connections} connections, ${logins} logins at all times, ${seconds} s`);
  console.log(`  ${total} answers, ${(total / seconds).toFixed(0)}/s`, tally.kinds);
  console.log("  by status", tally.statuses);
  console.log(
    `  health: ${times.length} probes, p50 ${quantile(0.5).toFixed(1)} ms, ` +
      `p99 ${quantile(0.99).toFixed(1)} ms, max ${times.at(-1).toFixed(1)} ms`,
  );
  const complaints = [];
  const wrong = Object.keys(tally.statuses).filter((status) => status !== "200");
  if (wrong.length) complaints.push(`statuses ${wrong}`);
  if (tally.failures.length) {
    complaints.push(`${tally.failures.length} failed requests, first: ${tally.failures[0]}`);
  }
  if (reopened || probed.opened !== 1) complaints.push(`${reopened} connections were dropped`);
  if (probed.failed) complaints.push(`${probed.failed} health checks failed`);
  if (quantile(0.99) > 50) complaints.push("health took more than 50 ms at p99");
  console.log(complaints.length ? `steady: FAILED: ${complaints.join("; ")}` : "steady: ok");
  process.exitCode = complaints.length ? 1 : 0;
}

if (isMainThread) await main();
else await probe(workerData);
