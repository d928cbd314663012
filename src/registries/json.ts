/** Reads JSON. Throws an error that says `complaint`, as that of Node.js repeats a part of the text. */
export function parseJson(text: string, complaint: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(complaint);
  }
}
