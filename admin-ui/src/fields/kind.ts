// What the grid and the record form need to know of a field type. One folder each, one registry.
import type { Component } from 'svelte';
import type { FieldModel, FieldType, RecordModel } from '../api/types';

export interface CellProps {
  value: unknown;
  field: FieldModel;
  record: RecordModel;
}

/** Attributes that tie an input to its label, help and error. */
export interface Control {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': 'true' | undefined;
  'aria-labelledby': string;
  required: boolean | undefined;
}

export interface InputProps {
  /** What the form holds, as `toForm` made it. */
  value: unknown;
  field: FieldModel;
  /** The record being edited; absent for a new one. */
  record: RecordModel | undefined;
  control: Control;
}

export interface FieldKind {
  type: FieldType;
  /** Several controls under one label, so the label cannot point at one. */
  isGroup?: boolean;
  /** Constraints in words; empty when there are none. */
  describe: (field: FieldModel) => string;
  /** From the wire to what the input edits; `undefined` is a record without the field. */
  toForm: (wire: unknown, field: FieldModel) => unknown;
  /** Back, as a request body takes it. */
  toWire: (form: unknown, field: FieldModel) => unknown;
  /** What can be told without the server; empty when all is well. */
  check?: (form: unknown, field: FieldModel) => string;
}

export type CellComponent = Component<CellProps>;
export type InputComponent = Component<InputProps, object, 'value'>;

export function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Select, file and relation hold one text, or a list of them beyond one. */
export function isMultiple(field: FieldModel): boolean {
  return (field.maxSelect ?? 0) > 1;
}

export function asList(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(asText).filter((one) => one !== '');
  const text = asText(value);
  return text === '' ? [] : [text];
}

export function fromList(list: readonly string[], field: FieldModel): unknown {
  return isMultiple(field) ? [...list] : (list.at(-1) ?? '');
}
