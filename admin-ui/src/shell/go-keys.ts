/** `g`, then one of these. */
export const GO_KEYS: Readonly<Record<string, string>> = {
  h: '/',
  d: '/data',
  s: '/schema',
  r: '/rules',
  q: '/sql',
  l: '/logs',
  j: '/jobs',
  b: '/backups',
  ',': '/settings',
};

/** Single keys are text there, or belong to what lies over the page. */
export function isTyping(event: KeyboardEvent): boolean {
  // An editor in a shadow root is the first of the path, not the target.
  const [target] = event.composedPath();
  if (!(target instanceof HTMLElement)) return false;
  const isText = target.matches('input:not([type=checkbox], [type=radio]), textarea, select');
  const isLayered = document.querySelector('[role=dialog]:not(.drawer), [role=menu]') !== null;
  return isText || target.isContentEditable || isLayered;
}
