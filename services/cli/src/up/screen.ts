/** What `up` shows: lines that stay, and on a terminal one live line below them that is rewritten in place. Elsewhere the live line is printed anew. */
import { capitalised } from '../words.js';

export interface Screen {
  /** A line that stays. */
  readonly say: (line: string) => void;
  /** The live line; the same text twice is shown once. */
  readonly live: (line: string) => void;
  /** Takes the live line away for good. */
  readonly settle: () => void;
}

const clearLine = '\r\u001b[K';

/** `write` gets raw text. */
export function createScreen(write: (text: string) => void, isTty: boolean): Screen {
  let shown = '';
  return {
    say: (line) => {
      if (isTty && shown !== '') write(clearLine);
      write(`${capitalised(line)}\n`);
      if (isTty && shown !== '') write(shown);
    },
    live: (line) => {
      if (line === shown) return;
      shown = line;
      write(isTty ? `${clearLine}${line}` : `${line}\n`);
    },
    settle: () => {
      if (isTty && shown !== '') write(clearLine);
      shown = '';
    },
  };
}
