import { describe, expect, it } from 'vitest';
import { type Reason, reasons, rejection, rejectionOf, statusOf } from './reasons.js';

describe('the table of reasons', () => {
  it.each(Object.entries(reasons) as [string, Reason][])('%s has a sentence and a remedy', (code, reason) => {
    expect(code).toMatch(/^[A-Z][A-Z_]+$/);
    expect(reason.sentence).toMatch(/^[A-Z].*\.$/);
    expect(reason.remedy).toMatch(/^[A-Z].*\.$/);
  });

  it('answers 400 for what cannot be read, 422 for what can but is wrong', () => {
    expect(statusOf('NOT_JSON')).toBe(400);
    expect(statusOf('FIELD_MISSING')).toBe(422);
    expect(statusOf('UNDECODABLE')).toBe(422);
  });

  it('a rejection may be of a message as a whole', () => {
    expect(rejection('NOT_JSON')).toEqual({
      code: 'NOT_JSON',
      explanation: 'The body is not a JSON document in UTF-8.',
      errors: [],
    });
  });

  it('a rejection takes the code of its first fault and names them all', () => {
    const refused = rejectionOf([
      { code: 'IMPOSSIBLE_DATE', path: 'a', message: 'is wrong' },
      { code: 'FIELD_MISSING', path: 'b', message: 'is missing' },
    ]);
    expect(refused).toEqual({
      code: 'IMPOSSIBLE_DATE',
      explanation: reasons.IMPOSSIBLE_DATE.sentence,
      errors: [
        { path: 'a', message: 'is wrong' },
        { path: 'b', message: 'is missing' },
      ],
    });
  });
});
