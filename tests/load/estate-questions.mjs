// The files of the estate, and what both servers are asked.
import zlib from "node:zlib";
import { id, password } from "./estate.mjs";

/** A PNG of one colour. */
export function png(width, height, [r, g, b] = [200, 80, 40]) {
  const chunk = (type, data) => {
    const named = Buffer.concat([Buffer.from(type), data]);
    const out = Buffer.alloc(8 + named.length);
    out.writeUInt32BE(data.length, 0);
    named.copy(out, 4);
    out.writeUInt32BE(zlib.crc32 ? zlib.crc32(named) : crc32(named), 4 + named.length);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const line = Buffer.alloc(1 + width * 3);
  for (let x = 0; x < width; x += 1) line.set([r, g, (b + x) & 255], 1 + x * 3);
  const rows = Buffer.concat(Array.from({ length: height }, () => line));
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  const parts = [chunk("IHDR", head), chunk("IDAT", zlib.deflateSync(rows))];
  return Buffer.concat([signature, ...parts, chunk("IEND", Buffer.alloc(0))]);
}

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return ~crc >>> 0;
}

/** Uploads files to some records. */
export async function fill(ask) {
  const upload = async (collection, record, files) => {
    const form = new FormData();
    for (const [field, name, content, type] of files) {
      form.append(field, new Blob([content], { type }), name);
    }
    return ask("PATCH", `/api/collections/${collection}/records/${record}`, form);
  };
  for (let n = 0; n < 30; n += 1) {
    const picture = ["picture", `Photo ${n}.png`, png(80 + n, 60, [n * 8, 90, 30]), "image/png"];
    const papers = [
      ["papers", `read me ${n}.txt`, `text of ${n}\n`.repeat(n + 1), "text/plain"],
      ["papers", "drawing.svg", '<svg xmlns="http://www.w3.org/2000/svg"/>', "image/svg+xml"],
    ];
    await upload("posts", id("po", n), n % 3 ? [picture] : [picture, ...papers]);
  }
  for (let n = 0; n < 20; n += 1) {
    await upload("vault", id("va", n), [["scan", `scan ${n}.txt`, `scan ${n}`, "text/plain"]]);
    await upload("users", id("us", n), [["avatar", "me.png", png(40, 40), "image/png"]]);
  }
}

const list = (collection, query = {}) => {
  const text = new URLSearchParams(query).toString().replaceAll("+", "%20");
  return `/api/collections/${collection}/records${text ? `?${text}` : ""}`;
};

const everything = [
  ...["users", "members", "staff", "countries", "cities", "tags", "posts", "comments", "orders"],
  ...["products", "items", "events", "options", "vault", "tree", "drafts", "likes", "post_stats"],
  ...["order_totals", "pictures"],
];
const callers = ["guest", "user", "member", "root"];

