import { asText, type FieldKind } from '../kind';
import { describeLength } from '../text/describe';

/** Never sent by the server: an empty form keeps what is stored. */
export const password: FieldKind = {
  type: 'password',
  describe: (field) => describeLength(field.min, field.max),
  toForm: () => '',
  toWire: asText,
};
