import type { Component } from 'svelte';

/** One line of a menu. `checked` makes it a choice with a tick. */
export type MenuEntry =
  | { kind: 'line' }
  | { kind: 'label'; text: string }
  | {
      kind?: 'item';
      text: string;
      icon?: Component;
      keys?: string;
      danger?: boolean;
      disabled?: boolean;
      checked?: boolean;
      onselect: () => void;
    };
