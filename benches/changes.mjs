#!/usr/bin/env node
// Measures what the change log costs: creates per second in two collections of one server, one with
// its log and one without, in alternation.
//
//   benches/changes.mjs BINARY
//
//   ROUNDS=9         alternations; the median counts     SECONDS_EACH=4   length of one measurement
//   CONNECTIONS=16
//
// Not a test: figures depend on the machine and on what else it does. The target is 10 % at most.
// Needs wrk.
import { execFile, execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const [binary] = process.argv.slice(2);
if (!binary) {
  const own = fs.readFileSync(new URL(import.meta.url), 'utf8');
  console.error(own.split('\n').slice(1, 12).join('\n'));
  process.exit(2);
}
const setting = (name, standard) => Number(process.env[name] ?? standard);
const rounds = setting('ROUNDS', 9);
const seconds = setting('SECONDS_EACH', 4);
const connections = setting('CONNECTIONS', 16);
const email = 'root@example.com';
const password = 'a long enough password';
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'changes-'));
const dir = ['--dir', path.join(work, 'data')];

function freePort() {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function call(url, method, target, body, token = '') {
  const headers = { 'Content-Type': 'application/json', Authorization: token };
  const response = await fetch(url + target, { method, headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${method} ${target}: ${await response.text()}`);
  return response.json();
}

async function isUp(url) {
  for (let tries = 0; tries < 400; tries += 1) {
    if (await fetch(`${url}/api/health`).then((r) => r.ok, () => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${binary} does not answer`);
}

/** Creates per second. */
async function perSecond(url, collection) {
  const script = path.join(work, `${collection}.lua`);
  const body = JSON.stringify({ title: 'A title of some length', n: 42, done: true });
  const lua = [
    'wrk.method = "POST"',
    `wrk.path = "/api/collections/${collection}/records"`,
    'wrk.headers["Content-Type"] = "application/json"',
    `wrk.body = [[${body}]]`,
  ];
  fs.writeFileSync(script, lua.join('\n'));
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', script, url];
  const { stdout } = await promisify(execFile)('wrk', args);
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(stdout);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1] ?? 0);
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

const port = await freePort();
const url = `http://127.0.0.1:${port}`;
execFileSync(binary, ['superuser', 'upsert', email, password, ...dir], { stdio: 'ignore' });
const args = ['serve', '--no-open', '--http', `127.0.0.1:${port}`, ...dir];
const server = spawn(binary, args, { stdio: 'ignore' });
try {
  await isUp(url);
  const identity = { identity: email, password };
  const route = '/api/collections/_superusers/auth-with-password';
  const { token } = await call(url, 'POST', route, identity);
  const fields = [
    { name: 'title', type: 'text' },
    { name: 'n', type: 'number' },
    { name: 'done', type: 'bool' },
  ];
  for (const [name, changes] of [['logged', true], ['plain', false]]) {
    const collection = { name, type: 'base', createRule: '', fields, changes };
    await call(url, 'POST', '/api/collections', collection, token);
    await perSecond(url, name);
  }
  const measured = { logged: [], plain: [] };
  const costs = [];
  for (let round = 0; round < rounds; round += 1) {
    // Each goes first every other time: what a run leaves to be written costs the next one.
    const order = round % 2 ? ['logged', 'plain'] : ['plain', 'logged'];
    for (const name of order) measured[name].push(await perSecond(url, name));
    const [logged, plain] = [measured.logged.at(-1), measured.plain.at(-1)];
    costs.push((1 - logged / plain) * 100);
    const cells = [logged, plain].map((rate) => rate.toFixed(0).padStart(8));
    console.log(`${cells.join('')}  ${costs.at(-1).toFixed(1).padStart(6)} %`);
  }
  const { logged, plain } = measured;
  console.log(`with the log ${median(logged).toFixed(0)}/s, without ${median(plain).toFixed(0)}/s`);
  console.log(`the log costs ${median(costs).toFixed(1)} % of creates (median of ${rounds})`);
} finally {
  server.kill();
  fs.rmSync(work, { recursive: true, force: true });
}
