import { expect, test } from 'vitest';
import { renameInRule } from './rename';

test.each([
  ['author = @request.auth.id', 'owner = @request.auth.id'],
  ['author.name ~ "author" && author:length > 0', 'owner.name ~ "author" && owner:length > 0'],
  ['@request.body.author = id', '@request.body.owner = id'],
  ['coauthor = author', 'coauthor = owner'],
  ['@request.auth.author = 1', '@request.auth.author = 1'],
  ['', ''],
])('%s', (rule, renamed) => {
  expect(renameInRule(rule, 'author', 'owner')).toBe(renamed);
});
