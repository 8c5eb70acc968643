import { fieldStrings as words } from '../../strings/fields';
import { asText, type FieldKind } from '../kind';

export const editor: FieldKind = {
  type: 'editor',
  describe: (field) => (field.maxSize ? words.size(field.maxSize) : ''),
  toForm: asText,
  toWire: asText,
};
