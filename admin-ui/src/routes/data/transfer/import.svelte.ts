import { cancelImport, importRecords, readImport, type ImportReport } from '../../../api/transfer';
import { toFailure } from '../../../api/errors';
import type { CollectionModel } from '../../../api/types';
import { transferStrings } from '../../../strings/transfer';
import { isUniqueOn } from '../schema/indexes';
import {
  formatOf,
  guessField,
  HEAD_BYTES,
  mappingOf,
  previewOf,
  sniffDelimiter,
  type Format,
  type Preview,
} from './preview';

const words = transferStrings.imports;
const FOLLOW_MS = 300;

/** An import from the file to its end. */
export class Import {
  file = $state.raw<{ name: string; body: Blob; head: string } | null>(null);
  format = $state<Format>('csv');
  delimiter = $state<string>(',');
  header = $state(true);
  separator = $state('');
  upsert = $state('');
  onError = $state('skip');
  /** For each column the field it goes to; empty for none. */
  fields = $state<string[]>([]);
  report = $state.raw<ImportReport | null>(null);
  running = $state(false);
  failure = $state('');

  readonly preview: Preview | string = $derived.by(() => {
    if (!this.file) return '';
    try {
      const { delimiter, header } = this;
      return previewOf(this.file.head, this.format, { delimiter, header });
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  });
  readonly isCells = $derived(this.format === 'csv' || this.format === 'tsv');
  readonly missing = $derived.by(() =>
    this.collection.fields
      .filter(
        ({ name, required, type }) =>
          required && this.targets.includes(name) && type !== 'password',
      )
      .map(({ name }) => name)
      .filter((name) => name !== 'id' && !this.fields.includes(name)),
  );
  readonly targets: string[] = $derived.by(() =>
    this.collection.fields
      .filter(({ type, name }) => type !== 'file' && name !== 'tokenKey')
      .map(({ name }) => name),
  );
  /** Fields that more than one column goes to. */
  readonly twice = $derived(
    this.targets.filter((name) => this.fields.filter((one) => one === name).length > 1),
  );
  readonly keys: string[] = $derived.by(() =>
    this.collection.fields
      .map(({ name }) => name)
      .filter(
        (name) => name === 'id' || this.collection.indexes.some((one) => isUniqueOn(one, name)),
      )
      .filter((name) => name !== 'tokenKey'),
  );

  constructor(readonly collection: CollectionModel) {}

  async take(name: string, body: Blob): Promise<void> {
    const head = await body.slice(0, HEAD_BYTES).text();
    this.report = null;
    this.failure = '';
    this.format = formatOf(name, head);
    this.delimiter = this.format === 'csv' ? sniffDelimiter(head) : ',';
    this.header = true;
    this.file = { name, body, head };
    this.guess();
  }

  /** What was checked before was something else. */
  guess(): void {
    this.report = null;
    if (typeof this.preview === 'string') return;
    this.fields = this.preview.columns.map((column) => guessField(column, this.targets));
    this.upsert = '';
  }

  async run(dryRun: boolean): Promise<void> {
    if (!this.file || this.running || typeof this.preview === 'string') return;
    const id = crypto.randomUUID();
    const { format, delimiter, header, separator, upsert, onError } = this;
    const byPlace = this.isCells && !header;
    const query: Record<string, string> = {
      id,
      format,
      dryRun: String(dryRun),
      mapping: mappingOf(this.preview.columns, this.fields, byPlace),
      // A check tells of all rows, whatever the import will do.
      onError: dryRun ? 'skip' : onError,
      ...(format === 'csv' && { delimiter: delimiter === '\t' ? '\\t' : delimiter }),
      ...(this.isCells && !header && { header: 'false' }),
      ...(separator && { separator }),
      ...(upsert && { upsert }),
    };
    this.running = true;
    this.failure = '';
    this.report = null;
    const timer = setInterval(() => void this.#follow(id), FOLLOW_MS);
    try {
      this.report = await importRecords(this.collection.name, this.file.body, query);
    } catch (error) {
      const { status, message, fields } = toFailure(error);
      // Other servers of this API have no such route.
      this.failure = status === 404 ? words.missing : (Object.values(fields)[0] ?? message);
    } finally {
      clearInterval(timer);
      this.running = false;
    }
  }

  async cancel(): Promise<void> {
    // It may have ended meanwhile; its report then says so.
    if (this.report) await cancelImport(this.report.id).catch(() => undefined);
  }

  async #follow(id: string): Promise<void> {
    const report = await readImport(id).catch(() => null);
    if (report && this.running) this.report = report;
  }
}
