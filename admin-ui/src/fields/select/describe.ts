import { fieldStrings as words } from '../../strings/fields';
import { asList, fromList, isMultiple, type FieldKind } from '../kind';

export const select: FieldKind = {
  type: 'select',
  describe: (field) => {
    const max = field.maxSelect ?? 1;
    return isMultiple(field) && max < (field.values?.length ?? 0) ? words.upToItems(max) : '';
  },
  toForm: asList,
  toWire: (form, field) => fromList(asList(form), field),
};

/** With several values the label stands over a list of tick boxes. */
export const selectMany: FieldKind = { ...select, isGroup: true };
