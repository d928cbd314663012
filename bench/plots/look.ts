/** What all drawings have in common. `draw()` adds the colours of a dark page. */
export const look = {
  background: 'white',
  config: {
    font: 'sans-serif',
    aria: false,
    title: { anchor: 'start' },
    view: { stroke: null },
    axis: { gridColor: '#e5e5e5', domainColor: '#999', tickColor: '#999', titleFontWeight: 'normal' },
    header: { title: null, labelOrient: 'top', labelAnchor: 'start', labelFontSize: 12, labelPadding: 2 },
  },
} as const;

/** Of connman, and of everybody else. */
const colours = { own: '#2563eb', other: '#9ca3af' } as const;

/** What a colour of the light page becomes on a dark one. */
const dark = {
  fill: { white: '#0d1117', '#000': '#e6edf3', '#f2f2f2': '#21262d', '#6b7280': '#9ca3af' },
  stroke: { '#e5e5e5': '#30363d', '#999': '#6e7681' },
} as const;

/** Rules for a reader who prefers a dark page: an image has no other way to know. */
export function darkRules(): string {
  const rules = Object.entries(dark).flatMap(([property, pairs]) =>
    Object.entries(pairs).map(([light, colour]) => `[${property}="${light}"]{${property}:${colour}}`),
  );
  return `<style>@media (prefers-color-scheme: dark){${rules.join('')}}</style>`;
}

/** Whether a contestant is connman, however it is set up. */
export function isOwn(contestant: string): boolean {
  return /^connman(?!-2)/.test(contestant);
}

/** The colour of a mark, by its field `isOwn`. */
export const colourByOwner = {
  condition: { test: 'datum.isOwn', value: colours.own },
  value: colours.other,
} as const;
