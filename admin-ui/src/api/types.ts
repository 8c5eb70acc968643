/** What the server sends; names are the wire's. */
export type CollectionType = 'base' | 'auth' | 'view';

export const FIELD_TYPES = [
  'text',
  'number',
  'bool',
  'email',
  'url',
  'date',
  'autodate',
  'select',
  'file',
  'relation',
  'json',
  'editor',
  'geoPoint',
  'password',
] as const;
export type FieldType = (typeof FIELD_TYPES)[number];

/** One field with the options of every type; which of them count follows from `type`. */
export interface FieldModel {
  id: string;
  name: string;
  type: FieldType;
  system: boolean;
  hidden: boolean;
  presentable: boolean;
  required?: boolean;
  help?: string;
  primaryKey?: boolean;
  min?: number | string | null;
  max?: number | string | null;
  pattern?: string;
  autogeneratePattern?: string;
  /** Ours: the order of a sort. */
  collation?: '' | 'unicode';
  onlyInt?: boolean;
  onlyDomains?: string[] | null;
  exceptDomains?: string[] | null;
  onCreate?: boolean;
  onUpdate?: boolean;
  values?: string[] | null;
  minSelect?: number;
  maxSelect?: number;
  collectionId?: string;
  cascadeDelete?: boolean;
  maxSize?: number;
  mimeTypes?: string[] | null;
  thumbs?: string[] | null;
  protected?: boolean;
  convertURLs?: boolean;
  cost?: number;
}

export interface CollectionModel {
  id: string;
  name: string;
  type: CollectionType;
  system: boolean;
  updated: string;
  fields: FieldModel[];
  indexes: string[];
  listRule: string | null;
  viewRule: string | null;
  createRule: string | null;
  updateRule: string | null;
  deleteRule: string | null;
  /** Auth collections only. */
  authRule?: string | null;
  /** Auth collections only. */
  manageRule?: string | null;
  /** View collections only. */
  viewQuery?: string;
}

export interface RecordModel {
  id: string;
  collectionId: string;
  collectionName: string;
  [field: string]: unknown;
}
