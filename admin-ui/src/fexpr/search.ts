// The filter line takes plain words too: they are looked for in the text fields.
import { quote } from './print';

const SEARCHABLE = new Set(['text', 'email', 'url', 'editor', 'select', 'relation', 'number']);
const MAX_SEARCHED = 20;

export interface SearchField {
  name: string;
  type: string;
  hidden?: boolean;
}

/** Anything that holds an operator, a bracket or a quote is meant as an expression. */
export function isExpression(input: string): boolean {
  return /[=<>~()|&"']|!=|\/\//.test(input);
}

/** `a ~ "words" || b ~ "words"`: contains, in any field that holds text. */
export function searchFilter(words: string, fields: readonly SearchField[]): string {
  const text = words.trim();
  if (text === '') return '';
  return fields
    .filter((field) => SEARCHABLE.has(field.type))
    .filter((field) => field.type !== 'number' || /^-?\d+(\.\d+)?$/.test(text))
    .slice(0, MAX_SEARCHED)
    .map((field) => `${field.name} ~ ${quote(text)}`)
    .join(' || ');
}
