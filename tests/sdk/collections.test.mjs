// Collections are made and changed at run time; data follows the fields.
import { after, before, describe, test } from "node:test";
import assert from "node:assert/strict";
import { Server } from "./support/server.mjs";
import { guest, refused, superuser, user } from "./support/client.mjs";

let server, root;
before(async () => {
  server = await Server.start();
  root = await superuser(server);
});
after(() => server?.stop());

const names = (collection) => collection.fields.map((field) => field.name);
const field = (collection, name) => collection.fields.find((one) => one.name === name);

describe("a fresh folder", () => {
  test("has the system collections and users", async () => {
    const all = await root.collections.getFullList();
    assert.deepEqual(
      all.map(({ name, id, type, system }) => [name, id, type, system]),
      [
        ["_mfas", "pbc_2279338944", "base", true],
        ["_otps", "pbc_1638494021", "base", true],
        ["_externalAuths", "pbc_2281828961", "base", true],
        ["_authOrigins", "pbc_4275539003", "base", true],
        ["_superusers", "pbc_3142635823", "auth", true],
        ["users", "_pb_users_auth_", "auth", false],
      ],
    );
  });

  test("lets users see and change themselves only, and anyone sign up", async () => {
    const users = await root.collections.getOne("users");
    const own = "id = @request.auth.id";
    assert.deepEqual(
      [users.listRule, users.viewRule, users.createRule, users.updateRule, users.deleteRule],
      [own, own, "", own, own],
    );
    assert.deepEqual(names(users), [
      ...["id", "password", "tokenKey", "email", "emailVisibility", "verified"],
      ...["name", "avatar", "created", "updated"],
    ]);
    assert.equal(users.authToken.duration, 432000);
    assert.equal(users.authToken.secret, undefined, "secrets stay inside");
    assert.deepEqual(users.passwordAuth, { enabled: true, identityFields: ["email"] });
  });

  test("offers scaffolds", async () => {
    const scaffolds = await root.collections.getScaffolds();
    assert.deepEqual(Object.keys(scaffolds).sort(), ["auth", "base", "view"]);
    const { base, auth } = scaffolds;
    assert.deepEqual([base.id, base.name, base.type, base.created], ["", "", "base", ""]);
    assert.deepEqual(names(base), ["id"]);
    assert.deepEqual(
      [base.listRule, base.viewRule, base.createRule, base.updateRule, base.deleteRule],
      [null, null, null, null, null],
    );
    assert.equal(auth.indexes.length, 2);
    assert.equal(auth.authRule, "");
  });
});

