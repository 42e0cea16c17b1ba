/** Says how a benchmark goes on. */
export type Say = (line: string) => void;
