import { pathToFileURL } from 'node:url';
import { requirePeer } from '../lenders/peers.js';
import { lean } from './lean.js';
import { darkRules } from './look.js';

interface Vega {
  parse(spec: object): object;
  readonly View: new (parsed: object, options: { renderer: 'none' }) => { toSVG(): Promise<string> };
}

interface VegaLite {
  compile(spec: object): { readonly spec: object };
}

/** A Vega-Lite specification as an SVG image, for a light and for a dark page. */
export async function draw(spec: object): Promise<string> {
  const vega = (await importPeer('vega')) as Vega;
  const { compile } = (await importPeer('vega-lite')) as VegaLite;
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: 'none' });
  const svg = lean(await view.toSVG());
  return `${svg.replace(/(?<=<svg[^>]*>)/, darkRules())}\n`;
}

/** These are modules, which not every Node.js that connman supports can require. */
function importPeer(name: string): Promise<unknown> {
  return import(pathToFileURL(requirePeer.resolve(name)).href);
}
