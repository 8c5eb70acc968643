// Files in and out by route and by command, and folders of PocketBase.
import { test } from "node:test";
import assert from "node:assert/strict";
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import zlib from "node:zlib";
import { fileURLToPath } from "node:url";
import { Server, eventually, ours, root, run, tempDir } from "./support/server.mjs";
import { guest, superuser } from "./support/client.mjs";

const fixture = fileURLToPath(new URL("fixtures/pocketbase/", import.meta.url));
const password = "a long enough password";

/** The folder as PocketBase left it. */
function unpack() {
  const dir = path.join(tempDir(), "pb_data");
  fs.cpSync(path.join(fixture, "storage"), path.join(dir, "storage"), { recursive: true });
  const data = zlib.gunzipSync(fs.readFileSync(path.join(fixture, "data.db.gz")));
  fs.writeFileSync(path.join(dir, "data.db"), data);
  return dir;
}

/** Every file with the hash of its content. */
function contents(dir) {
  const files = fs.readdirSync(dir, { recursive: true, withFileTypes: true });
  const named = files.map((file) => {
    const whole = path.join(file.parentPath ?? file.path, file.name);
    const hash = file.isFile()
      ? crypto.createHash("sha256").update(fs.readFileSync(whole)).digest("hex")
      : "";
    return [path.relative(dir, whole), hash];
  });
  return Object.fromEntries(named.sort());
}

/** Asks all that was recorded. */
async function compare(server) {
  const answers = JSON.parse(fs.readFileSync(path.join(fixture, "answers.json"), "utf8"));
  const user = guest(server);
  await user.collection("users").authWithPassword("u2@example.com", password);
  const admin = await superuser(server);
  const tokens = { guest: "", user: user.authStore.token, root: admin.authStore.token };
  for (const { url, who, status, body } of answers) {
    const headers = tokens[who] ? { Authorization: tokens[who] } : {};
    const answer = await fetch(server.url + url, { headers });
    assert.equal(answer.status, status, `${who} ${url}`);
    if (body) assert.deepEqual(await answer.json(), body, `${who} ${url}`);
  }
  const post = await admin.collection("posts").getOne("post00000000001");
  const paper = await fetch(admin.files.getURL(post, post.paper));
  assert.equal(await paper.text(), "a paper\n");
  const secret = admin.files.getURL(post, post.secret);
  assert.equal((await fetch(secret)).status, 404);
  const token = await admin.files.getToken();
  assert.equal(await (await fetch(`${secret}?token=${token}`)).text(), "a secret\n");
}

test("a folder of PocketBase is opened as it is", ours, async () => {
  const server = new Server({ dir: unpack() });
  await server.start();
  await compare(server);
  await server.stop();
});

test("a folder of PocketBase is imported, and nothing is written to it", ours, async () => {
  const source = unpack();
  const before = contents(source);
  const server = new Server();
  const dry = await server.command("import", "pocketbase", source, "--dry-run");
  assert.equal(dry.code, 0, dry.stderr);
  assert.match(dry.stdout, /4 collections, 1 of them views/);
  assert.equal(fs.existsSync(server.dir), false, "a dry run makes nothing");
  const done = await server.command("import", "pocketbase", source);
  assert.equal(done.code, 0, done.stderr);
  assert.match(done.stdout, /14 records, 3 of them accounts[^]*4 files/);
  assert.deepEqual(contents(source), before);
  await server.start();
  await compare(server);
  await server.stop();
  const again = await server.command("import", "pocketbase", source);
  assert.notEqual(again.code, 0);
  assert.match(again.stderr, /is not empty/);
  assert.deepEqual(fs.readdirSync(path.dirname(server.dir)).filter((n) => /import/.test(n)), []);
});

test("what cannot be imported is refused in one line", ours, async () => {
  const server = new Server();
  const empty = tempDir();
  const refused = await server.command("import", "pocketbase", empty);
  assert.match(refused.stderr, /no data folder of PocketBase/);
  fs.writeFileSync(path.join(empty, "data.db"), "no database at all ".repeat(1000));
  const damaged = await server.command("import", "pocketbase", empty);
  assert.notEqual(damaged.code, 0);
  assert.equal(damaged.stderr.trim().split("\n").length, 1, damaged.stderr);
  assert.equal(fs.existsSync(server.dir), false);
});

test("hooks and missing files are told", ours, async () => {
  const source = unpack();
  const hooks = path.join(path.dirname(source), "pb_hooks");
  fs.mkdirSync(hooks);
  fs.writeFileSync(path.join(hooks, "main.pb.js"), "");
  const record = path.join(source, "storage", fs.readdirSync(path.join(source, "storage"))[0]);
  fs.rmSync(record, { recursive: true });
  const done = await new Server().command("import", "pocketbase", source);
  assert.equal(done.code, 0, done.stderr);
  assert.match(done.stderr, /1 files of JS hooks in pb_hooks do not run here/);
  assert.match(done.stderr, /2 files that records name were missing already/);
});

