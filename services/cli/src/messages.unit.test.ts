import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CliError } from './errors.js';
import { elementsOf, messagesOf } from './messages.js';

const texts = (input: string): string[] => messagesOf(input).map((message) => message.text);

describe('cutting a file into messages', () => {
  it('keeps numbers no double can hold', () => {
    expect(texts('[{"Balance_Sequence": 99999999999999999999}, {"a": 1.10}]')).toEqual([
      '{"Balance_Sequence": 99999999999999999999}',
      '{"a": 1.10}',
    ]);
  });

  it('takes one pretty-printed message, an array, or one message a line', () => {
    expect(texts('{\n "a": 1\n}\n')).toEqual(['{\n "a": 1\n}']);
    expect(texts('{"a":1}\n\n{"a":2}\r\n')).toEqual(['{"a":1}', '{"a":2}']);
    expect(texts(' [ ] ')).toEqual([]);
  });

  it('hands broken lines on for the door to judge, and takes XML as one message', () => {
    expect(texts('{"a":1}\n{"a":\n')).toEqual(['{"a":1}', '{"a":']);
    expect(messagesOf('<Envelope>\n</Envelope>')).toEqual([
      { text: '<Envelope>\n</Envelope>', contentType: 'text/xml' },
    ]);
  });

  it('says so when there is nothing to send or an array is broken', () => {
    expect(() => messagesOf(' \n')).toThrow(CliError);
    expect(() => messagesOf('[{"a":1},')).toThrow(/array/);
  });

  it('finds the elements of every JSON array', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.boolean(), (values, pretty) => {
        const text = JSON.stringify(values, undefined, pretty ? 2 : 0);
        expect(elementsOf(text).map((element) => JSON.parse(element))).toEqual(JSON.parse(text));
      }),
    );
  });
});
