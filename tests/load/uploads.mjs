// Uploads large files side by side, and watches the memory of the server.
//
// Every stored file must have the SHA-256 of what was sent, and the resident memory must stay
// below the limit all the time.
//
// With --s3 they go on to a bucket, in parts.
//
//   node tests/load/uploads.mjs [--files 20] [--megabytes 1024] [--limit 150] [--s3]
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { parseArgs } from "node:util";
import { BucketService } from "../sdk/support/bucket.mjs";
import { superuser } from "../sdk/support/client.mjs";
import { Server } from "../sdk/support/server.mjs";

const { values } = parseArgs({
  options: {
    files: { type: "string", default: "20" },
    megabytes: { type: "string", default: "1024" },
    limit: { type: "string", default: "150" },
    s3: { type: "boolean", default: false },
  },
});
const files = Number(values.files);
const megabytes = Number(values.megabytes);
const limit = Number(values.limit);
const mebi = 1 << 20;
const block = randomBytes(mebi);

/** Resident memory of a process in MB: now, and the most it ever was. */
function memory(pid) {
  const status = fs.readFileSync(`/proc/${pid}/status`, "utf8");
  const of = (name) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)[1]) / 1024;
  return { now: of("VmRSS"), most: of("VmHWM") };
}

/** Sends one file; no two are the same. */
async function upload(server, token, n) {
  const boundary = "edge-of-a-part";
  const name = `filename="upload${n}.bin"`;
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="doc"; ${name}\r\n\r\n`;
  const tail = `\r\n--${boundary}--\r\n`;
  const mark = Buffer.from(`file ${n}\n`.padEnd(64, " "));
  const length = head.length + mark.length + megabytes * mebi + tail.length;
  const headers = {
    Authorization: token,
    "Content-Type": `multipart/form-data; boundary=${boundary}`,
    "Content-Length": length,
  };
  const target = `${server.url}/api/collections/films/records`;
  const call = http.request(target, { method: "POST", headers, agent: false });
  const answered = once(call, "response");
  const sum = createHash("sha256").update(mark);
  call.write(head);
  call.write(mark);
  for (let at = 0; at < megabytes; at++) {
    sum.update(block);
    if (!call.write(block)) await once(call, "drain");
  }
  call.end(tail);
  const [response] = await answered;
  let text = "";
  for await (const part of response.setEncoding("utf8")) text += part;
  assert.equal(response.statusCode, 200, text);
  return { record: JSON.parse(text), sha256: sum.digest("hex") };
}

async function sha256(file) {
  const sum = createHash("sha256");
  for await (const part of fs.createReadStream(file, { highWaterMark: mebi })) sum.update(part);
  return sum.digest("hex");
}

const server = await Server.start();
const client = await superuser(server);
const service = values.s3 ? await BucketService.start("files") : null;
if (service) await client.settings.update({ s3: service.settings("files") });
const doc = { name: "doc", type: "file", maxSize: 2 * megabytes * mebi };
await client.collections.create({ name: "films", fields: [doc] });

const { pid } = server.process.child;
const before = memory(pid);
console.log(`uploads: ${files} files of ${megabytes} MB, ${before.now.toFixed(0)} MB at rest`);
let seen = 0;
const watch = setInterval(() => (seen = Math.max(seen, memory(pid).now)), 100);
const started = performance.now();
const token = client.authStore.token;
const sent = await Promise.all(
  Array.from({ length: files }, (_, n) => upload(server, token, n)),
);
const seconds = (performance.now() - started) / 1000;
clearInterval(watch);
const { most } = memory(pid);

for (const { record, sha256: expected } of sent) {
  const name = path.join(record.collectionId, record.id, record.doc);
  const stored = service?.file("files", name) ?? path.join(server.dir, "storage", name);
  assert.equal(await sha256(stored), expected, record.doc);
}
const temporary = path.join(server.dir, ".pb_temp_to_delete");
const leftover = fs.readdirSync(temporary, { recursive: true, withFileTypes: true });
assert.deepEqual(leftover.filter((entry) => entry.isFile()), []);
await server.stop();
await service?.down();
const speed = ((files * megabytes) / seconds).toFixed(0);
console.log(
  `uploads: ${most.toFixed(0)} MB of memory at the most (${seen.toFixed(0)} MB sampled), ` +
    `${seconds.toFixed(1)} s, ${speed} MB/s, all sums right`,
);
assert.ok(most < limit, `more than ${limit} MB of memory`);
