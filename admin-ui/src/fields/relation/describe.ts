import { fieldStrings as words } from '../../strings/fields';
import { asList, fromList, isMultiple, type FieldKind } from '../kind';

export const relation: FieldKind = {
  type: 'relation',
  describe: (field) =>
    [
      field.minSelect ? words.atLeastItems(field.minSelect) : '',
      isMultiple(field) ? words.upToItems(field.maxSelect ?? 1) : '',
    ]
      .filter(Boolean)
      .join(', '),
  toForm: asList,
  toWire: (form, field) => fromList(asList(form), field),
};
