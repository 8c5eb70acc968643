// The columns of a collection's grid, and what this browser remembers about them.
import type { CollectionModel, FieldModel, FieldType } from '../api/types';
import type { CellComponent } from '../fields/kind';

export type Density = 'compact' | 'normal' | 'roomy';
export const ROW_HEIGHT: Record<Density, number> = { compact: 28, normal: 32, roomy: 44 };

export const MIN_WIDTH = 56;
const MAX_WIDTH = 1200;

export interface GridPrefs {
  version: 1;
  density: Density;
  /** By field name; what is not named keeps its standard. */
  hidden: Record<string, boolean>;
  widths: Record<string, number>;
}

export interface Column {
  field: FieldModel;
  name: string;
  width: number;
  hidden: boolean;
  canSort: boolean;
  /** The header's words, where the name alone would not do. */
  label?: string;
  /** Small beside them; the field's type when absent. */
  note?: string;
  /** Draws the values, where the field's type would not. */
  cell?: CellComponent;
}

/** A column that is drawn, and its place among those that are not hidden. */
export interface ShownColumn {
  column: Column;
  at: number;
}

export const TICK_WIDTH = 34;
const WINDOW_FROM = 8;

/** The columns in view, once there are so many that drawing all would be slow. */
export function columnWindow(
  columns: readonly Column[],
  scrollLeft: number,
  viewWidth: number,
  always: number,
): ShownColumn[] {
  const all = columns.map((column, at) => ({ column, at }));
  if (columns.length <= WINDOW_FROM) return all;
  let left = TICK_WIDTH;
  return all.filter(({ column, at }) => {
    const from = left;
    left += column.width;
    const isSeen = left > scrollLeft - 200 && from < scrollLeft + viewWidth + 200;
    return isSeen || at === always;
  });
}

/** Where to scroll so that the column can be seen whole beside the sticky tick boxes. */
export function scrollLeftFor(
  columns: readonly Column[],
  at: number,
  scrollLeft: number,
  viewWidth: number,
): number {
  const from = columns.slice(0, at).reduce((sum, column) => sum + column.width, TICK_WIDTH);
  const end = from + (columns[at]?.width ?? 0);
  if (from - TICK_WIDTH < scrollLeft) return from - TICK_WIDTH;
  return end > scrollLeft + viewWidth ? Math.min(end - viewWidth, from - TICK_WIDTH) : scrollLeft;
}

const WIDTHS: Record<FieldType, number> = {
  text: 180,
  number: 108,
  bool: 104,
  email: 200,
  url: 200,
  date: 156,
  autodate: 156,
  select: 130,
  file: 160,
  relation: 170,
  json: 220,
  editor: 300,
  geoPoint: 170,
  password: 120,
};

const UNSORTABLE = new Set<FieldType>(['json', 'geoPoint', 'password']);

export const STANDARD_PREFS: GridPrefs = {
  version: 1,
  density: 'normal',
  hidden: {},
  widths: {},
};

function standardWidth(field: FieldModel): number {
  if (field.primaryKey) return 152;
  if (field.type === 'select' && (field.maxSelect ?? 0) > 1) return 160;
  return WIDTHS[field.type];
}

/** Secrets come without a value, so their column says nothing; it can still be shown. */
function isHiddenByStandard(field: FieldModel): boolean {
  return field.type === 'password' || field.name === 'tokenKey';
}

export function columnsOf(collection: CollectionModel, prefs: GridPrefs): Column[] {
  return collection.fields.map((field) => ({
    field,
    name: field.name,
    width: clampWidth(prefs.widths[field.name] ?? standardWidth(field)),
    hidden: prefs.hidden[field.name] ?? isHiddenByStandard(field),
    canSort: !UNSORTABLE.has(field.type),
  }));
}

export function clampWidth(width: number): number {
  return Math.round(Math.max(MIN_WIDTH, Math.min(MAX_WIDTH, width)));
}

const key = (collectionId: string): string => `greenroom_grid:${collectionId}`;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function readPrefs(collectionId: string): GridPrefs {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(key(collectionId)) ?? 'null');
    if (!isRecord(stored) || stored['version'] !== 1) return STANDARD_PREFS;
    const { density, hidden, widths } = stored;
    return {
      version: 1,
      density: density === 'compact' || density === 'roomy' ? density : 'normal',
      hidden: isRecord(hidden) ? (hidden as Record<string, boolean>) : {},
      widths: isRecord(widths) ? (widths as Record<string, number>) : {},
    };
  } catch {
    return STANDARD_PREFS;
  }
}

export function writePrefs(collectionId: string, prefs: GridPrefs): void {
  try {
    localStorage.setItem(key(collectionId), JSON.stringify(prefs));
  } catch {
    // Storage may be full or blocked: the choice then lasts until the page is closed.
  }
}
