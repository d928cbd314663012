/** The claims that the benchmarks are there for, each with the plot that shows it and the part that has the figures. */
const story = [
  {
    plot: 'attempts',
    alt: 'Dials in each 100 ms of the outage, by contestant',
    claim: 'A server that is away is not stormed: one probe at a time does for all connections.',
    part: 'Recovery',
  },
  {
    plot: 'messages',
    alt: 'Messages per second for 1 to 1 024 in flight, beside a bare net.Socket',
    claim: 'Many small writes leave in one system call, and a single one waits for nothing.',
    part: 'Many messages in flight',
  },
  {
    plot: 'leases',
    alt: 'Leases per second of CPU, by pool',
    claim: 'Lending a connection costs next to nothing.',
    part: 'Leases',
  },
  {
    plot: 'memory',
    alt: 'Heap of an idle connection, by contestant',
    claim: 'An idle connection takes little more than its socket.',
    part: 'Memory',
  },
] as const;

/** Whether that plot is shown at the top of the page, and not in its part. */
export function isInStory(name: string): boolean {
  return story.some(({ plot }) => plot === name);
}

/** The story as Markdown: each claim, where its figures are, and its picture out of that folder. */
export function storyIn(drawings: string): string {
  const blocks = story.map(({ plot, alt, claim, part }) => {
    const anchor = part.toLowerCase().replaceAll(' ', '-');
    return `**${claim}** The figures: [${part}](#${anchor}).\n\n![${alt}](${drawings}/${plot}.svg)`;
  });
  return blocks.join('\n\n');
}
