// What is written stays: over a stop, over a kill, and against a second process.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { Server, binary, ours, run } from "./support/server.mjs";
import { superuser, user } from "./support/client.mjs";

let server;
before(async () => {
  server = await Server.start();
});
after(() => server?.stop());

const fields = [
  { name: "title", type: "text", required: true },
  { name: "count", type: "number" },
];

test("collections, records and tokens survive a restart", async () => {
  const root = await superuser(server);
  const made = await root.collections.create({ name: "notes", fields, listRule: "" });
  const note = await root.collection("notes").create({ title: "kept", count: 3 });
  const ada = await user(server, "ada");

  await server.restart();
  root.baseURL = server.url;
  ada.baseURL = server.url;
  assert.deepEqual(await root.collections.getOne(made.id), made);
  assert.deepEqual(await root.collection("notes").getOne(note.id), note);
  assert.equal((await ada.collection("users").authRefresh()).record.name, "ada");
  assert.equal((await ada.collection("notes").getList()).totalItems, 1);
});

test("what was acknowledged survives a kill", async () => {
  const root = await superuser(server);
  await root.collections.create({ name: "marks", fields });
  const made = await Promise.all(
    Array.from({ length: 40 }, (_, count) =>
      root.collection("marks").create({ title: `mark ${count}`, count }),
    ),
  );
  await server.kill();
  await server.start();
  root.baseURL = server.url;
  const kept = await root.collection("marks").getFullList({ sort: "count" });
  assert.deepEqual(
    kept.map((record) => record.id),
    made.sort((a, b) => a.count - b.count).map((record) => record.id),
  );
});

test("a second process on the same folder is refused", ours, async () => {
  const args = ["serve", "--http", "127.0.0.1:0", "--dir", server.dir, "--no-open"];
  const second = await run(args, { timeout: 15_000 });
  assert.notEqual(second.code, 0);
  assert.ok(second.stderr.includes(server.dir), `${binary} must name the folder: ${second.stderr}`);
  assert.doesNotMatch(second.stderr, /panicked/);
  assert.ok((await fetch(`${server.url}/api/health`)).ok, "the first one goes on");
});
