/** What a form is told when its attempt was refused. */
export interface Refused {
  message: string;
  fields?: Record<string, string>;
}

/** The attempts of a form, one at a time: whether one is under way, and why the last was refused. */
export class Attempt {
  busy = $state(false);
  message = $state('');
  fields = $state.raw<Record<string, string>>({});

  /** `refused` puts an error into words; null for one that is no refusal but a turn of the way. */
  async run(
    work: () => Promise<unknown>,
    refused: (error: unknown) => Refused | null,
  ): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.tell({ message: '' });
    try {
      await work();
      return true;
    } catch (error) {
      this.tell(refused(error) ?? { message: '' });
      return false;
    } finally {
      this.busy = false;
    }
  }

  tell({ message, fields = {} }: Refused): void {
    this.message = message;
    this.fields = fields;
  }
}
