// Mail: real SMTP conversations, the flows through the SDK, and servers that are dead or hang.
import assert from "node:assert/strict";
import fs from "node:fs";
import http from "node:http";
import net from "node:net";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { guest, refused, superuser, user } from "./support/client.mjs";
import { certificate } from "./support/certificate.mjs";
import { MailServer, token } from "./support/mail.mjs";
import { Server, eventually, ours, tempDir } from "./support/server.mjs";

const changed = "another long password";

/** A server of its own that sends its mails to `mails`. */
async function start(mails, { env, smtp, args } = {}) {
  const server = await Server.start({ env, args });
  const root = await superuser(server);
  await root.settings.update(mails.settings(smtp));
  return { server, root };
}

describe("the flows by mail", () => {
  let mails, server, root;
  before(async () => {
    mails = await MailServer.start();
    ({ server, root } = await start(mails));
  });
  after(async () => {
    await server.stop();
    await mails.close();
  });

  test("verification", async () => {
    const ada = await user(server, "ada");
    await guest(server).collection("users").requestVerification("ada@example.com");
    const mail = await mails.mail("ada@example.com", "Verify your Acme email");
    assert.equal(mail.from.text, '"Support" <support@example.com>');
    assert.deepEqual(mail.envelope, { from: "support@example.com", to: ["ada@example.com"] });
    assert.match(mail.messageId, /^<[a-z0-9]+@example\.com>$/);
    assert.match(mail.headers.get("content-type").value, /^multipart\/alternative/);
    assert.ok(mail.text.includes("http://localhost:8090/_/#/auth/confirm-verification/"));
    assert.ok(mail.html.includes('class="btn"'));
    const proof = token(mail, "confirm-verification");
    assert.equal(await guest(server).collection("users").confirmVerification(proof), true);
    const record = await ada.collection("users").getOne(ada.authStore.record.id);
    assert.equal(record.verified, true);
    assert.ok(!server.output.includes(proof), "no token in the log");
  });

  test("password reset", async () => {
    const bob = await user(server, "bob");
    await guest(server).collection("users").requestPasswordReset("bob@example.com");
    const mail = await mails.mail("bob@example.com", "Reset your Acme password");
    const proof = token(mail, "confirm-password-reset");
    const users = guest(server).collection("users");
    assert.equal(await users.confirmPasswordReset(proof, changed, changed), true);
    await refused(bob.collection("users").authRefresh(), 401);
    await refused(users.authWithPassword("bob@example.com", user.password), 400);
    const { record } = await users.authWithPassword("bob@example.com", changed);
    assert.equal(record.verified, true);
    const again = users.confirmPasswordReset(proof, changed, changed);
    await refused(again, 400, { token: "validation_invalid_token" });
    assert.ok(!server.output.includes(proof), "no token in the log");
  });

  test("e-mail change", async () => {
    const eve = await user(server, "eve");
    await eve.collection("users").requestEmailChange("new@example.com");
    const mail = await mails.mail("new@example.com", "Confirm your Acme new email address");
    const proof = token(mail, "confirm-email-change");
    const users = guest(server).collection("users");
    assert.equal(await users.confirmEmailChange(proof, user.password), true);
    await refused(eve.collection("users").authRefresh(), 401);
    const { record } = await users.authWithPassword("new@example.com", user.password);
    assert.deepEqual([record.email, record.verified], ["new@example.com", true]);
  });

  test("a superuser's password reset", async () => {
    await root.collection("_superusers").create({
      email: "second@example.com",
      password: user.password,
      passwordConfirm: user.password,
    });
    const superusers = guest(server).collection("_superusers");
    await superusers.requestPasswordReset("second@example.com");
    const mail = await mails.mail("second@example.com", "Reset your Acme password");
    const proof = token(mail, "confirm-password-reset");
    await superusers.confirmPasswordReset(proof, changed, changed);
    await superusers.authWithPassword("second@example.com", changed);
  });

  test("names in other alphabets arrive as they are", async () => {
    await root.settings.update({ meta: { senderName: "Björn, \"Größe\" & Söhne" } });
    await root.collections.update("users", {
      verificationTemplate: { subject: "Prüfe {RECORD:name} ✓", body: "<p>Žluťoučký {RECORD:name}</p>" },
    });
    await user(server, "zoe", { name: "Zoë 日本\r\nBcc: x@example.com" });
    await guest(server).collection("users").requestVerification("zoe@example.com");
    const mail = await mails.mail("zoe@example.com", "Prüfe");
    assert.equal(mail.from.value[0].name, "Björn, \"Größe\" & Söhne");
    assert.equal(mail.subject, "Prüfe Zoë 日本 Bcc: x@example.com ✓");
    assert.deepEqual(mail.envelope.to, ["zoe@example.com"]);
    assert.equal(mail.bcc, undefined);
    assert.match(mail.text, /^Žluťoučký Zoë 日本/);
  });

  test("each letter can be tried from the settings", async () => {
    const letters = ["verification", "password-reset", "email-change", "otp", "login-alert"];
    for (const [at, letter] of letters.entries()) {
      const to = `try${at}@example.com`;
      assert.equal(await root.settings.testEmail("users", to, letter), true);
      const mail = mails.mails.findLast((taken) => taken.to.text === to);
      assert.ok(mail, `${letter} arrives before the answer`);
      if (letter === "otp") assert.ok(mail.text.includes("123456"));
    }
    await refused(root.settings.testEmail("nope", "x", "nope"), 400, {
      collection: "validation_invalid_auth_collection",
      email: "validation_is_email",
      template: "validation_in_invalid",
    });
  });
});

