// What the load scripts share: chance that can be repeated, and requests without a client's help.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import net from "node:net";
import path from "node:path";
import { eventually, freePort, root, tempDir } from "../sdk/support/server.mjs";

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A source of numbers from 0 up to 1 that is the same for the same seed (mulberry32). */
export function randomFrom(seed) {
  let state = Number(seed);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Connections that are kept; `agent.destroy()` lets the process end. */
export const agent = new http.Agent({ keepAlive: true, maxSockets: Infinity });

/** Asks a server, and rejects when the answer is cut off. */
export function request(server, method, target, { token, body, through = agent } = {}) {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const headers = { ...(token && { Authorization: token }) };
  if (payload) {
    headers["Content-Type"] = "application/json";
    headers["Content-Length"] = Buffer.byteLength(payload);
  }
  const options = { method, headers, agent: through };
  return new Promise((resolve, reject) => {
    const call = http.request(server.url + target, options, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part) => (text += part));
      response.on("error", reject);
      response.on("end", () => {
        if (!response.complete) return reject(new Error("cut off"));
        resolve({ status: response.statusCode, json: text ? JSON.parse(text) : undefined });
      });
    });
    call.on("error", reject);
    call.end(payload);
  });
}

/** Signs in with a password; the whole answer. */
export async function signIn(server, collection, identity, password) {
  const target = `/api/collections/${collection}/auth-with-password`;
  const answer = await request(server, "POST", target, { body: { identity, password } });
  assert.equal(answer.status, 200, JSON.stringify(answer.json));
  return answer.json;
}

/** A token of the superuser whom the tests make. */
export async function rootToken(server) {
  return (await signIn(server, "_superusers", root.email, root.password)).token;
}

/** A server that starts under the usual soft limit of 1,024 open files. */
export class Subject {
  constructor(program, isReference) {
    this.program = program;
    this.isReference = isReference;
    this.dir = path.join(tempDir(), "data");
  }

  command(...args) {
    execFileSync(this.program, [...args, "--dir", this.dir], { stdio: "ignore" });
  }

  async start(...options) {
    this.port = await freePort();
    const extra = this.isReference ? "--automigrate=false" : "--no-open";
    const stdio = ["ignore", "ignore", "inherit"];
    const line = 'ulimit -Sn 1024; exec "$0" "$@"';
    const where = ["--http", `127.0.0.1:${this.port}`, "--dir", this.dir];
    const args = ["serve", ...where, extra, ...options];
    this.child = spawn("/bin/sh", ["-c", line, this.program, ...args], { stdio });
    this.ended = new Promise((resolve) => this.child.once("exit", resolve));
    process.once("exit", () => this.child.kill("SIGKILL"));
    const health = `http://127.0.0.1:${this.port}/api/health`;
    await eventually("the server answers", async () => (await fetch(health)).ok);
  }

  async stop() {
    this.child.kill("SIGTERM");
    await this.ended;
  }

  /** Seconds of CPU until now. */
  cpu() {
    const stat = fs.readFileSync(`/proc/${this.child.pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
    return (Number(fields[11]) + Number(fields[12])) / ticks;
  }

  /** Bytes that were sent to the disk until now. */
  written() {
    const io = fs.readFileSync(`/proc/${this.child.pid}/io`, "utf8");
    return Number(/^write_bytes: (\d+)/m.exec(io)[1]);
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Resident bytes. */
  memory() {
    const status = fs.readFileSync(`/proc/${this.child.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+)/.exec(status)[1]) * 1024;
  }
}

/** Hands bytes on to a port of this machine, until it is told to cut. */
export class Proxy {
  constructor(port) {
    this.pairs = new Set();
    this.server = net.createServer((near) => {
      const far = net.connect({ host: "127.0.0.1", port });
      const pair = { near, far, isDead: false };
      this.pairs.add(pair);
      for (const [from, to] of [
        [near, far],
        [far, near],
      ]) {
        from.on("data", (bytes) => {
          if (!pair.isDead) to.write(bytes);
        });
        from.on("error", () => {});
        from.on("close", () => {
          this.pairs.delete(pair);
          if (!pair.isDead) to.destroy();
        });
      }
    });
  }

  async listen() {
    await new Promise((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    this.port = this.server.address().port;
  }

  /** Ends every connection: `reset`, `half-open` (nothing comes through any more) or orderly. */
  cut(way) {
    for (const pair of this.pairs) {
      if (way === "half-open") pair.isDead = true;
      else if (way === "reset") pair.near.resetAndDestroy();
      else pair.near.destroy();
    }
    return way;
  }

  close() {
    for (const { near, far } of this.pairs) {
      near.destroy();
      far.destroy();
    }
    this.server.close();
  }
}

/** Keeps a copy of a collection's records by the stream alone. */
export class Copy {
  rows = new Map();
  since = 0;
  isLevel = false;
  told = 0;
  resyncs = 0;
  connections = 0;

  constructor(port, collection) {
    this.port = port;
    this.collection = collection;
    this.connect();
  }

  connect() {
    this.isLevel = false;
    this.connections++;
    let isOver = false;
    const again = () => {
      if (isOver || this.isClosed) return;
      isOver = true;
      setTimeout(() => this.connect(), 5);
    };
    let rest = "";
    const target = { host: "127.0.0.1", port: this.port, path: "/api/realtime", agent: false };
    this.call = http.get(target, (response) => {
      response.setEncoding("utf8");
      response.on("data", (text) => {
        const blocks = (rest + text).split("\n\n");
        rest = blocks.pop();
        // What lay in the buffers of a connection that was given up comes too late.
        if (!isOver) for (const block of blocks) this.take(block, again);
      });
      response.on("error", again);
      response.on("close", again);
    });
    this.call.on("error", again);
  }

  /** As a client with a watchdog does that hears no heartbeat. */
  giveUp() {
    this.call.destroy();
  }

  take(block, again) {
    const data = /^data:(.*)$/m.exec(block)?.[1];
    if (!data) return;
    const message = JSON.parse(data);
    if (message.clientId) {
      const options = encodeURIComponent(JSON.stringify({ query: { since: this.since } }));
      const body = {
        clientId: message.clientId,
        subscriptions: [`${this.collection}/*?options=${options}`],
      };
      const server = { url: `http://127.0.0.1:${this.port}` };
      request(server, "POST", "/api/realtime", { body, through: false }).then((answer) => {
        if (answer.status !== 204) this.call.destroy();
      }, again);
      return;
    }
    this.told++;
    if (message.action === "resync") this.resyncs++;
    else if (message.action === "delete") this.rows.delete(message.record.id);
    else if (message.record) this.rows.set(message.record.id, message.record);
    assert.ok(message.seq >= this.since, `${message.seq} comes after ${this.since}`);
    this.since = message.seq;
    if (message.action === "sync") this.isLevel = true;
  }

  close() {
    this.isClosed = true;
    this.call.destroy();
  }
}
