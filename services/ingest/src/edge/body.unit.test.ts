import { describe, expect, it } from 'vitest';
import { mediaKind, textOf } from './body.js';

describe('the kind of a body', () => {
  it.each([
    ['application/json', '<a/>', 'json'],
    ['application/problem+json; charset=utf-8', '', 'json'],
    ['text/xml; charset=utf-8', '{}', 'xml'],
    ['application/soap+xml', '', 'xml'],
    [undefined, '{}', 'json'],
    [undefined, ' \n<a/>', 'xml'],
    ['application/x-www-form-urlencoded', '\ufeff<a/>', 'xml'],
    ['text/plain', '{}', 'json'],
    ['image/png', '{}', undefined],
    ['multipart/form-data; boundary=x', '{}', undefined],
  ])('%s with %j is %s', (type, body, kind) => {
    expect(mediaKind(type, Buffer.from(body))).toBe(kind);
  });
});

describe('the text of a body', () => {
  it('comes without a byte order mark', () => {
    expect(textOf(Buffer.from('\ufeff{}'))).toBe('{}');
  });

  it('is undefined when the bytes are not UTF-8', () => {
    expect(textOf(Buffer.from([0xff]))).toBeUndefined();
  });
});
