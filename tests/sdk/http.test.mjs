// What every answer has in common: health, headers, CORS, routes that do not exist.
import { after, before, describe, test } from "node:test";
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { Server } from "./support/server.mjs";
import { envelope, guest, raw, superuser } from "./support/client.mjs";

let server;
before(async () => {
  server = await Server.start();
});
after(() => server?.stop());

describe("health", () => {
  test("a guest hears that the server is well, and nothing else", async () => {
    const answer = await raw(server, "GET", "/api/health");
    assert.equal(answer.status, 200);
    assert.equal(answer.text, '{"message":"API is healthy.","code":200,"data":{}}');
  });

  test("a superuser hears more", async () => {
    const { data } = await (await superuser(server)).health.check();
    assert.deepEqual(Object.keys(data).sort(), ["canBackup", "possibleProxyHeader", "realIP"]);
    assert.equal(data.canBackup, true);
    assert.equal(data.realIP, "127.0.0.1");
  });

  test("HEAD answers like GET, without a body", async () => {
    const answer = await raw(server, "HEAD", "/api/health");
    assert.equal(answer.status, 200);
    assert.equal(answer.text, "");
  });
});

describe("headers", () => {
  test("every answer carries the security headers", async () => {
    for (const path of ["/api/health", "/api/collections", "/api/nowhere"]) {
      const { headers } = await raw(server, "GET", path);
      assert.equal(headers.get("x-content-type-options"), "nosniff", path);
      assert.equal(headers.get("x-frame-options"), "SAMEORIGIN", path);
      assert.equal(headers.get("x-xss-protection"), "1; mode=block", path);
      assert.equal(headers.get("cross-origin-opener-policy"), "same-origin", path);
    }
  });

  test("JSON is plain application/json without a line break at the end", async () => {
    const answer = await raw(server, "GET", "/api/collections");
    assert.equal(answer.headers.get("content-type"), "application/json");
    assert.ok(answer.text.endsWith("}"));
    assert.equal(answer.headers.get("content-encoding"), null);
  });

  test("any origin may call, without credentials", async () => {
    const { headers } = await raw(server, "GET", "/api/health", {
      headers: { Origin: "http://app.example.com" },
    });
    assert.equal(headers.get("access-control-allow-origin"), "*");
    assert.equal(headers.get("access-control-allow-credentials"), null);
    assert.match(headers.get("vary"), /Origin/);
  });

  test("a preflight is answered before anything else", async () => {
    const answer = await raw(server, "OPTIONS", "/api/collections/users/records", {
      headers: {
        Origin: "http://app.example.com",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,x-own",
      },
    });
    assert.equal(answer.status, 204);
    assert.equal(answer.headers.get("access-control-allow-headers"), "authorization,x-own");
    assert.equal(
      answer.headers.get("access-control-allow-methods"),
      "GET,HEAD,PUT,PATCH,POST,DELETE",
    );
    assert.equal(answer.headers.get("access-control-allow-origin"), "*");
  });
});

describe("routes", () => {
  const unknown = [
    ["GET", "/api/nowhere", "File not found."],
    ["GET", "/api/collections/users/records/", "File not found."],
    ["POST", "/api/nowhere", "The requested resource wasn't found."],
    ["PUT", "/api/health", "The requested resource wasn't found."],
    ["DELETE", "/api/collections", "The requested resource wasn't found."],
    ["PATCH", "/api/collections/users/records", "The requested resource wasn't found."],
    ["POST", "/", "The requested resource wasn't found."],
  ];
  for (const [method, path, message] of unknown) {
    test(`${method} ${path} does not exist`, async () => {
      const answer = await raw(server, method, path);
      assert.equal(answer.status, 404);
      envelope(answer.json, 404);
      assert.equal(answer.json.message, message);
    });
  }

  test("a doubled slash is sent to the clean path", async () => {
    const answer = await raw(server, "GET", "/api//health");
    assert.equal(answer.status, 307);
    assert.equal(answer.headers.get("location"), "/api/health");
  });

  test("the dashboard has its own path", async () => {
    const bare = await raw(server, "GET", "/_");
    assert.equal(bare.status, 307);
    assert.equal(bare.headers.get("location"), "/_/");
    const page = await raw(server, "GET", "/_/");
    assert.equal(page.status, 200);
    assert.match(page.headers.get("content-type"), /^text\/html/);
  });
});

describe("the public folder", () => {
  before(() => {
    fs.mkdirSync(path.join(server.publicDir, "deep"), { recursive: true });
    fs.writeFileSync(path.join(server.publicDir, "index.html"), "<h1>home</h1>");
    fs.writeFileSync(path.join(server.publicDir, "app.mjs"), "export default 1;\n");
    fs.writeFileSync(path.join(server.publicDir, "deep/page.html"), "<p>deep</p>");
    fs.writeFileSync(path.join(server.home, "secret.txt"), "not for you");
  });
  after(() => fs.rmSync(server.publicDir, { recursive: true }));

  test("files are served with their types", async () => {
    const page = await raw(server, "GET", "/deep/page.html");
    assert.equal(page.status, 200);
    assert.equal(page.text, "<p>deep</p>");
    assert.match(page.headers.get("content-type"), /^text\/html/);
    const script = await raw(server, "GET", "/app.mjs");
    assert.match(script.headers.get("content-type"), /javascript/);
  });

  test("the root and unknown paths answer with index.html", async () => {
    for (const path of ["/", "/some/client/route"]) {
      const answer = await raw(server, "GET", path);
      assert.equal(answer.status, 200, path);
      assert.equal(answer.text, "<h1>home</h1>", path);
    }
  });

  test("nothing outside of the folder leaks", async () => {
    for (const path of ["/%2e%2e/secret.txt", "/deep/..%2f..%2fsecret.txt", "/..%5csecret.txt"]) {
      const answer = await raw(server, "GET", path);
      assert.ok(!answer.text.includes("not for you"), path);
      assert.ok(answer.status < 500, path);
    }
  });
});

test("a guest may not use the routes of superusers", async () => {
  const calls = [
    ["GET", "/api/collections"],
    ["POST", "/api/collections"],
    ["GET", "/api/collections/users"],
    ["PATCH", "/api/collections/users"],
    ["DELETE", "/api/collections/users"],
    ["DELETE", "/api/collections/users/truncate"],
    ["GET", "/api/collections/meta/scaffolds"],
  ];
  for (const [method, path] of calls) {
    const answer = await raw(server, method, path);
    assert.equal(answer.status, 401, `${method} ${path}`);
    envelope(answer.json, 401);
    assert.equal(
      answer.json.message,
      "The request requires valid record authorization token.",
      `${method} ${path}`,
    );
  }
  assert.equal(guest(server).authStore.isValid, false);
});
