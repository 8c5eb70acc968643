import { formatNumber } from '../../format/numbers';
import { fieldStrings as words } from '../../strings/fields';
import { asText, type FieldKind } from '../kind';

/** The form holds what was typed, so that half a number can stand there while typing. */
export const number: FieldKind = {
  type: 'number',
  describe: (field) =>
    [
      field.onlyInt ? words.wholeNumbers : '',
      typeof field.min === 'number' ? words.min(formatNumber(field.min)) : '',
      typeof field.max === 'number' ? words.max(formatNumber(field.max)) : '',
    ]
      .filter(Boolean)
      .join(', '),
  toForm: (wire) => (wire === undefined ? '' : asText(wire)),
  toWire: (form) => Number(asText(form).trim() || 0),
  check: (form, field) => {
    const typed = asText(form).trim();
    if (typed === '') return '';
    const value = Number(typed);
    if (!Number.isFinite(value)) return words.notANumber;
    return field.onlyInt && !Number.isInteger(value) ? words.notWhole : '';
  },
};
