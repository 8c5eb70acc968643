export const MIN_LENGTH = 8;

/** 0 too short, 1 weak, 2 fair, 3 good, 4 strong: by length first, then by variety. */
export function strengthOf(password: string): 0 | 1 | 2 | 3 | 4 {
  const length = [...password].length;
  if (length < MIN_LENGTH) return 0;
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\d/, /[^\p{L}\d]/u].filter((kind) => kind.test(password));
  const different = new Set(password).size;
  if (different <= 4) return 1;
  const points = kinds.length + (length >= 12 ? 1 : 0) + (length >= 16 ? 2 : 0);
  if (points >= 5) return 4;
  if (points >= 4) return 3;
  return points >= 2 ? 2 : 1;
}