describe("TLS and signing in", () => {
  let tls;
  before(async () => {
    tls = await certificate();
  });

  const ways = [
    ["STARTTLS and PLAIN", { disabledCommands: [] }, { authMethod: "PLAIN" }],
    ["TLS from the first byte and LOGIN", { secure: true }, { tls: true, authMethod: "LOGIN" }],
    ["STARTTLS, and PLAIN where nothing is said", { disabledCommands: [] }, { authMethod: "" }],
  ];
  for (const [name, options, smtp] of ways) {
    test(name, async () => {
      const { cert, key, authorityFile } = tls;
      const mails = await MailServer.start({ ...options, cert, key, authMethods: ["PLAIN", "LOGIN"] });
      const login = { ...smtp, username: "postmaster", password: "p$ss wörd" };
      const env = { SSL_CERT_FILE: authorityFile };
      const { server, root } = await start(mails, { smtp: login, env });
      await root.settings.testEmail("users", "ada@example.com", "verification");
      await guest(server).collection("_superusers").requestPasswordReset("root@example.com");
      const mail = await mails.mail("root@example.com", "Reset");
      assert.equal(mail.secure, true);
      const method = smtp.authMethod || "PLAIN";
      const expected = { method, username: "postmaster", password: "p$ss wörd", secure: true };
      assert.deepEqual(mails.logins, [expected, expected]);
      await server.stop();
      await mails.close();
    });
  }

  test("a certificate that nobody vouches for is refused", async () => {
    const { cert, key } = tls;
    const mails = await MailServer.start({ secure: true, cert, key });
    const { server, root } = await start(mails, { smtp: { tls: true } });
    const answer = await refused(
      root.settings.testEmail("users", "ada@example.com", "verification"),
      400,
    );
    assert.match(answer.message, /certificate/i);
    assert.equal(mails.mails.length, 0);
    await server.stop();
    await mails.close();
  });

  test("a password is not sent in the clear to another machine", ours, async () => {
    const mails = await MailServer.start({ allowInsecureAuth: true });
    // This machine by a name that does not say so.
    const login = { host: "0.0.0.0", username: "postmaster", password: "secret" };
    const { server, root } = await start(mails, { smtp: login });
    await refused(root.settings.testEmail("users", "ada@example.com", "verification"), 400);
    assert.deepEqual([mails.logins, mails.mails], [[], []]);
    await server.stop();
    await mails.close();
  });
});

