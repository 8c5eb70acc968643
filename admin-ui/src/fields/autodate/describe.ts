import { fieldStrings as words } from '../../strings/fields';
import { asText, type FieldKind } from '../kind';

export const autodate: FieldKind = {
  type: 'autodate',
  describe: (field) => {
    if (field.onCreate && field.onUpdate) return words.setOnBoth;
    return field.onUpdate ? words.setOnUpdate : words.setOnCreate;
  },
  toForm: asText,
  toWire: asText,
};
