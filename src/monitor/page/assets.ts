// What the build puts here: `page.html` with `page.css` and the bundle of `main.ts` in it, made small. See scripts/page.mjs.

/** The page: its text, and what its policy allows to run and to style. */
export interface Assets {
  readonly html: string;
  readonly script: string;
  readonly style: string;
}

export const assets: Assets = { html: '', script: '', style: '' };
