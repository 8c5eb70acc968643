import { knownProviders, type KnownProvider } from '../../../api/auth-options';
import { type Failure, toFailure } from '../../../api/errors';

/** The services that the server knows, asked for once. */
class ProviderNames {
  all = $state.raw<KnownProvider[]>([]);
  failure = $state.raw<Failure | null>(null);
  #asked = false;

  async load(): Promise<void> {
    if (this.#asked) return;
    this.#asked = true;
    this.failure = null;
    try {
      this.all = await knownProviders();
    } catch (error) {
      this.#asked = false;
      this.failure = toFailure(error);
    }
  }

  of(name: string): string {
    return this.all.find((one) => one.name === name)?.displayName ?? name;
  }
}

export const providerNames = new ProviderNames();