/** Filters, sorts and relations of many kinds, asked by a user and by a superuser. */
const lists = [
  ["posts", { filter: "score > 10 && public = true", sort: "-score,title" }],
  ["posts", { filter: "title ~ 'amber'", sort: "id", perPage: 100 }],
  ["posts", { filter: "title ~ '100\\\\%'", sort: "id" }],
  ["posts", { filter: "title !~ 'amber%'", sort: "-id", perPage: 5 }],
  ["posts", { filter: "author.name = 'User 8'", sort: "title" }],
  ["posts", { filter: "author.name ?~ 'User 1'", sort: "author.name,id" }],
  ["posts", { filter: "tags.label ?~ 'jade'", sort: "-when,id" }],
  ["posts", { filter: "tags.label ~ 'jade'", sort: "-when,id" }],
  ["posts", { filter: "tags:length > 2", sort: "id" }],
  ["posts", { filter: "tags:each ~ '0'", sort: "id" }],
  ["posts", { filter: "moods ?= 'calm' && moods:length = 1", sort: "id" }],
  ["posts", { filter: "kind = '' || kind = 'news'", sort: "kind,-title,id" }],
  ["posts", { filter: "when >= '2021-06-01' && when < '2022-01-01'", sort: "when,id" }],
  ["posts", { filter: "when = ''", sort: "id" }],
  ["posts", { filter: "created > '2020-01-01 00:00:00'", sort: "-id" }],
  ["posts", { filter: "meta.a.b != null", sort: "id" }],
  ["posts", { filter: "meta.k = 'v'", sort: "meta.a.b,id" }],
  ["posts", { filter: "meta = null", sort: "id" }],
  ["posts", { filter: "meta = 0 || meta = false", sort: "id" }],
  ["posts", { filter: "spot.lon > 100", sort: "spot.lat,id" }],
  ["posts", { filter: "geoDistance(spot.lon, spot.lat, 10, 50) < 500", sort: "id" }],
  ["posts", { filter: "city.country.name = 'Land 3'", sort: "id" }],
  ["posts", { filter: "city.place.lon < 0", sort: "city.name,id" }],
  ["posts", { filter: "comments_via_post.stars ?> 4", sort: "id" }],
  ["posts", { filter: "comments_via_post.user.name ?= 'User 2'", sort: "id" }],
  ["posts", { filter: "likes_via_posts.who ?= 'fjord'", sort: "id" }],
  ["posts", { filter: "stock >= 5 && (score = 0 || score < 0)", sort: "stock,id" }],
  ["posts", { filter: "title:lower ~ 'hôtel'", sort: "id" }],
  ["posts", { filter: "picture != ''", sort: "id", expand: "author,tags,city.country" }],
  ["posts", { filter: "inner = 'between us 1'", sort: "id" }],
  ["posts", { sort: "-score,id", page: 3, perPage: 50 }],
  ["posts", { sort: "id", skipTotal: 1, fields: "id,title,meta.k,body:excerpt(12,true)" }],
  ["posts", { sort: "id", perPage: 1000, fields: "id,score,stock,meta,spot,moods" }],
  ["posts", { filter: "id = 'po0000000000007'", expand: "comments_via_post.user,likes_via_posts" }],
  ["posts", { filter: "nope = 1" }],
  ["posts", { filter: "title = 'unfinished" }],
  ["posts", { sort: "nope" }],
  ["posts", { page: 100_000 }],
  ["comments", { filter: "stars >= 3 && post.public = true", sort: "-stars,id" }],
  ["comments", { filter: "user = ''", sort: "id", expand: "post.author" }],
  ["comments", { filter: "post.author.name = 'User 9'", sort: "id", perPage: 200 }],
  ["comments", { sort: "@rowid", perPage: 10 }],
  ["cities", { filter: "place.lat > 60 && country.code = 'L1'", sort: "id", expand: "country" }],
  ["cities", { sort: "country.name,-name", perPage: 60 }],
  ["tags", { filter: "label ~ '東京'", sort: "label" }],
  ["products", { filter: "attrs.size = 'M' && price < 500", sort: "price,id" }],
  ["products", { filter: "tags.label ?~ 'iris'", sort: "-price,id", expand: "tags" }],
  ["items", { filter: "order.state = 'paid' && count > 3", sort: "id", expand: "order,product" }],
  ["items", { sort: "-price,id", perPage: 100 }],
  ["orders", { filter: "due > @now", sort: "due,id" }],
  ["orders", { filter: "items_via_order.count ?> 4", sort: "id", expand: "items_via_order.product" }],
  ["events", { filter: "start > '2023-12-01' && end != ''", sort: "start", expand: "city" }],
  ["events", { filter: "strftime('%Y-%m', start) = '2023-11'", sort: "-start" }],
  ["options", { filter: "value = null || value = true", sort: "id" }],
  ["options", { filter: "value.deep.n > 100", sort: "id" }],
  ["options", { sort: "key", perPage: 500 }],
  ["tree", { filter: "parent = ''", expand: "tree_via_parent.tree_via_parent" }],
  ["tree", { filter: "parent.parent.name = 'node 2'", sort: "id" }],
  ["tree", { filter: "depth > 8", sort: "-depth,id", expand: "parent.parent.parent" }],
  ["likes", { filter: "posts:length >= 3", sort: "id", expand: "posts.author" }],
  ["post_stats", { filter: "comments > 8", sort: "-comments,id" }],
  ["post_stats", { filter: "author.name = 'User 3' && stars > 2", sort: "id" }],
  ["order_totals", { filter: "total > 500", sort: "-total,id", expand: "member" }],
  ["pictures", { filter: "public = true", sort: "id" }],
  ["users", { filter: "verified = true", sort: "name,id" }],
  ["users", { filter: "email ~ 'u1'", sort: "id" }],
  ["members", { filter: "level > 3", sort: "-level" }],
  ["staff", { filter: "role = 'clerk'", sort: "id" }],
  ["vault", { sort: "id", expand: "owner" }],
];

