import type { CollectionModel } from '../../api/types';
import { matrixStrings as words } from '../../strings/rules';
import {
  choiceOf,
  ownerIn,
  ownersOf,
  rulesOf,
  type Choice,
  type RuleKey,
} from '../data/rules/choice';
import { choiceNames } from '../data/rules/strings';

export const KEYS: readonly RuleKey[] = [
  'listRule',
  'viewRule',
  'createRule',
  'updateRule',
  'deleteRule',
  'authRule',
  'manageRule',
];
const WRITES: readonly RuleKey[] = ['createRule', 'updateRule', 'deleteRule'];

export interface Cell {
  key: RuleKey;
  choice: Choice;
  text: string;
  /** Anybody may change something. */
  risky: boolean;
}

/** A rule as the matrix shows it; undefined where the collection has none of its kind. */
export function cellOf(
  collection: CollectionModel,
  key: RuleKey,
  isAuth: (id: string) => boolean,
): Cell | undefined {
  if (!rulesOf(collection).includes(key)) return undefined;
  const rule = collection[key] ?? null;
  const owners = ownersOf(collection, isAuth);
  const choice = choiceOf(key, rule, owners);
  const owner = choice === 'owner' ? ownerIn(rule, owners) : undefined;
  const custom = choice === 'custom' ? (rule ?? '') : choiceNames[choice];
  return {
    key,
    choice,
    text: owner ? words.owner(owner.field) : custom,
    risky: choice === 'anyone' && WRITES.includes(key) && !isSignUp(collection, key),
  };
}

/** Open in most apps: an account is of whoever makes it. */
const isSignUp = ({ type }: CollectionModel, key: RuleKey) =>
  type === 'auth' && key === 'createRule';

/** How many rules let anybody change something. */
export function riskyRules(
  collections: readonly CollectionModel[],
  isAuth: (id: string) => boolean,
): { collection: string; key: RuleKey }[] {
  return collections.flatMap((one) =>
    KEYS.filter((key) => cellOf(one, key, isAuth)?.risky).map((key) => ({
      collection: one.name,
      key,
    })),
  );
}
