// What the folder of a grown application holds: 20 collections of all kinds and fields, and 50,000
// records, the same in every run.
import { randomFrom } from "./support.mjs";

/** Draws from a source that is the same for the same seed. */
export function dice(seed) {
  const next = randomFrom(seed);
  const below = (n) => Math.floor(next() * n);
  return { below, one: (list) => list[below(list.length)], chance: (p) => next() < p };
}

export const password = "a long enough password";
export const id = (prefix, n) => prefix + String(n).padStart(15 - prefix.length, "0");
const words = "amber birch cedar Delta émeute fjord grün Hôtel iris jade 東京 lime mango".split(" ");
const own = "id = @request.auth.id";
const open = { listRule: "", viewRule: "", createRule: "", updateRule: "", deleteRule: "" };
const closed = { listRule: null, viewRule: null };
const stamps = [
  { name: "created", type: "autodate", onCreate: true },
  { name: "updated", type: "autodate", onCreate: true, onUpdate: true },
];
const text = (name, more) => ({ name, type: "text", ...more });
const number = (name, more) => ({ name, type: "number", ...more });
const relation = (name, collectionId, more) => ({ name, type: "relation", collectionId, ...more });

/** The collections in the order they are made; `ids` are those of the ones before. */
export const collections = [
  () => ({
    ...{ name: "members", type: "auth", listRule: own, viewRule: '@request.auth.id != ""' },
    ...{ createRule: "", updateRule: own, deleteRule: own, manageRule: null },
    fields: [text("username", { max: 60 }), text("name"), number("level"), ...stamps],
    indexes: ["CREATE UNIQUE INDEX idx_members_username ON members (username)"],
    passwordAuth: { enabled: true, identityFields: ["username", "email"] },
    authRule: "level < 90",
  }),
  () => ({
    ...{ name: "staff", type: "auth", listRule: '@request.auth.collectionName = "staff"' },
    ...{ viewRule: "", manageRule: '@request.auth.collectionName = "staff"' },
    fields: [{ name: "role", type: "select", values: ["chief", "clerk"] }],
    ...{ otp: { enabled: true, duration: 180, length: 8 } },
  }),
  () => ({ name: "countries", ...open, fields: [text("name"), text("code", { hidden: true })] }),
  ({ countries }) => ({
    ...{ name: "cities", ...open },
    fields: [text("name"), { name: "place", type: "geoPoint" }, relation("country", countries)],
  }),
  () => ({
    ...{ name: "tags", ...open, fields: [text("label", { required: true })] },
    indexes: ["CREATE UNIQUE INDEX `idx_tags_label` ON `tags` (`label`)"],
  }),
  ({ users, tags, cities }) => ({
    ...{ name: "posts", listRule: "public = true || author = @request.auth.id" },
    ...{ viewRule: "public = true || author = @request.auth.id", deleteRule: null },
    ...{ createRule: 'author = @request.auth.id && author != ""' },
    updateRule: "author = @request.auth.id",
    fields: [
      text("title", { required: true, presentable: true }),
      { name: "body", type: "editor" },
      { name: "public", type: "bool" },
      number("score"),
      number("stock", { onlyInt: true }),
      { name: "mail", type: "email" },
      { name: "link", type: "url" },
      { name: "when", type: "date" },
      { name: "kind", type: "select", values: ["news", "essay", "note"] },
      { name: "moods", type: "select", values: ["calm", "sharp", "odd"], maxSelect: 3 },
      relation("author", users),
      relation("tags", tags, { maxSelect: 10 }),
      relation("city", cities),
      { name: "picture", type: "file", thumbs: ["60x60", "60x60f", "0x40", "50x0", "40x20t"] },
      { name: "papers", type: "file", maxSelect: 5 },
      { name: "meta", type: "json" },
      { name: "spot", type: "geoPoint" },
      text("inner", { hidden: true }),
      ...stamps,
    ],
    indexes: [
      "CREATE INDEX idx_posts_author ON posts (author)",
      "CREATE INDEX idx_posts_scored ON posts (score, title) WHERE public = 1",
    ],
  }),
  ({ posts, users }) => ({
    ...{ name: "comments", ...open, createRule: "post.public = true", updateRule: null },
    fields: [
      relation("post", posts, { cascadeDelete: true, required: true }),
      relation("user", users),
      text("text"),
      number("stars", { min: 0, max: 5 }),
      ...stamps,
    ],
    indexes: ["CREATE INDEX idx_comments_post ON comments (post)"],
  }),
  ({ members }) => ({
    ...{ name: "orders", listRule: "member = @request.auth.id" },
    viewRule: "member = @request.auth.id || @request.auth.collectionName = 'staff'",
    fields: [
      relation("member", members),
      { name: "state", type: "select", values: ["open", "paid", "sent"] },
      { name: "due", type: "date" },
      ...stamps,
    ],
  }),
  ({ tags }) => ({
    ...{ name: "products", ...open, listRule: "active = true" },
    fields: [
      text("name"),
      number("price"),
      { name: "active", type: "bool" },
      relation("tags", tags, { maxSelect: 3 }),
      { name: "attrs", type: "json" },
    ],
  }),
  ({ orders, products }) => ({
    ...{ name: "items", listRule: "order.member = @request.auth.id" },
    viewRule: "order.member = @request.auth.id",
    fields: [
      relation("order", orders, { cascadeDelete: true }),
      relation("product", products),
      number("count"),
      number("price"),
    ],
    indexes: ["CREATE INDEX idx_items_order ON items (`order`)"],
  }),
  ({ cities }) => ({
    ...{ name: "events", ...open },
    fields: [
      text("name"),
      { name: "start", type: "date" },
      { name: "end", type: "date" },
      relation("city", cities),
    ],
  }),
  () => ({
    ...{ name: "options", ...open, fields: [text("key"), { name: "value", type: "json" }] },
    indexes: ["CREATE UNIQUE INDEX idx_options_key ON options (lower(key))"],
  }),
  ({ users }) => ({
    ...{ name: "vault", listRule: "owner = @request.auth.id", viewRule: "owner = @request.auth.id" },
    fields: [
      relation("owner", users),
      { name: "scan", type: "file", protected: true },
      { name: "code", type: "password" },
      text("note", { hidden: true }),
    ],
  }),
  () => ({ name: "tree", ...open, fields: [text("name"), number("depth")] }),
  () => ({
    ...{ name: "drafts", ...closed, createRule: null },
    fields: [text("title"), { name: "body", type: "editor", convertURLs: true }],
  }),
  ({ posts }) => ({
    ...{ name: "likes", ...open, deleteRule: "" },
    fields: [relation("posts", posts, { maxSelect: 20 }), text("who")],
  }),
  () => ({
    ...{ name: "post_stats", type: "view", listRule: "", viewRule: "" },
    viewQuery:
      "SELECT posts.id, posts.title, posts.author, COUNT(comments.id) AS comments, " +
      "AVG(comments.stars) AS stars FROM posts LEFT JOIN comments ON comments.post = posts.id " +
      "GROUP BY posts.id",
  }),
  () => ({
    ...{ name: "order_totals", type: "view", listRule: "member = @request.auth.id" },
    viewQuery:
      "SELECT orders.id, orders.member, (SUM(items.count * items.price)) AS total, " +
      "CAST(COUNT(items.id) AS INT) AS lines FROM orders " +
      "JOIN items ON items.`order` = orders.id GROUP BY orders.id",
  }),
  () => ({
    ...{ name: "pictures", type: "view", listRule: "", viewRule: "" },
    viewQuery: "SELECT id, title, picture, public, meta, score FROM posts WHERE picture != ''",
  }),
];