describe("a new collection", () => {
  test("is closed to everybody, has an id field, and a derived id", async () => {
    const cats = await root.collections.create({
      name: "cats",
      fields: [{ name: "title", type: "text", required: true }],
      indexes: ["CREATE UNIQUE INDEX idx_cats_title ON cats (title COLLATE NOCASE)"],
    });
    assert.equal(cats.id, "pbc_3834699042");
    assert.deepEqual(Object.keys(cats), [
      ...["id", "listRule", "viewRule", "createRule", "updateRule", "deleteRule"],
      ...["name", "type", "fields", "indexes", "created", "updated", "system"],
    ]);
    assert.deepEqual(cats.fields, [
      {
        autogeneratePattern: "[a-z0-9]{15}",
        help: "",
        hidden: false,
        id: "text3208210256",
        max: 15,
        min: 15,
        name: "id",
        pattern: "^[a-z0-9]+$",
        presentable: false,
        primaryKey: true,
        required: true,
        system: true,
        type: "text",
      },
      {
        autogeneratePattern: "",
        help: "",
        hidden: false,
        id: "text724990059",
        max: 0,
        min: 0,
        name: "title",
        pattern: "",
        presentable: false,
        primaryKey: false,
        required: true,
        system: false,
        type: "text",
      },
    ]);
    assert.deepEqual(cats.indexes, [
      "CREATE UNIQUE INDEX idx_cats_title ON cats (title COLLATE NOCASE)",
    ]);
    assert.equal(cats.listRule, null);
    await refused(guest(server).collection("cats").getList(), 403);
    assert.deepEqual(await root.collections.getOne("cats"), cats);
    assert.deepEqual(await root.collections.getOne("CATS"), cats);
    assert.deepEqual(await root.collections.getOne(cats.id), cats);
  });

  test("of the auth kind brings its fields, options and indexes", async () => {
    const members = await root.collections.create({ name: "members", type: "auth" });
    assert.deepEqual(names(members), [
      ...["id", "password", "tokenKey", "email", "emailVisibility", "verified"],
    ]);
    assert.equal(members.indexes.length, 2);
    assert.ok(members.indexes.every((index) => index.includes(members.id)));
    assert.equal(members.authRule, "");
    assert.equal(members.manageRule, null);
    assert.deepEqual(members.mfa, { enabled: false, duration: 600, rule: "" });
  });

  const invalid = [
    ["no name", { name: "" }, { name: "validation_required" }],
    ["a name with a dash", { name: "a-b" }, { name: "validation_match_invalid" }],
    ["a name with _via_", { name: "a_via_b" }, { name: "validation_found_via" }],
    ["a name that is taken", { name: "USERS" }, { name: "validation_collection_name_exists" }],
    ["a long name", { name: "n".repeat(256) }, { name: "validation_length_out_of_range" }],
    ["a kind that is none", { name: "t", type: "nope" }, { type: "validation_in_invalid" }],
    [
      "the same field twice",
      {
        name: "t",
        fields: [
          { name: "a", type: "text" },
          { name: "A", type: "number" },
        ],
      },
      { "fields.2.name": "validation_duplicated_field_name" },
    ],
    [
      "a reserved field name",
      { name: "t", fields: [{ name: "expand", type: "text" }] },
      { "fields.1.name": "validation_not_in_invalid" },
    ],
    [
      "a field without a name",
      { name: "t", fields: [{ type: "text" }] },
      { "fields.1.name": "validation_required" },
    ],
    [
      "a select without values",
      { name: "t", fields: [{ name: "s", type: "select" }] },
      { "fields.1.values": "validation_required" },
    ],
    [
      "a relation to nothing",
      { name: "t", fields: [{ name: "r", type: "relation", collectionId: "users" }] },
      { "fields.1.collectionId": "validation_field_relation_missing_collection" },
    ],
    [
      "an autodate that is never set",
      { name: "t", fields: [{ name: "d", type: "autodate" }] },
      { "fields.1.onCreate": "validation_required", "fields.1.onUpdate": "validation_required" },
    ],
    [
      "a pattern that is none",
      { name: "t", fields: [{ name: "p", type: "text", pattern: "(" }] },
      { "fields.1.pattern": "validation_invalid_regex" },
    ],
    [
      "a rule over an unknown field",
      { name: "t", listRule: "nope = 1" },
      { listRule: "validation_invalid_rule" },
    ],
    [
      "a rule that does not parse",
      { name: "t", createRule: "id = " },
      { createRule: "validation_invalid_rule" },
    ],
    [
      "an index that is none",
      { name: "t", indexes: ["DROP TABLE users"] },
      { "indexes.0": "validation_invalid_index_expression" },
    ],
    [
      "an index over an unknown column",
      { name: "t", indexes: ["CREATE INDEX idx_t ON t (nope)"] },
      { "indexes.0": "validation_invalid_index_expression" },
    ],
  ];
  for (const [name, body, fields] of invalid) {
    test(`is refused with ${name}, and nothing is left behind`, async () => {
      const before = (await root.collections.getList(1, 1)).totalItems;
      const { message } = await refused(root.collections.create(body), 400, fields);
      assert.equal(message, "Failed to create collection.");
      assert.equal((await root.collections.getList(1, 1)).totalItems, before);
    });
  }

  test("is refused with an unknown field kind", async () => {
    const body = { name: "t", fields: [{ name: "x", type: "nope" }] };
    const { message } = await refused(root.collections.create(body), 400, {});
    assert.equal(message, "Failed to load the submitted data due to invalid formatting.");
  });
});

