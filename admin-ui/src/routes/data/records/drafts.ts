// What was typed and not saved, kept in this browser until it is.

export type Draft = Record<string, unknown>;

const key = (collectionId: string, id: string): string => `greenroom_draft:${collectionId}:${id}`;

export function readDraft(collectionId: string, id: string): Draft | null {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(key(collectionId, id)) ?? 'null');
    return typeof stored === 'object' && stored !== null ? (stored as Draft) : null;
  } catch {
    return null;
  }
}

/** An empty draft is none. */
export function writeDraft(collectionId: string, id: string, draft: Draft): void {
  try {
    if (Object.keys(draft).length === 0) localStorage.removeItem(key(collectionId, id));
    else localStorage.setItem(key(collectionId, id), JSON.stringify(draft));
  } catch {
    // Storage may be full or blocked: then nothing outlives the page.
  }
}
