import { pb } from './client';

/** What the server sees of the one who asks; told to superusers. */
export interface Seen {
  realIP: string;
  /** A header that says there may be a proxy in front; empty for none. */
  possibleProxyHeader: string;
}

export async function whoAmI(): Promise<Seen> {
  const { data } = await pb.send<{ data: Seen }>('/api/health', {});
  return data;
}
