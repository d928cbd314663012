/** The first part of a text, where it is too long for a line. */
export function clip(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** Escapes what could forge a line, command a terminal, turn the direction of the text, or is no character. */
export function escapeHidden(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** A text from outside for one line: what is hidden in it is escaped, and what is too long is cut. */
export function printable(text: string): string {
  return escapeHidden(clip(text));
}
