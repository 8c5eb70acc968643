// A real OpenID provider, and a person who signs in there in a browser.
import http from "node:http";
import Provider from "oidc-provider";
import { freePort } from "../../sdk/support/server.mjs";

/** Lets its two clients come back to these addresses. One of them must use PKCE. */
export async function startIdentityProvider(...redirect_uris) {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const client = (client_id) => ({
    client_id,
    client_secret: `the secret of ${client_id} & 100 % its own`,
    redirect_uris,
  });
  const provider = new Provider(issuer, {
    clients: [client("basic"), client("strict")],
    pkce: { required: (_, { clientId }) => clientId === "strict" },
    claims: {
      openid: ["sub"],
      email: ["email", "email_verified"],
      profile: ["name", "preferred_username"],
    },
    // Who a user is stands in the id token too, for those who do not ask for it.
    conformIdTokenClaims: false,
    cookies: { keys: ["a key for tests only"] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        email: `${id}@example.com`,
        email_verified: !id.startsWith("unproved"),
        name: id.toUpperCase(),
        preferred_username: id,
      }),
    }),
  });
  const server = http.createServer(provider.callback());
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  const options = (name, clientId, more = {}) => ({
    name,
    clientId,
    clientSecret: `the secret of ${clientId} & 100 % its own`,
    authURL: `${issuer}/auth`,
    tokenURL: `${issuer}/token`,
    userInfoURL: `${issuer}/me`,
    ...more,
  });
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { issuer, options, stop };
}

/** Fills in the pages of the provider: who one is, and that one agrees. */
export async function signInThere(page, name) {
  await page.locator("input[name=login]").fill(name);
  await page.locator("input[name=password]").fill("anything");
  await page.locator("button[type=submit]").click();
  await page.locator("button[type=submit]", { hasText: /continue/i }).click();
}
