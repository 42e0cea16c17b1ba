/** Counts what channels said later. */
import { Counter, type Registry } from '@tokenline/runtime';
import type { HearParts } from './hear.js';

/** `tokenline_notice_receipts_total`. */
export function createHeardMeter(registry: Registry): HearParts['heard'] {
  const counter = new Counter({
    name: 'tokenline_notice_receipts_total',
    help: 'Receipts from channels by call-back or poll, by what they said and what came of it.',
    labelNames: ['channel', 'status', 'result'],
    registers: [registry],
  });
  return (channel, status, result) => counter.inc({ channel, status, result });
}
