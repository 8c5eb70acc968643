import type { FieldModel, FieldType } from '../../../api/types';

/** A field as the editor holds it: `key` stays the same through renames and reorders. */
export interface DraftField extends FieldModel {
  key: string;
}

let made = 0;

/** A key that no other row of this page has. */
export function newKey(): string {
  made += 1;
  return `new-${made}`;
}

/** The server's own defaults, written out, so that what is shown is what is sent. */
const defaults: Record<FieldType, Partial<FieldModel>> = {
  text: { min: 0, max: 0, pattern: '', autogeneratePattern: '' },
  number: { min: null, max: null, onlyInt: false },
  bool: {},
  email: { onlyDomains: [], exceptDomains: [] },
  url: { onlyDomains: [], exceptDomains: [] },
  date: { min: '', max: '' },
  autodate: { onCreate: true, onUpdate: false },
  select: { values: [], maxSelect: 1 },
  file: { maxSelect: 1, maxSize: 0, mimeTypes: [], thumbs: [], protected: false },
  relation: { collectionId: '', cascadeDelete: false, minSelect: 0, maxSelect: 1 },
  json: { maxSize: 0 },
  editor: { maxSize: 0, convertURLs: false },
  geoPoint: {},
  password: { min: 8, max: 0, cost: 0, pattern: '' },
};

export function newField(
  name: string,
  type: FieldType,
  more: Partial<FieldModel> = {},
): DraftField {
  return {
    key: newKey(),
    id: '',
    name,
    type,
    system: false,
    hidden: false,
    presentable: false,
    ...(type === 'autodate' ? {} : { required: false, help: '' }),
    ...structuredClone(defaults[type]),
    ...more,
  };
}

/** What is sent: the editor's own key stays here, and an unset id is left to the server. */
export function toWire(field: DraftField): FieldModel {
  const sent: Partial<DraftField> = { ...field };
  delete sent.key;
  if (!field.id) delete sent.id;
  return sent as FieldModel;
}
