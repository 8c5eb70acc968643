// A data folder that cannot be used is refused at start, with one line that says what to do.
import { test } from "node:test";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { Server, ours, run, tempDir } from "./support/server.mjs";
import { superuser } from "./support/client.mjs";

const sqlite = (file, script) =>
  execFileSync("python3", [
    "-c",
    "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.executescript(sys.argv[2])",
    file,
    script,
  ]);

async function refusal(dir, options) {
  const args = ["serve", "--http", "127.0.0.1:0", "--dir", dir, "--no-open"];
  const result = await run(args, { timeout: 15_000, ...options });
  assert.notEqual(result.code, 0);
  const lines = result.stderr.trim().split("\n");
  assert.equal(lines.length, 1, `one line is enough:\n${result.stderr}`);
  assert.doesNotMatch(result.stderr, /panicked/);
  assert.ok(lines[0].length > 20, lines[0]);
  return lines[0];
}

test("a folder is made when it is missing, with its parents", async () => {
  const server = new Server({ dir: path.join(tempDir(), "a", "b", "data") });
  await server.superuser("upsert", "root@example.com", "a password");
  assert.ok(fs.existsSync(path.join(server.dir, "data.db")));
});

test("a file where the folder should be", ours, async () => {
  const file = path.join(tempDir(), "data");
  fs.writeFileSync(file, "not a folder");
  assert.ok((await refusal(file)).includes(file));
  assert.equal(fs.readFileSync(file, "utf8"), "not a folder");
});

test("a data.db that is no database", ours, async () => {
  const dir = tempDir();
  const file = path.join(dir, "data.db");
  const text = "these are not the bytes of a database, and nobody may change them\n".repeat(80);
  fs.writeFileSync(file, text);
  await refusal(dir);
  assert.equal(fs.readFileSync(file, "utf8"), text, "what is not ours stays as it is");
});

test("a database of another program", ours, async () => {
  const dir = tempDir();
  const file = path.join(dir, "data.db");
  sqlite(file, "CREATE TABLE customers (id INTEGER); INSERT INTO customers VALUES (1);");
  const before = fs.readFileSync(file);
  await refusal(dir);
  assert.deepEqual(fs.readFileSync(file), before, "what is not ours stays as it is");
});

test("r19_a_folder_of_a_newer_release", ours, async () => {
  const server = new Server();
  await server.superuser("upsert", "root@example.com", "a password");
  sqlite(
    path.join(server.dir, "data.db"),
    "INSERT INTO _gr_migrations (number, name, checksum) VALUES (9999, 'from_the_future', 'x');",
  );
  assert.match(await refusal(server.dir), /newer/);
});

test("a folder that may not be read", ours, async (t) => {
  const dir = tempDir();
  fs.chmodSync(dir, 0o000);
  // Root may read everything: then somebody else asks.
  const nobody = process.getuid?.() === 0 ? { uid: 65534, cwd: "/" } : {};
  try {
    assert.ok((await refusal(dir, nobody)).includes(dir));
  } catch (error) {
    if (error.code !== "EACCES") throw error;
    t.skip("the binary lies where only root may run it");
  } finally {
    fs.chmodSync(dir, 0o700);
  }
});

/** As PocketBase writes them: its engine takes `"x"` for a text where no column is called so. */
test("texts in double quotes, as a folder of PocketBase may have them", ours, async () => {
  const server = await Server.start();
  const pb = await superuser(server);
  const post = await pb.collections.create({
    name: "posts",
    fields: [{ name: "title", type: "text" }],
    indexes: ["CREATE INDEX idx_titles ON posts (title) WHERE title != ''"],
  });
  const of = (name, from) => ({ name, type: "view", viewQuery: `SELECT id, title FROM ${from}` });
  await pb.collections.create(of("titles", "posts"));
  await pb.collections.create(of("again", "titles"));
  await server.stop();
  const index = 'CREATE INDEX idx_titles ON posts (title) WHERE title != "" AND title != "it\'s"';
  const query = 'SELECT id, title FROM posts WHERE "title" != "" AND title != "it\'s"';
  const text = (sql) => `'${sql.replaceAll("'", "''")}'`;
  sqlite(
    path.join(server.dir, "data.db"),
    `DROP INDEX idx_titles; ${index};
     DROP VIEW titles; CREATE VIEW titles AS SELECT * FROM (${query});
     UPDATE _collections SET indexes = json_array(${text(index)}) WHERE name = 'posts';
     UPDATE _collections SET options = json_object('viewQuery', ${text(query)})
       WHERE name = 'titles';`,
  );
  await server.start();
  pb.baseURL = server.url;
  for (const title of ["a", "", "it's"]) await pb.collection("posts").create({ title });
  for (const view of ["titles", "again"]) {
    const shown = await pb.collection(view).getFullList();
    assert.deepEqual(shown.map((record) => record.title), ["a"], view);
  }
  // Definitions stay as they were written, and can be changed on.
  const kept = await pb.collections.getOne("titles");
  assert.equal(kept.viewQuery, query);
  const fields = [...(await pb.collections.getOne("posts")).fields, { name: "n", type: "number" }];
  const changed = await pb.collections.update(post.id, { fields });
  assert.match(changed.indexes[0], /title != ""/);
  await pb.collections.create({ ...of("third", "posts"), viewQuery: query });
  assert.equal((await pb.collection("third").getList()).totalItems, 1);
  await server.stop();
});
