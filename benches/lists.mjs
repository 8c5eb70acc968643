#!/usr/bin/env node
// Measures lists over many records: pages that an index serves, rules, relations, and what no
// index serves.
//
//   benches/lists.mjs CANDIDATE REFERENCE   requests per second of both in alternation, and ratios
//   benches/lists.mjs CANDIDATE             milliseconds of one request after the other
//
//   ROWS=100000      records of the collection    ROUNDS=3       alternations; the median counts
//   SECONDS_EACH=4   length of one measurement    CONNECTIONS=16
//   ONLY='page rule' some of the tasks            KEEP=DIR       keeps the folders there, and takes
//                                                                those that are filled already
//
// Not a test: figures depend on the machine and on what else it does. Needs wrk and python3.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const [candidate, reference] = process.argv.slice(2);
if (!candidate) {
  const own = fs.readFileSync(new URL(import.meta.url), 'utf8');
  console.error(own.split('\n').slice(1, 14).join('\n'));
  process.exit(2);
}
const setting = (name, standard) => Number(process.env[name] ?? standard);
const rows = setting('ROWS', 100_000);
const seconds = setting('SECONDS_EACH', 4);
const rounds = setting('ROUNDS', 3);
const connections = setting('CONNECTIONS', 16);
const email = 'root@example.com';
const password = 'a long enough password';

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'lists-'));
const kept = process.env.KEEP ?? work;
fs.mkdirSync(kept, { recursive: true });

/** What is asked for: filter, sort, and whether the list rule is that of owners. */
const tasks = {
  page: { filter: '', sort: '' },
  sorted: { filter: '', sort: '-created' },
  filtered: { filter: "status = 'open'", sort: '-created' },
  range: { filter: 'n > 5000 && n < 90000', sort: 'n' },
  'filtered-total': { filter: "status = 'open'", sort: '-created', total: true },
  rule: { filter: '', sort: '-created', owned: true },
  'rule-filtered': { filter: 'done = true', sort: '-created', owned: true },
  relation: { filter: "owner.name = 'p3'", sort: '-created' },
  'page-1000': { filter: "status = 'open'", sort: '-created', page: 1000 },
  'text-found': { filter: "title ~ '4242'", sort: '-created' },
  'sort-no-index': { filter: '', sort: '-score' },
};

