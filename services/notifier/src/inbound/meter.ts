/** Counts what channels said later. */
import type { ReceiptStatus } from '@tokenline/domain';
import { Counter, type Registry } from '@tokenline/runtime';
import type { Heard } from './hear.js';

export type HeardMeter = (channel: string, status: ReceiptStatus, result: Heard) => void;

export function createHeardMeter(registry: Registry): HeardMeter {
  const counter = new Counter({
    name: 'tokenline_notice_receipts_total',
    help: 'Receipts from channels by call-back or poll, by what they said and what came of it.',
    labelNames: ['channel', 'status', 'result'],
    registers: [registry],
  });
  return (channel, status, result) => counter.inc({ channel, status, result });
}
