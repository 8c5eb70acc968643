// A single select's options get a colour each, by their place in the list: the same everywhere.
const TONES = ['neutral', 'warn', 'ok', 'info'] as const;

export type Tone = (typeof TONES)[number];

export function toneOf(value: string, values: readonly string[]): Tone {
  const at = values.indexOf(value);
  return at === -1 || values.length > 8 ? 'neutral' : (TONES[at % TONES.length] ?? 'neutral');
}
