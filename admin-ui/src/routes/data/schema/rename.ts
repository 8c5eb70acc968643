// Follows a renamed field through the rules of its own collection.
import { tokenize } from '../../../fexpr/tokenize';

/** Paths that begin with the field: `author`, `author.name`, `tags:length`, `@request.body.author`. */
export function renameInRule(rule: string, from: string, to: string): string {
  let out = '';
  let at = 0;
  for (const token of tokenize(rule)) {
    if (token.kind !== 'ident') continue;
    const text = rule.slice(token.from, token.to);
    const renamed = renamePath(text, from, to);
    out += rule.slice(at, token.from) + renamed;
    at = token.to;
  }
  return out + rule.slice(at);
}

function renamePath(path: string, from: string, to: string): string {
  for (const prefix of ['', '@request.body.']) {
    if (!path.startsWith(prefix + from)) continue;
    const rest = path.slice(prefix.length + from.length);
    if (rest === '' || rest.startsWith('.') || rest.startsWith(':')) return prefix + to + rest;
  }
  return path;
}
