// The backups of the server, and what is being done with them.
import {
  createBackup,
  deleteBackup,
  downloadAddress,
  listBackups,
  readSchedule,
  uploadBackup,
  verifyBackup,
  type Backup,
  type Upload,
} from '../../api/backups';
import { toFailure, type Failure } from '../../api/errors';
import { toasts } from '../../state/toasts.svelte';
import { strings } from '../../strings';
import { backupStrings as words } from '../../strings/jobs';

export class BackupList {
  all = $state.raw<Backup[] | null>(null);
  failure = $state.raw<Failure | null>(null);
  schedule = $state.raw<{ cron: string; cronMaxKeep: number } | null>(null);
  creating = $state(false);
  /** What went wrong with the last deed; empty when nothing did. */
  problem = $state('');
  uploading = $state.raw<{ name: string; share: number } | null>(null);
  #upload: Upload | null = null;

  async load(): Promise<void> {
    try {
      [this.all, this.failure] = [await listBackups(), null];
    } catch (error) {
      this.failure = toFailure(error);
    }
    // A server without the settings still has backups.
    this.schedule = await readSchedule().catch(() => null);
  }

  /** Without a name the server chooses one. Gives back the messages of the fields when refused. */
  create = async (name = ''): Promise<Failure | null> => {
    if (this.creating) return null;
    [this.creating, this.problem] = [true, ''];
    try {
      await createBackup(name);
      toasts.ok(words.created);
      await this.load();
      return null;
    } catch (error) {
      const failure = toFailure(error);
      if (!name) this.problem = failure.message;
      return failure;
    } finally {
      this.creating = false;
    }
  };

  upload = async (file: File): Promise<void> => {
    this.problem = '';
    this.uploading = { name: file.name, share: 0 };
    try {
      this.#upload = uploadBackup(file, (share) => (this.uploading = { name: file.name, share }));
      await this.#upload.done;
      toasts.ok(words.uploaded(file.name));
      await this.load();
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') return;
      const said = error instanceof Error ? error.message : '';
      this.problem = `${words.uploadFailed} ${said || strings.common.offline}`;
    } finally {
      [this.uploading, this.#upload] = [null, null];
    }
  };

  cancelUpload = (): void => {
    this.#upload?.cancel();
  };

  download = async ({ key }: Backup): Promise<void> => {
    this.problem = '';
    try {
      const link = document.createElement('a');
      link.href = await downloadAddress(key);
      link.download = key;
      link.click();
    } catch (error) {
      this.problem = `${words.downloadFailed} ${toFailure(error).message}`;
    }
  };

  /** Keys of backups that are being looked at, and what was found of others. */
  verdicts = $state.raw<Record<string, 'running' | 'ok' | 'bad'>>({});

  verify = async ({ key }: Backup): Promise<void> => {
    this.problem = '';
    if (this.verdicts[key] === 'running') return;
    this.verdicts = { ...this.verdicts, [key]: 'running' };
    const end = (verdict?: 'ok' | 'bad') => {
      const rest = Object.entries(this.verdicts).filter(([one]) => one !== key);
      this.verdicts = Object.fromEntries(verdict ? [...rest, [key, verdict]] : rest);
    };
    try {
      const verdict = await verifyBackup(key);
      end(verdict ? (verdict.ok ? 'ok' : 'bad') : undefined);
      if (!verdict) this.problem = words.cannotVerify;
      else if (verdict.ok) toasts.ok(words.verified(key));
      else this.problem = words.broken(key, verdict.problem);
    } catch (error) {
      end();
      this.problem = toFailure(error).message;
    }
  };

  /** Rejects when it could not be; whoever asked shows why. */
  remove = async ({ key }: Backup): Promise<void> => {
    await deleteBackup(key);
    toasts.ok(words.removed(key));
    await this.load();
  };
}

/** Made by the schedule, as the server names those. */
export function isAutomatic({ key }: Backup): boolean {
  return key.startsWith('@auto_');
}
