import { ClientResponseError } from 'pocketbase';
import { strings } from '../strings';

/** A failed request in the words the page shows. */
export interface Failure {
  status: number;
  message: string;
  /** For example "GET /api/collections"; copyable into a report. */
  request: string;
  /** Messages by field. Nested ones are joined with a dot: `fields.2.name`. */
  fields: Record<string, string>;
  /** Where in a field's text its message belongs, when the server said so. */
  places: Record<string, { from: number; to: number }>;
  /** Seconds to wait, when there were too many requests and the server said how long. */
  wait?: number;
}

export function toFailure(error: unknown): Failure {
  if (!(error instanceof ClientResponseError)) {
    const message = error instanceof Error ? error.message : strings.common.unknownError;
    return { status: 0, message, request: '', fields: {}, places: {} };
  }
  const fields: Record<string, string> = {};
  const places: Failure['places'] = {};
  collectFields(error.response.data, '', fields, places);
  const message = error.status === 0 ? strings.common.offline : error.response.message;
  const wait: unknown = error.response['retryAfter'];
  return {
    status: error.status,
    message: message || error.message,
    request: error.url ? new URL(error.url).pathname : '',
    fields,
    places,
    ...(typeof wait === 'number' && { wait }),
  };
}

/** True for a request the page itself gave up: nobody needs to hear of that. */
export function isAborted(error: unknown): boolean {
  return error instanceof ClientResponseError && error.isAbort;
}

function collectFields(
  data: unknown,
  path: string,
  into: Record<string, string>,
  places: Failure['places'],
): void {
  if (typeof data !== 'object' || data === null) return;
  if ('message' in data && typeof data.message === 'string' && 'code' in data) {
    into[path] = data.message;
    const place = 'params' in data && placeIn(data.params);
    if (place) places[path] = place;
    return;
  }
  for (const [key, value] of Object.entries(data)) {
    collectFields(value, path ? `${path}.${key}` : key, into, places);
  }
}

function placeIn(params: unknown): { from: number; to: number } | null {
  if (typeof params !== 'object' || params === null) return null;
  const { from, to } = params as { from?: unknown; to?: unknown };
  return typeof from === 'number' && typeof to === 'number' ? { from, to } : null;
}
