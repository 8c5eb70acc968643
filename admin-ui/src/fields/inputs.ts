// The inputs of the record form, apart from registry.ts because only that form loads them.
import type { FieldType } from '../api/types';
import AutodateInput from './autodate/Input.svelte';
import BoolInput from './bool/Input.svelte';
import DateInput from './date/Input.svelte';
import EditorInput from './editor/Input.svelte';
import EmailInput from './email/Input.svelte';
import FileInput from './file/Input.svelte';
import GeoPointInput from './geoPoint/Input.svelte';
import JsonInput from './json/Input.svelte';
import type { InputComponent } from './kind';
import NumberInput from './number/Input.svelte';
import PasswordInput from './password/Input.svelte';
import RelationInput from './relation/Input.svelte';
import SelectInput from './select/Input.svelte';
import TextInput from './text/Input.svelte';
import UrlInput from './url/Input.svelte';

export const inputs: Record<FieldType, InputComponent> = {
  autodate: AutodateInput,
  bool: BoolInput,
  date: DateInput,
  editor: EditorInput,
  email: EmailInput,
  file: FileInput,
  geoPoint: GeoPointInput,
  json: JsonInput,
  number: NumberInput,
  password: PasswordInput,
  relation: RelationInput,
  select: SelectInput,
  text: TextInput,
  url: UrlInput,
};
