// The field types: a new one is a folder and a line here (and in inputs.ts, which only the record
// form loads).
import type { FieldModel, FieldType } from '../api/types';
import AutodateCell from './autodate/Cell.svelte';
import { autodate } from './autodate/describe';
import BoolCell from './bool/Cell.svelte';
import { bool } from './bool/describe';
import DateCell from './date/Cell.svelte';
import { date } from './date/describe';
import EditorCell from './editor/Cell.svelte';
import { editor } from './editor/describe';
import EmailCell from './email/Cell.svelte';
import { email } from './email/describe';
import FileCell from './file/Cell.svelte';
import { file } from './file/describe';
import GeoPointCell from './geoPoint/Cell.svelte';
import { geoPoint } from './geoPoint/describe';
import JsonCell from './json/Cell.svelte';
import { json } from './json/describe';
import { isMultiple, type CellComponent, type FieldKind } from './kind';
import NumberCell from './number/Cell.svelte';
import { number } from './number/describe';
import PasswordCell from './password/Cell.svelte';
import { password } from './password/describe';
import RelationCell from './relation/Cell.svelte';
import { relation } from './relation/describe';
import SelectCell from './select/Cell.svelte';
import { select, selectMany } from './select/describe';
import TextCell from './text/Cell.svelte';
import { text } from './text/describe';
import UrlCell from './url/Cell.svelte';
import { url } from './url/describe';

const kinds: Record<FieldType, FieldKind> = {
  autodate,
  bool,
  date,
  editor,
  email,
  file,
  geoPoint,
  json,
  number,
  password,
  relation,
  select,
  text,
  url,
};

export const cells: Record<FieldType, CellComponent> = {
  autodate: AutodateCell,
  bool: BoolCell,
  date: DateCell,
  editor: EditorCell,
  email: EmailCell,
  file: FileCell,
  geoPoint: GeoPointCell,
  json: JsonCell,
  number: NumberCell,
  password: PasswordCell,
  relation: RelationCell,
  select: SelectCell,
  text: TextCell,
  url: UrlCell,
};

export function kindOf(field: FieldModel): FieldKind {
  return field.type === 'select' && isMultiple(field) ? selectMany : kinds[field.type];
}
