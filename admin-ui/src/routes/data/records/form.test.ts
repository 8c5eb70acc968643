import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CollectionModel, FieldModel, FieldType, RecordModel } from '../../../api/types';
import { RecordForm, seedFrom } from './form.svelte';

function field(name: string, type: FieldType, options: Partial<FieldModel> = {}): FieldModel {
  const flags = { system: false, hidden: false, presentable: false };
  return { id: name, name, type, ...flags, ...options };
}

const posts: CollectionModel = {
  id: 'posts_id',
  name: 'posts',
  type: 'base',
  system: false,
  updated: '',
  indexes: [],
  listRule: null,
  viewRule: null,
  createRule: null,
  updateRule: null,
  deleteRule: null,
  fields: [
    field('id', 'text', { primaryKey: true }),
    field('title', 'text'),
    field('views', 'number'),
    field('pin', 'password'),
    field('created', 'autodate'),
  ],
};

const users: CollectionModel = {
  ...posts,
  id: 'users_id',
  name: 'users',
  type: 'auth',
  fields: [
    field('id', 'text', { primaryKey: true }),
    field('name', 'text'),
    field('password', 'password'),
    field('tokenKey', 'text'),
    field('email', 'email'),
  ],
};

const record: RecordModel = {
  id: 'r1',
  collectionId: 'posts_id',
  collectionName: 'posts',
  title: 'one',
  views: 1,
};

/** Answers every request, and keeps what was sent. */
function server(status: number, answer: unknown) {
  const sent: { url: string; method: string; body: unknown }[] = [];
  vi.stubGlobal('fetch', (url: string, options: RequestInit) => {
    sent.push({ url, method: options.method ?? '', body: JSON.parse(String(options.body)) });
    return Promise.resolve(new Response(JSON.stringify(answer), { status }));
  });
  return sent;
}

describe('RecordForm', () => {
  beforeEach(() => localStorage.clear());
  afterEach(() => vi.unstubAllGlobals());

  it('asks for what can be typed, who it is first, the id last and once', () => {
    const names = (form: RecordForm) => form.fieldNames();
    expect(names(new RecordForm(posts, undefined))).toEqual(['title', 'views', 'pin', 'id']);
    expect(names(new RecordForm(posts, record))).toEqual(['title', 'views', 'pin']);
    expect(names(new RecordForm(users, undefined))).toEqual([
      'email',
      'password',
      'passwordConfirm',
      'name',
      'id',
    ]);
  });

  it('knows what changed, and puts it back', () => {
    const form = new RecordForm(posts, record);
    expect(form.changed).toEqual([]);
    form.set('title', 'two');
    form.set('views', '7');
    expect(form.changed).toEqual(['title', 'views']);
    form.putBack('title');
    expect(form.changed).toEqual(['views']);
    form.discard();
    expect(form.values['views']).toBe('1');
  });

  it('keeps a draft per record, without secrets, until it is discarded', () => {
    const form = new RecordForm(posts, record);
    form.set('title', 'two');
    form.set('pin', 'secret');
    expect(JSON.stringify({ ...localStorage })).not.toContain('secret');
    const again = new RecordForm(posts, record);
    expect([again.values['title'], again.isRestored]).toEqual(['two', true]);
    expect(new RecordForm(posts, { ...record, id: 'r2' }).isRestored).toBe(false);
    again.discard();
    expect(new RecordForm(posts, record).isRestored).toBe(false);
  });

  it('sends what changed and nothing else', async () => {
    const sent = server(200, { ...record, views: 7 });
    const form = new RecordForm(posts, record);
    form.set('views', '7');
    expect(await form.save('')).toBe(true);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({ method: 'PATCH', body: { views: 7 } });
    expect(sent[0]?.url).toContain('/posts_id/records/r1');
    expect([form.changed, new RecordForm(posts, record).isRestored]).toEqual([[], false]);
  });

  it('always repeats a password', async () => {
    const sent = server(200, { ...record });
    const form = new RecordForm(users, record);
    form.set('password', 'new secret');
    await form.save('');
    expect(sent[0]?.body).toEqual({ password: 'new secret', passwordConfirm: '' });
  });

  it('shows the word of the server until the field is touched', async () => {
    const data = { title: { code: 'validation_required', message: 'Cannot be blank.' } };
    server(400, { status: 400, message: 'Failed to update record.', data });
    const form = new RecordForm(posts, record);
    form.set('title', '');
    expect(await form.save('')).toBe(false);
    expect(form.errors.map((one) => [one.name, form.errorOf(one)])).toEqual([
      ['title', 'Cannot be blank.'],
    ]);
    form.set('title', 'x');
    expect(form.errors).toEqual([]);
  });

  it('does not send what cannot be right', async () => {
    const sent = server(200, record);
    const form = new RecordForm(posts, record);
    form.set('views', 'many');
    expect(await form.save('')).toBe(false);
    expect(sent).toEqual([]);
    expect(form.errors.map((one) => one.name)).toEqual(['views']);
  });

  it('copies a record without its secrets', () => {
    expect(seedFrom(posts, record)).toEqual({ title: 'one', views: '1' });
  });
});
