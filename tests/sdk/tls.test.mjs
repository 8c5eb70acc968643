// TLS with certificates of one's own: what is shown, what is led where, and what is the same.
import { createPrivateKey } from "node:crypto";
import { describe, test } from "node:test";
import assert from "node:assert/strict";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { certificate } from "./support/certificate.mjs";
import { Server, eventually, freePort, ours, root, tempDir } from "./support/server.mjs";
import { ask2, connect2, plain, sdkOverTls, shown, stream2 } from "./support/tls.mjs";

/** A server by TLS on `secure`, with a superuser. */
async function start(args, options = {}) {
  const secure = await freePort();
  const server = new Server({ args: ["--https", `127.0.0.1:${secure}`, ...args], ...options });
  server.secure = secure;
  server.isReady = async () => (await plain(server.port, "/api/health")).status === 302;
  await server.superuser("upsert", root.email, root.password);
  await server.start();
  return server;
}

function write(dir, { cert, key }) {
  const files = [path.join(dir, "cert.pem"), path.join(dir, "key.pem")];
  // As tools that renew do it: each file is replaced.
  for (const [file, text] of [
    [files[0], cert],
    [files[1], key],
  ]) {
    fs.writeFileSync(`${file}.new`, text);
    fs.renameSync(`${file}.new`, file);
  }
  return { args: ["--tls-cert", files[0], "--tls-key", files[1]], files };
}

async function signIn(session) {
  const body = JSON.stringify({ identity: root.email, password: root.password });
  const headers = {
    ":method": "POST",
    ":path": "/api/collections/_superusers/auth-with-password",
    "content-type": "application/json",
  };
  const answer = await ask2(session, headers, body);
  assert.equal(answer.status, 200, answer.text);
  return JSON.parse(answer.text).token;
}

