// Says where a JSON text goes wrong, in words. JSON.parse only throws, and differently per browser.

export interface JsonError {
  line: number;
  column: number;
  reason: string;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

class Stop extends Error {
  constructor(
    readonly at: number,
    readonly reason: string,
  ) {
    super(reason);
  }
}

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  whole(): void {
    this.value('A value was expected.');
    this.blanks();
    if (this.at < this.text.length) this.stop('Nothing more was expected here.');
  }

  private stop(reason: string): never {
    throw new Stop(this.at, reason);
  }

  private blanks(): void {
    while (/[ \t\n\r]/.test(this.text.charAt(this.at))) this.at += 1;
  }

  private char(): string {
    this.blanks();
    return this.text.charAt(this.at);
  }

  private take(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? '';
    this.at += found.length;
    return found;
  }

  private value(missing: string): void {
    const char = this.char();
    if (char === '{') return this.list('}', () => this.member());
    if (char === '[') return this.list(']', () => this.value(valueOr(']')));
    if (char === '"') return this.string();
    for (const word of ['true', 'false', 'null']) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return;
      }
    }
    if (/[-\d]/.test(char) && this.take(NUMBER) !== '') return;
    if (char === "'") this.stop('A text stands in double quotes.');
    this.stop(missing);
  }

  private list(end: string, item: () => void): void {
    this.at += 1;
    if (this.char() === end) {
      this.at += 1;
      return;
    }
    for (;;) {
      item();
      const char = this.char();
      if (char !== ',' && char !== end) this.stop(`A comma or ${end} was expected.`);
      this.at += 1;
      if (char === end) return;
      if (this.char() === end) this.stop(`A value was expected after the comma, not ${end}.`);
    }
  }

  private member(): void {
    if (this.char() !== '"') this.stop('A name in double quotes was expected.');
    this.string();
    if (this.char() !== ':') this.stop('A colon was expected after the name.');
    this.at += 1;
    this.value('A value was expected after the colon.');
  }

  private string(): void {
    this.at += 1;
    for (;;) {
      const char = this.text.charAt(this.at);
      if (char === '\\') {
        if (this.take(ESCAPE) === '') this.stop('This escape is not known to JSON.');
      } else if (char < ' ') {
        this.stop('This text is not closed with a double quote.');
      } else {
        this.at += 1;
        if (char === '"') return;
      }
    }
  }
}

function valueOr(end: string): string {
  return `A value or ${end} was expected.`;
}

/** Null for valid JSON. */
export function checkJson(text: string): JsonError | null {
  try {
    new Reader(text).whole();
    return null;
  } catch (stop) {
    if (!(stop instanceof Stop)) throw stop;
    const before = text.slice(0, stop.at).split('\n');
    const column = (before.at(-1) ?? '').length + 1;
    return { line: before.length, column, reason: stop.reason };
  }
}
