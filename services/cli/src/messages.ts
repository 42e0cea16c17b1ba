/**
 * Cutting a file into messages without touching their text: numbers beyond 2^53 (EHI's Balance_Sequence) must leave as they came,
 * so nothing is parsed and written again.
 */
import { CliError } from './errors.js';

export interface Message {
  readonly text: string;
  readonly contentType: 'application/json' | 'text/xml';
}

/**
 * The messages of a file: one JSON value, the elements of a JSON array, one message a line (NDJSON), or one XML document.
 * Lines are handed on as they are, even when they are not JSON: judging them is the door's work.
 * Throws CliError when the file is empty or starts as an array and does not end as one.
 */
export function messagesOf(text: string): Message[] {
  const trimmed = text.replace(/^\uFEFF/, '').trim();
  if (trimmed === '') throw new CliError('There is no message to send: the input is empty.');
  if (trimmed.startsWith('<')) return [{ text: trimmed, contentType: 'text/xml' }];
  const asOne = problemWith(trimmed);
  if (trimmed.startsWith('[')) {
    if (asOne !== undefined) throw new CliError(`The input starts as a JSON array but is not one: ${asOne}.`);
    return elementsOf(trimmed).map(json);
  }
  if (asOne === undefined) return [json(trimmed)];
  return trimmed
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map(json);
}

function json(text: string): Message {
  return { text, contentType: 'application/json' };
}

function problemWith(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** The texts of the elements of a valid JSON array. */
export function elementsOf(array: string): string[] {
  const elements: string[] = [];
  let depth = 0;
  let start = 1;
  let inString = false;
  const take = (end: number): void => {
    const element = array.slice(start, end).trim();
    if (element !== '') elements.push(element);
    start = end + 1;
  };
  for (let at = 0; at < array.length; at++) {
    const char = array[at];
    if (inString) {
      if (char === '\\') at += 1;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '[' || char === '{') depth += 1;
    else if (char === ',' && depth === 1) take(at);
    else if (char === ']' || char === '}') {
      depth -= 1;
      if (depth === 0) take(at);
    }
  }
  return elements;
}
