// The command line: superusers, exit codes, the set-up link, flags and environment.
import { describe, test } from "node:test";
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { Server, eventually, ours, run, tempDir } from "./support/server.mjs";
import { guest, refused } from "./support/client.mjs";

const one = { email: "one@example.com", password: "first password" };

async function signIn(server, { email, password }) {
  const client = guest(server);
  await client.collection("_superusers").authWithPassword(email, password);
  return client;
}

describe("greenroom superuser", () => {
  test("create, update and delete end in what they say", async () => {
    const server = new Server();
    await server.superuser("create", one.email, one.password);
    await server.superuser("create", "two@example.com", "second password");
    await server.superuser("update", one.email, "changed password");
    await server.superuser("delete", "two@example.com");
    await server.start();
    await signIn(server, { ...one, password: "changed password" });
    await refused(signIn(server, one), 400);
    await refused(signIn(server, { email: "two@example.com", password: "second password" }), 400);
    await server.stop();
  });

  test("upsert makes one and changes one", async () => {
    const server = new Server();
    await server.superuser("upsert", one.email, one.password);
    await server.superuser("upsert", one.email, "changed password");
    await server.start();
    const client = await signIn(server, { ...one, password: "changed password" });
    assert.equal(client.authStore.isSuperuser, true);
    assert.equal((await client.collection("_superusers").getList(1, 1)).totalItems, 1);
    await server.stop();
  });

  const refusals = [
    ["a second one of the same address", ["create", one.email, one.password]],
    ["an address that is none", ["create", "nobody", one.password]],
    ["a password that is too short", ["create", "two@example.com", "1234567"]],
    ["no password", ["create", "two@example.com"]],
    ["no arguments", ["upsert"]],
    ["the update of one that is missing", ["update", "two@example.com", one.password]],
    ["the deletion of the last one", ["delete", one.email]],
    ["a one-time password while they are off", ["otp", one.email]],
  ];
  test("refuses what cannot be", async (t) => {
    const server = new Server();
    await server.superuser("create", one.email, one.password);
    for (const [name, args] of refusals) {
      await t.test(name, async () => {
        const result = await server.command("superuser", ...args);
        assert.notEqual(result.code, 0);
        assert.notEqual(result.stderr.trim(), "");
        assert.doesNotMatch(result.stderr, /panicked|RUST_BACKTRACE/);
      });
    }
  });

  test("the deletion of one that is missing is no failure", async () => {
    const server = new Server();
    await server.superuser("delete", "nobody@example.com");
  });

  test("a password change ends the sessions of before", async () => {
    const server = new Server();
    await server.superuser("create", one.email, one.password);
    await server.start();
    const client = await signIn(server, one);
    await server.stop();
    await server.superuser("update", one.email, "changed password");
    await server.start();
    client.baseURL = server.url;
    await refused(client.collections.getList(1, 1), 401);
    await server.stop();
  });
});

describe("the command line", () => {
  test("says its name and version", async () => {
    const { code, stdout } = await run(["--version"]);
    assert.equal(code, 0);
    assert.match(stdout, /^\w+.*\d+\.\d+\.\d+\s*$/);
  });

  test("explains itself", async () => {
    const { code, stdout } = await run(["--help"]);
    assert.equal(code, 0);
    assert.match(stdout, /serve/);
    assert.match(stdout, /superuser/);
    assert.match(stdout, /--dir/);
  });

  for (const args of [["nonsense"], ["serve", "--nonsense"], ["superuser", "nonsense", "--x"]]) {
    test(`refuses ${args.join(" ")}`, async () => {
      const { code, stderr } = await run([...args], { cwd: tempDir() });
      assert.notEqual(code, 0);
      assert.notEqual(stderr.trim(), "");
    });
  }

  test("takes its own spellings, the reference's and the environment", ours, async () => {
    const publicDir = tempDir();
    fs.writeFileSync(path.join(publicDir, "index.html"), "hello");
    const ways = [
      { args: ["--public", publicDir] },
      { args: ["--publicDir", publicDir, "--queryTimeout", "20", "--indexFallback=false"] },
      { args: [], env: { GREENROOM_PUBLIC: publicDir } },
    ];
    for (const { args, env } of ways) {
      const server = new Server({ args, env, publicDir: null });
      await server.start();
      assert.equal(await (await fetch(`${server.url}/`)).text(), "hello", args.join(" "));
      const { status } = await fetch(`${server.url}/some/route`);
      assert.equal(status, args.includes("--indexFallback=false") ? 404 : 200);
      await server.stop();
    }
  });
});

describe("the first superuser", () => {
  const link = /http:\/\/127\.0\.0\.1:\d+\/_\/#\/pbinstall\/([\w-]+\.[\w-]+\.[\w-]+)/;

  test("comes from the link that is printed while there is none", async () => {
    const server = new Server();
    await server.start();
    const printed = await eventually("the link is printed", () => server.output.match(link));
    const token = printed[1];
    const installer = guest(server);
    installer.authStore.save(token, null);
    await installer
      .collection("_superusers")
      .create({ ...one, passwordConfirm: one.password });
    const client = await signIn(server, one);
    const all = await client.collection("_superusers").getFullList();
    assert.deepEqual(all.map((record) => record.email), [one.email]);
    // The link has done its work.
    await refused(
      installer.collection("_superusers").create({
        email: "two@example.com",
        password: one.password,
        passwordConfirm: one.password,
      }),
      403,
    );
    await server.restart();
    assert.doesNotMatch(server.output, link);
    await server.stop();
  });

  test("comes from the environment", ours, async () => {
    const secret = path.join(tempDir(), "password");
    fs.writeFileSync(secret, `${one.password}\n`);
    const ways = [
      { GREENROOM_SUPERUSER_EMAIL: one.email, GREENROOM_SUPERUSER_PASSWORD: one.password },
      { GREENROOM_SUPERUSER_EMAIL: one.email, GREENROOM_SUPERUSER_PASSWORD_FILE: secret },
    ];
    for (const env of ways) {
      const server = new Server({ env });
      await server.start();
      assert.doesNotMatch(server.output, link);
      assert.ok(!server.output.includes(one.password), "a password must not be printed");
      await signIn(server, one);
      await server.stop();
    }
  });
});
