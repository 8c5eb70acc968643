import { fieldStrings as words } from '../../strings/fields';
import { asList, fromList, isMultiple, type FieldKind } from '../kind';

const STANDARD_MAX_SIZE = 5 * 1024 * 1024;

export interface FileForm {
  /** Names that are stored and stay. */
  kept: string[];
  /** To be uploaded on saving. */
  added: File[];
}

export function asFiles(form: unknown): FileForm {
  return typeof form === 'object' && form !== null && 'kept' in form
    ? (form as FileForm)
    : { kept: [], added: [] };
}

export const file: FieldKind = {
  type: 'file',
  isGroup: true,
  describe: (field) => {
    const size = field.maxSize || STANDARD_MAX_SIZE;
    const types = field.mimeTypes?.map((type) => type.replace(/^.*\//, '')).join(', ') ?? '';
    return [
      isMultiple(field) ? words.upToItems(field.maxSelect ?? 1) : '',
      isMultiple(field) ? words.sizeEach(size) : words.size(size),
      types,
    ]
      .filter(Boolean)
      .join(', ');
  },
  toForm: (wire): FileForm => ({ kept: asList(wire), added: [] }),
  toWire: (form, field) => {
    const { kept, added } = asFiles(form);
    if (added.length === 0) return fromList(kept, field);
    return isMultiple(field) ? [...kept, ...added] : added.at(-1);
  },
};
