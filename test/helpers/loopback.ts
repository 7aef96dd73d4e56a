/** Addresses of the loopback network that no other test has: 127.0.0.0/8 is all this machine's on Linux. */

/** Of this process, the `last`th. */
export function loopbackOfOurOwn(last: number): string {
  const { pid } = process;
  return `127.${64 + ((pid >> 8) % 128)}.${pid % 256}.${last}`;
}
