// What may stand at the cursor of a filter: pure, from the text and the fields that are in reach.
import { OPERATORS, tokenize, type Token } from './tokenize';

/** As much of a field as completion needs to know; the wire's field model fits. */
export interface CompletionField {
  name: string;
  type: string;
  values?: string[] | null;
  collectionId?: string;
  maxSelect?: number;
}

export interface CompletionScope {
  fields: readonly CompletionField[];
  /** Fields of a related collection, by its id. */
  fieldsOf: (collectionId: string) => readonly CompletionField[];
  /** Relations that point here, as `comments_via_post`, with the collection they lead to. */
  backRelations: readonly { name: string; collectionId: string }[];
}

export interface Completion {
  label: string;
  insert: string;
  detail: string;
}

export interface Completions {
  /** What is replaced. */
  from: number;
  to: number;
  options: Completion[];
}

type Expected = 'left' | 'op' | 'right' | 'join' | 'argument' | 'comma';

interface Place {
  expected: Expected;
  left?: Token;
  current?: Token;
}

const MACROS: [string, string][] = [
  ['@now', 'this moment'],
  ['@todayStart', 'today 00:00 UTC'],
  ['@todayEnd', 'today 23:59 UTC'],
  ['@yesterday', '24 hours ago'],
  ['@tomorrow', 'in 24 hours'],
  ['@monthStart', 'first of this month'],
  ['@monthEnd', 'end of this month'],
  ['@yearStart', 'first of this year'],
  ['@yearEnd', 'end of this year'],
];

const FUNCTIONS: Completion[] = [
  { label: 'strftime', insert: 'strftime(', detail: 'format, date' },
  { label: 'geoDistance', insert: 'geoDistance(', detail: 'lon, lat, lon, lat: kilometres' },
];

const OPERATOR_WORDS: Record<string, string> = {
  '=': 'equals',
  '!=': 'differs from',
  '>': 'greater than',
  '>=': 'at least',
  '<': 'less than',
  '<=': 'at most',
  '~': 'contains',
  '!~': 'does not contain',
};

const MULTIPLE = new Set(['select', 'file', 'relation']);

/** Reads the tokens before the cursor and says what the one at the cursor has to be. */
function placeAt(tokens: Token[], cursor: number): Place {
  let expected: Expected = 'left';
  let left: Token | undefined;
  const brackets: { isCall: boolean; back: Expected }[] = [];
  for (const token of tokens) {
    if (token.kind === 'end' || token.from >= cursor) break;
    // A bracket or a comma is over once it is typed; anything else may still be growing.
    const isGrowing = !['open', 'close', 'comma'].includes(token.kind) && token.to >= cursor;
    const isClosedText = token.kind === 'text' && token.to === cursor;
    if (isGrowing && !isClosedText) return { expected, left, current: token };

    if (token.kind === 'open') {
      const isCall = tokens[tokens.indexOf(token) - 1]?.isCall === true;
      brackets.push({ isCall, back: expected });
      expected = isCall ? 'argument' : 'left';
    } else if (token.kind === 'close') {
      const bracket = brackets.pop();
      expected = bracket?.isCall ? bracket.back : 'join';
    } else if (token.kind === 'comma') expected = 'argument';
    else if (token.kind === 'join') expected = 'left';
    else if (token.kind === 'op') expected = 'right';
    else if (expected === 'left') [expected, left] = ['op', token];
    else if (expected === 'right') expected = 'join';
    else if (expected === 'argument') expected = 'comma';
  }
  return { expected, left };
}

/** The fields that a path leads into: all but its last segment. */
export function fieldsBehind(
  segments: string[],
  scope: CompletionScope,
): readonly CompletionField[] {
  let fields = scope.fields;
  for (const segment of segments) {
    const field = fields.find((one) => one.name === segment);
    const back = scope.backRelations.find((one) => one.name === segment);
    const target = field?.type === 'relation' ? field.collectionId : back?.collectionId;
    if (field?.type === 'geoPoint') {
      return ['lon', 'lat'].map((name) => ({ name, type: 'number' }));
    }
    fields = target ? scope.fieldsOf(target) : [];
  }
  return fields;
}

function fieldAt(path: string, scope: CompletionScope): CompletionField | undefined {
  const segments = (path.split(':')[0] ?? '').split('.');
  const name = segments.pop();
  return fieldsBehind(segments, scope).find((field) => field.name === name);
}

