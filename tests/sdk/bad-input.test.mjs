// Whatever arrives, the answer is the contract's: no 5xx, no half-written record, no silence.
import { after, afterEach, before, describe, test } from "node:test";
import assert from "node:assert/strict";
import net from "node:net";
import { Server, isReference } from "./support/server.mjs";
import { envelope, json, raw, superuser } from "./support/client.mjs";

let server, root, token;
before(async () => {
  server = await Server.start();
  root = await superuser(server);
  token = root.authStore.token;
  await root.collections.create({
    name: "notes",
    fields: [
      { name: "title", type: "text" },
      { name: "count", type: "number" },
      { name: "data", type: "json" },
    ],
    listRule: "",
    viewRule: "",
    createRule: "",
    updateRule: "",
  });
});
after(() => server?.stop());

const records = "/api/collections/notes/records";
const signIn = "/api/collections/users/auth-with-password";
const count = async () => (await root.collection("notes").getList(1, 1)).totalItems;

/** Sends it and expects `status` with the envelope, and nothing written. */
async function expectRefusal(status, method, path, options) {
  const before = await count();
  const answer = await raw(server, method, path, options);
  assert.equal(answer.status, status, answer.text.slice(0, 300));
  envelope(answer.json, status);
  assert.equal(await count(), before);
  return answer.json;
}

afterEach(async () => {
  assert.equal((await raw(server, "GET", "/api/health")).status, 200, "the server goes on");
  if (!isReference) assert.doesNotMatch(server.output, /panicked at/);
});

describe("a body that is not what it says", () => {
  const bodies = {
    "no JSON": "nonsense",
    "JSON that ends early": '{"title":"x"',
    "JSON that never ends": '{"a":'.repeat(200),
    "a list": '[{"title":"x"}]',
    "a string": '"title"',
    "a number": "5",
    "an unquoted key": '{title:"x"}',
    "a key twice": '{"title":"a","title":"b"}',
    "invalid UTF-8": Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d]),
    "a lone surrogate": '{"title":"\\ud800"}',
    "a control character": '{"title":"a\u0001b"}',
    "a number beyond all": '{"count":1e999}',
    "a NUL at its front": '\u0000{"title":"x"}',
  };
  for (const [name, body] of Object.entries(bodies)) {
    test(`${name}: 400 on create, update and sign-in`, async () => {
      await expectRefusal(400, "POST", records, json(body));
      const { id } = await root.collection("notes").create({ title: "kept" });
      await expectRefusal(400, "PATCH", `${records}/${id}`, json(body));
      assert.equal((await root.collection("notes").getOne(id)).title, "kept");
      await expectRefusal(400, "POST", signIn, json(body));
      await expectRefusal(400, "POST", "/api/collections", json(body, { token }));
    });
  }

  test("deep nesting is either taken or refused, never a crash", async () => {
    for (const depth of [100, 5_000, 200_000]) {
      const body = `{"data":${"[".repeat(depth)}${"]".repeat(depth)}}`;
      const answer = await raw(server, "POST", records, json(body));
      assert.ok([200, 400].includes(answer.status), `${depth}: ${answer.status}`);
    }
  });

  test("a content type that is none: 400", async () => {
    for (const type of ["text/plain", "application/octet-stream", "image/png", "nonsense"]) {
      const options = { body: '{"title":"x"}', headers: { "Content-Type": type } };
      const { message } = await expectRefusal(400, "POST", records, options);
      assert.equal(message, "Unsupported Content-Type.", type);
    }
  });

  test("a broken multipart body: 400", async () => {
    const headers = { "Content-Type": "multipart/form-data; boundary=b" };
    await expectRefusal(400, "POST", records, { body: "no boundary in here", headers });
    const half = '--b\r\nContent-Disposition: form-data; name="title"\r\n\r\nhalf';
    await expectRefusal(400, "POST", records, { body: half, headers });
    const bare = { "Content-Type": "multipart/form-data" };
    await expectRefusal(400, "POST", records, { body: "x", headers: bare });
  });

  test("an empty body is an empty record", async () => {
    for (const headers of [{}, { "Content-Type": "application/json" }]) {
      const answer = await raw(server, "POST", records, { body: "", headers });
      assert.equal(answer.status, 200, answer.text);
    }
  });
});