describe("TLS with files of one's own", ours, () => {
  test("is spoken from 1.2 on, with HTTP/2 and 1.1, and HTTP leads there", async () => {
    const pair = await certificate();
    const server = await start(write(tempDir(), pair).args);
    const port = server.secure;
    assert.match(server.output, new RegExp(`https://127.0.0.1:${port}/_/`));
    const { ca } = { ca: pair.authority };
    for (const version of ["TLSv1.2", "TLSv1.3"]) {
      const options = { ca, minVersion: version, maxVersion: version };
      const seen = await shown(port, "localhost", options);
      assert.deepEqual([seen.authorized, seen.protocol], [true, version]);
    }
    const old = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" };
    await assert.rejects(shown(port, "localhost", old));

    const session = connect2(port, "localhost", ca);
    const answer = await ask2(session, { ":path": "/api/health?x=1" });
    assert.equal(answer.status, 200);
    assert.equal(session.alpnProtocol, "h2");
    session.destroy();
    await sdkOverTls(`https://localhost:${port}`, pair.authorityFile, root);

    for (const method of ["GET", "HEAD"]) {
      const led = await plain(server.port, "/api/health?x=1", { method, host: "a.example:8090" });
      assert.equal(led.status, 302);
      assert.equal(led.headers.location, `https://a.example:${port}/api/health?x=1`);
    }
    const refused = await plain(server.port, "/api/health", { method: "POST" });
    assert.equal(refused.status, 400);
    assert.equal(JSON.parse(refused.text).message, "Use HTTPS.");
    const proof = await plain(server.port, "/.well-known/acme-challenge/x");
    assert.equal(proof.status, 404);
    await server.stop();
  });

  test("another certificate is shown without a restart, a wrong one never", async () => {
    const [first, second, other] = [await certificate(), await certificate(), await certificate()];
    const dir = tempDir();
    const server = await start(write(dir, first).args);
    const port = server.secure;
    const now = (pair) => async () => {
      return (await shown(port, "localhost", { ca: pair.authority })).authorized;
    };
    assert.ok(await now(first)());
    write(dir, second);
    await eventually("the second certificate", now(second));
    write(dir, { cert: other.cert, key: first.key });
    await eventually("a word about the wrong key", () =>
      server.output.includes("it is not the key"),
    );
    assert.ok(await now(second)());
    write(dir, { cert: "nonsense", key: "nonsense" });
    await eventually("a word about nonsense", () =>
      server.output.includes("no certificate in PEM"),
    );
    assert.ok(await now(second)());
    assert.doesNotMatch(server.output, /PRIVATE KEY/);
    await server.stop();
  });

  test("a start without a usable certificate says what to do", async () => {
    const pair = await certificate();
    const dir = tempDir();
    const { args, files } = write(dir, { ...pair, key: (await certificate()).key });
    const server = new Server();
    const refused = await server.command("serve", ...args);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /cannot use .*key\.pem: it is not the key of .*cert\.pem/);
    fs.rmSync(files[0]);
    assert.match((await server.command("serve", ...args)).stderr, /cannot use .*cert\.pem/);
    const alone = await server.command("serve", "--https", "127.0.0.1:0");
    assert.match(alone.stderr, /name a domain to fetch one for/);
  });

  test("realtime goes by HTTP/2, and a stop ends it", async () => {
    const pair = await certificate();
    const server = await start(write(tempDir(), pair).args);
    const session = connect2(server.secure, "localhost", pair.authority);
    const token = await signIn(session);
    const send = async (method, path, body) => {
      const headers = {
        ":method": method,
        ":path": path,
        authorization: token,
        "content-type": "application/json",
      };
      const answer = await ask2(session, headers, JSON.stringify(body));
      assert.ok(answer.status < 300, answer.text);
    };
    const { messages } = stream2(session, "/api/realtime");
    const first = await eventually("a client id", () => messages[0]);
    assert.equal(first.event, "PB_CONNECT");
    const { clientId } = first.data;
    await send("POST", "/api/realtime", { clientId, subscriptions: ["users/*"] });
    const password = "a long enough password";
    const user = { email: "ada@example.com", password, passwordConfirm: password };
    await send("POST", "/api/collections/users/records", user);
    const told = await eventually("the sign-up", () => messages[1]);
    assert.deepEqual([told.event, told.data.action], ["users/*", "create"]);
    // The connection stays open; a stop does not wait for it.
    const begun = Date.now();
    await server.stop();
    assert.ok(Date.now() - begun < 5000, `${Date.now() - begun} ms to stop`);
    session.destroy();
  });

  test("a session's cookie is for TLS alone, and knows its origin by HTTP/2", async () => {
    const pair = await certificate();
    const server = await start(write(tempDir(), pair).args);
    const session = connect2(server.secure, "localhost", pair.authority);
    const headers = (origin) => ({
      ":method": "POST",
      ":path": "/api/collections/_superusers/auth-with-password?session=cookie",
      "content-type": "application/json",
      "x-session-cookie": "1",
      origin,
    });
    const body = JSON.stringify({ identity: root.email, password: root.password });
    const own = await ask2(session, headers(`https://localhost:${server.secure}`), body);
    assert.equal(own.status, 200, own.text);
    assert.match(own.headers["set-cookie"][0], /; Secure$/);
    const foreign = await ask2(session, headers("https://evil.example"), body);
    assert.equal(foreign.status, 403);
    session.destroy();
    await server.stop();
  });

  test("a client that does not agree on TLS is let go", async () => {
    const server = await start(write(tempDir(), await certificate()).args);
    const socket = net.connect(server.secure, "127.0.0.1");
    const begun = Date.now();
    socket.on("error", () => {});
    await new Promise((resolve) => socket.once("close", resolve).resume());
    assert.ok(Date.now() - begun < 20_000, `${Date.now() - begun} ms`);
    await server.stop();
  });

  test("a certificate of PocketBase is shown, and www. leads to the bare name", async () => {
    const pair = await certificate(["shop.example.com", "www.shop.example.com"]);
    const key = createPrivateKey(pair.key).export({ type: "sec1", format: "pem" });
    const dir = path.join(tempDir(), "data");
    const cache = path.join(dir, ".autocert_cache");
    fs.mkdirSync(cache, { recursive: true });
    for (const name of ["shop.example.com", "www.shop.example.com"]) {
      fs.writeFileSync(path.join(cache, name), key + pair.cert);
    }
    const server = await start(["shop.example.com"], { dir });
    const ca = pair.authority;
    const bare = () => shown(server.secure, "shop.example.com", { ca });
    assert.ok((await eventually("a certificate", bare)).authorized);
    await assert.rejects(shown(server.secure, "other.example.com"));
    await eventually("one for www", () => shown(server.secure, "www.shop.example.com", { ca }));
    const session = connect2(server.secure, "www.shop.example.com", ca);
    const led = await ask2(session, { ":path": "/a?b=1" });
    assert.equal(led.status, 307);
    assert.equal(led.headers.location, `https://shop.example.com:${server.secure}/a?b=1`);
    session.destroy();
    await server.stop();
  });
});
