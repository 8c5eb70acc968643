import type { FieldModel } from '../../api/types';
import { fieldStrings as words } from '../../strings/fields';
import { asText, type FieldKind } from '../kind';

/** Domain limits, shared with url. */
export function describeDomains(field: FieldModel): string {
  if (field.onlyDomains?.length) return words.only(field.onlyDomains.join(', '));
  return field.exceptDomains?.length ? words.except(field.exceptDomains.join(', ')) : '';
}

export const email: FieldKind = {
  type: 'email',
  describe: describeDomains,
  toForm: asText,
  toWire: (form) => asText(form).trim(),
};