describe("wrong types", () => {
  test("in forms: 400", async () => {
    const bodies = [
      { identity: 5, password: "x" },
      { identity: ["a"], password: { b: 1 } },
      { identity: "a@example.com", password: true },
    ];
    for (const body of bodies) await expectRefusal(400, "POST", signIn, json(body));
  });

  test("in collections: 400", async () => {
    const bodies = [
      { name: 5 },
      { name: "t", fields: "all" },
      { name: "t", fields: [5] },
      { name: "t", fields: [{ name: 5, type: "text" }] },
      { name: "t", fields: [{ name: "a", type: 5 }] },
      { name: "t", fields: [{ name: "a", type: "text", max: "x" }] },
      { name: "t", fields: [{ name: "a", type: "text", required: "x" }] },
      { name: "t", listRule: 5 },
      { name: "t", indexes: "all" },
      { name: "t", indexes: [5] },
      { name: "t", type: "auth", authToken: { duration: "long" } },
    ];
    for (const body of bodies) {
      const answer = await raw(server, "POST", "/api/collections", json(body, { token }));
      assert.equal(answer.status, 400, `${JSON.stringify(body)}: ${answer.text}`);
      envelope(answer.json, 400);
    }
    assert.equal((await raw(server, "GET", "/api/collections/t", { token })).status, 404);
  });

  test("in records become the zero value of the field", async () => {
    const made = await raw(server, "POST", records, json({ title: { a: 1 }, count: "many" }));
    assert.equal(made.status, 200);
    assert.deepEqual([made.json.title, made.json.count], ["", 0]);
  });
});

describe("absurd lengths", () => {
  test("a body over the limit: 413", async () => {
    const body = JSON.stringify({ title: "x".repeat(40 * 1024 * 1024) });
    await expectRefusal(413, "POST", records, json(body));
    await expectRefusal(413, "POST", signIn, json(body));
  });

  test("a chunked body over the limit: 413, and the rest is not awaited", async () => {
    const status = await chunked(records, 45);
    assert.equal(status, 413);
  });

  test("a long path, id or name", async () => {
    const long = "x".repeat(4000);
    await expectRefusal(404, "GET", `${records}/${long}`);
    await expectRefusal(404, "GET", `/api/collections/${long}/records`);
    await expectRefusal(400, "POST", records, json({ id: long }));
    const name = await raw(server, "POST", "/api/collections", json({ name: long }, { token }));
    assert.equal(name.status, 400);
  });

  test("a long filter, sort and expand", async () => {
    const long = "x".repeat(10_000);
    await expectRefusal(400, "GET", `${records}?filter=${long}`);
    await expectRefusal(400, "GET", `${records}?sort=${long}`);
    const nine = Array.from({ length: 9 }, (_, n) => `-title${n}`).join(",");
    await expectRefusal(400, "GET", `${records}?sort=${nine}`);
    const expand = await raw(server, "GET", `${records}?expand=${"a.".repeat(4000)}a`);
    assert.ok(expand.status < 500, `${expand.status}`);
  });

  test("thousands of keys", async () => {
    const body = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`k${n}`, n]));
    const answer = await raw(server, "POST", records, json({ ...body, title: "kept" }));
    assert.equal(answer.status, 200, answer.text.slice(0, 200));
    assert.equal(answer.json.title, "kept");
  });
});

describe("odd paths and queries", () => {
  const paths = [
    `${records}/%00`,
    `${records}/%ff%fe`,
    `${records}/..%2f..%2fdata.db`,
    `${records}/'%20OR%201=1--`,
    "/api/collections/%00/records",
    "/api/collections/users%27--/records",
    "/api/collections/_params/records",
    "/api/collections/sqlite_master/records",
    "/api/collections/data.db",
  ];
  for (const path of paths) {
    test(`GET ${path} is no more than not found`, async () => {
      const answer = await raw(server, "GET", path, { token });
      assert.ok([400, 404].includes(answer.status), `${answer.status} ${answer.text}`);
      envelope(answer.json, answer.status);
    });
  }

  const queries = ["filter=%ff", "filter=%00", "sort=%00", "fields=%ff", "page=%00", "%=%", "&&=&"];
  for (const query of queries) {
    test(`?${query} never hurts`, async () => {
      const answer = await raw(server, "GET", `${records}?${query}`);
      assert.ok([200, 400].includes(answer.status), `${answer.status} ${answer.text}`);
      if (answer.status === 400) envelope(answer.json, 400);
    });
  }
});

