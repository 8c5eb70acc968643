// Records: create, view, update, delete, and lists with all their parameters.
import { after, before, describe, test } from "node:test";
import assert from "node:assert/strict";
import { Server } from "./support/server.mjs";
import { guest, json, raw, refused } from "./support/client.mjs";
import { seed, signIn } from "./support/seed.mjs";

let server, root;
before(async () => {
  server = await Server.start();
  root = await seed(server);
  const fields = [
    { name: "n", type: "number" },
    { name: "word", type: "text" },
    { name: "body", type: "text" },
  ];
  await root.collections.create({ name: "rows", fields, listRule: "", viewRule: "" });
  for (let n = 1; n <= 25; n++) {
    const body = `<p>Hello <b>world</b> number ${n}</p>`;
    await root.collection("rows").create({ n, word: n % 2 ? "odd" : "even", body });
  }
});
after(() => server?.stop());

describe("one record", () => {
  test("is created, viewed, updated and deleted", async () => {
    const tags = root.collection("tags");
    const made = await tags.create({ label: "fresh" });
    assert.match(made.id, /^[a-z0-9]{15}$/);
    assert.equal(made.collectionName, "tags");
    assert.equal(made.collectionId, (await root.collections.getOne("tags")).id);
    assert.deepEqual(await tags.getOne(made.id), made);
    const changed = await tags.update(made.id, { label: "changed", secret: "shh" });
    assert.deepEqual(changed, { ...made, label: "changed", secret: "shh" });
    assert.equal(await tags.delete(made.id), true);
    await refused(tags.getOne(made.id), 404);
    await refused(tags.update(made.id, { label: "x" }), 404);
    await refused(tags.delete(made.id), 404);
  });

  test("answers with sorted keys, 200 on create and an empty 204 on delete", async () => {
    const token = root.authStore.token;
    const made = await raw(server, "POST", "/api/collections/tags/records", {
      ...json({ label: "L9" }),
      token,
    });
    assert.equal(made.status, 200);
    assert.deepEqual(Object.keys(made.json), [
      ...["collectionId", "collectionName", "id", "label", "secret"],
    ]);
    const gone = await raw(server, "DELETE", `/api/collections/tags/records/${made.json.id}`, {
      token,
    });
    assert.deepEqual([gone.status, gone.text], [204, ""]);
    assert.equal(gone.headers.get("content-type"), null);
  });

  test("may bring its own id, once", async () => {
    const tags = root.collection("tags");
    const made = await tags.create({ id: "myownid00000001", label: "own" });
    assert.equal(made.id, "myownid00000001");
    await refused(tags.create({ id: "myownid00000001" }), 400, { id: "validation_not_unique" });
    await refused(tags.create({ id: "short" }), 400, { id: "validation_min_text_constraint" });
    await refused(tags.create({ id: "UPPERCASE000001" }), 400, { id: "validation_invalid_format" });
    await refused(tags.update(made.id, { id: "another00000001" }), 400, {
      id: "validation_pk_change",
    });
    assert.equal((await tags.update(made.id, { id: made.id, label: "same" })).label, "same");
    await tags.delete(made.id);
  });

  test("keeps what an update does not name", async () => {
    const before = await root.collection("posts").getOne("post00000000001");
    const after = await root.collection("posts").update("post00000000001", { num: 7 });
    assert.deepEqual(after, { ...before, num: 7 });
    await root.collection("posts").update("post00000000001", { num: 1 });
  });

  test("ignores what it does not know", async () => {
    const made = await root
      .collection("tags")
      .create({ label: "L", nonsense: 1, collectionId: "x", expand: { a: 1 } });
    assert.deepEqual(Object.keys(made).sort(), [
      ...["collectionId", "collectionName", "id", "label", "secret"],
    ]);
    await root.collection("tags").delete(made.id);
  });

  test("can be sent as a form", async () => {
    const form = new FormData();
    form.append("title", "from a form");
    form.append("num", "12.5");
    form.append("public", "true");
    form.append("opts", "x");
    form.append("opts", "z");
    form.append("@jsonPayload", JSON.stringify({ meta: { deep: [1] } }));
    const made = await root.collection("posts").create(form);
    assert.deepEqual(
      [made.title, made.num, made.public, made.opts, made.meta],
      ["from a form", 12.5, true, ["x", "z"], { deep: [1] }],
    );
    await root.collection("posts").delete(made.id);
    const encoded = await raw(server, "POST", "/api/collections/tags/records", {
      body: "label=two+words&nothing=",
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      token: root.authStore.token,
    });
    assert.equal(encoded.json.label, "two words");
    await root.collection("tags").delete(encoded.json.id);
  });

  test("hides hidden fields from all but superusers", async () => {
    const seen = await guest(server).collection("posts").getOne("post00000000001");
    assert.equal(seen.hid, undefined);
    assert.equal((await root.collection("posts").getOne("post00000000001")).hid, "between us");
    const u1 = await signIn(guest(server), 1);
    await u1.collection("posts").update("post00000000001", { hid: "overwritten" });
    assert.equal((await root.collection("posts").getOne("post00000000001")).hid, "between us");
  });

  test("names the fields of a unique index that is hurt", async () => {
    await root.collections.create({
      name: "pairs",
      fields: [
        { name: "a", type: "text" },
        { name: "b", type: "text" },
      ],
      indexes: ["CREATE UNIQUE INDEX idx_pairs ON pairs (a, b)"],
    });
    await root.collection("pairs").create({ a: "1", b: "1" });
    await root.collection("pairs").create({ a: "1", b: "2" });
    const codes = { a: "validation_not_unique", b: "validation_not_unique" };
    await refused(root.collection("pairs").create({ a: "1", b: "1" }), 400, codes);
  });
});

