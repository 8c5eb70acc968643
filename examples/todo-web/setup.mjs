// Creates the collections of this example, or brings them up to date.
//
//   GREENROOM_URL                 where the server is, default http://127.0.0.1:8090
//   GREENROOM_SUPERUSER_EMAIL     who may change collections
//   GREENROOM_SUPERUSER_PASSWORD
import { readFile } from "node:fs/promises";
import PocketBase, { ClientResponseError } from "./vendor/pocketbase.es.mjs";

const {
  GREENROOM_URL: url = "http://127.0.0.1:8090",
  GREENROOM_SUPERUSER_EMAIL: email,
  GREENROOM_SUPERUSER_PASSWORD: password,
} = process.env;

async function setUp() {
  if (!email || !password) {
    throw new Error("set GREENROOM_SUPERUSER_EMAIL and GREENROOM_SUPERUSER_PASSWORD");
  }
  const client = new PocketBase(url);
  await client.collection("_superusers").authWithPassword(email, password);
  const text = await readFile(new URL("collections.json", import.meta.url), "utf8");
  for (const collection of JSON.parse(text)) {
    const exists = await client.collections.getOne(collection.name).then(
      () => true,
      (error) => {
        if (error.status === 404) return false;
        throw error;
      },
    );
    if (exists) await client.collections.update(collection.name, collection);
    else await client.collections.create(collection);
    console.log(`${collection.name}: ${exists ? "updated" : "created"}`);
  }
}

try {
  await setUp();
} catch (error) {
  const details = error instanceof ClientResponseError ? JSON.stringify(error.response) : "";
  console.error(`${error.message} ${details}`.trim());
  process.exitCode = 1;
}
