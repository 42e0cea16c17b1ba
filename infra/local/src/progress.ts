/** Where human sentences about the start go. */
export type Report = (line: string) => void;

const stillGoingEveryMs = 2_500;

/** Runs `work` and says every few seconds that it is still going; quick work stays silent. */
export async function whileReporting<T>(report: Report, doing: () => string, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const ticker = setInterval(() => {
    report(`Still ${doing()}, ${seconds(performance.now() - startedAt)} so far …`);
  }, stillGoingEveryMs);
  try {
    return await work();
  } finally {
    clearInterval(ticker);
  }
}

export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
