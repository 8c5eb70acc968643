// Codes by mail, two methods in a row, authenticator apps, and mails about new places. The codes
// come out of the mails the server shows with --dev.
import { after, before, describe, test } from "node:test";
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { Server, eventually } from "./support/server.mjs";
import { guest, raw, refused, superuser, user } from "./support/client.mjs";

let server, root;
before(async () => {
  server = await Server.start({ args: ["--dev"] });
  root = await superuser(server);
});
after(() => server?.stop());

const password = user.password;
const users = (client) => client.collection("users");
const options = (values) => root.collections.update("users", values);

/** The newest mail to this address whose id is none of `known`. */
async function mailTo(email, known = []) {
  const found = await eventually(`a mail to ${email}`, async () => {
    const { items } = await root.send("/api/gr/mails", {});
    return items.find((mail) => mail.to === email && !known.includes(mail.id));
  });
  return root.send(`/api/gr/mails/${found.id}`, {});
}

/** Asks for a code and reads it in the mail. */
async function mailedCode(email) {
  const known = (await root.send("/api/gr/mails", {})).items.map((mail) => mail.id);
  const { otpId } = await users(guest(server)).requestOTP(email);
  const mail = await mailTo(email, known);
  return [otpId, mail.text.match(/\b\d{8}\b/)[0]];
}

/** The id with which a second method must follow. */
async function half(promise) {
  const error = await promise.then(
    () => assert.fail("one method was enough"),
    (error) => error,
  );
  assert.equal(error.status, 401);
  assert.deepEqual(Object.keys(error.response), ["mfaId"]);
  return error.response.mfaId;
}

