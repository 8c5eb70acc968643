// Who may do what, and the status of each refusal.
import { after, before, beforeEach, describe, test } from "node:test";
import assert from "node:assert/strict";
import { Server } from "./support/server.mjs";
import { guest, refused } from "./support/client.mjs";
import { seed, signIn } from "./support/seed.mjs";

let server, root, visitor, u1, u2;
before(async () => {
  server = await Server.start();
  root = await seed(server);
  visitor = guest(server);
  u1 = await signIn(guest(server), 1);
  u2 = await signIn(guest(server), 2);
});
after(() => server?.stop());

const posts = (client) => client.collection("posts");
const missing = "The requested resource wasn't found.";
const closed = "Only superusers can perform this action.";

describe("a rule that holds for some", () => {
  test("filters a list", async () => {
    const seen = async (client) => {
      const { items } = await posts(client).getList(1, 9, { sort: "id" });
      return items.map((post) => post.id.at(-1)).join("");
    };
    assert.equal(await seen(visitor), "134");
    assert.equal(await seen(u1), "1234");
    assert.equal(await seen(u2), "134");
    assert.equal(await seen(root), "1234");
  });

  test("hides a record from view: 404", async () => {
    assert.equal((await refused(posts(visitor).getOne("post00000000002"), 404)).message, missing);
    await refused(posts(u2).getOne("post00000000002"), 404);
    assert.equal((await posts(u1).getOne("post00000000002")).title, "Second");
    await refused(posts(visitor).getOne("nosuchpost00000"), 404);
  });

  test("refuses a create: 400 without details", async () => {
    const others = { title: "x", author: "user00000000002" };
    const calls = [() => posts(visitor).create({ title: "x" }), () => posts(u1).create(others)];
    for (const call of calls) {
      const answer = await refused(call(), 400, {});
      assert.equal(answer.message, "Failed to create record.");
    }
    const mine = await posts(u1).create({ title: "mine", author: "user00000000001" });
    await posts(root).delete(mine.id);
  });

  test("refuses an update: 404, and changes nothing", async () => {
    const before = await posts(root).getOne("post00000000003");
    await refused(posts(u1).update("post00000000003", { num: 9 }), 404);
    await refused(posts(visitor).update("post00000000003", { num: 9 }), 404);
    assert.deepEqual(await posts(root).getOne("post00000000003"), before);
    assert.equal((await posts(u2).update("post00000000003", { num: 3 })).num, 3);
  });
});

describe("no rule", () => {
  test("leaves an action to superusers: 403, even for what does not exist", async () => {
    for (const id of ["post00000000001", "nosuchpost00000"]) {
      assert.equal((await refused(posts(u1).delete(id), 403)).message, closed);
    }
    await root.collections.create({ name: "safe", fields: [{ name: "t", type: "text" }] });
    const safe = u1.collection("safe");
    const calls = [
      safe.getList(),
      safe.getOne("nosuchrecord000"),
      safe.create({ t: "x" }),
      safe.update("nosuchrecord000", { t: "x" }),
      safe.delete("nosuchrecord000"),
    ];
    const answers = await Promise.all(calls.map((call) => refused(call, 403)));
    for (const { message } of answers) assert.equal(message, closed);
  });
});

describe("an unknown collection", () => {
  test("is 404 for every action", async () => {
    const none = root.collection("none");
    const calls = [
      [none.getList(), "Missing collection context."],
      [none.getOne("x"), "Missing collection context."],
      [none.create({}), "Missing or invalid collection context."],
      [none.update("x", {}), "Missing or invalid collection context."],
      [none.delete("x"), "Missing collection context."],
    ];
    const answers = calls.map(async ([call, expected]) => {
      assert.equal((await refused(call, 404)).message, expected);
    });
    await Promise.all(answers);
  });
});

