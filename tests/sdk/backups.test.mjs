// Backups through the SDK and the command line: made, restored over a living server, cut by a
// crash, refused when they are broken.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { Server, eventually, ours } from "./support/server.mjs";
import { ClientResponseError, superuser } from "./support/client.mjs";

let server;
let root;

before(async () => {
  server = await Server.start();
  root = await superuser(server);
  await root.collections.create({
    name: "notes",
    type: "base",
    fields: [
      { name: "title", type: "text" },
      { name: "file", type: "file", maxSelect: 1 },
    ],
  });
});
after(() => server.isRunning && server.stop());

const titles = async () =>
  (await root.collection("notes").getFullList({ sort: "title" })).map((note) => note.title);

/** After a restore: the same process answers, and nothing is going on any more. */
async function restored(pid) {
  await eventually("the server is back and idle", async () => {
    const health = await root.health.check();
    return health.data.canBackup === true;
  });
  assert.equal(server.process.child.pid, pid);
  assert.ok(server.isRunning, server.output);
}

test("create, list, download, upload, delete", async () => {
  await root.backups.create("first.zip");
  await root.backups.create("");
  const listed = await root.backups.getFullList();
  assert.ok(listed.some((backup) => backup.key === "first.zip" && backup.size > 1000));
  assert.ok(listed.some((backup) => /^pb_backup_\w*_\d{14}\.zip$/.test(backup.key)));
  const token = await root.files.getToken();
  const response = await fetch(root.backups.getDownloadURL(token, "first.zip"));
  assert.equal(response.status, 200);
  const bytes = new Uint8Array(await response.arrayBuffer());
  assert.equal(String.fromCharCode(...bytes.slice(0, 2)), "PK");
  const form = { file: new File([bytes], "sent.zip", { type: "application/zip" }) };
  await root.backups.upload(form);
  await assert.rejects(root.backups.upload(form), ClientResponseError);
  await root.backups.delete("sent.zip");
  await assert.rejects(root.backups.delete("sent.zip"), { status: 400 });
});

test("a restore brings records and files back, and takes later ones away", async () => {
  const file = new File(["hello"], "hello.txt");
  const kept = await root.collection("notes").create({ title: "before", file });
  await root.backups.create("restored.zip");
  await root.collection("notes").create({ title: "after" });
  await root.collection("notes").delete(kept.id);
  assert.deepEqual(await titles(), ["after"]);
  const { pid } = server.process.child;
  await root.backups.restore("restored.zip");
  await assert.rejects(root.backups.restore("restored.zip"), { status: 400 });
  await eventually("the old records are back", async () => (await titles())[0] === "before");
  await restored(pid);
  const again = await root.collection("notes").getOne(kept.id);
  const text = await (await fetch(root.files.getURL(again, again.file))).text();
  assert.equal(text, "hello");
  assert.ok((await root.backups.getFullList()).some(({ key }) => key === "restored.zip"));
  assert.ok(!fs.existsSync(path.join(server.dir, ".greenroom_restore")));
});

test("what is no backup changes nothing", ours, async () => {
  const empty = new Uint8Array([0x50, 0x4b, 5, 6, ...new Array(18).fill(0)]);
  await root.backups.upload({ file: new File([empty], "empty.zip") });
  const before = await titles();
  await root.backups.restore("empty.zip");
  await eventually("the log tells", () => /was not restored; nothing changed/.test(server.output));
  await restored(server.process.child.pid);
  assert.deepEqual(await titles(), before);
  await assert.rejects(root.backups.restore("missing.zip"), { status: 400 });
});

test("manifest and verify", ours, async () => {
  await root.backups.create("looked-at.zip");
  const manifest = await root.send("/api/gr/backups/looked-at.zip/manifest", {});
  const notes = manifest.collections.find(({ name }) => name === "notes");
  assert.equal(notes.records, (await titles()).length);
  const verify = (key) => root.send(`/api/gr/backups/${key}/verify`, { method: "POST" });
  const whole = await verify("looked-at.zip");
  assert.deepEqual([whole.ok, whole.problem], [true, ""]);
  assert.equal(whole.sha256, manifest.sha256);
  const file = path.join(server.dir, "backups", "looked-at.zip");
  const bytes = fs.readFileSync(file);
  bytes[Math.floor(bytes.length / 2)] ^= 1;
  fs.writeFileSync(file, bytes);
  const broken = await verify("looked-at.zip");
  assert.equal(broken.ok, false);
  assert.match(broken.problem, /checksum/);
  await assert.rejects(verify("missing.zip"), { status: 404 });
});

test("a backup cut by kill -9 leaves nothing that looks like one", ours, async () => {
  const big = path.join(server.dir, "storage", "big", "big");
  fs.mkdirSync(big, { recursive: true });
  fs.writeFileSync(path.join(big, "big.bin"), Buffer.alloc(200_000_000, "greenroom"));
  const names = () => fs.readdirSync(path.join(server.dir, "backups")).sort();
  const before = names();
  root.backups.create("cut.zip").catch(() => {});
  const temporary = path.join(server.dir, ".pb_temp_to_delete");
  await eventually("it is being written", () =>
    fs.readdirSync(temporary).some((process) => {
      const files = fs.readdirSync(path.join(temporary, process));
      return files.some((file) => fs.statSync(path.join(temporary, process, file)).size > 100_000);
    }),
  );
  await server.kill();
  assert.deepEqual(names(), before);
  await server.start();
  root = await superuser(server);
  fs.rmSync(path.join(server.dir, "storage", "big"), { recursive: true });
  assert.equal((await root.health.check()).data.canBackup, true);
  await eventually("what was left is removed", () => fs.readdirSync(temporary).length <= 1);
  await root.backups.create("cut.zip");
});

test("data that does not start is rolled back, and the log says so", ours, async () => {
  const before = await titles();
  await root.backups.create("good.zip");
  await server.stop();
  // What a restore leaves when all is in place: new data, and the old one aside.
  const aside = path.join(server.dir, ".greenroom_restore");
  fs.mkdirSync(path.join(aside, "old"), { recursive: true });
  for (const name of ["data.db", "auxiliary.db"]) {
    fs.renameSync(path.join(server.dir, name), path.join(aside, "old", name));
  }
  fs.writeFileSync(path.join(server.dir, "data.db"), "no database ".repeat(1000));
  fs.writeFileSync(path.join(aside, "state"), "trial 1");
  await server.start();
  await eventually("the log tells", () => /the old comes back/.test(server.output));
  root = await superuser(server);
  assert.deepEqual(await titles(), before);
  assert.ok(!fs.existsSync(aside));
});

test("the command line makes, lists, verifies and restores", ours, async () => {
  const made = await server.command("backup", "create", "by-hand.zip");
  assert.equal(made.code, 0, made.stderr);
  const listed = await server.command("backup", "list");
  assert.match(listed.stdout, /by-hand\.zip/);
  const verified = await server.command("backup", "verify", "by-hand.zip");
  assert.equal(verified.code, 0, verified.stderr);
  const before = await titles();
  await root.collection("notes").create({ title: "later" });
  const refused = await server.command("backup", "restore", "by-hand.zip");
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /in use by another greenroom process/);
  await server.stop();
  const restoredByHand = await server.command("backup", "restore", "by-hand.zip");
  assert.equal(restoredByHand.code, 0, restoredByHand.stderr);
  await server.start();
  root = await superuser(server);
  assert.deepEqual(await titles(), before);
});
