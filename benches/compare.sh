#!/usr/bin/env bash
# Compares the requests per second of two binaries with wrk, in alternation, and prints ratios.
#
#   benches/compare.sh CANDIDATE REFERENCE
#
#   SECONDS_EACH=5  length of one measurement     ROUNDS=3   alternations; the median counts
#   CONNECTIONS=64  open connections              ONLY=view  one of: create view list list-total login
#
# Not a test: figures depend on the machine and on what else it does. Needs wrk, node and curl.
set -euo pipefail
if [[ $# -ne 2 ]]; then
  sed -n '2,9s/^# \{0,1\}//p' "$0"
  exit 2
fi
candidate=$(realpath "$1")
reference=$(realpath "$2")
seconds=${SECONDS_EACH:-5}
rounds=${ROUNDS:-3}
connections=${CONNECTIONS:-64}
email=root@example.com
password='a long enough password'

work=$(mktemp -d)
pids=()
finish() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$work"
}
trap finish EXIT

free_port() {
  node -e 's=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})'
}

# start NAME BINARY [flags…]: serves a fresh folder; its address lands in $work/NAME.url
start() {
  local name=$1 binary=$2 port
  shift 2
  port=$(free_port)
  "$binary" superuser upsert "$email" "$password" --dir "$work/$name" >"$work/$name.log" 2>&1
  "$binary" serve --http "127.0.0.1:$port" --dir "$work/$name" "$@" >>"$work/$name.log" 2>&1 &
  pids+=($!)
  local url="http://127.0.0.1:$port"
  for _ in $(seq 200); do
    curl -fs "$url/api/health" >/dev/null 2>&1 && break
    sleep 0.05
  done
  if ! curl -fs "$url/api/health" >/dev/null; then
    cat "$work/$name.log" >&2
    exit 1
  fi
  echo "$url" >"$work/$name.url"
  URL=$url EMAIL=$email PASSWORD=$password OUT="$work/$name" node --input-type=module -e "$seed"
}

# One collection of 1,000 rows that signed-in people may read and anybody may add to, and the wrk
# scripts for it.
read -r -d '' seed <<'JS' || true
import fs from "node:fs";
const { URL: url, EMAIL, PASSWORD: password, OUT } = process.env;
let token = "";
async function call(method, path, body) {
  const headers = { "Content-Type": "application/json", Authorization: token };
  const response = await fetch(url + path, { method, headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
  return response.json();
}
const signIn = (collection, identity) =>
  call("POST", `/api/collections/${collection}/auth-with-password`, { identity, password });
token = (await signIn("_superusers", EMAIL)).token;
const someone = '@request.auth.id != ""';
await call("POST", "/api/collections", {
  name: "notes",
  fields: [
    { name: "title", type: "text" },
    { name: "n", type: "number" },
    { name: "open", type: "bool" },
    { name: "created", type: "autodate", onCreate: true },
  ],
  indexes: ["CREATE INDEX idx_notes_n ON notes (n)"],
  listRule: someone,
  viewRule: someone,
  createRule: "",
});
await call("POST", "/api/collections", {
  name: "inbox",
  fields: [{ name: "title", type: "text" }, { name: "n", type: "number" }],
  createRule: "",
});
let last;
for (let n = 0; n < 1000; n += 50) {
  const some = Array.from({ length: 50 }, (_, i) => ({ title: `note ${n + i}`, n: n + i }));
  const path = "/api/collections/notes/records";
  [last] = await Promise.all(some.map((body) => call("POST", path, body)));
}
const person = { email: "one@example.com", password, passwordConfirm: password };
await call("POST", "/api/collections/users/records", person);
const { token: theirs } = await signIn("users", person.email);

const lua = (method, path, { body, auth } = {}) =>
  [
    `wrk.method = "${method}"`,
    `wrk.path = "${path}"`,
    ...(body ? [`wrk.body = [[${JSON.stringify(body)}]]`] : []),
    ...(body ? ['wrk.headers["Content-Type"] = "application/json"'] : []),
    ...(auth ? [`wrk.headers["Authorization"] = "${theirs}"`] : []),
    "request = function() return wrk.format(nil, wrk.path) end",
    "",
  ].join("\n");
const list = "/api/collections/notes/records?perPage=30&sort=-n";
const scripts = {
  create: lua("POST", "/api/collections/inbox/records", { body: { title: "x", n: 5 } }),
  view: lua("GET", `/api/collections/notes/records/${last.id}`, { auth: true }),
  list: lua("GET", `${list}&skipTotal=1`, { auth: true }),
  "list-total": lua("GET", list, { auth: true }),
  login: lua("POST", "/api/collections/users/auth-with-password", {
    body: { identity: person.email, password },
  }),
};
for (const [name, script] of Object.entries(scripts)) {
  fs.writeFileSync(`${OUT}.${name}.lua`, script);
}
JS

# measure NAME TASK: requests per second; fails when an answer is no 2xx
measure() {
  local name=$1 task=$2 output
  # A sign-in costs a core for milliseconds: more than a few at a time only measures the queue.
  local open=$connections length=$seconds
  [[ $task == login ]] && open=16 length=$((2 * seconds))
  output=$(wrk -t2 -c"$open" -d"${length}s" --timeout 20s \
    -s "$work/$name.$task.lua" "$(cat "$work/$name.url")")
  if grep -q -E 'Non-2xx|Socket errors' <<<"$output"; then
    echo "$name, $task:" >&2
    grep -E 'Non-2xx|Socket errors' <<<"$output" >&2
  fi
  awk '/Requests\/sec/ { print $2 }' <<<"$output"
}

median() { sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

start candidate "$candidate" --no-open
start reference "$reference" --automigrate=false
printf '%-12s %12s %12s %8s   (%s connections, median of %s × %s s)\n' \
  task candidate/s reference/s ratio "$connections" "$rounds" "$seconds"
for task in ${ONLY:-create view list list-total login}; do
  : >"$work/c" && : >"$work/r"
  for _ in $(seq "$rounds"); do
    measure candidate "$task" >>"$work/c"
    measure reference "$task" >>"$work/r"
  done
  c=$(median <"$work/c") r=$(median <"$work/r")
  printf '%-12s %12.0f %12.0f %7.2f×\n' "$task" "$c" "$r" \
    "$(awk -v c="$c" -v r="$r" 'BEGIN { print (r > 0 ? c / r : 0) }')"
done
