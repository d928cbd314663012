import type { Finding, Table } from '../findings.js';
import { isInStory } from './story.js';

/** What was found, as Markdown; `drawings` is the folder of the plots, as the page sees it. */
export function toMarkdown(findings: readonly Finding[], drawings: string): string {
  return findings
    .filter((finding) => finding.kind !== 'plot' || !isInStory(finding.name))
    .map((finding) => blockOf(finding, drawings))
    .join('\n\n');
}

function blockOf(finding: Finding, drawings: string): string {
  if (finding.kind === 'words') return finding.words;
  if (finding.kind === 'table') return markdownTable(finding);
  return `![${finding.title}](${drawings}/${finding.name}.svg)`;
}

/** The first column begins at the left, the others end at the right. */
function markdownTable({ head, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeBars).join(' | ')} |`;
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'));
  return [line(head), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n');
}

function escapeBars(cell: string): string {
  return cell.replaceAll('|', '\\|');
}
