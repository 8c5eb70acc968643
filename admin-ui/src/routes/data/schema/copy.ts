import type { CollectionDraft } from '../../../api/collections';
import type { CollectionModel } from '../../../api/types';
import { readIndex, renameInSql } from './indexes';

/** A copy of the schema under another name; fields keep their ids, indexes get names of their own. */
export function copyOf(collection: CollectionModel, name: string): CollectionDraft {
  const { type, fields, viewQuery } = collection;
  const copy: CollectionDraft = { name, type, ...rulesOf(collection) };
  if (type === 'view') return { ...copy, viewQuery: viewQuery ?? '' };
  const indexes = collection.indexes.flatMap((statement) => {
    const parts = readIndex(statement);
    // The server adds the two that every auth collection has.
    if (!parts || (type === 'auth' && /^idx_(tokenKey|email)_/.test(parts.name))) return [];
    const own = parts.name.includes(collection.name)
      ? parts.name.replace(collection.name, name)
      : `${parts.name}_${name}`;
    return renameInSql(renameInSql(statement, parts.name, own), collection.name, name);
  });
  return { ...copy, fields, indexes };
}

function rulesOf(collection: CollectionModel): CollectionDraft {
  const { listRule, viewRule, createRule, updateRule, deleteRule } = collection;
  if (collection.type === 'view') return { listRule, viewRule };
  const common = { listRule, viewRule, createRule, updateRule, deleteRule };
  if (collection.type !== 'auth') return common;
  const { authRule = null, manageRule = null } = collection;
  return { ...common, authRule, manageRule };
}
