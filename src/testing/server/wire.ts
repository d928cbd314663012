/** The data that a server can send: text, sent as UTF-8, or bytes. */
export type Data = string | Uint8Array;

/** How the server ends its side of a connection: `'end'` sends a FIN, `'reset'` a RST. */
export type Finish = 'end' | 'reset';
