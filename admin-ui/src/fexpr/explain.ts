// The words for a syntax error: a reason and, where the intent can be guessed, a way out.
import type { Token } from './tokenize';
import type { FilterError } from './tree';

export type Expected = 'operand' | 'operator' | 'right' | 'join' | 'argument' | 'comma';

const operatorHints: Record<string, string> = {
  '==': '`==`: use `=`',
  '===': '`===`: use `=`',
  '!==': '`!==`: use `!=`',
  '<>': '`<>`: use `!=`',
  '=>': '`=>`: use `>=`',
  '=<': '`=<`: use `<=`',
  '!': 'there is no “not”: use `!=` or `!~`',
  '=~': '`=~`: use `~` (contains)',
  '~=': '`~=`: use `~` (contains)',
  '=?': '`=?`: the question mark stands first, `?=`',
  '!?=': '`!?=`: the question mark stands first, `?!=`',
};

const wordHints: Record<string, string> = {
  and: 'write `&&`',
  or: 'write `||`',
  not: 'write `!=` or `!~`',
  is: 'write `= null` or `!= null`',
  in: 'join several `=` with `||`',
  like: 'write `~` (contains)',
  contains: 'write `~`',
  equals: 'write `=`',
  between: 'write `>=` and `<=`, joined by `&&`',
};

const characterHints: Record<string, string> = {
  ';': 'a filter is one expression: leave the `;` out',
  '`': 'use " or \' around a text',
  '“': 'use straight quotes, "',
  '”': 'use straight quotes, "',
  '‘': "use straight quotes, '",
  '’': "use straight quotes, '",
  '[': 'write the index as a path: `list.0`',
  '+': 'write the number without `+`',
  '/': 'a comment is `// …` up to the end of the line',
  '.': 'write `0.5`, not `.5`',
  '\r': 'lines end with a newline alone',
  '\u00a0': 'that is a no-break space: write a plain one',
  '\ufeff': 'that is an invisible mark: delete it',
};

const expectedWords: Record<Expected, string> = {
  operand: 'A field, a value or a group was expected',
  operator: 'An operator such as = or ~ was expected',
  right: 'A value was expected after the operator',
  join: '&& or || was expected',
  argument: 'An argument was expected',
  comma: 'A comma was expected between the arguments',
};

const expectedHints: Partial<Record<Expected, string>> = {
  operator: 'compare it, as in `title = "x"`',
  right: 'a text stands in quotes, as in `"draft"`',
};

function badReason(token: Token): FilterError {
  const span = { from: token.from, to: token.to };
  switch (token.bad) {
    case 'operator': {
      const hint = operatorHints[token.value];
      return { ...span, reason: `${token.value} is not an operator.`, ...(hint && { hint }) };
    }
    case 'join':
      return {
        ...span,
        reason: `${token.value} joins nothing.`,
        hint: token.value.includes('|') ? 'write `||`' : 'write `&&`',
      };
    case 'number':
      return {
        ...span,
        reason: `${token.value} is not a number.`,
        hint: token.value === '-' ? 'a filter cannot calculate' : 'write digits after the dot',
      };
    case 'identifier':
      return { ...span, reason: `${token.value} is not a whole name.`, hint: 'go on typing it' };
    case 'text':
      return {
        ...span,
        reason: 'This text is not closed.',
        hint: `end it with ${token.value.charAt(0)}`,
      };
    default: {
      const hint = characterHints[token.value];
      const shown = JSON.stringify(token.value).slice(1, -1);
      return { ...span, reason: `${shown} has no meaning here.`, ...(hint && { hint }) };
    }
  }
}

export function explain(token: Token, expected: Expected): FilterError {
  if (token.kind === 'bad') return badReason(token);
  const span = { from: token.from, to: token.to };
  if (token.kind === 'end') {
    const hint = expectedHints[expected];
    return { ...span, reason: `${expectedWords[expected]}.`, ...(hint && { hint }) };
  }
  if (token.kind === 'close' && expected === 'join') {
    return { ...span, reason: 'This bracket closes nothing.' };
  }
  if (token.kind === 'close' && expected === 'operand') {
    return { ...span, reason: 'A condition was expected before the bracket.' };
  }
  const word = token.kind === 'ident' ? wordHints[token.value.toLowerCase()] : undefined;
  const hint = word ?? (expected === 'join' ? undefined : expectedHints[expected]);
  return {
    ...span,
    reason: `${expectedWords[expected]}, not ${token.kind === 'text' ? 'a text' : token.value}.`,
    ...(hint && { hint }),
  };
}
