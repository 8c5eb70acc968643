import { formatDate } from '../../format/dates';
import { fieldStrings as words } from '../../strings/fields';
import { asText, type FieldKind } from '../kind';

/** The form holds the wire's text, so a date that is not touched keeps its milliseconds. */
export const date: FieldKind = {
  type: 'date',
  describe: (field) =>
    [
      field.min ? words.notBefore(formatDate(asText(field.min))) : '',
      field.max ? words.notAfter(formatDate(asText(field.max))) : '',
    ]
      .filter(Boolean)
      .join(', '),
  toForm: asText,
  toWire: asText,
};
