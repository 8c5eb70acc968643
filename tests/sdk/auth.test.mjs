// Identity: sign-up, sign-in, refresh, what people may change about themselves, and tokens.
import { after, before, describe, test } from "node:test";
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { Server } from "./support/server.mjs";
import { guest, json, raw, refused, superuser, user } from "./support/client.mjs";

let server, root;
before(async () => {
  server = await Server.start();
  root = await superuser(server);
});
after(() => server?.stop());

const password = user.password;
const users = (client) => client.collection("users");
const claims = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
const header = (token) => JSON.parse(Buffer.from(token.split(".")[0], "base64url"));

describe("sign-up", () => {
  test("makes an unverified record that shows nobody its address", async () => {
    const made = await users(guest(server)).create({
      email: "new@example.com",
      name: "new",
      password,
      passwordConfirm: password,
    });
    assert.deepEqual(Object.keys(made).sort(), [
      ...["avatar", "collectionId", "collectionName", "created", "emailVisibility", "id", "name"],
      ...["updated", "verified"],
    ]);
    assert.equal(made.verified, false);
    const seen = await users(root).getOne(made.id);
    assert.equal(seen.email, "new@example.com");
    assert.deepEqual([seen.password, seen.tokenKey], [undefined, undefined]);
  });

  const good = { email: "x@example.com", password, passwordConfirm: password };
  const invalid = [
    ["no password", { email: good.email }, ["password:required", "passwordConfirm:required"]],
    ["an empty body", {}, ["password:required", "passwordConfirm:required"]],
    ["no address", { password, passwordConfirm: password }, ["email:required"]],
    ["a second password that differs", { ...good, passwordConfirm: "other" }, null],
    [
      "a short password",
      { ...good, password: "1234567", passwordConfirm: "1234567" },
      ["password:min_text_constraint"],
    ],
    [
      "a password beyond what is hashed",
      { ...good, password: "x".repeat(80), passwordConfirm: "x".repeat(80) },
      null,
    ],
    ["an address that is none", { ...good, email: "nobody" }, ["email:is_email"]],
    ["an address that is taken", { ...good, email: "new@example.com" }, ["email:not_unique"]],
    ["verified", { ...good, verified: true }, null],
  ];
  for (const [name, body, fields] of invalid) {
    test(`with ${name} is refused`, async () => {
      const codes = fields?.map((one) => one.split(":")).map(([f, c]) => [f, `validation_${c}`]);
      const call = users(guest(server)).create(body);
      await refused(call, 400, codes && Object.fromEntries(codes));
      const filter = 'email = "x@example.com"';
      assert.equal((await users(root).getList(1, 1, { filter })).totalItems, 0);
    });
  }

  test("gives no way to choose the token key", async () => {
    const tokenKey = "k".repeat(40);
    const body = { ...good, email: "key@example.com", tokenKey };
    const made = await users(guest(server)).create(body);
    const forged = sign({ ...baseClaims(made), exp: future() }, tokenKey);
    await refused(users(withToken(forged)).authRefresh(), 401);
  });
});

