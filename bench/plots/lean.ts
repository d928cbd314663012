/** What Vega writes and nobody sees: names of marks, empty ones, and what is so by default. */
const unseen = [
  /<path class="(?:back|fore)ground"[^>]*\/>/g,
  /<path d="M[\d.,-]+h[\d.]+v0h-[\d.]+Z"[^>]*\/>/g,
  / (?:aria-[a-z]+|class|pointer-events|role|version|xmlns:xlink)="[^"]*"/g,
  / (?:(?:opacity|stroke-width)="1"|[xy]2="0"|text-anchor="start"|transform="translate\(0,0\)")/g,
];

/** A drawing of Vega without what nobody sees: two of them are in the package. */
export function lean(svg: string): string {
  const rounded = svg.replaceAll(/\d+\.\d{2,}/g, (number) => String(Math.round(Number(number) * 10) / 10));
  const bare = unseen.reduce((rest, each) => rest.replaceAll(each, ''), rounded);
  return joined(withoutGroups(bare));
}

/** Without groups that are empty or have no attributes, however deep they are. */
function withoutGroups(svg: string): string {
  const less = svg.replaceAll(/<g[^>]*><\/g>/g, '').replaceAll(/<g>((?:(?!<\/?g\b).)*)<\/g>/g, '$1');
  return less === svg ? svg : withoutGroups(less);
}

/** Bars of one colour, one after the other, as one path. */
function joined(svg: string): string {
  return svg.replaceAll(
    /(?:<path d="([^"]+Z)" fill="([^"]*)"\/>)(?:<path d="[^"]+Z" fill="\2"\/>)+/g,
    (all, _, fill: string) => {
      const outlines = [...all.matchAll(/ d="([^"]+)"/g)].map(([, outline = '']) => outline);
      return `<path d="${outlines.join('')}" fill="${fill}"/>`;
    },
  );
}
