/**
 * A text from outside for one line: what could forge a line, command a terminal or turn the direction of the text is escaped, and
 * what is too long is cut.
 */
export function printable(text: string): string {
  const clipped = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  return clipped.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}