describe("sign-in", () => {
  let ada;
  before(async () => {
    ada = await user(server, "ada");
  });

  test("answers with the record and a token, and fills the store", async () => {
    const client = guest(server);
    const answer = await users(client).authWithPassword("ada@example.com", password);
    assert.deepEqual(Object.keys(answer).sort(), ["record", "token"]);
    assert.equal(answer.record.email, "ada@example.com");
    assert.deepEqual(header(answer.token), { alg: "HS256", typ: "JWT" });
    const { exp, ...rest } = claims(answer.token);
    assert.deepEqual(rest, {
      collectionId: "_pb_users_auth_",
      id: answer.record.id,
      refreshable: true,
      type: "auth",
    });
    assert.ok(Math.abs(exp - (Date.now() / 1000 + 432000)) < 30);
    assert.equal(client.authStore.isValid, true);
    assert.equal(client.authStore.isSuperuser, false);
    assert.deepEqual(client.authStore.record, answer.record);
    client.authStore.clear();
    assert.equal(client.authStore.isValid, false);
  });

  test("gives superusers a day", async () => {
    const { exp } = claims(root.authStore.token);
    assert.ok(Math.abs(exp - (Date.now() / 1000 + 86400)) < 60);
    assert.equal(root.authStore.isSuperuser, true);
  });

  const wrong = [
    ["a wrong password", ["ada@example.com", "wrong password"]],
    ["an unknown address", ["nobody@example.com", password]],
    ["an identity that is no address", ["ada", password]],
    ["another spelling", ["ADA@example.com", password]],
    ["SQL", ["' OR 1=1 --", "' OR 1=1 --"]],
  ];
  for (const [name, credentials] of wrong) {
    test(`with ${name} fails, and does not tell why`, async () => {
      const call = users(guest(server)).authWithPassword(...credentials);
      const { message } = await refused(call, 400, {});
      assert.equal(message, "Failed to authenticate.");
    });
  }

  test("wants both values, of a sane length", async () => {
    const attempt = (identity, secret) => users(guest(server)).authWithPassword(identity, secret);
    await refused(attempt("", ""), 400, {
      identity: "validation_required",
      password: "validation_required",
    });
    await refused(attempt("x".repeat(256), "x".repeat(256)), 400, {
      identity: "validation_length_out_of_range",
      password: "validation_length_out_of_range",
    });
  });

  test("is not offered by a collection that is none for it", async () => {
    await root.collections.create({ name: "plain" });
    const answer = await refused(guest(server).collection("plain").authWithPassword("a", "b"), 404);
    assert.equal(answer.message, "Missing or invalid auth collection context.");
  });

  test("refreshes a token", async () => {
    const before = ada.authStore.token;
    const answer = await users(ada).authRefresh();
    assert.equal(answer.record.email, "ada@example.com");
    assert.equal(claims(answer.token).id, claims(before).id);
    assert.ok(claims(answer.token).exp >= claims(before).exp);
    assert.equal(ada.authStore.token, answer.token);
  });

  test("refreshes only in the token's own collection", async () => {
    const { message } = await refused(users(root).authRefresh(), 403);
    assert.match(message, /requires auth record from _superusers collection/);
    await refused(users(guest(server)).authRefresh(), 401);
  });

  test("lists its methods", async () => {
    const methods = await users(guest(server)).listAuthMethods();
    assert.deepEqual(methods, {
      password: { identityFields: ["email"], enabled: true },
      oauth2: { providers: [], enabled: false },
      mfa: { enabled: false, duration: 0 },
      otp: { enabled: false, duration: 0 },
    });
  });

  test("obeys the collection: password off, auth rule, other identity fields", async () => {
    const fields = [{ name: "nick", type: "text" }];
    const index = "CREATE UNIQUE INDEX idx_nick ON crew (nick)";
    const options = { passwordAuth: { enabled: true, identityFields: ["nick"] } };
    const body = { name: "crew", type: "auth", fields, createRule: "", ...options };
    await refused(root.collections.create(body), 400);
    await root.collections.create({ ...body, indexes: [index] });
    const crew = guest(server).collection("crew");
    const made = { nick: "bo", email: "bo@example.com", password, passwordConfirm: password };
    await crew.create(made);
    assert.equal((await crew.authWithPassword("bo", password)).record.nick, "bo");
    await refused(crew.authWithPassword("bo@example.com", password), 400);
    await root.collections.update("crew", { authRule: "verified = true" });
    await refused(crew.authWithPassword("bo", password), 403);
    await root.collections.update("crew", {
      authRule: "",
      passwordAuth: { enabled: false, identityFields: ["nick"] },
    });
    await refused(crew.authWithPassword("bo", password), 403);
  });
});

