import type { Plot } from '../findings.js';
import { colourByOwner, isOwn, look } from '../plots/look.js';
import { bins, type Outage } from './statistics.js';

/** The outage of one contestant that is drawn. */
export interface Drawn {
  readonly contestant: string;
  readonly outage: Outage;
}

/** How fine a curve is drawn, in milliseconds. */
const grain = 10;
const binWidth = 100;
const shown = { before: 500, after: 5_000 };

/** How many connections each contestant has, from shortly before the loss until some time after the return. */
export function upPlot(drawn: readonly Drawn[], connections: number): Plot {
  const values = drawn.flatMap(({ contestant, outage }) =>
    curve(outage, connections).map(({ time, open }) => ({
      contestant,
      isOwn: isOwn(contestant),
      time,
      open,
    })),
  );
  const layer = [
    absence(drawn),
    {
      mark: { type: 'area', interpolate: 'step-after' },
      encoding: { ...upEncoding(connections), color: colourByOwner },
    },
  ];
  return plot('recovery', 'Connections that are up, over time', values, layer, drawn);
}

/** How many dials each contestant makes while there is no server. */
export function dialPlot(drawn: readonly Drawn[]): Plot {
  const values = drawn.flatMap(({ contestant, outage }) => {
    const { dials, lostAt, returnedAt } = outage;
    const whole = returnedAt - ((returnedAt - lostAt) % binWidth);
    return bins(dials, lostAt, whole, binWidth).map((count, bin) => ({
      contestant,
      isOwn: isOwn(contestant),
      from: (bin * binWidth) / 1_000,
      to: ((bin + 1) * binWidth) / 1_000,
      count,
    }));
  });
  const layer = [{ mark: { type: 'bar' }, encoding: { ...dialEncoding, color: colourByOwner } }];
  return plot('attempts', `Dials in each ${binWidth} ms of the outage (logarithmic)`, values, layer, drawn);
}

const dialEncoding = {
  x: { field: 'from', bin: 'binned', type: 'quantitative', title: 'seconds since the loss' },
  x2: { field: 'to' },
  y: {
    field: 'count',
    type: 'quantitative',
    title: null,
    scale: { type: 'symlog' },
    axis: { values: [0, 10, 1_000] },
  },
};

function upEncoding(connections: number): object {
  const scale = { nice: false };
  const axis = { tickMinStep: 1, format: 'd' };
  return {
    x: { field: 'time', type: 'quantitative', title: 'seconds since the return of the server', scale, axis },
    y: { field: 'open', type: 'quantitative', title: null, stack: false, axis: { values: [0, connections] } },
  };
}

/** The time without a server, as a grey field that says so. */
function absence(drawn: readonly Drawn[]): object {
  const { lostAt, returnedAt } = drawn[0]?.outage ?? { lostAt: 0, returnedAt: 0 };
  const from = (lostAt - returnedAt) / 1_000;
  return {
    data: { values: [{ from, to: 0, middle: from / 2 }] },
    layer: [
      {
        mark: { type: 'rect', color: '#f2f2f2', clip: true },
        encoding: { x: { field: 'from', type: 'quantitative' }, x2: { field: 'to' } },
      },
      {
        mark: { type: 'text', text: 'no server', color: '#6b7280', fontSize: 10 },
        encoding: { x: { field: 'middle', type: 'quantitative' } },
      },
    ],
  };
}

function plot(name: string, title: string, values: object[], layer: object[], drawn: readonly Drawn[]): Plot {
  const sort = drawn.map(({ contestant }) => contestant);
  const row = { field: 'contestant', type: 'nominal', sort };
  const spec = {
    ...look,
    title,
    data: { values },
    facet: { row },
    spacing: 4,
    spec: { width: 640, height: 44, layer },
  };
  return { kind: 'plot', name, title, spec };
}

/** A point for each change, but no two within one grain. */
function curve({ lostAt, returnedAt, steps }: Outage, connections: number): { time: number; open: number }[] {
  const seconds = (at: number): number => (at - returnedAt) / 1_000;
  const last = new Map(steps.map((step) => [Math.floor(step.at / grain), step]));
  const changes = [...last.values()].map(({ at, open }) => ({ time: seconds(at), open }));
  const end = { time: shown.after / 1_000, open: changes.at(-1)?.open ?? 0 };
  return [
    { time: seconds(lostAt) - shown.before / 1_000, open: connections },
    { time: seconds(lostAt), open: 0 },
    ...changes.filter(({ time }) => time < end.time),
    end,
  ];
}