function freePort() {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

class Server {
  token = '';

  constructor(name, binary, flags) {
    this.dir = path.join(kept, name);
    this.binary = path.resolve(binary);
    this.flags = flags;
  }

  async start() {
    const dir = ['--dir', this.dir];
    const quietly = { stdio: ['ignore', 'ignore', 'inherit'] };
    execFileSync(this.binary, ['superuser', 'upsert', email, password, ...dir], quietly);
    const port = await freePort();
    this.url = `http://127.0.0.1:${port}`;
    const args = ['serve', '--http', `127.0.0.1:${port}`, ...dir, ...this.flags];
    this.process = spawn(this.binary, args, { stdio: 'ignore' });
    for (let tries = 0; ; tries += 1) {
      if (await fetch(`${this.url}/api/health`).then((r) => r.ok, () => false)) break;
      if (tries > 400) throw new Error(`${this.binary} does not answer`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    this.token = await this.signIn('_superusers', email);
    if (!fs.existsSync(`${this.dir}.filled`)) {
      await this.fill();
      fs.writeFileSync(`${this.dir}.filled`, '');
    }
    this.theirs = await this.signIn('users', 'p3@example.com');
  }

  async call(method, target, body) {
    const headers = { 'Content-Type': 'application/json', Authorization: this.token };
    const sent = { method, headers, body: JSON.stringify(body) };
    const response = await fetch(this.url + target, sent);
    if (!response.ok) throw new Error(`${method} ${target}: ${await response.text()}`);
    return response.json();
  }

  async signIn(collection, identity) {
    const body = { identity, password };
    const path = `/api/collections/${collection}/auth-with-password`;
    return (await this.call('POST', path, body)).token;
  }

  /** Makes the collection through the API, and its records right in the table. */
  async fill() {
    const people = [];
    for (let n = 0; n < 10; n += 1) {
      const name = `p${n}`;
      const email = `${name}@example.com`;
      const person = { name, email, password, passwordConfirm: password };
      people.push((await this.call('POST', '/api/collections/users/records', person)).id);
    }
    const open = { listRule: '', viewRule: '' };
    const users = await this.call('PATCH', '/api/collections/users', open);
    await this.call('POST', '/api/collections', {
      name: 'tickets',
      type: 'base',
      listRule: '',
      viewRule: '',
      fields: [
        { name: 'title', type: 'text' },
        { name: 'body', type: 'text' },
        { name: 'status', type: 'select', values: ['open', 'closed', 'late'] },
        { name: 'score', type: 'number' },
        { name: 'n', type: 'number' },
        { name: 'done', type: 'bool' },
        { name: 'due', type: 'date' },
        { name: 'owner', type: 'relation', collectionId: users.id, maxSelect: 1 },
        { name: 'meta', type: 'json' },
        { name: 'created', type: 'autodate', onCreate: true },
      ],
      indexes: [
        'CREATE INDEX idx_t_created ON tickets (created)',
        'CREATE INDEX idx_t_status ON tickets (status, created)',
        'CREATE INDEX idx_t_n ON tickets (n)',
        'CREATE INDEX idx_t_owner ON tickets (owner, created)',
      ],
    });
    const filling = spawn('python3', ['-c', FILL], { stdio: ['pipe', 'inherit', 'inherit'] });
    filling.stdin.end(JSON.stringify({ file: path.join(this.dir, 'data.db'), rows, people }));
    const [code] = await once(filling, 'exit');
    if (code !== 0) throw new Error('the table was not filled');
  }

  target({ filter, sort, total, page = 1 }) {
    const query = new URLSearchParams({ page, perPage: 30 });
    if (filter) query.set('filter', filter);
    if (sort) query.set('sort', sort);
    if (!total) query.set('skipTotal', '1');
    return `/api/collections/tickets/records?${query}`;
  }

  /** The task's list rule; true when it is in force. */
  async prepare(task) {
    const listRule = task.owned ? 'owner = @request.auth.id' : '';
    await this.call('PATCH', '/api/collections/tickets', { listRule });
  }

  /** Requests per second. */
  async perSecond(task) {
    await this.prepare(task);
    const script = path.join(work, 'ask.lua');
    const lua = [
      `wrk.path = "${this.target(task)}"`,
      ...(task.owned ? [`wrk.headers["Authorization"] = "${this.theirs}"`] : []),
    ];
    fs.writeFileSync(script, lua.join('\n'));
    const how = ['-t2', `-c${connections}`, `-d${seconds}s`, '--timeout', '30s'];
    const args = [...how, '-s', script, this.url];
    const { stdout } = await promisify(execFile)('wrk', args);
    if (/Non-2xx|Socket errors/.test(stdout)) console.error(stdout);
    return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1] ?? 0);
  }

  /** Milliseconds: the first request, and the median and worst of 20 after it. */
  async milliseconds(task) {
    await this.prepare(task);
    const headers = task.owned ? { Authorization: this.theirs } : {};
    const times = [];
    for (let n = 0; n <= 20; n += 1) {
      const begun = performance.now();
      const response = await fetch(this.url + this.target(task), { headers });
      const { items } = await response.json();
      times.push(performance.now() - begun);
      if (!response.ok || items.length !== 30) throw new Error(`${response.status}`);
    }
    const [first, ...rest] = times;
    return { first, median: median(rest), worst: Math.max(...rest) };
  }

  stop() {
    this.process?.kill();
  }
}

// The indexes are made once the rows are there: a tenth of the time.
const FILL = `
import json, sqlite3, sys
given = json.load(sys.stdin)
rows, people = given["rows"], json.dumps(given["people"])
db = sqlite3.connect(given["file"], timeout=60, isolation_level=None)
db.executescript("PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY")
db.execute("PRAGMA cache_size = -500000")
indexes = db.execute("SELECT name, sql FROM sqlite_schema WHERE tbl_name = 'tickets' "
                     "AND type = 'index' AND sql <> ''").fetchall()
for name, _ in indexes:
    db.execute(f"DROP INDEX {name}")
for start in range(0, rows, 500000):
    db.execute("""
        WITH RECURSIVE c(i) AS (VALUES(?1) UNION ALL SELECT i + 1 FROM c WHERE i + 1 < ?2)
        INSERT INTO tickets (id, title, body, status, score, n, done, due, owner, meta, created)
        SELECT printf('t%014d', i), 'Ticket ' || i || ' of ' || (i * 7919 % 1000),
            'Some text that a ticket holds, ' || (i * 31 % 9973),
            CASE i % 3 WHEN 0 THEN 'open' WHEN 1 THEN 'closed' ELSE 'late' END,
            (i * 7919) % 1000003, i, i % 2,
            strftime('%Y-%m-%d %H:%M:%fZ', 1700000000 + i % 9999991, 'unixepoch'),
            json_extract(?3, '$[' || (i % 10) || ']'), '{"a":' || (i % 100) || '}',
            strftime('%Y-%m-%d %H:%M:%fZ', 1300000000 + i * 7, 'unixepoch')
        FROM c""", (start, min(rows, start + 500000), people))
    db.execute("PRAGMA wal_checkpoint(PASSIVE)")
for _, sql in indexes:
    db.execute(sql)
db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
`;

function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

const column = (value) => String(value).padStart(12);
const heading = (names) => console.log('task'.padEnd(16) + names.map(column).join(''));
const names = process.env.ONLY?.split(' ') ?? Object.keys(tasks);
const servers = [new Server('candidate', candidate, ['--no-open'])];
if (reference) servers.push(new Server('reference', reference, ['--automigrate=false']));
try {
  for (const server of servers) await server.start();
  if (reference) {
    heading(['candidate/s', 'reference/s', 'ratio']);
    console.log(`${rows} records, ${connections} connections, ${rounds} × ${seconds} s`);
  } else {
    heading(['first ms', 'median ms', 'worst ms']);
    console.log(`${rows} records, one request at a time`);
  }
  for (const name of names) {
    const task = tasks[name];
    if (reference) {
      const measured = servers.map(() => []);
      for (let round = 0; round < rounds; round += 1) {
        for (const [at, server] of servers.entries()) {
          measured[at].push(await server.perSecond(task));
        }
      }
      const [ours, theirs] = measured.map(median);
      const cells = [ours.toFixed(0), theirs.toFixed(0), `${(ours / theirs).toFixed(2)}×`];
      console.log(name.padEnd(16) + cells.map(column).join(''));
    } else {
      const { first, median: middle, worst } = await servers[0].milliseconds(task);
      const cells = [first, middle, worst].map((ms) => ms.toFixed(2));
      console.log(name.padEnd(16) + cells.map(column).join(''));
    }
  }
} finally {
  for (const server of servers) server.stop();
  fs.rmSync(work, { recursive: true, force: true });
}
