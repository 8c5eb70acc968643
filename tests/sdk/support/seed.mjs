// A small publishing house: authors, tags and posts, the same in every test that reads.
import { superuser } from "./client.mjs";

const password = "a long enough password";
const own = "id = @request.auth.id";

/** Makes the collections and records below as a superuser; returns that client. */
export async function seed(server) {
  const root = await superuser(server);
  const tags = await root.collections.create({
    name: "tags",
    fields: [
      { name: "label", type: "text" },
      { name: "secret", type: "text", hidden: true },
    ],
    listRule: "",
    viewRule: "",
  });
  await root.collections.create({
    name: "posts",
    fields: [
      { name: "title", type: "text" },
      { name: "public", type: "bool" },
      { name: "num", type: "number" },
      { name: "author", type: "relation", collectionId: "_pb_users_auth_" },
      { name: "tags", type: "relation", collectionId: tags.id, maxSelect: 10 },
      { name: "meta", type: "json" },
      { name: "opts", type: "select", values: ["x", "y", "z"], maxSelect: 3 },
      { name: "when", type: "date" },
      { name: "hid", type: "text", hidden: true },
    ],
    listRule: "public = true || author = @request.auth.id",
    viewRule: "public = true || author = @request.auth.id",
    createRule: 'author = @request.auth.id && author != ""',
    updateRule: "author = @request.auth.id",
    deleteRule: null,
  });
  await root.collections.update("users", { listRule: own, viewRule: own });
  for (const n of [1, 2]) {
    await root.collection("users").create({
      id: `user0000000000${n}`,
      email: `u${n}@example.com`,
      name: `u${n}`,
      password,
      passwordConfirm: password,
    });
  }
  for (const n of [1, 2, 3]) {
    await root
      .collection("tags")
      .create({ id: `tag00000000000${n}`, label: `L${n}`, secret: `s${n}` });
  }
  for (const post of posts) await root.collection("posts").create(post);
  return root;
}

/** Signs in as one of the two users of the seed. */
export async function signIn(client, n) {
  await client.collection("users").authWithPassword(`u${n}@example.com`, password);
  return client;
}

export const posts = [
  {
    id: "post00000000001",
    title: "First 100%",
    public: true,
    num: 1,
    author: "user00000000001",
    tags: ["tag000000000001", "tag000000000002"],
    meta: { a: { b: [1, 2] }, k: "v" },
    opts: ["x", "y"],
    when: "2024-05-06 07:08:09.123Z",
    hid: "between us",
  },
  {
    id: "post00000000002",
    title: "Second",
    num: 2,
    author: "user00000000001",
    tags: ["tag000000000003"],
  },
  {
    id: "post00000000003",
    title: "Third_x",
    public: true,
    num: 3,
    author: "user00000000002",
    opts: ["x"],
  },
  { id: "post00000000004", public: true },
];
