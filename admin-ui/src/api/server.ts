/** The dashboard lies at `<server>/_/`; in development Vite passes `/api` on. */
export const serverUrl = new URL(import.meta.env.DEV ? './' : '../', document.baseURI).href;

/**
 * For `afterSend`: how long to wait is told in a header, which errors of the SDK do not carry;
 * so it is put into the body.
 */
export function noteWait(response: Response, data: unknown): unknown {
  const seconds = Number(response.headers.get('Retry-After'));
  if (response.status !== 429 || !(seconds > 0) || typeof data !== 'object') return data;
  return { ...data, retryAfter: seconds };
}
