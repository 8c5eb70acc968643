import { fieldStrings as words } from '../../strings/fields';
import { asText, type FieldKind } from '../kind';

/** Length limits, shared with what is text underneath. */
export function describeLength(min: unknown, max: unknown): string {
  const low = typeof min === 'number' ? min : 0;
  const high = typeof max === 'number' ? max : 0;
  if (low > 0 && low === high) return words.exactly(low);
  if (low > 0 && high > 0) return words.between(low, high);
  if (high > 0) return words.upTo(high);
  return low > 0 ? words.atLeast(low) : '';
}

export const text: FieldKind = {
  type: 'text',
  describe: (field) =>
    [
      describeLength(field.min, field.max),
      field.pattern && !field.primaryKey ? words.pattern(field.pattern) : '',
      field.autogeneratePattern ? words.generated : '',
    ]
      .filter(Boolean)
      .join(', '),
  toForm: asText,
  toWire: asText,
};
