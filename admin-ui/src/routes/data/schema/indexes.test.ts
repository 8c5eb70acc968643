import { expect, test } from 'vitest';
import { isUniqueOn, readIndex, renameInSql, uniqueIndex } from './indexes';

test('the parts of an index are read in every quoting', () => {
  expect(readIndex('CREATE UNIQUE INDEX `i` ON `posts` (`slug`)')).toEqual({
    unique: true,
    name: 'i',
    table: 'posts',
    columns: ['slug'],
    where: '',
  });
  expect(
    readIndex(
      'create index if not exists "i" on [posts] ("a" DESC,\n b COLLATE NOCASE) where a > 1;',
    ),
  ).toMatchObject({
    unique: false,
    name: 'i',
    table: 'posts',
    columns: ['a', 'b'],
    where: 'a > 1',
  });
  expect(readIndex('DROP INDEX i')).toBeNull();
});

test('only a unique index over one field makes it unique', () => {
  expect(isUniqueOn('CREATE UNIQUE INDEX i ON t (a)', 'a')).toBe(true);
  expect(isUniqueOn('CREATE UNIQUE INDEX i ON t (a, b)', 'a')).toBe(false);
  expect(isUniqueOn('CREATE INDEX i ON t (a)', 'a')).toBe(false);
});

test('the index made for a field is read back as its own', () => {
  const made = uniqueIndex('posts', { name: 'slug', type: 'text' });
  expect(made).toBe("CREATE UNIQUE INDEX `idx_posts_slug` ON `posts` (`slug`) WHERE `slug` != ''");
  expect(isUniqueOn(made, 'slug')).toBe(true);
  expect(uniqueIndex('posts', { name: 'n', type: 'number' })).not.toContain('WHERE');
});

test('a rename touches whole names only, and no texts', () => {
  const sql = "CREATE INDEX `idx_a` ON `t` (`a`, `ab`) WHERE `a` != 'a'";
  expect(renameInSql(sql, 'a', 'z')).toBe(
    "CREATE INDEX `idx_a` ON `t` (`z`, `ab`) WHERE `z` != 'a'",
  );
});
