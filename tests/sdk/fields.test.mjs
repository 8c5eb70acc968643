// Every field kind: what is taken, how it is stored, what is refused, what an empty one reads.
import { after, before, describe, test } from "node:test";
import assert from "node:assert/strict";
import { Server } from "./support/server.mjs";
import { refused, superuser } from "./support/client.mjs";

let server, root, others;
before(async () => {
  server = await Server.start();
  root = await superuser(server);
  const target = await root.collections.create({ name: "others" });
  others = [];
  for (let n = 0; n < 3; n++) others.push((await root.collection("others").create({})).id);
  links.single.collectionId = links.many.collectionId = target.id;
});
after(() => server?.stop());

const links = {
  single: { type: "relation", maxSelect: 1 },
  many: { type: "relation", minSelect: 2, maxSelect: 3 },
};

/** A collection with one field `f`, and what goes in against what comes out. */
function kind(title, options, { taken = [], codes = [], empty }) {
  const name = title.replace(/\W+/g, "_");
  describe(title, () => {
    let collection;
    before(async () => {
      await root.collections.create({ name, fields: [{ name: "f", ...options }] });
      collection = root.collection(name);
    });
    if (empty !== undefined) {
      test(`reads ${JSON.stringify(empty)} when nothing was given`, async () => {
        const { id } = await collection.create({});
        assert.deepEqual((await collection.getOne(id)).f, empty);
      });
    }
    for (const [given, expected] of taken) {
      test(`${show(given)} is stored as ${show(expected)}`, async () => {
        const value = typeof given === "function" ? given() : given;
        const wanted = typeof expected === "function" ? expected() : expected;
        const made = await collection.create({ f: value });
        assert.deepEqual(made.f, wanted);
        assert.deepEqual((await collection.getOne(made.id)).f, wanted);
        const changed = await collection.update((await collection.create({ f: value })).id, {
          f: value,
        });
        assert.deepEqual(changed.f, wanted);
      });
    }
    for (const [given, code] of codes) {
      test(`${show(given)} is refused: ${code}`, async () => {
        const value = typeof given === "function" ? given() : given;
        const before = (await collection.getList(1, 1)).totalItems;
        await refused(collection.create({ f: value }), 400, { f: code });
        assert.equal((await collection.getList(1, 1)).totalItems, before);
      });
    }
  });
}
function show(value) {
  if (typeof value === "function") return String(value).replace(/^\(\) => /, "");
  const text = JSON.stringify(value) ?? "undefined";
  return text.length > 40 ? `${text.slice(0, 37)}…` : text;
}