describe("mail servers that fail", ours, () => {
  test("a mail outlives a dead mail server and a killed server", async () => {
    const mails = await MailServer.start();
    const { server } = await start(mails);
    await user(server, "ada");
    await mails.close();
    await guest(server).collection("users").requestPasswordReset("ada@example.com");
    await server.kill();
    await server.start({ port: server.port });
    const root = await superuser(server);
    await eventually("an attempt failed", async () => {
      const jobs = await root.send("/api/gr/jobs", { query: { kind: "mail" } });
      return jobs.items[0]?.lastError.includes("refused");
    });
    await mails.listen(mails.port);
    const mail = await mails.mail("ada@example.com", "Reset", 60_000);
    const proof = token(mail, "confirm-password-reset");
    await guest(server).collection("users").confirmPasswordReset(proof, changed, changed);
    assert.ok(!server.output.includes(proof), "no token in the log");
    await server.stop();
    await mails.close();
  });

  test("a mail server that hangs holds up nobody", async (t) => {
    const sockets = new Set();
    const silent = net.createServer((socket) => sockets.add(socket.on("error", () => {})));
    silent.unref();
    await new Promise((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const port = silent.address().port;
    const settings = () => ({ smtp: { enabled: true, host: "127.0.0.1", port } });
    const { server, root } = await start({ settings }, { args: ["--allow-private-webhooks"] });
    const names = Array.from({ length: 12 }, (_, at) => `user${at}`);
    for (const name of names) await user(server, name);
    const times = [];
    for (const name of [...names, ...names]) {
      const started = performance.now();
      await guest(server).collection("users").requestPasswordReset(`${name}@example.com`);
      times.push(performance.now() - started);
    }
    await eventually("mails are on their way", () => sockets.size >= 8);
    const slowest = Math.max(...times);
    t.diagnostic(`slowest of ${times.length} requests: ${slowest.toFixed(1)} ms`);
    assert.ok(slowest < 1000, `the slowest request took ${slowest} ms`);

    // Other jobs have places of their own: a change is still told to a webhook.
    const posted = [];
    const hook = http.createServer((request, response) => {
      posted.push(request.url);
      response.end();
    });
    await new Promise((resolve) => hook.listen(0, "127.0.0.1", resolve));
    hook.unref();
    await root.send("/api/gr/webhooks/enable", { method: "POST" });
    await root.collection("_webhooks").create({
      name: "hook",
      url: `http://127.0.0.1:${hook.address().port}/told`,
      collections: ["users"],
      enabled: true,
    });
    await user(server, "late");
    await eventually("the webhook is told", () => posted.includes("/told"), { timeout: 5_000 });
    hook.close();

    await new Promise((resolve) => {
      silent.close(resolve);
      sockets.forEach((socket) => socket.destroy());
    });
    const mails = await MailServer.start({}, port);
    for (const name of names) await mails.mail(`${name}@example.com`, "Reset", 60_000);
    const count = mails.mails.length;
    assert.equal(count, names.length, "one letter each, whatever was asked twice");
    await server.stop();
    await mails.close();
  });

  test("a mailbox that is not there is not tried again", async () => {
    const onRcptTo = (address, session, done) => {
      done(Object.assign(new Error(`no such mailbox ${address.address}`), { responseCode: 550 }));
    };
    const mails = await MailServer.start({ onRcptTo });
    const { server, root } = await start(mails);
    await user(server, "ada");
    await guest(server).collection("users").requestVerification("ada@example.com");
    const job = await eventually("the job is dead", async () => {
      const jobs = await root.send("/api/gr/jobs", { query: { kind: "mail", state: "dead" } });
      return jobs.items[0];
    });
    assert.equal(job.attempts, 1);
    assert.match(job.lastError, /550/);
    await server.stop();
    await mails.close();
  });
});

test("without a mail server, sendmail is asked", ours, async () => {
  const home = tempDir();
  const taken = path.join(home, "taken");
  fs.writeFileSync(
    path.join(home, "sendmail"),
    `#!/bin/sh\n{ echo "$@"; cat; } > ${taken}.part && mv ${taken}.part ${taken}\n`,
    { mode: 0o755 },
  );
  const env = { PATH: `${home}:${process.env.PATH}` };
  const server = await Server.start({ env });
  await user(server, "ada");
  await guest(server).collection("users").requestVerification("ada@example.com");
  const text = await eventually("sendmail is run", () => fs.readFileSync(taken, "utf8"));
  assert.match(text, /^-i -f support@example\.com -- ada@example\.com\n/);
  assert.match(text, /^Subject: Verify your Acme email\r?$/m);
  const job = await eventually("the job is done", async () => {
    const root = await superuser(server);
    const jobs = await root.send("/api/gr/jobs", { query: { kind: "mail", state: "done" } });
    return jobs.items[0];
  });
  assert.equal(job.attempts, 1);
  await server.stop();
});