describe("a changed collection", () => {
  let plants;
  const values = { name: "Fern", note: "in the hall", height: 12.5, tags: ["a", "b"], kind: "x" };
  before(async () => {
    plants = await root.collections.create({
      name: "plants",
      fields: [
        { name: "name", type: "text", required: true },
        { name: "note", type: "text" },
        { name: "height", type: "number" },
        { name: "tags", type: "select", values: ["a", "b", "c"], maxSelect: 3 },
        { name: "kind", type: "select", values: ["x", "y"], maxSelect: 1 },
      ],
      listRule: "",
      viewRule: "",
    });
    await root.collection("plants").create({ id: "plant0000000001", ...values });
  });
  const fern = () => root.collection("plants").getOne("plant0000000001");
  const change = async (edit) => {
    const current = await root.collections.getOne("plants");
    edit(current.fields);
    plants = await root.collections.update("plants", { fields: current.fields });
  };

  test("takes a new field, and old records its zero value", async () => {
    await change((fields) => fields.push({ name: "watered", type: "bool" }));
    await change((fields) => fields.push({ name: "extra", type: "json" }));
    assert.deepEqual(names(plants).slice(-2), ["watered", "extra"]);
    const record = await fern();
    assert.equal(record.watered, false);
    assert.equal(record.extra, null);
    assert.equal(record.note, "in the hall");
  });

  test("keeps the data of a renamed field", async () => {
    const { id } = field(plants, "note");
    await change((fields) => (fields.find((one) => one.id === id).name = "remark"));
    assert.equal(field(plants, "remark").id, id);
    const record = await fern();
    assert.equal(record.remark, "in the hall");
    assert.equal(record.note, undefined);
  });

  test("can swap the names of two fields", async () => {
    await change((fields) => {
      const [a, b] = ["name", "remark"].map((name) => fields.find((one) => one.name === name));
      [a.name, b.name] = [b.name, a.name];
    });
    const record = await fern();
    assert.deepEqual([record.name, record.remark], ["in the hall", "Fern"]);
    await change((fields) => {
      const [a, b] = ["name", "remark"].map((name) => fields.find((one) => one.name === name));
      [a.name, b.name] = [b.name, a.name];
    });
    assert.equal((await fern()).name, "Fern");
  });

  test("turns one value into many, and many into the last one", async () => {
    await change((fields) => {
      fields.find((one) => one.name === "tags").maxSelect = 1;
      fields.find((one) => one.name === "kind").maxSelect = 2;
    });
    const record = await fern();
    assert.equal(record.tags, "b");
    assert.deepEqual(record.kind, ["x"]);
  });

  test("replaces a field whose kind changes under the same name", async () => {
    const old = field(plants, "height").id;
    const fields = plants.fields.map((one) =>
      one.name === "height" ? { name: "height", type: "text" } : one,
    );
    plants = await root.collections.update("plants", { fields });
    assert.notEqual(field(plants, "height").id, old);
    assert.equal((await fern()).height, "");
  });

  test("refuses another kind under the same field id", async () => {
    const fields = plants.fields.map((one) =>
      one.name === "remark" ? { ...one, type: "number" } : one,
    );
    const at = fields.findIndex((one) => one.name === "remark");
    await refused(root.collections.update("plants", { fields }), 400, {
      [`fields.${at}`]: "validation_field_type_change",
    });
    assert.equal((await fern()).remark, "in the hall");
  });

  test("drops a field with its data, and keeps the rest", async () => {
    await change((fields) => fields.splice(fields.findIndex((one) => one.name === "remark"), 1));
    const record = await fern();
    assert.equal(record.remark, undefined);
    assert.equal(record.name, "Fern");
    await change((fields) => fields.push({ name: "remark", type: "text" }));
    assert.equal((await fern()).remark, "");
  });

  test("gets its system fields back", async () => {
    const fields = plants.fields.filter((one) => one.name !== "id");
    plants = await root.collections.update("plants", { fields });
    assert.ok(names(plants).includes("id"));
  });

  test("can be renamed; its records and its id stay", async () => {
    const { id } = plants;
    const renamed = await root.collections.update("plants", { name: "greens" });
    assert.equal(renamed.id, id);
    assert.equal((await root.collection("greens").getOne("plant0000000001")).name, "Fern");
    await refused(root.collection("plants").getList(), 404);
    await root.collections.update("greens", { name: "plants" });
  });

  test("gets and loses indexes; a unique one that cannot hold is refused", async () => {
    const unique = "CREATE UNIQUE INDEX `idx_plants_name` ON `plants` (`name`)";
    await root.collections.update("plants", { indexes: [unique] });
    await refused(root.collection("plants").create({ name: "Fern" }), 400, {
      name: "validation_not_unique",
    });
    await root.collections.update("plants", { indexes: [] });
    await root.collection("plants").create({ name: "Fern" });
    await refused(root.collections.update("plants", { indexes: [unique] }), 400, {
      "indexes.0": "validation_invalid_index_expression",
    });
    assert.deepEqual((await root.collections.getOne("plants")).indexes, []);
  });

  test("is whole or not at all", async () => {
    const before = await root.collections.getOne("plants");
    const fields = [...before.fields, { name: "fresh", type: "text" }];
    const body = { fields, listRule: "nope = 1" };
    await refused(root.collections.update("plants", body), 400, {
      listRule: "validation_invalid_rule",
    });
    assert.deepEqual(await root.collections.getOne("plants"), before);
    assert.equal((await fern()).fresh, undefined);
  });

  test("is seen by every request that follows", async () => {
    const visitor = guest(server);
    for (let round = 0; round < 10; round++) {
      const name = `round${round}`;
      await change((fields) => fields.push({ name, type: "text" }));
      const lists = await Promise.all(
        Array.from({ length: 16 }, () => visitor.collection("plants").getList(1, 1)),
      );
      for (const { items } of lists) assert.equal(items[0][name], "");
      await root.collections.update("plants", { listRule: null });
      const closed = Array.from({ length: 8 }, () =>
        refused(visitor.collection("plants").getList(1, 1), 403),
      );
      await Promise.all(closed);
      await root.collections.update("plants", { listRule: "" });
    }
  });
});

