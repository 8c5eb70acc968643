import { describeDomains } from '../email/describe';
import { asText, type FieldKind } from '../kind';

export const url: FieldKind = {
  type: 'url',
  describe: describeDomains,
  toForm: asText,
  toWire: (form) => asText(form).trim(),
};
