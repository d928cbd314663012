import { pathToFileURL } from 'node:url';
import { requirePeer } from '../lenders/peers.js';

interface Vega {
  parse(spec: object): object;
  readonly View: new (parsed: object, options: { renderer: 'none' }) => { toSVG(): Promise<string> };
}

interface VegaLite {
  compile(spec: object): { readonly spec: object };
}

/** A Vega-Lite specification as an SVG image. */
export async function draw(spec: object): Promise<string> {
  const vega = (await importPeer('vega')) as Vega;
  const { compile } = (await importPeer('vega-lite')) as VegaLite;
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: 'none' });
  return `${await view.toSVG()}\n`;
}

/** These are modules, which not every Node.js that connman supports can require. */
function importPeer(name: string): Promise<unknown> {
  return import(pathToFileURL(requirePeer.resolve(name)).href);
}
