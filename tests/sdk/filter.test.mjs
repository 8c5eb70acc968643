// The filter language, asked through lists. The table is the one of the reference's own answers.
import { after, before, describe, test } from "node:test";
import assert from "node:assert/strict";
import { Server } from "./support/server.mjs";
import { guest, refused } from "./support/client.mjs";
import { seed, signIn } from "./support/seed.mjs";

let server, root, u1;
before(async () => {
  server = await Server.start();
  root = await seed(server);
  u1 = await signIn(guest(server), 1);
});
after(() => server?.stop());

const ids = async (client, filter) => {
  const options = { filter, fields: "id", sort: "id", skipTotal: true };
  const { items } = await client.collection("posts").getList(1, 50, options);
  return items.map((item) => item.id.at(-1)).join("");
};

const matches = {
  // text
  'title = "Second"': "2",
  "title = 'Second'": "2",
  'title = "second"': "",
  'title != "Second"': "134",
  'title ~ "s"': "12",
  'title ~ "s%"': "2",
  'title ~ "100%"': "",
  'title ~ "100\\%"': "1",
  'title ~ "_x"': "3",
  'title !~ "s"': "34",
  'title = ""': "4",
  "title = null": "4",
  'title > "Second"': "3",
  'title:lower = "second"': "2",
  'id = "post00000000003"': "3",
  // numbers and bools
  "num = 2": "2",
  'num = "2"': "2",
  "num >= 2": "23",
  "num < 1": "4",
  "num > -1 && num <= 01": "14",
  'num = ""': "",
  "public = true": "134",
  "public = TRUE": "134",
  "public != true": "2",
  "public = 1": "134",
  'public = "true"': "",
  // dates
  'when >= "2024-05-06"': "1",
  'when < "2024-05-06" && when != ""': "",
  'when = "2024-05-06 07:08:09.123Z"': "1",
  'when = "2024-05-06T07:08:09.123Z"': "",
  "when < @now": "1234",
  'when != "" && when < @todayStart': "1",
  "@year > 2000": "1234",
  // json
  "meta.a.b.1 = 2": "1",
  'meta.a.b.1 = "2"': "",
  'meta.k = "v"': "1",
  "meta = null": "234",
  'meta = ""': "",
  "meta.zzz = null": "1234",
  'meta.zzz = ""': "",
  // several values
  'opts = "x"': "",
  'opts ~ "x"': "13",
  'opts = "[\\"x\\"]"': "3",
  'opts = "[]"': "24",
  // relations
  'author = "user00000000001"': "12",
  'author = ""': "4",
  'author.id = ""': "4",
  'author.name = "u2"': "3",
  'author.name = ""': "4",
  'author.name != "u2"': "124",
  'tags.label = "L1"': "",
  'tags.label ?= "L1"': "1",
  'tags.label != "L1"': "234",
  'tags.label ?!= "L1"': "1234",
  'tags.label ?~ "l"': "12",
  'tags.id = "tag000000000003"': "2",
  // joins and brackets
  "num = 1 || num = 2 && public = true": "1",
  "(num = 1 || num = 2) && public = true": "1",
  "(num = 1 || num = 3) && author.name = \"u2\"": "3",
  "(num = 1)(public = true)": "1",
  "1 = 2 || 1 = 1 && 1 = 2": "",
  "1 = 1": "1234",
  "num = 1 // the first\n || num = 2": "12",
  "\tnum\n=\n1 ": "1",
  "": "1234",
};

describe("a filter of a superuser", () => {
  for (const [filter, expected] of Object.entries(matches)) {
    test(`${filter.replaceAll("\n", "\\n")} → ${expected || "none"}`, async () => {
      assert.equal(await ids(root, filter), expected);
    });
  }

  test("takes values that pb.filter() puts in", async () => {
    const put = (text, values) => ids(root, root.filter(text, values));
    assert.equal(await put("title = {:t}", { t: "First 100%" }), "1");
    const tricky = 'a "quoted" \\ back\nslash\' -- ; {:t}';
    const made = await root
      .collection("posts")
      .create({ id: "post00000000009", title: tricky });
    assert.equal(await put("title = {:t}", { t: tricky }), "9");
    await root.collection("posts").delete(made.id);
    assert.equal(await put("num >= {:n} && public = {:b}", { n: 2, b: true }), "3");
    assert.equal(await put("when < {:d} && when != ''", { d: new Date() }), "1");
    assert.equal(await put("author = {:none}", { none: null }), "4");
  });
});

