/** One clock for all processes of a bench: the machine's monotonic one, in ms. */
export function now(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000;
}
