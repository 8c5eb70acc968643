// The path of a request, as people read it.

/** Path and query, decoded where that can be done. Other texts are a path without a query. */
export function readable(url: string): { path: string; query: string } {
  if (!url.startsWith('/')) return { path: url, query: '' };
  const at = url.indexOf('?');
  const path = at === -1 ? url : url.slice(0, at);
  return {
    path: decode(path),
    query: at === -1 ? '' : decode(url.slice(at + 1).replaceAll('+', ' ')),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Cut by the log, or never a URL.
    return text;
  }
}

const shellQuote = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** The request as a command; who made it and its body are not in the log. */
export function curlOf(origin: string, method: string, url: string): string {
  const verb = method === 'GET' ? '' : `-X ${method} `;
  return `curl ${verb}${shellQuote(origin.replace(/\/$/, '') + url)}`;
}

/** The record that a path of the API is about. */
export function recordOf(url: string): { collection: string; id: string } | null {
  const { path } = readable(url);
  const found = /^\/api\/collections\/([^/]+)\/records\/([^/]+)$/.exec(path);
  return found?.[1] && found[2] ? { collection: found[1], id: found[2] } : null;
}
