import { toFailure, type Failure } from '../api/errors';
import { forgetMails, shownMails, type ShownMail } from '../api/mails';

/** Mails that a server under development shows. Other servers have none, and say so. */
class ShownMails {
  enabled = $state(false);
  all = $state.raw<ShownMail[]>([]);
  failure = $state.raw<Failure | null>(null);

  async load(): Promise<void> {
    try {
      const { enabled, items } = await shownMails();
      this.enabled = enabled;
      this.all = items;
      this.failure = null;
    } catch (error) {
      const failure = toFailure(error);
      this.failure = failure.status === 404 ? null : failure;
    }
  }

  async forget(): Promise<void> {
    await forgetMails();
    this.all = [];
  }
}

export const mails = new ShownMails();