describe("SQL in every place a caller can write", () => {
  const hostile = [
    `x'); DROP TABLE notes; --`,
    `x" OR "1"="1`,
    "`; DELETE FROM notes; --",
    "1; PRAGMA user_version = 5",
    "' UNION SELECT password FROM users --",
    "\\' OR 1=1 --",
  ];
  for (const text of hostile) {
    test(text, async () => {
      const before = await count();
      const made = await root.collection("notes").create({ title: text, data: { text } });
      const filter = root.filter("title = {:text} && data.text = {:text}", { text });
      const found = await root.collection("notes").getList(1, 9, { filter });
      assert.deepEqual(found.items.map((note) => note.id), [made.id]);
      const quoted = encodeURIComponent(text);
      for (const query of [`filter=title=${quoted}`, `sort=${quoted}`, `filter=${quoted}`]) {
        const answer = await raw(server, "GET", `${records}?${query}`);
        assert.equal(answer.status, 400, query);
      }
      for (const query of [`fields=${quoted}`, `expand=${quoted}`]) {
        assert.ok((await raw(server, "GET", `${records}?${query}`)).status < 500, query);
      }
      await expectRefusal(404, "GET", `${records}/${quoted}`);
      await expectRefusal(404, "GET", `/api/collections/${quoted}/records`);
      for (const body of [{ name: text }, { name: "t", fields: [{ name: text, type: "text" }] }]) {
        const answer = await raw(server, "POST", "/api/collections", json(body, { token }));
        assert.equal(answer.status, 400, answer.text);
      }
      assert.equal(await count(), before + 1);
    });
  }
});

test("a request that is no HTTP does not hurt, nor does one that never ends", async () => {
  for (const text of ["nonsense\r\n\r\n", "GET\r\n\r\n", "\u0000\u0000\u0000", "GET / HTTP/9.9\r\n\r\n"]) {
    const socket = net.connect(server.port, "127.0.0.1");
    const reply = await new Promise((resolve) => {
      let all = "";
      socket.on("data", (data) => (all += data));
      socket.on("close", () => resolve(all));
      socket.on("error", () => resolve(all));
      socket.end(text);
      socket.setTimeout(8000, () => socket.destroy());
    });
    assert.doesNotMatch(reply, /^HTTP\/1\.1 [25]0[0-4]/, text);
  }
  const idle = net.connect(server.port, "127.0.0.1");
  idle.on("error", () => {});
  idle.write("POST /api/health HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf");
  assert.equal((await raw(server, "GET", "/api/health")).status, 200);
  idle.destroy();
});

/** Sends `megabytes` without saying how long it is; answers the status. */
function chunked(path, megabytes) {
  const chunk = Buffer.alloc(1024 * 1024, "x");
  const framed = Buffer.concat([Buffer.from("100000\r\n"), chunk, Buffer.from("\r\n")]);
  return new Promise((resolve, reject) => {
    const socket = net.connect(server.port, "127.0.0.1");
    let reply = "";
    let sent = 0;
    const push = () => {
      while (sent < megabytes && !socket.destroyed) {
        sent++;
        if (!socket.write(framed)) return socket.once("drain", push);
      }
      if (!socket.destroyed) socket.write("0\r\n\r\n");
    };
    const done = () => {
      const status = Number(reply.match(/^HTTP\/1\.1 (\d+)/)?.[1]);
      if (status) resolve(status);
      else reject(new Error(`no answer after ${sent} MB`));
      socket.destroy();
    };
    socket.on("data", (data) => {
      reply += data;
      done();
    });
    socket.on("close", done);
    socket.on("error", () => {});
    socket.setTimeout(20_000, done);
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n` +
        'Transfer-Encoding: chunked\r\n\r\na\r\n{"title":"\r\n',
      push,
    );
  });
}