describe("one's own record", () => {
  test("changes by oneself, and by nobody else", async () => {
    const [bob, eve] = [await user(server, "bob"), await user(server, "eve")];
    const id = bob.authStore.record.id;
    const changed = await users(bob).update(id, { name: "Bob", emailVisibility: true });
    assert.equal(changed.name, "Bob");
    assert.equal(bob.authStore.record.name, "Bob");
    await refused(users(eve).update(id, { name: "Eve" }), 404);
    await refused(users(eve).delete(id), 404);
    await refused(users(eve).getOne(id), 404);
    await refused(users(bob).update(id, { verified: true }), 400);
    await refused(users(bob).update(id, { email: "other@example.com" }), 400);
    await users(bob).delete(id);
    assert.equal(bob.authStore.isValid, false);
  });

  test("wants the old password for a new one, which ends the tokens of before", async () => {
    const cat = await user(server, "cat");
    const elsewhere = guest(server);
    await users(elsewhere).authWithPassword("cat@example.com", password);
    const id = cat.authStore.record.id;
    const next = { password: "another password", passwordConfirm: "another password" };
    await refused(users(cat).update(id, next), 400, { oldPassword: "validation_required" });
    await refused(users(cat).update(id, { ...next, oldPassword: "wrong password" }), 400, {
      oldPassword: "validation_invalid_old_password",
    });
    await users(cat).update(id, { ...next, oldPassword: password });
    await refused(users(elsewhere).authRefresh(), 401);
    await refused(users(guest(server)).authWithPassword("cat@example.com", password), 400);
    await users(guest(server)).authWithPassword("cat@example.com", "another password");
  });

  test("shows its address to itself, superusers, and whom it allows", async () => {
    await root.collections.update("users", { listRule: "", viewRule: "" });
    const dan = await user(server, "dan");
    const id = dan.authStore.record.id;
    const eve = guest(server);
    assert.equal((await users(dan).getOne(id)).email, "dan@example.com");
    assert.equal((await users(root).getOne(id)).email, "dan@example.com");
    assert.equal("email" in (await users(eve).getOne(id)), false);
    await users(dan).update(id, { emailVisibility: true });
    assert.equal((await users(eve).getOne(id)).email, "dan@example.com");
  });

  test("the last superuser stays", async () => {
    const only = root.authStore.record.id;
    const { message } = await refused(root.collection("_superusers").delete(only), 400);
    assert.equal(message, "You can't delete the only existing superuser.");
    assert.equal(root.authStore.isValid, true);
  });
});

const b64 = (value) => Buffer.from(value).toString("base64url");
const future = () => Math.floor(Date.now() / 1000) + 3600;
const baseClaims = (record) => ({
  collectionId: record.collectionId,
  id: record.id,
  refreshable: true,
  type: "auth",
});
function sign(payload, key, alg = "HS256") {
  const text = `${b64(JSON.stringify({ alg, typ: "JWT" }))}.${b64(JSON.stringify(payload))}`;
  if (alg === "none") return `${text}.`;
  const hash = { HS256: "sha256", HS512: "sha512" }[alg];
  return `${text}.${crypto.createHmac(hash, key).update(text).digest("base64url")}`;
}
function withToken(token) {
  const client = guest(server);
  client.authStore.save(token, null);
  return client;
}

