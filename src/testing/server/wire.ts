/** What a server can send: text (as UTF-8) or bytes. */
export type Data = string | Uint8Array;

/** How the server's side of a connection ends: `'end'` sends a FIN, `'reset'` a RST. */
export type Finish = 'end' | 'reset';
