// The batch service of the SDK: every method, with files, and what happens when one part fails.
import { after, before, describe, test } from "node:test";
import assert from "node:assert/strict";
import { Server } from "./support/server.mjs";
import { guest, refused, superuser, user } from "./support/client.mjs";

let server, root;
before(async () => {
  server = await Server.start();
  root = await superuser(server);
  await root.collections.create({
    name: "shelves",
    fields: [{ name: "label", type: "text", required: true }],
    viewRule: "",
    createRule: "",
  });
  const shelves = await root.collections.getOne("shelves");
  await root.collections.create({
    name: "books",
    fields: [
      { name: "title", type: "text", required: true },
      { name: "copies", type: "number" },
      { name: "scans", type: "file", maxSelect: 4 },
      { name: "cover", type: "file" },
      { name: "shelf", type: "relation", collectionId: shelves.id },
      { name: "owner", type: "relation", collectionId: "_pb_users_auth_" },
    ],
    listRule: "",
    viewRule: "",
    createRule: '@request.context = "batch"',
    updateRule: 'owner != "" && owner = @request.auth.id',
    deleteRule: 'owner != "" && owner = @request.auth.id',
  });
  await root.settings.update({ batch: { enabled: true, maxRequests: 10, timeout: 5 } });
});
after(() => server?.stop());

const text = (words, name = "page.txt") => new File([words], name, { type: "text/plain" });
const read = async (client, record, name) => {
  const response = await fetch(client.files.getURL(record, name));
  assert.equal(response.status, 200);
  return response.text();
};
const id = (n) => `book${String(n).padStart(11, "0")}`;

describe("a batch", () => {
  test("creates, updates, upserts and deletes in order, later parts seeing earlier ones", async () => {
    const batch = root.createBatch();
    batch.collection("shelves").create({ id: "shelf0000000001", label: "top" });
    batch.collection("books").create({ id: id(1), title: "one", copies: 1 });
    batch.collection("books").update(id(1), { "copies+": 4, shelf: "shelf0000000001" });
    batch.collection("books").upsert({ id: id(1), title: "one, again" });
    batch.collection("books").upsert({ id: id(2), title: "two" });
    batch.collection("books").delete(id(2));
    const results = await batch.send();
    assert.deepEqual(
      results.map((result) => result.status),
      [200, 200, 200, 200, 200, 204],
    );
    assert.equal(results[5].body, null);
    const { title, copies, shelf } = await root.collection("books").getOne(id(1));
    const expected = { title: "one, again", copies: 5, shelf: "shelf0000000001" };
    assert.deepEqual({ title, copies, shelf }, expected);
    await refused(root.collection("books").getOne(id(2)), 404);
  });

  test("takes expand and fields for each of its parts", async () => {
    const batch = root.createBatch();
    const options = { expand: "shelf", fields: "title,expand.shelf.label" };
    batch.collection("books").create({ title: "x", shelf: "shelf0000000001" }, options);
    batch.collection("books").create({ title: "y" }, { fields: "title" });
    const [first, second] = await batch.send();
    assert.deepEqual(first.body, { title: "x", expand: { shelf: { label: "top" } } });
    assert.deepEqual(second.body, { title: "y" });
  });

  test("acts for whoever sends it, whatever the header of a part says", async () => {
    const [ann, bob] = [await user(server, "ann"), await user(server, "bob")];
    const batch = ann.createBatch();
    batch.collection("books").create({ id: id(3), title: "ann's", owner: ann.authStore.record.id });
    await batch.send();
    await refused(ann.collection("books").create({ title: "outside of a batch" }), 400);
    const theft = bob.createBatch();
    const headers = { Authorization: ann.authStore.token };
    theft.collection("books").update(id(3), { title: "bob's" }, { headers });
    const { data } = await refused(theft.send(), 400);
    assert.equal(data.requests["0"].code, "batch_request_failed");
    assert.equal(data.requests["0"].response.status, 404);
    const own = ann.createBatch();
    own.collection("books").update(id(3), { title: "still ann's" });
    assert.equal((await own.send())[0].body.title, "still ann's");
  });

  test("that fails in one part does nothing at all", async () => {
    const batch = root.createBatch();
    batch.collection("books").create({ id: id(4), title: "kept?", scans: [text("never")] });
    batch.collection("books").update(id(1), { title: "changed?" });
    batch.collection("books").create({ title: "" });
    const { message, data } = await refused(batch.send(), 400);
    assert.equal(message, "Batch transaction failed.");
    assert.deepEqual(Object.keys(data.requests), ["2"]);
    const { response } = data.requests["2"];
    assert.equal(response.data.title.code, "validation_required");
    await refused(root.collection("books").getOne(id(4)), 404);
    assert.equal((await root.collection("books").getOne(id(1))).title, "one, again");
  });

  test("is refused when empty, too long, or not allowed", async () => {
    await refused(root.createBatch().send(), 400, { requests: "validation_required" });
    const long = root.createBatch();
    for (let n = 0; n < 11; n++) long.collection("books").create({ title: "x" });
    await refused(long.send(), 400, { requests: "validation_length_too_long" });
    await root.settings.update({ batch: { enabled: false } });
    const batch = root.createBatch();
    batch.collection("books").create({ title: "x" });
    const { message } = await refused(batch.send(), 403);
    assert.equal(message, "Batch requests are not allowed.");
    await root.settings.update({ batch: { enabled: true } });
  });
});

