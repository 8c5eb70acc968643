/// <reference types="svelte" />
/// <reference types="vite/client" />

/** Of the package, which has the number of the program. */
declare const __VERSION__: string;
