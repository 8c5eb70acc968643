// The fields of the record form, in the order they are asked for.
import type { CollectionModel, FieldModel } from '../../../api/types';
import { collections } from '../../../state/collections.svelte';
import { fieldStrings as words } from '../../../strings/fields';

export const PASSWORD_CONFIRM = 'passwordConfirm';

/** Of an auth record, who it is comes first. */
const AUTH_FIRST = ['email', 'password', PASSWORD_CONFIRM, 'emailVisibility', 'verified'];

/** Set by the server alone: shown, never asked for. */
export function isAutomatic(field: FieldModel): boolean {
  return field.type === 'autodate' || field.name === 'tokenKey';
}

function authFields(fields: FieldModel[]): FieldModel[] {
  const password = fields.find((field) => field.name === 'password');
  const all = password
    ? [
        ...fields,
        // The wire's own name for the repetition; no field of the collection.
        { ...password, id: PASSWORD_CONFIRM, name: PASSWORD_CONFIRM, min: 0, max: 0, help: '' },
      ]
    : fields;
  const first = AUTH_FIRST.flatMap((name) => all.filter((field) => field.name === name));
  return [...first, ...all.filter((field) => !first.includes(field))];
}

/** The id is asked for once only, and last: hardly anybody has one in mind. */
export function formFields(collection: CollectionModel, isNew: boolean): FieldModel[] {
  const asked = collection.fields.filter((field) => !isAutomatic(field) && !field.primaryKey);
  const fields = collection.type === 'auth' ? authFields(asked) : asked;
  return isNew ? [...fields, ...collection.fields.filter((field) => field.primaryKey)] : fields;
}

/** Small words after a field's name. */
export function noteOf(field: FieldModel, isNew: boolean): string {
  const target = field.type === 'relation' ? collections.byName(field.collectionId)?.name : '';
  // A stored password stays when none is typed; an id is made when none is given.
  const isRequired = field.required && !field.primaryKey && (isNew || field.type !== 'password');
  return [
    target ? `→ ${target}` : '',
    isRequired ? words.required : '',
    field.hidden && field.type !== 'password' ? words.hidden : '',
  ]
    .filter(Boolean)
    .join(' · ');
}
