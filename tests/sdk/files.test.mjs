// The file service of the SDK, and files in the bodies of its record service.
import { after, before, describe, test } from "node:test";
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { Server } from "./support/server.mjs";
import { guest, refused, superuser, user } from "./support/client.mjs";

let server, root;
before(async () => {
  server = await Server.start();
  root = await superuser(server);
  await root.collections.create({
    name: "papers",
    fields: [
      { name: "title", type: "text" },
      { name: "docs", type: "file", maxSelect: 3, maxSize: 2_000_000 },
      { name: "secret", type: "file", protected: true },
      { name: "plain", type: "file", mimeTypes: ["text/plain"] },
      { name: "owner", type: "relation", collectionId: "_pb_users_auth_" },
    ],
    viewRule: "owner = @request.auth.id",
  });
});
after(() => server?.stop());

const papers = () => root.collection("papers");
const file = (content, name) => new File([content], name);

describe("files of a record", () => {
  test("are sent in an object or a form, and come back byte by byte", async () => {
    const bytes = randomBytes(1_500_000);
    const made = await papers().create({ title: "bytes", docs: [file(bytes, "Some Bytes.bin")] });
    assert.match(made.docs[0], /^some_bytes_[a-z0-9]{10}\.bin$/);
    const response = await fetch(root.files.getURL(made, made.docs[0]));
    assert.equal(response.headers.get("content-length"), String(bytes.length));
    const sum = (content) => createHash("sha256").update(content).digest("hex");
    assert.equal(sum(Buffer.from(await response.arrayBuffer())), sum(bytes));

    const form = new FormData();
    form.append("title", "form");
    form.append("docs", file("one", "one.txt"));
    form.append("docs", file("two", "two.txt"));
    const formed = await papers().create(form);
    assert.equal(formed.docs.length, 2);
    assert.equal(formed.title, "form");
  });

  test("are appended, prepended, taken out, put in another order and cleared", async () => {
    const { id, docs } = await papers().create({ docs: [file("a", "first.txt")] });
    const more = await papers().update(id, { "docs+": [file("b", "last.txt")] });
    const all = await papers().update(id, { "+docs": [file("c", "zero.txt")] });
    const bases = (record) => record.docs.map((name) => name.split("_")[0]);
    assert.deepEqual(bases(all), ["zero", "first", "last"]);
    const less = await papers().update(id, { "docs-": docs });
    assert.deepEqual(bases(less), ["zero", "last"]);
    const turned = await papers().update(id, { docs: less.docs.toReversed() });
    assert.deepEqual(bases(turned), ["last", "zero"]);
    const mixed = await papers().update(id, { docs: [turned.docs[0], file("d", "mixed.txt")] });
    assert.deepEqual(bases(mixed), ["last", "mixed"]);
    for (const gone of [docs[0], less.docs[0]]) {
      assert.equal((await fetch(root.files.getURL(mixed, gone))).status, 404);
    }
    assert.equal((await fetch(root.files.getURL(mixed, more.docs[1]))).status, 200);
    assert.deepEqual((await papers().update(id, { docs: null })).docs, []);
  });

  test("are refused when too many, too large, of the wrong kind or not sent at all", async () => {
    const four = Array.from({ length: 4 }, (_, n) => file("x", `n${n}.txt`));
    const refusal = (body, code) => refused(papers().create(body), 400, code);
    await refusal({ docs: four }, { docs: "validation_too_many_files" });
    const large = file(Buffer.alloc(2_000_001), "large.bin");
    await refusal({ docs: [large] }, { docs: "validation_file_size_limit" });
    const image = file(Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"), "plain.txt");
    await refusal({ plain: image }, { plain: "validation_invalid_mime_type" });
    await refusal({ docs: ["made_up.txt"] }, { docs: "validation_invalid_file" });
  });
});

describe("the file service", () => {
  test("makes addresses that work", async () => {
    const made = await papers().create({ docs: [file("hello", "hello.txt")] });
    const [name] = made.docs;
    const base = `${server.url}/api/files/papers/${made.id}/${name}`;
    const byName = { id: made.id, collectionName: "papers" };
    assert.equal(root.files.getURL(byName, name), base);
    assert.equal(root.files.getURL(made, ""), "");
    const byId = root.files.getURL(made, name);
    assert.ok(byId.includes(made.collectionId), byId);
    for (const url of [base, byId]) assert.equal(await (await fetch(url)).text(), "hello");
    const shown = await fetch(root.files.getURL(made, name, { download: true }));
    assert.match(shown.headers.get("content-disposition"), /^attachment/);
    // What is no image has no thumb: the file itself is answered.
    const thumb = await fetch(root.files.getURL(made, name, { thumb: "100x100" }));
    assert.equal(await thumb.text(), "hello");
    const part = await fetch(base, { headers: { Range: "bytes=1-3" } });
    assert.deepEqual([part.status, await part.text()], [206, "ell"]);
  });

  test("opens protected files with a token, to whom the view rule opens the record", async () => {
    const [ann, bob] = [await user(server, "ann"), await user(server, "bob")];
    const owner = ann.authStore.record.id;
    const made = await papers().create({ owner, secret: file("between us", "secret.txt") });
    const status = async (token) => {
      const options = token === undefined ? {} : { token };
      return (await fetch(root.files.getURL(made, made.secret, options))).status;
    };
    assert.equal(await status(), 404);
    assert.equal(await status(ann.authStore.token), 404);
    assert.equal(await status(await ann.files.getToken()), 200);
    assert.equal(await status(await bob.files.getToken()), 404);
    assert.equal(await status(await root.files.getToken()), 200);
    await refused(guest(server).files.getToken(), 401);
  });
});