/** What only reads. `names` tells the files of a record. */
export function questions(names) {
  const all = [];
  for (const collection of everything) {
    // Without a sort these come in an order that depends on the statistics of the engine.
    const isFree = ["post_stats", "order_totals", "items"].includes(collection);
    const sort = isFree ? { sort: "id" } : {};
    for (const who of callers) all.push({ url: list(collection, sort), who });
  }
  for (const [collection, query] of lists) {
    for (const who of ["user", "root"]) all.push({ url: list(collection, query), who });
  }
  all.push({ url: list("orders", { sort: "-due,id", expand: "items_via_order" }), who: "member" });
  all.push({ url: list("order_totals", { sort: "-total" }), who: "member" });
  all.push({ url: list("members", {}), who: "staff" }, { url: list("staff", {}), who: "staff" });
  for (const [collection, key] of [
    ...[["posts", id("po", 3)], ["posts", id("po", 8)], ["users", id("us", 3)]],
    ...[["users", id("us", 4)], ["members", id("me", 5)], ["orders", id("or", 6)]],
    ...[["items", id("it", 9)], ["vault", id("va", 3)], ["pictures", id("po", 3)]],
    ...[["post_stats", id("po", 30)], ["drafts", id("dr", 1)], ["posts", "nope"]],
  ]) {
    for (const who of ["guest", "user", "root"]) {
      all.push({ url: `${list(collection)}/${key}?expand=author,tags,owner`, who });
    }
  }
  return [...all, ...signIns(), ...files(names), ...administration()];
}

function signIns() {
  const sign = (collection, body) => ({
    method: "POST",
    url: `/api/collections/${collection}/auth-with-password`,
    body,
  });
  const post = (url, who, body) => ({ method: "POST", url: `/api/collections/${url}`, who, body });
  return [
    sign("users", { identity: "u3@example.com", password }),
    sign("users", { identity: "u7@example.com", password }),
    sign("users", { identity: "u7@example.com", password: "wrong" }),
    sign("users", { identity: "nobody@example.com", password }),
    sign("users", { identity: "", password: "" }),
    sign("members", { identity: "member8", password }),
    sign("members", { identity: "m9@example.com", password }),
    sign("members", { identity: "m9@example.com", identityField: "username", password }),
    sign("members", { identity: "member29", password: "wrong" }),
    sign("staff", { identity: "s2@example.com", password }),
    sign("_superusers", { identity: "root@example.com", password: "wrong" }),
    sign("countries", { identity: "a", password: "b" }),
    ...["user", "member", "staff", "root", "guest"].map((who) =>
      post(`${{ member: "members", staff: "staff", root: "_superusers" }[who] ?? "users"}/auth-refresh`, who),
    ),
    post("users/auth-refresh", "member"),
    ...["users", "members", "staff", "posts"].map((name) => ({
      url: `/api/collections/${name}/auth-methods`,
    })),
  ];
}

