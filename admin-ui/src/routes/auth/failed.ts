import { toFailure, type Failure } from '../../api/errors';
import { visitorStrings as words } from '../../strings/visitor';

/** How a request with a link's token came out. */
export interface Refusal {
  /** The link itself is at fault: no other try will help. */
  isDead: boolean;
  message: string;
  fields: Record<string, string>;
}

export function toRefusal(error: unknown): Refusal {
  const failure = toFailure(error);
  const isDead = failure.status === 404 || 'token' in failure.fields;
  const hasOwn = Object.keys(failure.fields).length > 0;
  return { isDead, message: hasOwn ? '' : sentence(failure), fields: failure.fields };
}

function sentence(failure: Failure): string {
  return failure.wait ? words.wait(failure.wait) : failure.message;
}
