import { expect, it } from 'vitest';
import { doorOf, judge } from './answers.js';

const answer = (status: number, body: unknown, type = 'application/json; charset=utf-8') => ({
  status,
  type,
  headers: {},
  text: typeof body === 'string' ? body : JSON.stringify(body),
  ms: 1,
});
const problem = (status: number, reason: string) =>
  answer(status, { type: `urn:tokenline:problem:${reason}`, title: 'A title', status }, 'application/problem+json');

it.each([
  ['MDES’ response', 'mdes', answer(200, { responseId: '1', decision: 'APPROVED' }), 1, false],
  ['MDES’ error', 'mdes', answer(200, { responseId: '1', errorCode: 'INVALID_JSON', errorDescription: 'x' }), 0, true],
  ['nothing, for Visa', 'vts', answer(200, ''), 1, false],
  ['an acknowledgement', 'ehi', answer(200, '{"Acknowledgement":"1"}'), 1, false],
  ['a count of facts', 'facts', answer(202, { accepted: 3 }), 3, false],
  ['a count of cardholders', 'cardholders', answer(200, { stored: 1 }), 0, false],
  ['a refusal', 'vts', problem(400, 'field-missing'), 0, true],
  ['a refusal before the door', 'ehi', problem(413, 'too-large'), 0, false],
  ['a refusal where there is no door', undefined, problem(404, 'not-found'), 0, false],
] as const)('%s is as it may be', (_what, door, given, taken, putAside) => {
  expect(judge(door, given)).toMatchObject({ faults: [], taken, putAside });
});

it.each([
  ['a fault of ours', 'ehi', problem(500, 'internal')],
  [
    'a fault of ours in MDES’ words',
    'mdes',
    answer(200, { responseId: '1', errorCode: 'INTERNAL_SERVICE_FAILURE', errorDescription: 'x' }),
  ],
  ['an error of MDES without its id', 'mdes', answer(200, { errorCode: 'INVALID_JSON', errorDescription: 'x' })],
  ['a text for Visa', 'vts', answer(200, 'ok')],
  ['another acknowledgement', 'ehi', answer(200, '{"Acknowledgement":"0"}')],
  ['facts accepted with 200', 'facts', answer(200, { accepted: 1 })],
  ['a welcome at no door', undefined, answer(200, {})],
  ['plain JSON for a refusal', 'vts', answer(400, { error: 'Bad Request' })],
  [
    'a problem of another status',
    'vts',
    answer(400, { type: 'urn:tokenline:problem:not-json', title: 'A title', status: 422 }, 'application/problem+json'),
  ],
  ['a stack', 'facts', answer(202, { accepted: 1, why: 'Error\n    at take (door.ts:1:1)' })],
] as const)('%s is not', (_what, door, given) => {
  expect(judge(door, given).faults).not.toEqual([]);
});

it('knows a door by its address, however that is written', () => {
  expect(doorOf('/v1/inbound/mdes/authorizeService?x=1')).toBe('mdes');
  expect(doorOf('/v1/%69nbound/vts/v1/sendPasscode')).toBe('vts');
  for (const path of ['/v1/inbound/mdes', '//v1/facts', '/v1/facts/', '/v2/facts', '/v1/inbound/vts/%zz']) {
    expect(doorOf(path)).toBeUndefined();
  }
});