describe("a filter that does not parse", () => {
  const wrong = [
    ..." |()|// only a comment|title|title =|= 1|title == 1|title = 1 &&|&& title = 1".split("|"),
    ..."title = 1 and num = 2|title & 1|!title|not title = 1|title in (1)|title is null".split("|"),
    ..."title = 1; num = 2|title = 'a|title = \"a|(title = 1|title = 1)|title = 1e3".split("|"),
    ..."title = .5|title = 1.|title = --1|title ? = 1|nope = 1|title:nope = 1|@ = 1".split("|"),
    ..."TITLE = 'x'|rowid = 1|@nope = 1|meta.a[0] = 1|/* x */ num = 1|nope() = 1".split("|"),
    "title = 1\r",
    `${"(".repeat(20)}num = 1${")".repeat(19)}`,
    `title = "${"x".repeat(3500)}"`,
    Array.from({ length: 201 }, () => "num=1").join("||"),
  ].filter((filter) => filter !== "");
  for (const filter of wrong) {
    test(JSON.stringify(filter.length > 50 ? `${filter.slice(0, 40)}…` : filter), async () => {
      const answer = await refused(root.collection("posts").getList(1, 1, { filter }), 400, {});
      assert.equal(answer.message, "Something went wrong while processing your request.");
    });
  }

  test("two hundred conditions and deep brackets are still fine", async () => {
    const many = Array.from({ length: 200 }, () => "num=1").join("||");
    assert.equal(await ids(root, many), "1");
    const deep = `${"(".repeat(500)}num=1${")".repeat(500)}`;
    assert.equal(await ids(root, deep), "1");
  });
});

describe("a filter of others", () => {
  test("never reaches beyond the list rule", async () => {
    const visitor = guest(server);
    assert.equal(await ids(visitor, ""), "134");
    assert.equal(await ids(visitor, "1 = 1 || 2 = 2"), "134");
    assert.equal(await ids(u1, ""), "1234");
  });

  test("is bound by the list rule of every collection it joins", async () => {
    const visitor = guest(server);
    assert.equal(await ids(visitor, 'id != "" || author.name = "zz"'), "4");
    assert.equal(await ids(visitor, 'author.id != ""'), "13");
    assert.equal(await ids(visitor, 'author.name != ""'), "");
    assert.equal(await ids(u1, 'author.name != ""'), "12");
    const sorted = await visitor.collection("posts").getList(1, 9, { sort: "author.name" });
    assert.deepEqual(sorted.items.map((post) => post.id.at(-1)), ["4"]);
  });

  test("may not ask for hidden fields, nor for the request", async () => {
    const list = (filter) => u1.collection("posts").getList(1, 1, { filter });
    await refused(list('hid = "between us"'), 400);
    await refused(list('tags.secret ?= "s1"'), 400);
    await refused(list('author.password != ""'), 400);
    await refused(list('author.tokenKey != ""'), 400);
    const { message } = await refused(list('@request.auth.id != ""'), 403);
    assert.equal(message, "Only superusers can filter by @request.");
  });

  test("does not find people by an address they hide", async () => {
    const find = (client, filter) => client.collection("users").getList(1, 9, { filter });
    assert.equal((await find(u1, 'email = "u1@example.com"')).totalItems, 0);
    assert.equal((await find(root, 'email = "u1@example.com"')).totalItems, 1);
    await root.collection("users").update("user00000000001", { emailVisibility: true });
    assert.equal((await find(u1, 'email = "u1@example.com"')).totalItems, 1);
  });
});