kind("text", { type: "text" }, {
  empty: "",
  taken: [
    ["plain", "plain"],
    ["  kept as it is  ", "  kept as it is  "],
    ["Zoë 🌱 \u2028 <b>&amp;</b> \"'\\", "Zoë 🌱 \u2028 <b>&amp;</b> \"'\\"],
    [1.5, "1.5"],
    [1e21, "1000000000000000000000"],
    [1e-7, "0.0000001"],
    [true, "true"],
    [null, ""],
    [[1, 2], ""],
    [{ a: 1 }, ""],
    ["x".repeat(5000), "x".repeat(5000)],
  ],
  codes: [["x".repeat(5001), "validation_max_text_constraint"]],
});
kind("text with limits", { type: "text", min: 2, max: 4, pattern: "^[a-zü]+$" }, {
  empty: "",
  taken: [
    ["ab", "ab"],
    ["üüüü", "üüüü"],
    ["", ""],
  ],
  codes: [
    ["a", "validation_min_text_constraint"],
    ["abcde", "validation_max_text_constraint"],
    ["AB", "validation_invalid_format"],
  ],
});
kind("text that is required", { type: "text", required: true }, {
  taken: [["x", "x"]],
  codes: [
    ["", "validation_required"],
    [undefined, "validation_required"],
    [{}, "validation_required"],
  ],
});
kind("number", { type: "number" }, {
  empty: 0,
  taken: [
    [5, 5],
    [-1.25, -1.25],
    [9007199254740991, 9007199254740991],
    [1e21, 1e21],
    [1e-7, 1e-7],
    ["12.5", 12.5],
    ["1e3", 1000],
    [".5", 0.5],
    ["12.5abc", 0],
    [" 5 ", 0],
    ["", 0],
    [true, 1],
    [null, 0],
    [[5], 0],
  ],
  codes: [
    ["NaN", "validation_not_a_number"],
    ["Infinity", "validation_not_a_number"],
  ],
});
kind("number with limits", { type: "number", min: 10, max: 20, onlyInt: true }, {
  taken: [
    [10, 10],
    [20, 20],
    [0, 0],
  ],
  codes: [
    [9, "validation_min_number_constraint"],
    [21, "validation_max_number_constraint"],
    [10.5, "validation_only_int_constraint"],
  ],
});
kind("number that is required", { type: "number", required: true }, {
  taken: [[1, 1]],
  codes: [
    [0, "validation_required"],
    [undefined, "validation_required"],
  ],
});
kind("bool", { type: "bool" }, {
  empty: false,
  taken: [
    [true, true],
    [false, false],
    [1, true],
    [0.5, true],
    ["true", true],
    ["t", true],
    ["1", true],
    ["yes", false],
    ["2", false],
    [null, false],
  ],
});
kind("bool that is required", { type: "bool", required: true }, {
  taken: [[true, true]],
  codes: [[false, "validation_required"]],
});
kind("email", { type: "email" }, {
  empty: "",
  taken: [
    ["ada@example.com", "ada@example.com"],
    ["Ada+tag@Example.com", "Ada+tag@Example.com"],
    ["", ""],
  ],
  codes: [
    ["nobody", "validation_is_email"],
    ["a@b", "validation_is_email"],
    ["a@localhost", "validation_is_email"],
    ["a..b@example.com", "validation_is_email"],
    [5, "validation_is_email"],
  ],
});
kind("email of some domains", { type: "email", onlyDomains: ["example.com"] }, {
  taken: [["a@example.com", "a@example.com"]],
  codes: [["a@example.org", "validation_email_domain_not_allowed"]],
});
kind("url", { type: "url" }, {
  empty: "",
  taken: [
    ["https://example.com/a?b=c#d", "https://example.com/a?b=c#d"],
    ["http://localhost:80", "http://localhost:80"],
    ["example.com", "example.com"],
    ["http://[::1]/", "http://[::1]/"],
  ],
  codes: [
    ["x", "validation_invalid_url"],
    ["/x", "validation_invalid_url"],
    ["http://", "validation_invalid_url"],
    ["javascript:alert(1)", "validation_invalid_url"],
    ["a b", "validation_invalid_url"],
  ],
});
kind("date", { type: "date" }, {
  empty: "",
  taken: [
    ["2022-01-02", "2022-01-02 00:00:00.000Z"],
    ["2022-01-02 03:04:05", "2022-01-02 03:04:05.000Z"],
    ["2022-01-02 03:04:05.123456Z", "2022-01-02 03:04:05.123Z"],
    ["2022-01-02T03:04:05+02:00", "2022-01-02 01:04:05.000Z"],
    ["2022-01-02T03:04:05.5Z", "2022-01-02 03:04:05.500Z"],
    [new Date(Date.UTC(2024, 1, 29, 1, 2, 3, 4)), "2024-02-29 01:02:03.004Z"],
    ["2022-02-30", ""],
    ["tomorrow", ""],
    [1700000000, ""],
    [null, ""],
  ],
});
kind("date with limits", { type: "date", min: "2020-01-01", max: "2030-01-01" }, {
  taken: [["2025-01-01", "2025-01-01 00:00:00.000Z"]],
  codes: [
    ["2019-12-31", "validation_min_greater_equal_than_required"],
    ["2030-01-02", "validation_max_less_equal_than_required"],
  ],
});
kind("date that is required", { type: "date", required: true }, {
  codes: [
    ["nonsense", "validation_required"],
    ["", "validation_required"],
  ],
});
kind("select of one", { type: "select", values: ["a", "b", "c"], maxSelect: 1 }, {
  empty: "",
  taken: [
    ["a", "a"],
    [["a", "b"], "b"],
    ["", ""],
    [null, ""],
  ],
  codes: [["d", "validation_invalid_value"]],
});
kind("select of many", { type: "select", values: ["a", "b", "c"], maxSelect: 2 }, {
  empty: [],
  taken: [
    ["a", ["a"]],
    [
      ["b", "a"],
      ["b", "a"],
    ],
    [["a", "a", ""], ["a"]],
    ['["a","c"]', ["a", "c"]],
    [{ a: 1 }, []],
  ],
  codes: [
    [["a", "d"], "validation_invalid_value"],
    [["a", "b", "c"], "validation_too_many_values"],
  ],
});
kind("relation to one", links.single, {
  empty: "",
  taken: [
    [() => others[0], () => others[0]],
    [() => [others[0], others[1]], () => others[1]],
    [null, ""],
  ],
  codes: [["nosuchrecord000", "validation_missing_rel_records"]],
});
kind("relation to many", links.many, {
  empty: [],
  taken: [
    [() => [others[2], others[0]], () => [others[2], others[0]]],
    [[], []],
  ],
  codes: [
    [() => [others[0]], "validation_not_enough_values"],
    [() => [others[0], "nosuchrecord000"], "validation_missing_rel_records"],
    [() => [...others, "nosuchrecord000"], "validation_too_many_values"],
  ],
});
kind("json", { type: "json" }, {
  empty: null,
  taken: [
    [
      { b: [1, 2, { c: null }], a: "x" },
      { b: [1, 2, { c: null }], a: "x" },
    ],
    [
      [1, "a", null],
      [1, "a", null],
    ],
    [5, 5],
    [false, false],
    ["", ""],
    ["plain text", "plain text"],
    ['{"a":1}', { a: 1 }],
    ["12", 12],
    ["true", true],
    [null, null],
  ],
});
kind("json with limits", { type: "json", maxSize: 10, required: true }, {
  taken: [[{ a: 1 }, { a: 1 }]],
  codes: [
    [{ a: "0123456789" }, "validation_json_size_limit"],
    [null, "validation_required"],
    [[], "validation_required"],
    [{}, "validation_required"],
  ],
});
kind("password", { type: "password", min: 4, max: 8 }, {
  empty: "",
  taken: [["12345", ""]],
  codes: [
    ["123", "validation_min_text_constraint"],
    ["123456789", "validation_max_text_constraint"],
  ],
});