describe("an end", () => {
  test("truncate takes the records and leaves the collection", async () => {
    await root.collections.create({ name: "heap", fields: [{ name: "n", type: "number" }] });
    await Promise.all(
      Array.from({ length: 20 }, (_, n) => root.collection("heap").create({ n })),
    );
    assert.equal(await root.collections.truncate("heap"), true);
    assert.equal((await root.collection("heap").getList()).totalItems, 0);
    await root.collection("heap").create({ n: 1 });
  });

  test("delete takes the collection and its records", async () => {
    assert.equal(await root.collections.delete("heap"), true);
    await refused(root.collections.getOne("heap"), 404);
    await refused(root.collection("heap").getList(), 404);
    await root.collections.create({ name: "heap", fields: [{ name: "n", type: "number" }] });
    assert.equal((await root.collection("heap").getList()).totalItems, 0);
  });

  test("what others refer to stays", async () => {
    const target = await root.collections.create({ name: "target" });
    await root.collections.create({
      name: "source",
      fields: [{ name: "link", type: "relation", collectionId: target.id }],
    });
    const { message } = await refused(root.collections.delete("target"), 400);
    assert.match(message, /existing reference/);
    await root.collections.delete("source");
    await root.collections.delete("target");
  });

  test("system collections stay, and keep their name and rules", async () => {
    await refused(root.collections.delete("_superusers"), 400);
    await refused(root.collections.update("_superusers", { name: "bosses" }), 400, {
      name: "validation_collection_system_name_change",
    });
    await refused(root.collections.update("_superusers", { listRule: "" }), 400, {
      listRule: "validation_collection_system_rule_change",
    });
  });
});

