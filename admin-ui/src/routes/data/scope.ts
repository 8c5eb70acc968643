import type { CollectionModel } from '../../api/types';
import type { CompletionScope } from '../../fexpr/complete';
import { collections } from '../../state/collections.svelte';

/** What a filter or a rule of a collection can name. */
export function scopeOf(collection: CollectionModel): CompletionScope {
  const backRelations = collections.all.flatMap((other) =>
    other.fields
      .filter((field) => field.type === 'relation' && field.collectionId === collection.id)
      .map((field) => ({ name: `${other.name}_via_${field.name}`, collectionId: other.id })),
  );
  return {
    fields: collection.fields,
    fieldsOf: (id) => collections.byName(id)?.fields ?? [],
    backRelations,
  };
}
