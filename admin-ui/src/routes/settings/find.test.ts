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
  document.body.innerHTML = `<main><section><h2>SMTP server</h2>
    <input id="use" type="checkbox"><label for="use">Use an SMTP server</label>
    </section></main>`;
  const main = document.body.firstElementChild as HTMLElement;
  const use = document.querySelector<HTMLElement>('#use');
  const label = document.querySelector('label');
  if (label) label.textContent = 'Send mails through an SMTP server';
  expect(focusSetting(main, 'SMTP server', 'Host')).toBe(true);
  expect(document.activeElement).toBe(use);
  expect(focusSetting(main, 'No such card', 'Host')).toBe(false);
});