test("the list of collections filters, sorts and pages", async () => {
  const list = (page, perPage, options) => root.collections.getList(page, perPage, options);
  const auth = await list(1, 50, { filter: 'type = "auth" && system = false', sort: "name" });
  assert.deepEqual(auth.items.map((one) => one.name), ["members", "users"]);
  const second = await list(2, 2, { sort: "-name" });
  assert.equal(second.page, 2);
  assert.equal(second.items.length, 2);
  await refused(list(1, 50, { filter: "listRule = 1" }), 400);
});

test("every method of the service answers what the SDK expects", async () => {
  const { collections } = root;
  const made = await collections.create({ name: "methods", fields: [{ name: "a", type: "text" }] });
  assert.equal((await collections.getOne(made.id)).name, "methods");
  assert.equal((await collections.getFirstListItem("name = 'methods'")).id, made.id);
  const all = await collections.getFullList({ batch: 2, sort: "name" });
  const { totalItems } = await collections.getList(1, 1);
  assert.equal(all.length, totalItems);
  assert.equal((await collections.update("METHODS", { listRule: "" })).listRule, "");

  await root.collection("methods").create({ a: "x" });
  assert.equal(await collections.truncate("methods"), true);
  assert.deepEqual(await root.collection("methods").getFullList(), []);

  const scaffolds = await collections.getScaffolds();
  const copy = { ...scaffolds.auth, name: "copy" };
  const auth = await collections.create(copy);
  assert.deepEqual(auth.indexes, scaffolds.auth.indexes.map((text) => text.replace("``", "`copy`")));

  const services = await collections.getAllOAuth2Providers();
  assert.equal(services.length, 32);
  const google = services.find((one) => one.name === "google");
  assert.equal(google.displayName, "Google");
  assert.match(google.logo, /^<svg /);

  await root.collection("methods").create({ a: "y" });
  const dry = await collections.dryRunViewQuery("select id, a from methods");
  assert.deepEqual(dry.fields.map((one) => [one.name, one.type]), [["id", "text"], ["a", "text"]]);
  assert.deepEqual(dry.sample.map((one) => one.a), ["y"]);
  await refused(collections.dryRunViewQuery("select a from methods"), 400);

  const list = await collections.getFullList();
  assert.equal(await collections.import([{ name: "methods", listRule: null }]), true);
  assert.equal((await collections.getOne("methods")).listRule, null);
  assert.equal(await collections.import(list, true), true);
  assert.equal((await collections.getOne("methods")).listRule, "");
  assert.equal((await collections.getFullList()).length, list.length);
  await refused(collections.import([{ name: "no name" }], false), 400, {
    collections: "validation_collections_import_failure",
  });

  for (const name of ["methods", "copy"]) {
    assert.equal(await collections.delete(name), true);
    await refused(collections.getOne(name), 404);
  }
});

test("only superusers may touch collections", async () => {
  const ada = await user(server, "ada");
  const calls = [
    () => ada.collections.getList(),
    () => ada.collections.getOne("users"),
    () => ada.collections.create({ name: "mine" }),
    () => ada.collections.update("users", { listRule: "" }),
    () => ada.collections.delete("users"),
    () => ada.collections.truncate("users"),
    () => ada.collections.getScaffolds(),
    () => ada.collections.getAllOAuth2Providers(),
    () => ada.collections.dryRunViewQuery("select id from users"),
    () => ada.collections.import([{ name: "mine" }]),
  ];
  for (const call of calls) {
    const { message } = await refused(call(), 403);
    assert.equal(message, "The authorized record is not allowed to perform this action.");
  }
});
