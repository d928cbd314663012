/** What others call an option of a connection or pool, or what belongs into it. */
const meant: Readonly<Record<string, RegExp>> = {
  heartbeat: /^interval$/,
  tls: /^ALPN/,
  discovery: /^(endpoints|servers|hosts|nodes)$/,
  pick: /^(balanc.*|strategy)$/,
  signal: /^abort/,
  backoff: /^(delay|retry|factor|jitter|initial|m..Delay)/,
  maxAge: /life/i,
  prelude: /^proxy/,
};

/** Where else a name belongs. */
const belongs: Readonly<Record<string, RegExp>> = {
  'an option of createPool()':
    /^(perE|disco|acquire|maxW|maxS|leak)|^(subset|pick|drain|pushes|spill|max|min|size|poolSize)$/,
  'an option of new ConnectionManager()': /^maxDialing/,
  'a method of the handler': /^on[A-Z]/,
  'part of the endpoint': /^(host|hostname|port|path)$/,
};

/** Says of a name that is no option what was meant, or where it belongs. */
export function adviceOnOption(name: string, known: readonly string[]): string | undefined {
  const option = Object.keys(meant).find((each) => known.includes(each) && meant[each]?.test(name));
  if (option !== undefined) return ` (did you mean ${option}?)`;
  const places = Object.keys(belongs).slice(known.includes('discovery') ? 1 : 0);
  const place = places.find((each) => belongs[each]?.test(name));
  return place && `, ${place}`;
}
