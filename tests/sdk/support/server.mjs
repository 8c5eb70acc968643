// Starts, stops and restarts the binary under test on a folder of its own.
//
// GREENROOM_BIN        the binary (default: target/release/greenroom of this repository)
// GREENROOM_REFERENCE  "1" when that binary is PocketBase: tests of our own extras are left out
import { spawn } from "node:child_process";
import assert from "node:assert/strict";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../../../", import.meta.url));

export const isReference = process.env.GREENROOM_REFERENCE === "1";
export const binary = path.resolve(
  process.env.GREENROOM_BIN ||
    path.join(process.env.CARGO_TARGET_DIR || path.join(repository, "target"), "release/greenroom"),
);

/** Options of a test that only our own binary can pass. */
export const ours = isReference ? { skip: "an addition of our own" } : {};

export const root = { email: "root@example.com", password: "correct horse battery" };

const live = new Set();
const folders = new Set();
process.on("exit", () => {
  for (const child of live) child.kill("SIGKILL");
  for (const dir of folders) fs.rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130));

/** A fresh folder, removed when the test process ends. */
export function tempDir() {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "greenroom-test-"));
  folders.add(dir);
  return dir;
}

export async function freePort() {
  const server = net.createServer();
  await new Promise((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The environment without settings of whoever runs the tests. */
function cleanEnvironment(extra) {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(GREENROOM_|NODE_TEST|PB_)/.test(name),
  );
  return { ...Object.fromEntries(kept), NO_COLOR: "1", ...extra };
}

function launch(args, { env, cwd, uid } = {}) {
  const stdio = ["ignore", "pipe", "pipe"];
  const options = { env: cleanEnvironment(env), cwd, uid, gid: uid, stdio };
  const child = spawn(binary, args, options);
  live.add(child);
  // A failed test leaves its server behind; that must not keep the test file from ending.
  child.unref();
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) {
    child[name].setEncoding("utf8").on("data", (text) => (output[name] += text));
    child[name].unref();
  }
  const ended = new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      live.delete(child);
      resolve({ code, signal, ...output });
    });
  });
  ended.catch(() => live.delete(child));
  return { child, ended, output };
}

/** Waits for a process to end, and ends it after `timeout`. */
async function endOf({ child, ended }, timeout) {
  const alarm = setTimeout(() => child.kill("SIGKILL"), timeout);
  try {
    return await ended;
  } finally {
    clearTimeout(alarm);
  }
}

/** Runs a command of the binary to its end. */
export async function run(args, { timeout = 30_000, ...options } = {}) {
  const { child, ended } = launch(args, options);
  const result = await endOf({ child, ended }, timeout);
  assert.equal(result.signal, null, `${args.join(" ")} did not end within ${timeout} ms`);
  return result;
}

/** Polls until `probe` returns something true. */
export async function eventually(what, probe, { timeout = 15_000, pause = 20 } = {}) {
  const deadline = Date.now() + timeout;
  let last;
  while (Date.now() < deadline) {
    try {
      const value = await probe();
      if (value) return value;
      last = value;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  throw new Error(`${what}: not within ${timeout} ms (last: ${last?.stack ?? last})`);
}

export class Server {
  constructor({ dir, publicDir, args = [], env = {} } = {}) {
    this.home = tempDir();
    this.dir = dir ?? path.join(this.home, "data");
    this.publicDir = publicDir === undefined ? path.join(this.home, "public") : publicDir;
    this.extraArgs = args;
    this.env = env;
  }

  /** A server with one superuser, ready to answer. */
  static async start(options) {
    const server = new Server(options);
    await server.superuser("upsert", root.email, root.password);
    await server.start();
    return server;
  }

  superuser(...args) {
    return this.command("superuser", ...args).then((result) => {
      assert.equal(result.code, 0, `superuser ${args[0]}: ${result.stderr}`);
      return result;
    });
  }

  command(...args) {
    return run([...args, "--dir", this.dir], { env: this.env, cwd: this.home });
  }

  async start({ port } = {}) {
    this.port = port ?? (await freePort());
    this.url = `http://127.0.0.1:${this.port}`;
    const args = ["serve", "--http", `127.0.0.1:${this.port}`, "--dir", this.dir];
    if (this.publicDir !== null) args.push("--publicDir", this.publicDir);
    args.push(...this.extraArgs);
    if (isReference) args.push("--automigrate=false");
    else args.push("--no-open");
    this.process = launch(args, { env: this.env, cwd: this.home });
    let over = null;
    this.process.ended.then(
      (result) => (over = result),
      (error) => (over = error),
    );
    await eventually(`${path.basename(binary)} answers /api/health`, async () => {
      if (over) return true;
      return this.isReady ? this.isReady() : (await fetch(`${this.url}/api/health`)).ok;
    });
    if (over) {
      throw new Error(`the server ended at start: ${over.stderr ?? over.stack}`);
    }
  }

  get output() {
    return this.process.output.stdout + this.process.output.stderr;
  }

  get isRunning() {
    return live.has(this.process.child);
  }

  /** Ends it as a service manager would, and expects a clean exit. */
  async stop() {
    assert.ok(this.isRunning, `the server ended by itself:\n${this.output}`);
    this.process.child.kill("SIGTERM");
    const result = await endOf(this.process, 15_000);
    assert.deepEqual(
      { code: result.code, signal: result.signal },
      { code: 0, signal: null },
      `SIGTERM must end the server with 0:\n${this.output}`,
    );
  }

  /** Ends it as a power cut would. */
  async kill() {
    this.process.child.kill("SIGKILL");
    await endOf(this.process, 15_000);
  }

  async restart() {
    await this.stop();
    await this.start();
  }
}