async function withThings() {
  const server = await Server.start();
  const pb = await superuser(server);
  await pb.collections.create({
    name: "things",
    type: "base",
    fields: [
      { name: "name", type: "text", required: true },
      { name: "n", type: "number" },
    ],
    indexes: ["CREATE UNIQUE INDEX idx_things_name ON things (name)"],
  });
  return { server, pb };
}

test("a body is read while it comes, shows its progress, and ends with a cancel", ours, async () => {
  const { server, pb } = await withThings();
  let more;
  const gate = new Promise((resolve) => (more = resolve));
  const rows = async function* () {
    for (let n = 0; n < 3500; n += 1) yield Buffer.from(`{"name":"t${n}","n":${n}}\n`);
    await gate;
    for (let n = 3500; n < 9000; n += 1) yield Buffer.from(`{"name":"t${n}","n":${n}}\n`);
  };
  const headers = { Authorization: pb.authStore.token };
  const url = `${server.url}/api/gr/collections/things/import?format=ndjson&id=slow`;
  const sent = fetch(url, { method: "POST", headers, body: rows(), duplex: "half" });
  const look = () => pb.send("/api/gr/imports/slow", {});
  await eventually("3,000 rows are committed", async () => (await look()).created >= 3000);
  assert.equal((await look()).state, "running");
  const cancelled = await pb.send("/api/gr/imports/slow", { method: "DELETE" });
  assert.equal(cancelled.state, "cancelled");
  const { totalItems } = await pb.collection("things").getList(1, 1);
  assert.equal(totalItems, cancelled.created, "the counts are those of the database");
  more();
  const report = await (await sent).json();
  assert.deepEqual([report.state, report.created], ["cancelled", cancelled.created]);
  assert.equal((await pb.collection("things").getList(1, 1)).totalItems, totalItems);
  await server.stop();
});

test("a file that breaks off leaves whole transactions and says so", ours, async () => {
  const { server, pb } = await withThings();
  const controller = new AbortController();
  const rows = async function* () {
    for (let n = 0; n < 2500; n += 1) yield Buffer.from(`{"name":"t${n}"}\n`);
    await new Promise(() => {});
  };
  const headers = { Authorization: pb.authStore.token };
  const url = `${server.url}/api/gr/collections/things/import?format=ndjson&id=cut`;
  const { signal } = controller;
  const sent = fetch(url, { method: "POST", headers, body: rows(), duplex: "half", signal });
  const look = () => pb.send("/api/gr/imports/cut", {});
  await eventually("2,000 rows are committed", async () => (await look()).created >= 2000);
  controller.abort();
  await assert.rejects(sent);
  const state = async () => (await look()).state === "failed";
  await eventually("the import knows that its file broke off", state);
  const { created, message } = await look();
  assert.match(message, /broke off/);
  assert.equal((await pb.collection("things").getList(1, 1)).totalItems, created);
  await server.stop();
});

test("the commands take and make the same files", ours, async () => {
  const { server, pb } = await withThings();
  const file = path.join(tempDir(), "things.csv");
  const lines = ["name,n,notes", "a,1,x", "b,two,x", "c,3,x"];
  fs.writeFileSync(file, `${lines.join("\n")}\n`);
  const stopped = await server.command("import", "things", file);
  assert.equal(stopped.code, 1);
  assert.match(stopped.stderr, /Row 2 was refused: n:/);
  const errors = path.join(tempDir(), "refused.csv");
  const args = ["--upsert", "name", "--skip-errors", "--errors", errors];
  const done = await server.command("import", "things", file, ...args);
  assert.equal(done.code, 0, done.stderr);
  assert.match(done.stdout, /1 records made[^]*1 records changed[^]*1 rows refused/);
  assert.match(done.stderr, /columns of no field: notes/);
  assert.match(fs.readFileSync(errors, "utf8"), /^name,n,notes,_row,_error\nb,two,x,2,"?n:/);
  // A server beside the command sees what it did.
  const seen = await pb.collection("things").getFullList({ sort: "name" });
  assert.deepEqual(seen.map((thing) => [thing.name, thing.n]), [["a", 1], ["c", 3]]);
  const out = path.join(tempDir(), "out.ndjson");
  const exported = await server.command("export", "things", out, "--sort", "-n");
  assert.equal(exported.code, 0, exported.stderr);
  const names = fs.readFileSync(out, "utf8").trim().split("\n").map((line) => JSON.parse(line).name);
  assert.deepEqual(names, ["c", "a"]);
  assert.notEqual((await server.command("export", "things", out)).code, 0, "it is there already");
  const piped = await server.command("export", "things", "--fields", "name", "--filter", "n > 1");
  assert.equal(piped.stdout, "name\nc\n");
  const wrong = await server.command("export", "things", "--filter", "nope = 1");
  assert.notEqual(wrong.code, 0);
  assert.notEqual((await server.command("import", "nope", file)).code, 0);
  await server.stop();
});
