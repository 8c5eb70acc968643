import { checkJson } from '../../format/json';
import { fieldStrings as words } from '../../strings/fields';
import { asText, type FieldKind } from '../kind';

/**
 * The form holds text and the text goes on the wire: the server keeps it as written, with the
 * order of its keys and numbers longer than a float.
 */
export const json: FieldKind = {
  type: 'json',
  describe: (field) => (field.maxSize ? words.size(field.maxSize) : ''),
  toForm: (wire) => (wire === undefined || wire === null ? '' : JSON.stringify(wire, null, 2)),
  toWire: (form) => asText(form).trim() || null,
  check: (form) => {
    const text = asText(form);
    const error = text.trim() === '' ? null : checkJson(text);
    return error ? words.json.at(error.line, error.column, error.reason) : '';
  },
};