describe("the language of rules", () => {
  let made = 0;
  let name;
  beforeEach(() => (name = `ruled${++made}`));
  const collection = (rules) =>
    root.collections.create({
      name,
      fields: [
        { name: "title", type: "text" },
        { name: "state", type: "select", values: ["draft", "final"] },
        { name: "owner", type: "relation", collectionId: "_pb_users_auth_" },
        { name: "secret", type: "text", hidden: true },
      ],
      ...rules,
    });

  test("an empty rule opens an action to everybody", async () => {
    await collection({ listRule: "", viewRule: "", createRule: "", updateRule: "", deleteRule: "" });
    const free = visitor.collection(name);
    const record = await free.create({ title: "a" });
    assert.equal((await free.getList()).totalItems, 1);
    assert.equal((await free.update(record.id, { title: "b" })).title, "b");
    assert.equal((await free.getOne(record.id)).title, "b");
    assert.equal(await free.delete(record.id), true);
  });

  test("@request.auth tells guests, owners and others apart", async () => {
    await collection({
      createRule: '@request.auth.id != "" && owner = @request.auth.id',
      updateRule: "owner = @request.auth.id",
      viewRule: '@request.auth.name = "u2" || owner = @request.auth.id',
    });
    const body = { title: "a", owner: "user00000000001" };
    await refused(visitor.collection(name).create(body), 400, {});
    await refused(u2.collection(name).create(body), 400, {});
    // Nobody may view what he makes unless the view rule says so; the create itself answers.
    const record = await u1.collection(name).create(body);
    assert.equal(record.title, "a");
    await refused(visitor.collection(name).getOne(record.id), 404);
    assert.equal((await u2.collection(name).getOne(record.id)).title, "a");
    await refused(u2.collection(name).update(record.id, { title: "b" }), 404);
  });

  test("@request.body is what was sent, and update rules see the stored row", async () => {
    await collection({
      createRule: '@request.body.state = "draft"',
      updateRule: 'state = "draft" && @request.body.owner:isset = false',
    });
    const free = visitor.collection(name);
    await refused(free.create({ state: "final" }), 400, {});
    await refused(free.create({}), 400, {});
    const { id } = await free.create({ state: "draft" });
    await refused(free.update(id, { owner: "user00000000001" }), 404);
    await free.update(id, { state: "final" });
    await refused(free.update(id, { state: "draft" }), 404);
  });

  test("@request.query, method and headers take part", async () => {
    await collection({
      listRule: '@request.query.key = "open" && @request.method = "GET"',
      viewRule: '@request.headers.x_key = "open"',
    });
    const { id } = await root.collection(name).create({ title: "a" });
    const free = visitor.collection(name);
    assert.equal((await free.getList()).totalItems, 0);
    assert.equal((await free.getList(1, 9, { key: "open" })).totalItems, 1);
    await refused(free.getOne(id), 404);
    assert.equal((await free.getOne(id, { headers: { "X-Key": "open" } })).title, "a");
  });

  test("a rule may use hidden fields and follow relations", async () => {
    await collection({ listRule: 'secret = "word" || owner.name = "u2"' });
    await root.collection(name).create({ title: "a", secret: "word" });
    await root.collection(name).create({ title: "b", owner: "user00000000002" });
    await root.collection(name).create({ title: "c", owner: "user00000000001" });
    const { items } = await visitor.collection(name).getList(1, 9, { sort: "title" });
    assert.deepEqual(items.map((record) => record.title), ["a", "b"]);
    assert.equal(items[0].secret, undefined);
  });

  test("a create rule sees the values to be written", async () => {
    await collection({ createRule: 'title ~ "ok%" && state != ""' });
    await refused(visitor.collection(name).create({ title: "no", state: "draft" }), 400, {});
    await refused(visitor.collection(name).create({ title: "ok", state: "" }), 400, {});
    await visitor.collection(name).create({ title: "okay", state: "draft" });
    assert.equal((await root.collection(name).getList()).totalItems, 1);
  });

  test("a changed rule holds from the next request on", async () => {
    await collection({ listRule: "" });
    await root.collection(name).create({ title: "a" });
    assert.equal((await visitor.collection(name).getList()).totalItems, 1);
    await root.collections.update(name, { listRule: 'title = "b"' });
    assert.equal((await visitor.collection(name).getList()).totalItems, 0);
    await root.collections.update(name, { listRule: null });
    await refused(visitor.collection(name).getList(), 403);
  });
});
