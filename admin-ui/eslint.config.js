import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

/** Lowest first: a layer imports only from layers before it. */
const LAYERS = [
  ['format', 'strings'],
  ['ui'],
  ['api'],
  ['state'],
  ['fexpr', 'code'],
  ['fields'],
  ['grid'],
  ['routes'],
  ['shell'],
];

const importDirection = LAYERS.slice(0, -1).map((layer, at) => ({
  files: layer.flatMap((name) => [`src/${name}/**`, `src/${name}.ts`]),
  ignores: ['src/**/*.test.ts'],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: LAYERS.slice(at + 1).map((later) => ({
          regex: `^(\\.\\./)+(${later.join('|')})(/|$)`,
          message: `${layer.join(', ')} must not import ${later.join(', ')}: see the layers in eslint.config.js`,
        })),
      },
    ],
  },
}));

export default ts.config(
  { ignores: ['dist', 'node_modules'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs['flat/recommended'],
  {
    languageOptions: { globals: { ...globals.browser } },
    rules: {
      eqeqeq: 'error',
      'no-undef': 'off',
      'max-lines': ['error', { max: 350, skipBlankLines: true }],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig },
    },
    rules: {
      // A style attribute in a template is dropped by the content security policy; a style:
      // directive is set by script and passes.
      'no-restricted-syntax': [
        'error',
        {
          selector: 'SvelteAttribute[key.name="style"]',
          message: 'Use a class or a style: directive.',
        },
      ],
      'svelte/no-at-html-tags': 'error',
      'svelte/require-each-key': 'error',
    },
  },
  {
    files: ['**/*.svelte'],
    rules: { 'max-lines': ['error', { max: 250 }] },
  },
  { files: ['scripts/**', '*.config.*'], languageOptions: { globals: { ...globals.node } } },
  ...importDirection,
);
