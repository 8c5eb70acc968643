#!/usr/bin/env node
// Measures an import and an export of many rows of eight columns, as CSV, over a server.
//
//   benches/imports.mjs BINARY       milliseconds, rows a second, and the most memory the server took
//
//   ROWS=100000   rows of the file        UPSERT=1   imports the same file once more, by id
//
// Not a test: figures depend on the machine and on what else it does. Linux only.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

const [binary] = process.argv.slice(2);
if (!binary) {
  console.error(fs.readFileSync(new URL(import.meta.url), 'utf8').split('\n').slice(1, 9).join('\n'));
  process.exit(2);
}
const rows = Number(process.env.ROWS ?? 100_000);
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'imports-'));
const dir = path.join(work, 'data');
const root = { email: 'root@example.com', password: 'a long enough password' };
process.on('exit', () => fs.rmSync(work, { recursive: true, force: true }));

const port = await new Promise((resolve) => {
  const server = net.createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});
spawnSync(binary, ['superuser', 'upsert', root.email, root.password, '--dir', dir]);
const args = ['serve', '--http', `127.0.0.1:${port}`, '--dir', dir, '--no-open'];
const server = spawn(binary, args, { cwd: work, stdio: 'ignore' });
process.on('exit', () => server.kill('SIGKILL'));
const url = `http://127.0.0.1:${port}`;
for (let up = false; !up; ) up = await fetch(`${url}/api/health`).then((r) => r.ok, () => false);

let token = '';
async function call(method, where, body, type = 'application/json') {
  const headers = { Authorization: token, 'Content-Type': type };
  const sent = typeof body === 'object' && !Buffer.isBuffer(body) ? JSON.stringify(body) : body;
  const answer = await fetch(url + where, { method, headers, body: sent });
  if (!answer.ok) throw new Error(`${method} ${where}: ${answer.status} ${await answer.text()}`);
  return answer;
}
const signIn = '/api/collections/_superusers/auth-with-password';
const signedIn = await call('POST', signIn, { identity: root.email, password: root.password });
({ token } = await signedIn.json());
await call('POST', '/api/collections', {
  name: 'rows',
  type: 'base',
  fields: [
    { name: 'title', type: 'text' },
    { name: 'email', type: 'email' },
    { name: 'n', type: 'number' },
    { name: 'price', type: 'number' },
    { name: 'ok', type: 'bool' },
    { name: 'when', type: 'date' },
    { name: 'kind', type: 'select', values: ['a', 'b', 'c'] },
  ],
  indexes: ['CREATE UNIQUE INDEX idx_rows_email ON rows (email)'],
});

const lines = ['id,title,email,n,price,ok,when,kind'];
for (let n = 0; n < rows; n += 1) {
  const id = `row${String(n).padStart(12, '0')}`;
  const date = new Date(1.7e12 + n * 1000).toISOString();
  const [ok, kind] = [n % 2 === 0, 'abc'[n % 3]];
  lines.push(`${id},"Title of row ${n}, quoted",r${n}@example.com,${n},${n / 100},${ok},${date},${kind}`);
}
const csv = Buffer.from(`${lines.join('\n')}\n`);

/** The most memory that the server had, in MB. */
const peak = () =>
  Math.round(fs.readFileSync(`/proc/${server.pid}/status`, 'utf8').match(/VmHWM:\s+(\d+)/)[1] / 1024);
const cpu = () => {
  const fields = fs.readFileSync(`/proc/${server.pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
};
async function measure(what, work) {
  const [began, before] = [performance.now(), cpu()];
  const result = await work();
  const ms = Math.round(performance.now() - began);
  const rate = Math.round((rows / ms) * 1000);
  const used = (cpu() - before).toFixed(1);
  console.log(`${what}: ${ms} ms, ${rate} rows/s, processor ${used} s, peak ${peak()} MB ${result}`);
}
const counts = ({ state, rows, created, updated, rejected }) =>
  JSON.stringify({ state, rows, created, updated, rejected });
const importing = (query) => async () =>
  counts(await (await call('POST', `/api/gr/collections/rows/import${query}`, csv, 'text/csv')).json());
console.log(`${rows} rows, ${(csv.length / 1e6).toFixed(1)} MB; the server at rest: ${peak()} MB`);
await measure('dry run', importing('?dryRun=true'));
await measure('import', importing(''));
if (process.env.UPSERT) await measure('upsert', importing('?upsert=id'));
for (const format of ['csv', 'ndjson']) {
  await measure(`export ${format}`, async () => {
    const answer = await call('GET', `/api/gr/collections/rows/export?format=${format}`);
    let bytes = 0;
    for await (const piece of answer.body) bytes += piece.length;
    return `${(bytes / 1e6).toFixed(1)} MB`;
  });
}
process.exit(0);
