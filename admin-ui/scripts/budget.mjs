// Fails the build when a screen's first load grows past its budget.
// A load is the entry with everything it imports at once, its CSS and its fonts, as sent
// over the wire (brotli where a text file has it).
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const DIST = 'dist';
const KB = 1024;
const BUDGETS = [
  {
    name: 'sign-in page',
    limit: 90 * KB,
    roots: ['src/main.ts', 'src/routes/login/Login.svelte'],
    fonts: ['figtree'],
  },
  {
    name: 'record list',
    limit: 240 * KB,
    roots: [
      'src/main.ts',
      'src/shell/Shell.svelte',
      'src/routes/data/Data.svelte',
      'src/routes/data/records/Records.svelte',
    ],
    fonts: ['figtree', 'geist-mono'],
  },
];
const ROUTE_LIMIT = 40 * KB;
/** The diagram and its library come only when somebody opens it. */
const APART = { 'src/routes/schema/diagram/Diagram.svelte': 90 * KB };

const manifest = JSON.parse(readFileSync(join(DIST, '.vite/manifest.json'), 'utf8'));
const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
const keyOf = (root) => (root === 'src/main.ts' ? entry : root);

function sizeOf(file) {
  const path = join(DIST, file);
  return statSync(existsSync(`${path}.br`) ? `${path}.br` : path).size;
}

function filesOf(key, into = new Set(), seen = new Set()) {
  if (seen.has(key)) return into;
  seen.add(key);
  const chunk = manifest[key];
  if (!chunk) throw new Error(`budget.mjs names ${key}, which is not in the build`);
  into.add(chunk.file);
  for (const css of chunk.css ?? []) into.add(css);
  for (const next of chunk.imports ?? []) filesOf(next, into, seen);
  return into;
}

const inKb = (bytes) => `${(bytes / KB).toFixed(1)} KB`;
let failed = false;
function report(name, bytes, limit) {
  const over = bytes > limit;
  failed ||= over;
  console.log(`${over ? 'OVER ' : 'ok   '} ${name}: ${inKb(bytes)} of ${inKb(limit)}`);
}

for (const { name, limit, roots, fonts } of BUDGETS) {
  const files = new Set(['index.html', 'theme.js']);
  for (const root of roots) filesOf(keyOf(root), files);
  for (const font of fonts) {
    const key = Object.keys(manifest).find((k) => k.includes(`fonts/${font}`));
    if (!key) throw new Error(`budget.mjs names the font ${font}, which is not in the build`);
    files.add(manifest[key].file);
  }
  const bytes = [...files].reduce((sum, file) => sum + sizeOf(file), 0);
  report(name, bytes, limit);
}

for (const [key, chunk] of Object.entries(manifest)) {
  if (!chunk.isDynamicEntry || !key.startsWith('src/routes/')) continue;
  const own = [chunk.file, ...(chunk.css ?? [])];
  report(
    `own chunk of ${key}`,
    own.reduce((sum, file) => sum + sizeOf(file), 0),
    APART[key] ?? ROUTE_LIMIT,
  );
}
// Only this script wants the manifest; the program should not carry it.
rmSync(join(DIST, '.vite'), { recursive: true });
if (failed) process.exit(1);
