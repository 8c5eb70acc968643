/** What the dashboard is built with, as far as it is sent to browsers. */
export const licences: readonly { name: string; licence: string }[] = [
  { name: 'Svelte', licence: 'MIT' },
  { name: 'svelte-spa-router', licence: 'MIT' },
  { name: 'bits-ui', licence: 'MIT' },
  { name: 'PocketBase JavaScript SDK', licence: 'MIT' },
  { name: 'Lucide icons', licence: 'ISC' },
  { name: 'CodeMirror', licence: 'MIT' },
  { name: 'uPlot', licence: 'MIT' },
  { name: 'Svelte Flow', licence: 'MIT' },
  { name: 'dagre', licence: 'MIT' },
  { name: 'Figtree', licence: 'SIL Open Font License 1.1' },
  { name: 'Geist Mono', licence: 'SIL Open Font License 1.1' },
];