/** The number of records of each collection. */
export const sizes = {
  ...{ users: 60, members: 30, staff: 6, countries: 30, cities: 400, tags: 40, posts: 4000 },
  ...{ comments: 20_000, orders: 4000, products: 1000, items: 15_000, events: 3500 },
  ...{ options: 300, vault: 60, tree: 1000, drafts: 300, likes: 300 },
};

/** The body of record `n` of each collection. */
export const records = {
  users: (n) => ({
    ...{ id: id("us", n), email: `u${n}@example.com`, name: n % 7 ? `User ${n}` : "" },
    ...{ password, passwordConfirm: password, verified: n % 3 === 0, emailVisibility: n % 4 === 0 },
  }),
  members: (n) => ({
    ...{ id: id("me", n), email: `m${n}@example.com`, username: `member${n}`, level: n % 100 },
    ...{ password, passwordConfirm: password, name: `Member ${n}` },
  }),
  staff: (n) => ({
    ...{ id: id("st", n), email: `s${n}@example.com`, role: n % 2 ? "clerk" : "chief" },
    ...{ password, passwordConfirm: password, verified: true },
  }),
  countries: (n) => ({ id: id("co", n), name: `Land ${n}`, code: `L${n}` }),
  cities: (n, d) => ({
    ...{ id: id("ci", n), name: `${d.one(words)} ${n}`, country: id("co", d.below(30)) },
    place: d.chance(0.9) ? { lon: d.below(3600) / 10 - 180, lat: d.below(1800) / 10 - 90 } : null,
  }),
  tags: (n) => ({ id: id("ta", n), label: `${words[n % words.length]} ${n}` }),
  posts: (n, d) => ({
    id: id("po", n),
    title: `${d.one(words)} ${d.one(words)} ${n}${d.chance(0.05) ? " 100%_\\" : ""}`,
    body: d.chance(0.7) ? `<p>${d.one(words)} <b>${d.one(words)}</b></p>` : "",
    public: d.chance(0.6),
    score: d.chance(0.2) ? 0 : d.one([d.below(1000), d.below(10_000) / 100, -d.below(50), 1e15 + n]),
    stock: d.below(20),
    mail: d.chance(0.5) ? `post${n}@example.com` : "",
    link: d.chance(0.5) ? `https://example.com/${n}?a=b` : "",
    when: d.chance(0.8) ? new Date(1.6e12 + d.below(1e9) * 100).toISOString() : "",
    kind: d.chance(0.8) ? d.one(["news", "essay", "note"]) : "",
    moods: ["calm", "sharp", "odd"].filter(() => d.chance(0.4)),
    author: d.chance(0.9) ? id("us", d.below(60)) : "",
    tags: [...new Set([0, 1, 2].map(() => id("ta", d.below(40))))].slice(d.below(4)),
    city: d.chance(0.7) ? id("ci", d.below(400)) : "",
    meta: d.one([null, 0, "", false, [], {}, n, "text", { a: { b: [1, n % 5] }, k: "v" }, [n, "x"]]),
    spot: { lon: d.below(360) - 180, lat: d.below(180) - 90 },
    inner: `between us ${n % 3}`,
  }),
  comments: (n, d) => ({
    ...{ id: id("cm", n), post: id("po", d.below(4000)), text: `${d.one(words)} ${n}` },
    ...{ user: d.chance(0.8) ? id("us", d.below(60)) : "", stars: d.below(6) },
  }),
  orders: (n, d) => ({
    ...{ id: id("or", n), member: id("me", d.below(30)), state: d.one(["open", "paid", "sent"]) },
    due: new Date(1.7e12 + d.below(1e6) * 86_400).toISOString().replace("T", " "),
  }),
  products: (n, d) => ({
    ...{ id: id("pr", n), name: `${d.one(words)} no. ${n}`, price: d.below(100_000) / 100 },
    ...{ active: d.chance(0.8), tags: [id("ta", d.below(40))] },
    attrs: d.chance(0.5) ? { size: d.one(["S", "M", "L"]), n: d.below(9) } : null,
  }),
  items: (n, d) => ({
    ...{ id: id("it", n), order: id("or", d.below(4000)), product: id("pr", d.below(1000)) },
    ...{ count: 1 + d.below(5), price: d.below(10_000) / 100 },
  }),
  events: (n, d) => ({
    ...{ id: id("ev", n), name: `${d.one(words)} ${n}`, city: id("ci", d.below(400)) },
    start: new Date(1.7e12 + n * 3_600_000).toISOString(),
    end: d.chance(0.5) ? new Date(1.7e12 + n * 3_600_000 + 5_400_000).toISOString() : "",
  }),
  options: (n, d) => ({
    ...{ id: id("op", n), key: `Key.${n}` },
    value: d.one([null, true, 1.5, "1", "", [], [[1]], { deep: { n } }, -0.1, 12345678901]),
  }),
  vault: (n) => ({
    ...{ id: id("va", n), owner: id("us", n), code: `secret code ${n}`, note: `note ${n}` },
  }),
  tree: (n) => ({
    ...{ id: id("tr", n), name: `node ${n}`, depth: Math.floor(Math.log2(n + 1)) },
    parent: n ? id("tr", Math.floor((n - 1) / 2)) : "",
  }),
  drafts: (n, d) => ({ id: id("dr", n), title: `draft ${n}`, body: `<p>${d.one(words)}</p>` }),
  likes: (n, d) => ({
    ...{ id: id("li", n), who: d.one(words) },
    posts: [...new Set(Array.from({ length: d.below(6) }, () => id("po", d.below(4000))))],
  }),
};
