// What a link in a mail carries. Only the server can tell whether it is genuine; this reads it to
// know whom to ask, and to say at once that it is over.
export interface LinkToken {
  collectionId: string;
  email: string;
  newEmail: string;
  isOver: boolean;
}

/** Null when the text is no such token, as when a mail program has cut the link. */
export function readToken(token: string | null | undefined): LinkToken | null {
  try {
    const body = token?.split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/') ?? '';
    const bytes = Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    const text = (name: string) => (typeof claims[name] === 'string' ? claims[name] : '');
    if (!text('collectionId') || typeof claims['exp'] !== 'number') return null;
    return {
      collectionId: text('collectionId'),
      email: text('email'),
      newEmail: text('newEmail'),
      isOver: claims['exp'] * 1000 <= Date.now(),
    };
  } catch {
    return null;
  }
}
