const isSoak = process.env['CONNMAN_RING'] === 'soak';

/** How much of something a test does: little in the socket ring, all of it in the soak ring. */
export function perRing<T>({ short, soak }: { readonly short: T; readonly soak: T }): T {
  return isSoak ? soak : short;
}
