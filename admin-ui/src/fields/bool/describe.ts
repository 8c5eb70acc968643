import type { FieldKind } from '../kind';

export const bool: FieldKind = {
  type: 'bool',
  describe: () => '',
  toForm: (wire) => wire === true,
  toWire: (form) => form === true,
};
