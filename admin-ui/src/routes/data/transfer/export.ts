import { pb } from '../../../api/client';
import { toFailure } from '../../../api/errors';
import { exportRecords, type ExportFormat } from '../../../api/transfer';
import type { RecordModel } from '../../../api/types';
import { csvRow } from '../../../format/csv';

export interface ExportOrder {
  collection: string;
  format: ExportFormat;
  filter: string;
  sort: string;
  /** In the order of the columns. */
  fields: string[];
  /** These alone. */
  ids: readonly string[] | null;
}

const PAGE = 500;
/** So many ids fit into one filter. */
const IDS = 50;

/** As the server writes it; where it does not, or for records picked one by one, made here. */
export async function exportFile(order: ExportOrder, signal: AbortSignal): Promise<Blob> {
  const { collection, format, filter, sort, fields, ids } = order;
  if (!ids) {
    try {
      const query = { format, filter, sort, fields: fields.join(',') };
      return await exportRecords(collection, query, signal);
    } catch (error) {
      if (toFailure(error).status !== 404) throw error;
    }
  }
  return fileOf(format, fields, ids ? await picked(order, ids) : await paged(order, signal));
}

async function paged(
  { collection, filter, sort, fields }: ExportOrder,
  signal: AbortSignal,
): Promise<RecordModel[]> {
  const found: RecordModel[] = [];
  for (let page = 1; ; page += 1) {
    const options = { filter, sort, fields: fields.join(','), skipTotal: true, signal };
    const { items } = await pb.collection(collection).getList<RecordModel>(page, PAGE, options);
    found.push(...items);
    if (items.length < PAGE) return found;
  }
}

async function picked(
  { collection, fields, sort }: ExportOrder,
  ids: readonly string[],
): Promise<RecordModel[]> {
  const found: RecordModel[] = [];
  for (let at = 0; at < ids.length; at += IDS) {
    const wanted = ids.slice(at, at + IDS);
    const filter = wanted.map((id) => pb.filter('id = {:id}', { id })).join(' || ');
    const options = { filter, sort, fields: fields.join(',') };
    const { items } = await pb.collection(collection).getList<RecordModel>(1, IDS, options);
    found.push(...items);
  }
  return found;
}

export function fileOf(
  format: ExportFormat,
  fields: readonly string[],
  records: readonly RecordModel[],
): Blob {
  const objects = records.map((record) =>
    Object.fromEntries(fields.map((field) => [field, record[field]])),
  );
  if (format === 'json') return new Blob([JSON.stringify(objects, null, 2)]);
  if (format === 'ndjson') return new Blob(objects.map((one) => `${JSON.stringify(one)}\n`));
  const rows = records.map((record) => csvRow(fields.map((field) => record[field])));
  return new Blob([csvRow(fields), ...rows]);
}