describe("a token that is not good makes its bearer a guest", () => {
  let record, token, bad;
  before(async () => {
    const fay = await user(server, "fay");
    ({ record, token } = fay.authStore);
    const [head, body, signature] = token.split(".");
    const payload = claims(token);
    bad = {
      "an empty one": "",
      "no token at all": "nonsense",
      "two dots only": "..",
      "a truncated one": token.slice(0, -5),
      "one without its signature": `${head}.${body}.`,
      "one with another body": [
        head,
        b64(JSON.stringify({ ...payload, id: root.authStore.record.id })),
        signature,
      ].join("."),
      "alg none": sign(payload, "", "none"),
      "alg NONE": `${b64('{"alg":"NONE","typ":"JWT"}')}.${body}.`,
      "another algorithm": sign(payload, "key", "HS512"),
      "a foreign key": sign(payload, "a key of somebody else, long enough to look right"),
      "an empty key": sign(payload, ""),
      "a body that is no JSON": `${head}.${b64("nonsense")}.${signature}`,
      "a body that is a list": `${head}.${b64("[1]")}.${signature}`,
      "claims of wrong types": sign({ ...payload, id: 5, collectionId: {}, exp: "x" }, "key"),
      "an absurd length": `${head}.${"A".repeat(3000)}.${signature}`,
      "a basic header": `Basic ${Buffer.from("a:b").toString("base64")}`,
      "two spaces": `Bearer  ${token}`,
    };
  });

  const cases = [
    ...["an empty one", "no token at all", "two dots only", "a truncated one"],
    ...["one without its signature", "one with another body", "alg none", "alg NONE"],
    ...["another algorithm", "a foreign key", "an empty key", "a body that is no JSON"],
    ...["a body that is a list", "claims of wrong types", "an absurd length", "a basic header"],
  ];
  for (const name of cases) {
    test(name, async () => {
      const authorization = bad[name];
      const refresh = await raw(server, "POST", "/api/collections/users/auth-refresh", {
        token: authorization,
      });
      assert.equal(refresh.status, 401, refresh.text);
      const open = await raw(server, "GET", "/api/health", { token: authorization });
      assert.equal(open.status, 200);
      const ruled = await raw(server, "GET", "/api/collections", { token: authorization });
      assert.equal(ruled.status, 401);
    });
  }

  test("a good one works bare and with Bearer, in any case", async () => {
    for (const value of [token, `Bearer ${token}`, `bEARER ${token}`]) {
      const path = "/api/collections/users/auth-refresh";
      const answer = await raw(server, "POST", path, { token: value });
      assert.equal(answer.status, 200, value.slice(0, 10));
    }
  });

  test("an expired one, made with a short duration", async () => {
    await root.collections.create({
      name: "brief",
      type: "auth",
      createRule: "",
      authToken: { duration: 10 },
    });
    const brief = guest(server);
    const body = { email: "b@example.com", password, passwordConfirm: password };
    await brief.collection("brief").create(body);
    const { token } = await brief.collection("brief").authWithPassword(body.email, password);
    const left = claims(token).exp - Date.now() / 1000;
    assert.ok(left > 5 && left <= 11, `${left}`);
    const refresh = () =>
      raw(server, "POST", "/api/collections/brief/auth-refresh", { token });
    assert.equal((await refresh()).status, 200);
    await new Promise((resolve) => setTimeout(resolve, (left + 1) * 1000));
    assert.equal((await refresh()).status, 401);
    assert.equal(brief.authStore.isValid, false);
  });

  test("one of a deleted record, and one whose collection rotated its secret", async () => {
    const gus = await user(server, "gus");
    const kept = gus.authStore.token;
    await users(root).delete(gus.authStore.record.id);
    await refused(users(withToken(kept)).authRefresh(), 401);
    await users(withToken(token)).authRefresh();
    await root.collections.update("users", { authToken: { secret: "s".repeat(40) } });
    await refused(users(withToken(token)).authRefresh(), 401);
    assert.equal(record.name, "fay");
  });
});

test("a burst of sign-ins does not hold up the others", async () => {
  await user(server, "hal");
  const logins = Array.from({ length: 24 }, () =>
    raw(server, "POST", "/api/collections/users/auth-with-password", json({
      identity: "hal@example.com",
      password,
    })),
  );
  const waits = [];
  let over = false;
  const all = Promise.all(logins).finally(() => (over = true));
  while (!over) {
    const started = performance.now();
    assert.equal((await raw(server, "GET", "/api/health")).status, 200);
    waits.push(performance.now() - started);
  }
  for (const { status } of await all) assert.ok([200, 429, 503].includes(status), `${status}`);
  const slowest = Math.max(...waits);
  assert.ok(slowest < 2000, `health took ${slowest} ms while people signed in`);
});
