// CodeMirror for SQL. It lives in a shadow root: there its styles are sheets made by script, which
// the content security policy lets pass, while style elements are not.
import {
  autocompletion,
  closeBrackets,
  closeCompletion,
  completionKeymap,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { SQLite, sql } from '@codemirror/lang-sql';
import { bracketMatching, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { Compartment, EditorState, StateEffect, StateField } from '@codemirror/state';
import {
  Decoration,
  drawSelection,
  EditorView,
  highlightActiveLine,
  keymap,
  lineNumbers,
  placeholder,
  type DecorationSet,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';

export interface SqlEditorOptions {
  host: HTMLElement;
  text: string;
  label: string;
  hint: string;
  /** Columns by table. */
  schema: Record<string, string[]>;
  onchange: (text: string) => void;
  /** Ctrl+Enter. */
  onrun: () => void;
}

export interface Span {
  from: number;
  to: number;
}

export interface SqlEditor {
  /** Where the cursor or the selection is. */
  selection: () => Span;
  setText: (text: string) => void;
  /** Puts it where the cursor is. */
  insert: (text: string) => void;
  setSchema: (schema: Record<string, string[]>) => void;
  /** Underlines what is wrong; null takes the line away. */
  mark: (span: Span | null) => void;
  focus: () => void;
  destroy: () => void;
}

const setMark = StateEffect.define<Span | null>();
const wrong = Decoration.mark({ class: 'cm-wrong' });

const marked = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(found, transaction) {
    // Whoever types is mending it.
    let next = transaction.docChanged ? Decoration.none : found;
    for (const effect of transaction.effects) {
      if (!effect.is(setMark)) continue;
      const { value } = effect;
      next = value ? Decoration.set(wrong.range(value.from, value.to)) : Decoration.none;
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

const look = EditorView.theme({
  '&': { height: '100%', color: 'var(--text)', backgroundColor: 'var(--surface)' },
  '&.cm-focused': { outline: '2px solid var(--focus)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', fontSize: '13px', lineHeight: '20px' },
  '.cm-content': { padding: '10px 0', caretColor: 'var(--text)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-gutters': {
    backgroundColor: 'var(--sunken)',
    color: 'var(--text-3)',
    borderRight: '1px solid var(--border)',
  },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--hover) 45%, transparent)' },
  '.cm-placeholder': { color: 'var(--text-3)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground':
    { backgroundColor: 'var(--selected)' },
  '.cm-matchingBracket': { backgroundColor: 'var(--selected)', color: 'inherit' },
  '.cm-wrong': {
    textDecoration: 'underline wavy var(--danger-text) 1px',
    textUnderlineOffset: '4px',
  },
  '.cm-tooltip': {
    border: '1px solid var(--border)',
    borderRadius: 'var(--radius)',
    backgroundColor: 'var(--surface)',
    color: 'var(--text)',
    boxShadow: 'var(--shadow)',
    overflow: 'hidden',
  },
  '.cm-tooltip-autocomplete > ul > li': { padding: '3px 8px', fontFamily: 'var(--mono)' },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--selected)',
    color: 'var(--text)',
  },
  '.cm-completionMatchedText': { textDecoration: 'none', color: 'var(--accent-text)' },
  '.cm-completionDetail': { color: 'var(--text-3)', fontStyle: 'normal' },
});

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--code-keyword)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--code-string)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--code-number)' },
  { tag: [tags.lineComment, tags.blockComment], color: 'var(--code-comment)' },
  { tag: [tags.typeName, tags.standard(tags.name)], color: 'var(--code-function)' },
]);

export function openSqlEditor(options: SqlEditorOptions): SqlEditor {
  const { host, text, label, hint, schema, onchange, onrun } = options;
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  const language = new Compartment();
  const languageOf = (tables: Record<string, string[]>) =>
    sql({ dialect: SQLite, schema: tables, upperCaseKeywords: true });
  const run = (view: EditorView) => {
    closeCompletion(view);
    onrun();
    return true;
  };
  const view = new EditorView({
    parent: root,
    root,
    state: EditorState.create({
      doc: text,
      extensions: [
        // Tab is not bound: it leaves the editor, as everywhere on the page.
        keymap.of([
          { key: 'Mod-Enter', run },
          ...completionKeymap,
          ...historyKeymap,
          ...defaultKeymap,
        ]),
        history(),
        lineNumbers(),
        drawSelection(),
        highlightActiveLine(),
        bracketMatching(),
        closeBrackets(),
        autocompletion({ icons: false }),
        placeholder(hint),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': label, 'aria-multiline': 'true' }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onchange(update.state.doc.toString());
        }),
        language.of(languageOf(schema)),
        syntaxHighlighting(colours),
        marked,
        look,
      ],
    }),
  });
  const length = () => view.state.doc.length;
  return {
    selection: () => view.state.selection.main,
    setText: (now) => {
      if (now === view.state.doc.toString()) return;
      view.dispatch({
        changes: { from: 0, to: length(), insert: now },
        selection: { anchor: now.length },
      });
    },
    insert: (more) => {
      view.dispatch(view.state.replaceSelection(more));
      view.focus();
    },
    setSchema: (tables) => view.dispatch({ effects: language.reconfigure(languageOf(tables)) }),
    mark: (span) => {
      const fits = span && span.from < span.to && span.to <= length() ? span : null;
      view.dispatch({ effects: setMark.of(fits) });
    },
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}