describe("files of a batch", () => {
  test("come with a create, an update and both ways of an upsert", async () => {
    const first = root.createBatch();
    const books = first.collection("books");
    books.create({ id: id(5), title: "five", scans: [text("one"), text("two")] });
    books.upsert({ id: id(6), title: "six", cover: text("six", "cover.txt") });
    const form = new FormData();
    form.append("title", "as a form");
    form.append("cover", text("seven", "seven.txt"));
    books.create(form);
    const [five, six, seven] = (await first.send()).map((result) => result.body);
    assert.deepEqual(
      [await read(root, five, five.scans[0]), await read(root, five, five.scans[1])],
      ["one", "two"],
    );
    assert.equal(await read(root, six, six.cover), "six");
    assert.equal(seven.title, "as a form");
    assert.equal(await read(root, seven, seven.cover), "seven");

    const second = root.createBatch();
    second.collection("books").update(id(5), { "scans+": text("three"), "+scans": text("zero") });
    second.collection("books").upsert({ id: id(6), cover: text("new six", "cover.txt") });
    second.collection("books").update(id(5), { "scans-": [five.scans[0]] });
    const results = (await second.send()).map((result) => result.body);
    const contents = [];
    for (const name of results[2].scans) contents.push(await read(root, results[2], name));
    assert.deepEqual(contents, ["zero", "two", "three"]);
    assert.equal(await read(root, results[1], results[1].cover), "new six");
    assert.equal((await fetch(root.files.getURL(five, five.scans[0]))).status, 404);
  });

  test("are kept when a later batch that would replace them fails", async () => {
    const book = await root.collection("books").getOne(id(6));
    const batch = root.createBatch();
    batch.collection("books").update(id(6), { cover: text("no", "no.txt") });
    batch.collection("books").delete(id(5));
    batch.collection("books").delete("nothing00000000");
    await refused(batch.send(), 400);
    assert.equal(await read(root, book, book.cover), "new six");
    const five = await root.collection("books").getOne(id(5));
    assert.equal(await read(root, five, five.scans[0]), "zero");
  });

  test("of a guest obey the rules of the collection", async () => {
    const caller = guest(server);
    const batch = caller.createBatch();
    batch.collection("books").create({ title: "a guest's", cover: text("g", "guest.txt") });
    const [{ body }] = await batch.send();
    assert.equal(await read(caller, body, body.cover), "g");
    const change = caller.createBatch();
    change.collection("books").update(body.id, { cover: text("h", "guest.txt") });
    await refused(change.send(), 400);
    assert.equal(await read(caller, body, body.cover), "g");
  });
});
