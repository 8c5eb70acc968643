// Creates at a steady pace with one webhook on them, whose receiver fails one message in ten and
// hangs on one in fifty; the server may be killed on the way, again and again.
//
// At the end: every acknowledged create was delivered at least once, signed, and the changes of one
// record in their order.
//
//   node tests/load/webhooks.mjs [--rate 200] [--seconds 20] [--kills 0] [--hook true]
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import http from "node:http";
import { parseArgs } from "node:util";
import { Server, eventually, root } from "../sdk/support/server.mjs";
import { agent, pause, request, rootToken } from "./support.mjs";

const { values } = parseArgs({
  options: {
    rate: { type: "string", default: "200" },
    seconds: { type: "string", default: "20" },
    kills: { type: "string", default: "0" },
    hook: { type: "string", default: "true" },
  },
});
const [rate, seconds, kills] = ["rate", "seconds", "kills"].map((name) => Number(values[name]));
const hasHook = values.hook === "true";

/** Messages by record, in the order they were accepted; and all ids that came. */
const accepted = new Map();
const seen = new Set();
let secret = Buffer.alloc(0);
let arrivals = 0;
let again = 0;
const wrong = [];

const receiver = http.createServer((request, response) => {
  let text = "";
  request.setEncoding("utf8").on("data", (part) => (text += part));
  request.on("end", () => {
    const { "webhook-id": id, "webhook-timestamp": time, "webhook-signature": signature } =
      request.headers;
    const expected = createHmac("sha256", secret).update(`${id}.${time}.${text}`).digest("base64");
    if (signature !== `v1,${expected}`) wrong.push(`signature of ${id}`);
    arrivals += 1;
    if (arrivals % 50 === 0) return; // hangs until the other side gives up
    if (arrivals % 10 === 0) return response.writeHead(500).end("no");
    const { seq, action, record } = JSON.parse(text).data;
    const before = accepted.get(record.id) ?? [];
    if (seen.has(id)) again += 1;
    else if (before.some((other) => other.seq > seq)) wrong.push(`order of ${record.id}`);
    seen.add(id);
    accepted.set(record.id, [...before, { seq, action }]);
    response.writeHead(200).end("ok");
  });
});
await new Promise((resolve) => receiver.listen(0, "127.0.0.1", resolve));

const server = new Server({ args: ["--allow-private-webhooks"] });
await server.superuser("upsert", root.email, root.password);
await server.start();
let token = await rootToken(server);
const fields = [{ name: "n", type: "number" }];
await request(server, "POST", "/api/collections", { token, body: { name: "marks", fields } });
if (hasHook) {
  await request(server, "POST", "/api/gr/webhooks/enable", { token, body: {} });
  const url = `http://127.0.0.1:${receiver.address().port}/hook`;
  const body = { url, enabled: true, collections: ["marks"] };
  const made = await request(server, "POST", "/api/collections/_webhooks/records", { token, body });
  assert.equal(made.status, 200, JSON.stringify(made.json));
  secret = Buffer.from(made.json.secret.slice("whsec_".length), "base64");
}

/** What was acknowledged: id -> how many changes. */
const acknowledged = new Map();
const times = [];
const records = "/api/collections/marks/records";
async function write(n) {
  const started = performance.now();
  try {
    const made = await request(server, "POST", records, { token, body: { n } });
    if (made.status !== 200) return;
    acknowledged.set(made.json.id, 1);
    times.push(performance.now() - started);
    if (n % 4 > 0) return;
    const path = `${records}/${made.json.id}`;
    const changed = await request(server, "PATCH", path, { token, body: { n: -n } });
    if (changed.status === 200) acknowledged.set(made.json.id, 2);
  } catch {
    // The server was killed meanwhile; what it did not acknowledge is not asked for.
  }
}

const pending = new Set();
const started = performance.now();
let killed = 0;
for (let n = 1; n <= rate * seconds; n++) {
  const due = started + (n * 1000) / rate;
  const wait = due - performance.now();
  if (wait > 0) await pause(wait);
  if (kills > 0 && n % Math.floor((rate * seconds) / (kills + 1)) === 0 && killed < kills) {
    killed += 1;
    await server.kill();
    await server.start();
    token = await rootToken(server);
  }
  const work = write(n).finally(() => pending.delete(work));
  pending.add(work);
}
await Promise.all(pending);
const wrote = (performance.now() - started) / 1000;

const missing = () =>
  [...acknowledged].filter(([id, count]) => (accepted.get(id)?.length ?? 0) < count);
if (hasHook) {
  await eventually("everything is delivered", () => missing().length === 0, {
    timeout: 300_000,
    pause: 100,
  });
}
const all = (performance.now() - started) / 1000;
assert.deepEqual(wrong, []);
await server.stop();
agent.destroy();
receiver.closeAllConnections();
receiver.close();

times.sort((a, b) => a - b);
const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
console.log(
  `webhooks: ok, ${acknowledged.size} records at ${(acknowledged.size / wrote).toFixed(0)}/s, ` +
    `${killed} kills, create p50 ${at(0.5).toFixed(1)} ms p99 ${at(0.99).toFixed(1)} ms; ` +
    `${arrivals} arrivals, ${seen.size} messages accepted, ${again} of them again, ` +
    `all delivered after ${all.toFixed(1)} s`,
);