describe("a list", () => {
  const rows = () => guest(server).collection("rows");
  const numbers = (list) => list.items.map((row) => row.n);

  test("pages, with totals", async () => {
    const first = await rows().getList(1, 10, { sort: "n" });
    assert.deepEqual(
      [first.page, first.perPage, first.totalItems, first.totalPages],
      [1, 10, 25, 3],
    );
    assert.deepEqual(numbers(first), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    assert.deepEqual(numbers(await rows().getList(3, 10, { sort: "n" })), [21, 22, 23, 24, 25]);
    const beyond = await rows().getList(9, 10);
    assert.deepEqual([beyond.items, beyond.totalItems, beyond.page], [[], 25, 9]);
  });

  test("leaves the totals out on request", async () => {
    const list = await rows().getList(1, 10, { skipTotal: true });
    assert.deepEqual([list.totalItems, list.totalPages, list.items.length], [-1, -1, 10]);
    assert.equal((await rows().getList(1, 10, { skipTotal: false })).totalItems, 25);
  });

  test("takes odd page numbers kindly and wrong ones not at all", async () => {
    const list = (query) => raw(server, "GET", `/api/collections/rows/records?${query}`);
    const shape = ({ json }) => [json.page, json.perPage, json.items.length];
    assert.deepEqual(shape(await list("")), [1, 30, 25]);
    assert.deepEqual(shape(await list("page=0&perPage=0")), [1, 30, 25]);
    assert.deepEqual(shape(await list("page=-3&perPage=-1")), [1, 30, 25]);
    assert.deepEqual(shape(await list("perPage=5000")), [1, 1000, 25]);
    assert.deepEqual(shape(await list("page=2&page=1&perPage=20")), [2, 20, 5]);
    const wrong = ["page=x", "perPage=1.5", "skipTotal=maybe", "page=99999999999999999999"];
    for (const query of wrong) assert.equal((await list(query)).status, 400, query);
  });

  test("sorts by several keys, both ways", async () => {
    const list = await rows().getList(1, 4, { sort: "word,-n" });
    assert.deepEqual(numbers(list), [24, 22, 20, 18]);
    const other = await rows().getList(1, 3, { sort: "-word,+n" });
    assert.deepEqual(numbers(other), [1, 3, 5]);
    assert.deepEqual(numbers(await rows().getList(1, 3, { sort: "-@rowid" })), [25, 24, 23]);
    assert.equal((await rows().getList(1, 50, { sort: "@random" })).items.length, 25);
  });

  test("sorts across a relation", async () => {
    const list = await root.collection("posts").getList(1, 10, { sort: "-author.name,id" });
    assert.deepEqual(list.items.map((post) => post.id.at(-1)), ["3", "1", "2", "4"]);
  });

  for (const sort of ["nope", "n,nope", "@now", "@request.auth.id", "n desc", "1"]) {
    test(`refuses to sort by ${sort}`, async () => {
      const status = sort.includes("@request") ? 403 : 400;
      await refused(rows().getList(1, 5, { sort }), status);
    });
  }

  test("is read in full by the SDK's loop", async () => {
    const all = await rows().getFullList({ batch: 10, sort: "n" });
    assert.deepEqual(all.map((row) => row.n), Array.from({ length: 25 }, (_, n) => n + 1));
    assert.equal((await rows().getFirstListItem("n > 3", { sort: "n" })).n, 4);
    await assert.rejects(rows().getFirstListItem("n > 300"), { status: 404 });
  });
});

describe("fields", () => {
  test("picks what is named", async () => {
    const one = await root.collection("posts").getOne("post00000000001", { fields: "id,title" });
    assert.deepEqual(one, { id: "post00000000001", title: "First 100%" });
    const list = await root.collection("posts").getList(1, 2, { fields: "id", sort: "id" });
    assert.deepEqual(list.items, [{ id: "post00000000001" }, { id: "post00000000002" }]);
    assert.equal(list.totalItems, 4);
    assert.deepEqual(await root.collection("posts").getOne("post00000000001", { fields: "x" }), {});
  });

  test("picks inside of objects and expanded records", async () => {
    const options = { fields: "meta.a,expand.tags.label", expand: "tags" };
    assert.deepEqual(await root.collection("posts").getOne("post00000000001", options), {
      meta: { a: { b: [1, 2] } },
      expand: { tags: [{ label: "L1" }, { label: "L2" }] },
    });
  });

  test("takes everything with a star, and excerpts", async () => {
    const row = await root.collection("rows").getFirstListItem("n = 1", {
      fields: "*,body:excerpt(8,true)",
    });
    assert.equal(row.body, "Hello wo...");
    assert.equal(row.word, "odd");
    const bad = { fields: "body:nonsense(1)" };
    await refused(root.collection("rows").getList(1, 1, bad), 400);
  });

  test("works on collections and on sign-in", async () => {
    const users = await root.collections.getOne("users", { fields: "name,type" });
    assert.deepEqual(users, { name: "users", type: "auth" });
    const auth = await guest(server)
      .collection("users")
      .authWithPassword("u1@example.com", "a long enough password", { fields: "token,record.id" });
    assert.deepEqual(auth.record, { id: "user00000000001" });
  });
});

describe("expand", () => {
  const view = (client, expand) =>
    client.collection("posts").getOne("post00000000001", { expand });

  test("follows relations to one and to many, in their order", async () => {
    const { expand } = await view(root, "author,tags");
    assert.equal(expand.author.name, "u1");
    assert.deepEqual(expand.tags.map((tag) => tag.label), ["L1", "L2"]);
    await root.collection("posts").update("post00000000001", {
      tags: ["tag000000000002", "tag000000000001"],
    });
    const turned = await view(root, "tags");
    assert.deepEqual(turned.expand.tags.map((tag) => tag.label), ["L2", "L1"]);
    await root.collection("posts").update("post00000000001", {
      tags: ["tag000000000001", "tag000000000002"],
    });
  });

  test("leaves out what the view rule of the target hides", async () => {
    const { expand } = await view(guest(server), "author,tags");
    assert.equal(expand.author, undefined);
    assert.equal(expand.tags.length, 2);
    assert.equal(expand.tags[0].secret, undefined);
    const u1 = await signIn(guest(server), 1);
    assert.equal((await view(u1, "author")).expand.author.email, "u1@example.com");
  });

  test("is absent for a path that is none, and empty for a value that is none", async () => {
    assert.equal((await view(root, "nonsense")).expand, undefined);
    assert.equal((await view(root, "title")).expand, undefined);
    const bare = await root.collection("posts").getOne("post00000000004", { expand: "author" });
    assert.deepEqual(bare.expand ?? {}, {});
  });

  test("works on lists, creates and updates, and goes deeper", async () => {
    const nodes = await root.collections.create({
      name: "nodes",
      fields: [{ name: "label", type: "text" }],
    });
    nodes.fields.push({ name: "next", type: "relation", collectionId: nodes.id });
    await root.collections.update("nodes", { fields: nodes.fields });
    let next = "";
    for (const label of ["d", "c", "b"]) {
      next = (await root.collection("nodes").create({ label, next })).id;
    }
    const options = { expand: "next.next.next" };
    const a = await root.collection("nodes").create({ label: "a", next }, options);
    assert.equal(a.expand.next.expand.next.expand.next.label, "d");
    const b = await root.collection("nodes").update(a.id, { label: "A" }, { expand: "next" });
    assert.equal(b.expand.next.label, "b");
    const list = await root
      .collection("nodes")
      .getList(1, 9, { expand: "next", filter: 'label = "A"' });
    assert.equal(list.items[0].expand.next.label, "b");
  });
});

describe("a deleted record", () => {
  test("takes along, is taken out of, or is kept by those that refer to it", async () => {
    const parents = await root.collections.create({ name: "parents" });
    const child = (name, options) =>
      root.collections.create({
        name,
        fields: [{ name: "parent", type: "relation", collectionId: parents.id, ...options }],
      });
    await child("cascading", { cascadeDelete: true });
    await child("loose", { maxSelect: 5 });
    const make = () => root.collection("parents").create({});
    const [one, two] = [await make(), await make()];
    await root.collection("cascading").create({ parent: one.id });
    const loose = await root.collection("loose").create({ parent: [one.id, two.id] });
    await root.collection("parents").delete(one.id);
    assert.equal((await root.collection("cascading").getList()).totalItems, 0);
    assert.deepEqual((await root.collection("loose").getOne(loose.id)).parent, [two.id]);

    await child("holding", { required: true });
    await root.collection("holding").create({ parent: two.id });
    const { message } = await refused(root.collection("parents").delete(two.id), 400);
    assert.match(message, /required relation reference/);
    assert.deepEqual((await root.collection("loose").getOne(loose.id)).parent, [two.id]);
  });
});
