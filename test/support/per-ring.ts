const isSoak = process.env['CONNMAN_RING'] === 'soak';
const isNight = process.env['CONNMAN_NIGHT'] === '1';

/**
 * How much of something a test does: little in the socket ring, more in the soak ring. With CONNMAN_NIGHT=1 in the environment, as
 * in the nightly run, that does what is said for the `night`.
 */
export function perRing<T>(amounts: { readonly short: T; readonly soak: T; readonly night?: T }): T {
  const { short, soak, night = soak } = amounts;
  if (!isSoak) return short;
  return isNight ? night : soak;
}
