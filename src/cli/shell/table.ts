/** Lays out rows of cells: numbers to the right, texts to the left. */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => String(row[column]).length)),
  );
  const layOut = (row: readonly (string | number)[]): string => {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return typeof rows[0]?.[column] === 'number'
        ? String(cell).padStart(width)
        : String(cell).padEnd(width);
    });
    return cells.join('  ').trimEnd();
  };
  return [header, ...rows].map(layOut).join('\n');
}