function pathOptions(prefix: string, scope: CompletionScope): Completion[] {
  const segments = prefix.split('.');
  segments.pop();
  const base = segments.map((segment) => `${segment}.`).join('');
  const options = fieldsBehind(segments, scope)
    .filter((field) => field.type !== 'password')
    .map(({ name, type }) => ({ label: base + name, insert: base + name, detail: type }));
  if (segments.length > 0) return options;
  const back = scope.backRelations.map(({ name }) => ({
    label: name,
    insert: `${name}.`,
    detail: 'records that point here',
  }));
  return [...options, ...FUNCTIONS, ...back];
}

function modifierOptions(prefix: string, scope: CompletionScope): Completion[] {
  const path = prefix.split(':')[0] ?? '';
  const field = fieldAt(path, scope);
  if (!field) return [];
  const names: [string, string][] = MULTIPLE.has(field.type)
    ? [
        ['each', 'every item'],
        ['length', 'number of items'],
      ]
    : [['lower', 'in small letters']];
  return names.map(([name, detail]) => {
    const text = `${path}:${name}`;
    return { label: text, insert: text, detail };
  });
}

function valueOptions(left: Token | undefined, scope: CompletionScope): Completion[] {
  const field = left?.kind === 'ident' ? fieldAt(left.value, scope) : undefined;
  const plain = (labels: string[], detail: string): Completion[] =>
    labels.map((label) => ({ label, insert: label, detail }));
  switch (field?.type) {
    case 'select':
      return plain(
        (field.values ?? []).map((value) => JSON.stringify(value)),
        'option',
      );
    case 'bool':
      return plain(['true', 'false'], 'value');
    case 'date':
    case 'autodate':
      return MACROS.map(([label, detail]) => ({ label, insert: label, detail }));
    default:
      return plain(['null'], 'empty');
  }
}

function operatorOptions(left: Token | undefined, scope: CompletionScope): Completion[] {
  const field = left?.kind === 'ident' ? fieldAt(left.value, scope) : undefined;
  const isMultiple =
    left?.kind === 'ident' && (left.value.includes('.') || left.value.includes(':each'));
  const all = isMultiple ? [...OPERATORS.map((op) => `?${op}`), ...OPERATORS] : [...OPERATORS];
  const fitting = field?.type === 'bool' ? all.filter((op) => /^\??!?=$/.test(op)) : all;
  return fitting.map((op) => {
    const word = OPERATOR_WORDS[op.replace('?', '')] ?? '';
    return { label: op, insert: `${op} `, detail: op.startsWith('?') ? `any ${word}` : word };
  });
}

function optionsAt(place: Place, prefix: string, scope: CompletionScope): Completion[] {
  switch (place.expected) {
    case 'left':
    case 'argument':
      return prefix.includes(':') ? modifierOptions(prefix, scope) : pathOptions(prefix, scope);
    case 'op':
      return operatorOptions(place.left, scope);
    case 'right':
      return [
        ...valueOptions(place.left, scope),
        ...(/^[A-Za-z_]/.test(prefix) ? pathOptions(prefix, scope) : []),
      ];
    case 'join':
      return [
        { label: '&&', insert: '&& ', detail: 'and' },
        { label: '||', insert: '|| ', detail: 'or' },
      ];
    case 'comma':
      return [];
  }
}

export function complete(input: string, cursor: number, scope: CompletionScope): Completions {
  const all = tokenize(input);
  const inComment = all.some(
    (token) => token.kind === 'comment' && token.from < cursor && token.to >= cursor,
  );
  if (inComment) return { from: cursor, to: cursor, options: [] };
  const place = placeAt(
    all.filter((token) => token.kind !== 'comment'),
    cursor,
  );
  const from = place.current?.from ?? cursor;
  const prefix = input.slice(from, cursor);
  const wanted = prefix.toLowerCase();
  const options = optionsAt(place, prefix, scope).filter(
    ({ label }) => label.toLowerCase().startsWith(wanted) && label !== prefix,
  );
  // Text after the cursor that belongs to the same token is replaced too, but not an open text,
  // which runs to the end of the line.
  const to = place.current && place.current.bad !== 'text' ? place.current.to : cursor;
  return { from, to, options };
}
