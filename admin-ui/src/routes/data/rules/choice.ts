// A rule is a text; most rules are one of a few plain choices. This reads and writes them.
import type { CollectionModel, FieldModel } from '../../../api/types';

export type RuleKey =
  'listRule' | 'viewRule' | 'createRule' | 'updateRule' | 'deleteRule' | 'authRule' | 'manageRule';

export type Choice = 'nobody' | 'anyone' | 'signedIn' | 'verified' | 'owner' | 'custom';

export const SIGNED_IN = '@request.auth.id != ""';
const VERIFIED = 'verified = true';

export interface Owner {
  /** The field that says who owns a record; `id` where the record is the person. */
  field: string;
  /** As it is written into the rule. */
  rule: string;
}

type Shape = Pick<CollectionModel, 'type' | 'fields'>;

/** The rules that a collection has, in reading order. */
export function rulesOf(collection: Shape): RuleKey[] {
  if (collection.type === 'view') return ['listRule', 'viewRule'];
  const common: RuleKey[] = ['listRule', 'viewRule', 'createRule', 'updateRule', 'deleteRule'];
  return collection.type === 'auth' ? [...common, 'authRule', 'manageRule'] : common;
}

/** Who can own a record: the person itself, and relations to people. */
export function ownersOf(collection: Shape, isAuth: (id: string) => boolean): Owner[] {
  const owners = collection.fields
    .filter((field) => field.type === 'relation' && isAuth(field.collectionId ?? ''))
    .map((field) => ({ field: field.name, rule: ownerRule(field) }));
  if (collection.type !== 'auth') return owners;
  return [{ field: 'id', rule: 'id = @request.auth.id' }, ...owners];
}

/** A guest's id is empty, and so may the relation be: hence the first half. */
function ownerRule(field: FieldModel): string {
  const many = (field.maxSelect ?? 1) > 1;
  return `${SIGNED_IN} && ${field.name} ${many ? '?=' : '='} @request.auth.id`;
}

export function choicesFor(key: RuleKey, owners: Owner[]): Choice[] {
  if (key === 'authRule') return ['nobody', 'anyone', 'verified', 'custom'];
  const choices: Choice[] = ['nobody'];
  if (key !== 'manageRule') choices.push('anyone');
  choices.push('signedIn');
  if (owners.length) choices.push('owner');
  return [...choices, 'custom'];
}

export function choiceOf(key: RuleKey, rule: string | null, owners: Owner[]): Choice {
  const choice = read(rule, owners);
  return choicesFor(key, owners).includes(choice) ? choice : 'custom';
}

function read(rule: string | null, owners: Owner[]): Choice {
  if (rule === null) return 'nobody';
  const text = normal(rule);
  if (text === '') return 'anyone';
  if (text === normal(SIGNED_IN)) return 'signedIn';
  if (text === normal(VERIFIED)) return 'verified';
  return ownerIn(rule, owners) ? 'owner' : 'custom';
}

/** Which owner an owner rule means; the short form without the guest's half counts as well. */
export function ownerIn(rule: string | null, owners: Owner[]): Owner | undefined {
  const text = normal(rule ?? '');
  return owners.find((owner) => {
    const long = normal(owner.rule);
    return text === long || text === long.replace(`${normal(SIGNED_IN)}&&`, '');
  });
}

/** The text that a choice stands for; `custom` keeps what is there. */
export function ruleFor(choice: Choice, owners: Owner[], before: string | null): string | null {
  switch (choice) {
    case 'nobody':
      return null;
    case 'anyone':
      return '';
    case 'signedIn':
      return SIGNED_IN;
    case 'verified':
      return VERIFIED;
    case 'owner':
      return owners[0]?.rule ?? before;
    case 'custom':
      return before ?? '';
  }
}

const normal = (rule: string) => rule.replace(/\s+/g, '').replaceAll("'", '"');
