import type { Plot } from '../findings.js';
import { colourByOwner, isOwn, look } from './look.js';

/** One bar: whose it is, and how long. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  /** With several groups of bars: which one it belongs to. */
  readonly group?: string;
}

/** What the bars show. */
export interface Bars {
  /** The name of the file. */
  readonly name: string;
  readonly title: string;
  /** What the axis counts. */
  readonly unit: string;
  /** How the value at the end of a bar is written: a format of D3. */
  readonly format: string;
  readonly bars: readonly Bar[];
}

/** Bars beside each other, in the order given, connman's in its colour, each with its value. */
export function barPlot({ name, title, unit, format, bars }: Bars): Plot {
  const values = bars.map((bar) => ({ ...bar, isOwn: isOwn(bar.name) }));
  const groups = [...new Set(bars.flatMap(({ group }) => group ?? []))];
  const sort = [...new Set(bars.map((bar) => bar.name))];
  const chart = {
    width: 480,
    height: { step: 20 },
    encoding: {
      y: {
        field: 'name',
        type: 'nominal',
        sort,
        title: null,
        axis: { domain: false, ticks: false, labelLimit: 200 },
      },
      x: { field: 'value', type: 'quantitative', title: unit, axis: { format, grid: false, tickCount: 5 } },
    },
    layer: [
      { mark: { type: 'bar', height: 14 }, encoding: { color: colourByOwner } },
      {
        mark: { type: 'text', align: 'left', dx: 4, color: '#000' },
        encoding: { text: { field: 'value', type: 'quantitative', format } },
      },
    ],
  };
  const data = { data: { values } };
  const facet = { row: { field: 'group', type: 'nominal', sort: groups } };
  const spec =
    groups.length > 0
      ? { ...look, title, ...data, facet, spacing: 6, spec: chart }
      : { ...look, title, ...data, ...chart };
  return { kind: 'plot', name, title, spec };
}