function files({ posts, vault, users }) {
  const url = (collection, record, name, query = "") =>
    `/api/files/${collection}/${record}/${encodeURIComponent(name)}${query}`;
  const all = [];
  for (const { id: key, picture, papers } of posts.slice(0, 6)) {
    all.push({ url: url("posts", key, picture) });
    for (const paper of papers) all.push({ url: url("posts", key, paper) });
  }
  const { id: key, picture } = posts[1];
  for (const size of ["60x60", "60x60f", "0x40", "50x0", "40x20t", "100x100"]) {
    all.push({ url: url("posts", key, picture, `?thumb=${size}`), isThumb: true });
  }
  all.push({ url: url("posts", key, picture, "?thumb=7x7") });
  all.push({ url: url("posts", key, picture, "?download=1") });
  all.push({ url: url("posts", key, picture), headers: { Range: "bytes=10-29" } });
  all.push({ url: url("posts", key, "nope.png") });
  all.push({ url: url("pictures", key, picture) });
  all.push({ url: url("users", users[3].id, users[3].avatar) });
  for (const who of ["guest", "user", "other", "root"]) {
    const query = who === "guest" ? "" : "?token={token}";
    all.push({ url: url("vault", vault[3].id, vault[3].scan, query), who, bare: true });
  }
  return all;
}

function administration() {
  const all = [{ url: "/api/settings", who: "root" }, { url: "/api/settings", who: "user" }];
  for (const name of everything) all.push({ url: `/api/collections/${name}`, who: "root" });
  all.push({ url: "/api/collections?perPage=100&sort=name", who: "root" });
  all.push({ url: "/api/collections?filter=type='view'", who: "root" });
  all.push({ url: "/api/collections", who: "user" });
  all.push({ url: "/api/collections/_superusers/records", who: "root" });
  return all;
}

/** What writes; each sees what those before it did. */
export function writes() {
  const of = (collection, key) => `${list(collection)}${key ? `/${key}` : ""}`;
  const post = (who, collection, body) => ({ method: "POST", url: of(collection), who, body });
  const patch = (who, collection, key, body) => ({
    ...{ method: "PATCH", url: of(collection, key), who, body },
  });
  const fresh = id("nw", 1);
  return [
    post("user", "posts", { id: fresh, title: "New", author: id("us", 3), "tags+": id("ta", 1) }),
    post("user", "posts", { id: id("nw", 2), title: "Not mine", author: id("us", 4) }),
    post("user", "posts", { id: id("nw", 3), author: id("us", 3), mail: "no", link: "x" }),
    patch("user", "posts", fresh, { "score+": 5, "moods+": ["odd"], meta: { a: [1] } }),
    patch("other", "posts", fresh, { title: "Stolen" }),
    patch("root", "tags", id("ta", 1), { label: "" }),
    patch("root", "tags", id("ta", 1), { label: "amber 0" }),
    post("guest", "comments", { id: id("nw", 4), post: fresh, text: "hi" }),
    post("root", "comments", { id: id("nw", 5), post: fresh, text: "hi", stars: 9 }),
    post("guest", "members", {
      ...{ id: id("nw", 6), email: "new@example.com", username: "new", password },
      passwordConfirm: password,
    }),
    post("guest", "members", { email: "m1@example.com", username: "member1", password: "x" }),
    { method: "DELETE", url: of("posts", fresh), who: "root" },
    { url: list("likes", { filter: `posts ?= '${fresh}'` }), who: "root" },
    { method: "DELETE", url: of("orders", id("or", 5)), who: "root" },
    { url: list("items", { filter: `order = '${id("or", 5)}'` }), who: "root" },
    { url: list("comments", { filter: `post = '${fresh}'` }), who: "root" },
    { url: list("post_stats", { filter: "comments > 9", sort: "id" }), who: "root" },
  ];
}
