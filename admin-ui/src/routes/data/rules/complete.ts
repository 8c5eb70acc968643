// Completion in a rule: what a filter has, and who asks and what was sent.
import {
  complete,
  type Completion,
  type CompletionField,
  type Completions,
  type CompletionScope,
} from '../../../fexpr/complete';

const MAX_OPTIONS = 8;

export interface RuleScope extends CompletionScope {
  /** Fields of the people who can be signed in. */
  people: readonly CompletionField[];
  /** Names of all collections. */
  collections: readonly string[];
}

const REQUEST: Completion[] = [
  { label: '@request.auth.', insert: '@request.auth.', detail: 'who is signed in' },
  { label: '@request.body.', insert: '@request.body.', detail: 'what was sent' },
  { label: '@request.query.', insert: '@request.query.', detail: 'the address' },
  { label: '@request.headers.', insert: '@request.headers.', detail: 'with _ for -' },
  { label: '@request.method', insert: '@request.method', detail: 'GET, POST, PATCH, DELETE' },
  { label: '@request.context', insert: '@request.context', detail: 'default, realtime, oauth2 …' },
  { label: '@collection.', insert: '@collection.', detail: 'another collection' },
];

const AUTH_EXTRAS: CompletionField[] = [
  { name: 'collectionId', type: 'text' },
  { name: 'collectionName', type: 'text' },
];

/** The path at the cursor: it starts with @ and has no blank in it. */
const PATH = /@[\w.]*$/;

export function completeRule(text: string, cursor: number, scope: RuleScope): Completions {
  const path = PATH.exec(text.slice(0, cursor))?.[0];
  if (path === undefined) return shortened(complete(text, cursor, scope));
  const rest = /^[\w.]*/.exec(text.slice(cursor))?.[0] ?? '';
  const options = [...requestOptions(scope), ...macros(text, cursor, scope)].filter(
    ({ label }) => label.startsWith(path) && label !== path,
  );
  // A step at a time: of `@request.auth.email` only `@request.auth.` until it is written.
  const steps = options.filter(({ label }) => isNextStep(label, path));
  return shortened({ from: cursor - path.length, to: cursor + rest.length, options: steps });
}

function requestOptions(scope: RuleScope): Completion[] {
  const under = (prefix: string, fields: readonly CompletionField[]) =>
    fields.map(({ name, type }) => ({
      label: prefix + name,
      insert: prefix + name,
      detail: type,
    }));
  return [
    ...REQUEST,
    ...under('@request.auth.', [...scope.people, ...AUTH_EXTRAS]),
    ...under('@request.body.', scope.fields),
    ...scope.collections.map((name) => ({
      label: `@collection.${name}.`,
      insert: `@collection.${name}.`,
      detail: 'its fields',
    })),
  ];
}

/** The date macros, which filters have as well. */
function macros(text: string, cursor: number, scope: RuleScope): Completion[] {
  return complete(text, cursor, scope).options.filter(({ label }) => /^@\w+$/.test(label));
}

function isNextStep(label: string, path: string): boolean {
  const steps = (one: string) => one.split('.').length - 1;
  return steps(label.replace(/\.$/, '')) <= Math.max(1, steps(path));
}

function shortened(found: Completions): Completions {
  return { ...found, options: unique(found.options).slice(0, MAX_OPTIONS) };
}

function unique(options: Completion[]): Completion[] {
  return options.filter((one, at) => options.findIndex(({ label }) => label === one.label) === at);
}