/** What an app shows (RFC 6238). */
function shown(secret, step = Math.floor(Date.now() / 30_000)) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret].map((c) => alphabet.indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = crypto.createHmac("sha1", key).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

describe("one-time codes", () => {
  before(() => options({ otp: { enabled: true } }));
  after(() => options({ otp: { enabled: false } }));

  test("sign in, prove the address and end a password of before", async () => {
    await user(server, "otp-a");
    const client = guest(server);
    const code = await mailedCode("otp-a@example.com");
    const { record, token } = await users(client).authWithOTP(...code);
    assert.equal(record.verified, true);
    assert.equal(client.authStore.token, token);
    await users(client).authRefresh();
    await refused(users(client).authWithOTP(...code), 400);
    await refused(users(client).authWithPassword("otp-a@example.com", password), 400);
  });

  test("an address that nobody has gets the same answer", async () => {
    const answer = await users(guest(server)).requestOTP("nobody@example.com");
    assert.deepEqual(Object.keys(answer), ["otpId"]);
    assert.match(answer.otpId, /^[a-z0-9]{15}$/);
  });

  test("five wrong tries are the end, for a new code too", async () => {
    await user(server, "otp-b");
    const [otpId] = await mailedCode("otp-b@example.com");
    for (let i = 0; i < 5; i += 1) {
      const body = await refused(users(guest(server)).authWithOTP(otpId, "0"), 400);
      assert.equal(body.message, "Invalid or expired OTP.");
    }
    const body = await refused(users(guest(server)).authWithOTP(otpId, "0"), 429);
    assert.equal(body.message, "Too many attempts, please try again later with a new OTP.");
    const fresh = await mailedCode("otp-b@example.com");
    await refused(users(guest(server)).authWithOTP(...fresh), 429);
  });

  test("the rows are seen by their owner, without the code", async () => {
    const client = await user(server, "otp-c");
    await mailedCode("otp-c@example.com");
    const [row] = await client.collection("_otps").getFullList();
    assert.deepEqual(Object.keys(row).sort(), [
      ...["collectionId", "collectionName", "collectionRef", "created", "id", "recordRef"],
      "updated",
    ]);
    assert.equal((await (await user(server, "otp-d")).collection("_otps").getFullList()).length, 0);
  });
});

describe("two methods", () => {
  before(() => options({ otp: { enabled: true }, mfa: { enabled: true } }));
  after(() => options({ otp: { enabled: false }, mfa: { enabled: false } }));

  const signUp = (name) =>
    users(root).create({ email: `${name}@example.com`, password, passwordConfirm: password });

  test("a password and then a code", async () => {
    const { id, email } = { ...(await signUp("mfa-a")), email: "mfa-a@example.com" };
    const client = guest(server);
    const mfaId = await half(users(client).authWithPassword(email, password));
    const { record } = await users(client).authWithOTP(...(await mailedCode(email)), { mfaId });
    assert.equal(record.id, id);
    await refused(users(client).authWithPassword(email, password, { mfaId }), 400);
    const body = { identity: email, password, mfaId: 1 };
    const broken = users(client).authWithPassword(email, password, { body });
    assert.equal((await refused(broken, 400)).message, "Failed to read MFA Id.");
  });

  test("a code and then a password, with the id in the body", async () => {
    await signUp("mfa-b");
    const client = guest(server);
    const code = await mailedCode("mfa-b@example.com");
    const mfaId = await half(users(client).authWithOTP(...code));
    const again = await mailedCode("mfa-b@example.com");
    await refused(users(client).authWithOTP(...again, { mfaId }), 400);
    const body = { identity: "mfa-b@example.com", password, mfaId };
    await users(client).authWithPassword(body.identity, password, { body });
    assert.ok(client.authStore.isValid);
  });

  test("the rule says whom it concerns", async () => {
    await options({ mfa: { rule: "name = 'careful'" } });
    await signUp("mfa-c");
    await users(guest(server)).authWithPassword("mfa-c@example.com", password);
    await options({ mfa: { rule: "" } });
  });
});

describe("new places", () => {
  test("are told by mail and can be forgotten by their owner", async () => {
    const client = await user(server, "place");
    const body = JSON.stringify({ identity: "place@example.com", password });
    const headers = { "content-type": "application/json", "user-agent": "Elsewhere/1.0" };
    const path = "/api/collections/users/auth-with-password";
    assert.equal((await raw(server, "POST", path, { body, headers })).status, 200);
    const mail = await mailTo("place@example.com");
    assert.match(mail.text, /Elsewhere\/1\.0/);
    const origins = await client.collection("_authOrigins").getFullList();
    assert.equal(origins.length, 2);
    await client.collection("_authOrigins").delete(origins[0].id);
    const other = await user(server, "place-other");
    await refused(other.collection("_authOrigins").delete(origins[1].id), 404);
  });

  test("links to other services are listed and cut", async () => {
    const client = await user(server, "linked");
    const { id, collectionId } = client.authStore.record;
    await root.collection("_externalAuths").create({
      collectionRef: collectionId,
      recordRef: id,
      provider: "github",
      providerId: "1",
    });
    const [link] = await users(client).listExternalAuths(id);
    assert.equal(link.provider, "github");
    const other = await user(server, "linked-other");
    assert.deepEqual(await users(other).listExternalAuths(id), []);
    await users(client).unlinkExternalAuth(id, "github");
    assert.deepEqual(await users(client).listExternalAuths(id), []);
  });
});

describe("authenticator apps", () => {
  const base = "/api/collections/users";
  const post = (client, path, body) => client.send(base + path, { method: "POST", body });

  test("are not there until a collection wants them", async () => {
    assert.equal("totp" in (await users(guest(server)).listAuthMethods({ fields: "*" })), false);
    assert.equal("totp" in (await root.collections.getOne("users")), false);
    await refused(post(await user(server, "app-0"), "/totp/enroll", { password }), 403);
  });

  test("are drawn, confirmed, asked for, replaced by recovery codes and removed", async () => {
    await options({ totp: { enabled: true } });
    // Without `fields` the SDK asks for the methods it knows only.
    const offers = await users(guest(server)).listAuthMethods({ fields: "*" });
    assert.deepEqual(offers.totp, { enabled: true });
    await refused(post(guest(server), "/totp/enroll", { password }), 401);
    const client = await user(server, "app-a");
    const wrong = { password: "validation_invalid_password" };
    await refused(post(client, "/totp/enroll", { password: "wrong password" }), 400, wrong);
    const drawn = await post(client, "/totp/enroll", { password });
    assert.match(drawn.url, /^otpauth:\/\/totp\/.*app-a%40example\.com\?secret=/);
    assert.match(drawn.qr, /<svg /);
    await refused(post(client, "/totp/confirm", { code: "000000" }), 400);
    const step = Math.floor(Date.now() / 30_000);
    const code = shown(drawn.secret, step);
    const { recoveryCodes } = await post(client, "/totp/confirm", { code });
    assert.equal(recoveryCodes.length, 10);
    const state = await client.send(`${base}/totp`, {});
    assert.deepEqual([state.enabled, state.recoveryCodesLeft], [true, 10]);
    assert.equal(JSON.stringify(state).includes(drawn.secret), false);

    const mfaId = await half(users(guest(server)).authWithPassword("app-a@example.com", password));
    await refused(post(guest(server), "/auth-with-totp", { mfaId, code }), 400);
    const next = { mfaId, code: shown(drawn.secret, step + 1) };
    const { record, token } = await post(guest(server), "/auth-with-totp", next);
    assert.equal(record.email, "app-a@example.com");
    assert.ok(token);

    await refused(post(client, "/totp/disable", {}), 400, { code: "validation_required" });
    await post(client, "/totp/disable", { recoveryCode: recoveryCodes[0] });
    await users(guest(server)).authWithPassword("app-a@example.com", password);
    await options({ totp: { enabled: false } });
    assert.equal("totp" in (await root.collections.getOne("users")), false);
  });

  test("of others are for superusers only", async () => {
    await options({ totp: { enabled: true } });
    const client = await user(server, "app-b");
    const { secret } = await post(client, "/totp/enroll", {});
    await post(client, "/totp/confirm", { code: shown(secret) });
    const path = `${base}/totp/${client.authStore.record.id}`;
    await refused(client.send(path, { method: "DELETE" }), 403);
    assert.equal((await root.send(path, {})).enabled, true);
    await root.send(path, { method: "DELETE" });
    await refused(root.send(path, { method: "DELETE" }), 404);
    await users(guest(server)).authWithPassword("app-b@example.com", password);
    await options({ totp: { enabled: false } });
  });
});

describe("superusers", () => {
  const login = "/api/collections/_superusers/auth-with-password";
  const from = (ip, token) => ({ token, headers: { "x-real-ip": ip } });

  test("come from where they may, on every path", async () => {
    const secret = "correct horse battery";
    const body = JSON.stringify({ identity: "root@example.com", password: secret });
    const settings = { trustedProxy: { headers: ["X-Real-IP"] }, superuserIPs: ["10.1.0.0/16"] };
    await root.settings.update(settings);
    const { token } = root.authStore;
    const signIn = (ip) => {
      const headers = { "x-real-ip": ip, "content-type": "application/json" };
      return raw(server, "POST", login, { body, headers });
    };
    const paths = [
      ["GET", "/api/collections"],
      ["GET", "/api/health"],
      ["POST", "/api/files/token"],
      ["POST", "/api/collections/_superusers/auth-refresh"],
      ["POST", "/api/realtime"],
    ];
    for (const [method, path] of paths) {
      const refusal = await raw(server, method, path, from("10.2.0.1", token));
      assert.equal(refusal.status, 403, path);
      assert.equal(refusal.json.message, "You are not allowed to perform this request.");
      const other = await raw(server, method, path, from("10.1.2.3", token));
      assert.notEqual(other.status, 403, path);
    }
    assert.equal((await signIn("10.2.0.1")).status, 403);
    assert.equal((await signIn("10.1.2.3")).status, 200);
    const reset = { body: JSON.stringify({ superuserIPs: [], trustedProxy: { headers: [] } }) };
    const headers = { "x-real-ip": "10.1.2.3", "content-type": "application/json" };
    const lifted = await raw(server, "PATCH", "/api/settings", { ...reset, token, headers });
    assert.equal(lifted.status, 200);
  });

  test("sign in with a code of the command line, as one of two methods", async () => {
    await root.collections.update("_superusers", { otp: { enabled: true } });
    const { stdout } = await server.superuser("otp", "root@example.com");
    const id = stdout.match(/Id:\s+(\S+)/)[1];
    const code = stdout.match(/Pass:\s+(\S+)/)[1];
    const client = guest(server);
    const mfaId = await half(client.collection("_superusers").authWithOTP(id, code));
    const { email, secret } = { email: "root@example.com", secret: "correct horse battery" };
    await client.collection("_superusers").authWithPassword(email, secret, { mfaId });
    assert.ok(client.authStore.isSuperuser);
    const off = { otp: { enabled: false }, mfa: { enabled: false } };
    await root.collections.update("_superusers", off);
  });

  test("have authenticator apps, which the command line removes", async () => {
    const path = "/api/collections/_superusers/totp";
    await root.collections.update("_superusers", { totp: { enabled: true } });
    const body = { password: "correct horse battery" };
    const { secret } = await root.send(`${path}/enroll`, { method: "POST", body });
    await root.send(`${path}/confirm`, { method: "POST", body: { code: shown(secret) } });
    const signIn = () =>
      guest(server)
        .collection("_superusers")
        .authWithPassword("root@example.com", "correct horse battery");
    await half(signIn());
    await server.superuser("totp-off", "root@example.com");
    await signIn();
    await root.collections.update("_superusers", { totp: { enabled: false } });
  });
});
