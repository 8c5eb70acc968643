import { describe, expect, it } from 'vitest';
import { FIELD_TYPES, type FieldModel, type FieldType } from '../api/types';
import { parsePoint } from './geoPoint/describe';
import { kindOf } from './registry';

function field(type: FieldType, options: Partial<FieldModel> = {}): FieldModel {
  return {
    id: 'f',
    name: 'f',
    type,
    system: false,
    hidden: false,
    presentable: false,
    ...options,
  };
}

describe('field kinds', () => {
  it('know their type', () => {
    for (const type of FIELD_TYPES) expect(kindOf(field(type)).type).toBe(type);
  });

  it.each<[FieldType, Partial<FieldModel>, unknown, unknown]>([
    ['text', {}, 'a', 'a'],
    ['number', {}, 1.5, 1.5],
    ['number', {}, 0, 0],
    ['bool', {}, true, true],
    ['date', {}, '2026-03-14 12:20:05.123Z', '2026-03-14 12:20:05.123Z'],
    ['select', { maxSelect: 1 }, 'a', 'a'],
    ['select', { maxSelect: 2 }, ['a', 'b'], ['a', 'b']],
    ['relation', { maxSelect: 1 }, '', ''],
    ['relation', { maxSelect: 3 }, [], []],
    ['file', { maxSelect: 1 }, 'a.png', 'a.png'],
    ['file', { maxSelect: 3 }, ['a.png'], ['a.png']],
    ['json', {}, { b: 1, a: [] }, '{\n  "b": 1,\n  "a": []\n}'],
    ['json', {}, null, null],
    ['json', {}, '', '""'],
    ['geoPoint', {}, { lon: 16.37, lat: 48.2 }, { lon: 16.37, lat: 48.2 }],
  ])('%s %o: %o goes back as %o', (type, options, wire, back) => {
    const one = field(type, options);
    const kind = kindOf(one);
    expect(kind.toWire(kind.toForm(wire, one), one)).toEqual(back);
  });

  it('send new files beside the ones that stay', () => {
    const added = new File(['x'], 'new.txt');
    const form = { kept: ['old.txt'], added: [added] };
    const many = field('file', { maxSelect: 3 });
    const single = field('file', { maxSelect: 1 });
    expect(kindOf(many).toWire(form, many)).toEqual(['old.txt', added]);
    expect(kindOf(single).toWire(form, single)).toBe(added);
  });

  it('say what cannot be right', () => {
    const check = (type: FieldType, form: unknown, options: Partial<FieldModel> = {}) => {
      const one = field(type, options);
      return kindOf(one).check?.(form, one);
    };
    expect(check('number', '1e3')).toBe('');
    expect(check('number', '12x')).toBe('This is not a number.');
    expect(check('number', '1.5', { onlyInt: true })).toBe('Only whole numbers are allowed.');
    expect(check('json', '{"a": }')).toBe(
      'Line 1, column 7: A value was expected after the colon.',
    );
    expect(check('json', '  ')).toBe('');
    expect(check('geoPoint', { lon: '1', lat: '91' })).toBe('Latitude lies between -90 and 90.');
    expect(check('geoPoint', { lon: '', lat: '-' })).toBe('Latitude lies between -90 and 90.');
  });

  it('describe their limits in words', () => {
    const words = (type: FieldType, options: Partial<FieldModel>) => {
      const one = field(type, options);
      return kindOf(one).describe(one);
    };
    expect(words('text', { min: 0, max: 200 })).toBe('up to 200 characters');
    expect(words('text', { min: 15, max: 15 })).toBe('exactly 15 characters');
    expect(words('number', { onlyInt: true, min: 0 })).toBe('whole numbers, not under 0');
    expect(words('email', { onlyDomains: ['a.co', 'b.co'] })).toBe('only a.co, b.co');
    expect(words('file', { maxSelect: 3, maxSize: 1024, mimeTypes: ['image/png'] })).toBe(
      'up to 3, up to 1 KB each, png',
    );
    expect(words('autodate', { onUpdate: true })).toBe('set when the record changes');
  });
});

describe('parsePoint', () => {
  it('reads what maps give', () => {
    expect(parsePoint('48.2, 16.37')).toEqual({ lat: '48.2', lon: '16.37' });
    expect(parsePoint(' -33.9;18.4 ')).toEqual({ lat: '-33.9', lon: '18.4' });
    expect(parsePoint('48.2')).toBeNull();
  });
});
