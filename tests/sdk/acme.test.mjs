// Certificates fetched by ACME from Let's Encrypt's own test server, `pebble` (Debian: pebble).
import { spawn, spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import assert from "node:assert/strict";
import fs from "node:fs";
import https from "node:https";
import path from "node:path";
import { certificate } from "./support/certificate.mjs";
import { Server, eventually, freePort, isReference, root, tempDir } from "./support/server.mjs";
import { ask2, connect2, plain, sdkOverTls, shown } from "./support/tls.mjs";

const hasPebble = spawnSync("pebble", ["-h"]).error === undefined;
const options = hasPebble && !isReference ? {} : { skip: "needs pebble, and our own binary" };
const started = new Set();
process.on("exit", () => started.forEach((child) => child.kill("SIGKILL")));

function launch(program, args, env) {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: "pipe" });
  started.add(child);
  child.unref();
  child.output = "";
  for (const side of [child.stdout, child.stderr]) {
    side.on("data", (text) => (child.output += text));
    side.unref();
  }
  return child;
}

function get(url, ca) {
  return new Promise((resolve, reject) => {
    const request = https.get(url, { ca, agent: false }, (response) => {
      let text = "";
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve(text));
    });
    request.once("error", reject);
  });
}

/** An ACME server that asks `ports` for proof, and believes that every name leads here. */
class Authority {
  static async start(ports, validSeconds) {
    const authority = new Authority();
    authority.own = await certificate();
    const dir = tempDir();
    for (const name of ["cert", "key"]) {
      fs.writeFileSync(path.join(dir, name), authority.own[name]);
    }
    const [listen, manage, names, unused] = [
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
    ];
    const pebble = {
      listenAddress: `127.0.0.1:${listen}`,
      managementListenAddress: `127.0.0.1:${manage}`,
      certificate: path.join(dir, "cert"),
      privateKey: path.join(dir, "key"),
      ...ports,
      certificateValidityPeriod: validSeconds,
    };
    const config = path.join(dir, "config.json");
    fs.writeFileSync(config, JSON.stringify({ pebble }));
    const off = ["-http01", "", "-https01", "", "-tlsalpn01", "", "-defaultIPv6", ""];
    const dns = ["-dns01", `127.0.0.1:${names}`, "-management", `127.0.0.1:${unused}`, ...off];
    launch("pebble-challtestsrv", dns);
    const args = ["-config", config, "-dnsserver", `127.0.0.1:${names}`];
    authority.process = launch("pebble", args, { PEBBLE_VA_NOSLEEP: "1", PEBBLE_WFE_NONCEREJECT: "0" });
    authority.url = `https://localhost:${listen}/dir`;
    const { authority: ca } = authority.own;
    const root = () => get(`https://localhost:${manage}/roots/0`, ca);
    authority.root = await eventually("pebble's root certificate", root);
    authority.rootFile = path.join(dir, "root.pem");
    fs.writeFileSync(authority.rootFile, authority.root);
    return authority;
  }

  get args() {
    return ["--acme-directory", this.url, "--acme-ca", this.own.authorityFile];
  }

  stop() {
    this.process.kill("SIGKILL");
  }
}

async function server(domain, ports, authority) {
  const address = `127.0.0.1:${ports.secure}`;
  const mail = ["--acme-email", "ada@example.com"];
  const made = new Server({ args: [domain, "--https", address, ...mail, ...authority.args] });
  made.isReady = async () => (await plain(made.port, "/api/health")).status === 302;
  await made.superuser("upsert", root.email, root.password);
  await made.start({ port: ports.plain });
  return made;
}

describe("certificates by ACME", options, () => {
  test("are fetched, shown, renewed, and kept over a restart", async () => {
    const ports = { secure: await freePort(), plain: await freePort() };
    const asked = { httpPort: ports.plain, tlsPort: ports.secure };
    const authority = await Authority.start(asked, 30);
    const shop = await server("shop.test", ports, authority);
    const trusted = { ca: authority.root };
    const see = () => shown(ports.secure, "shop.test", trusted);
    const first = await eventually("a certificate", see, { timeout: 60_000 });
    assert.equal(first.authorized, true, `${first.problem}`);
    assert.equal(first.subjectaltname, "DNS:shop.test");
    assert.match(shop.output, new RegExp(`Server started at https://shop.test:${ports.secure}`));

    const session = connect2(ports.secure, "shop.test", authority.root);
    const health = await ask2(session, { ":path": "/api/health" });
    assert.deepEqual([health.status, session.alpnProtocol], [200, "h2"]);
    session.destroy();
    await sdkOverTls(`https://shop.test:${ports.secure}`, authority.rootFile, root);
    const led = await plain(ports.plain, "/_/?a=b", { host: "shop.test" });
    assert.equal(led.headers.location, `https://shop.test:${ports.secure}/_/?a=b`);

    // Nobody ordered www.shop.test before a client asked for it.
    assert.doesNotMatch(authority.process.output, /www\.shop\.test/);
    await assert.rejects(shown(ports.secure, "www.shop.test"));
    const www = () => shown(ports.secure, "www.shop.test", trusted);
    assert.ok((await eventually("one for www", www, { timeout: 60_000 })).authorized);
    const other = connect2(ports.secure, "www.shop.test", authority.root);
    const bare = await ask2(other, { ":path": "/x" });
    assert.equal(bare.headers.location, `https://shop.test:${ports.secure}/x`);
    other.destroy();

    // After two thirds of its time another one is fetched, and nobody notices.
    const renewed = async () => {
      const now = await see();
      assert.ok(now.authorized, `${now.problem}`);
      return now.fingerprint256 !== first.fingerprint256 && now;
    };
    await eventually("a renewed certificate", renewed, { timeout: 60_000, pause: 200 });

    authority.stop();
    const last = await see();
    await shop.stop();
    const cache = path.join(shop.dir, ".autocert_cache");
    assert.equal(fs.statSync(cache).mode & 0o777, 0o700);
    const [folder] = fs.readdirSync(cache);
    for (const file of fs.readdirSync(path.join(cache, folder))) {
      assert.equal(fs.statSync(path.join(cache, folder, file)).mode & 0o077, 0, file);
    }
    await shop.start({ port: ports.plain });
    const kept = await eventually("the certificate of before", see);
    assert.equal(kept.fingerprint256, last.fingerprint256);
    await shop.stop();
    assert.doesNotMatch(shop.output, /PRIVATE KEY/);
  });

  test("are proved over HTTP where TLS does not come through", async () => {
    const ports = { secure: await freePort(), plain: await freePort() };
    const asked = { httpPort: ports.plain, tlsPort: await freePort() };
    const authority = await Authority.start(asked, 3600);
    const shop = await server("shop.test", ports, authority);
    const see = () => shown(ports.secure, "shop.test", { ca: authority.root });
    assert.ok((await eventually("a certificate", see, { timeout: 150_000 })).authorized);
    assert.match(shop.output, /no certificate came, the next try is in 5 s/);
    authority.stop();
    await shop.stop();
  });
});
