import { expect, test } from 'vitest';
import { findSettings, focusSetting } from './find';

const labels = (text: string) => findSettings(text).map(({ page, label }) => `${page}: ${label}`);

test('a setting is found by its label, its card and its page', () => {
  expect(labels('smtp host')).toEqual(['mail: Host']);
  expect(labels('bucket')).toContain('storage: Bucket');
  expect(labels('trust')).toEqual(['limits: Headers to trust']);
  expect(labels('')).toEqual([]);
  expect(labels('nonsense')).toEqual([]);
});

test('where the box is not shown, the switch that shows it gets the focus', () => {
  const make = (tag: string, ...inside: (Node | string)[]) => {
    const element = document.createElement(tag);
    element.append(...inside);
    return element;
  };
  const use = make('input') as HTMLInputElement;
  use.type = 'checkbox';
  use.id = 'use';
  const label = make('label', 'Send mails through an SMTP server') as HTMLLabelElement;
  label.htmlFor = 'use';
  const main = make('main', make('section', make('h2', 'SMTP server'), use, label));
  document.body.replaceChildren(main);
  expect(focusSetting(main, 'SMTP server', 'Host')).toBe(true);
  expect(document.activeElement).toBe(use);
  expect(focusSetting(main, 'No such card', 'Host')).toBe(false);
});