describe("autodate", () => {
  const stamp = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z$/;
  test("is set by the server, whatever the caller sends", async () => {
    await root.collections.create({
      name: "stamped",
      fields: [
        { name: "created", type: "autodate", onCreate: true },
        { name: "updated", type: "autodate", onCreate: true, onUpdate: true },
        { name: "changed", type: "autodate", onUpdate: true },
      ],
    });
    const lie = "2001-01-01 00:00:00.000Z";
    const started = Date.now();
    const made = await root.collection("stamped").create({ created: lie, updated: lie });
    assert.match(made.created, stamp);
    assert.ok(Math.abs(Date.parse(made.created.replace(" ", "T")) - started) < 10_000);
    assert.equal(made.updated, made.created);
    let changed = made;
    while (changed.updated === made.updated) {
      changed = await root.collection("stamped").update(made.id, { created: lie });
    }
    assert.equal(changed.created, made.created);
    assert.ok(changed.updated > made.updated);
    assert.equal(changed.changed, changed.updated);
  });
});

test("all errors of a record come together", async () => {
  await root.collections.create({
    name: "strict",
    fields: [
      { name: "title", type: "text", required: true },
      { name: "count", type: "number", min: 1 },
      { name: "mail", type: "email" },
    ],
  });
  const body = { count: -1, mail: "nobody" };
  const answer = await refused(root.collection("strict").create(body), 400, {
    count: "validation_min_number_constraint",
    mail: "validation_is_email",
    title: "validation_required",
  });
  assert.equal(answer.message, "Failed to create record.");
  assert.equal(answer.data.title.message, "Cannot be blank.");
});
