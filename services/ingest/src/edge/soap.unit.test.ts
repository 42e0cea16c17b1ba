import { describe, expect, it } from 'vitest';
import { fieldsOf } from './clear-fields.js';
import { parseSoap } from './soap.js';

const soap11 = 'http://schemas.xmlsoap.org/soap/envelope/';

function envelope(inside: string, ns = soap11): string {
  return `<s:Envelope xmlns:s="${ns}"><s:Body>${inside}</s:Body></s:Envelope>`;
}

function transaction(fields: string): string {
  return envelope(`<GetTransaction xmlns="http://tempuri.org/">${fields}</GetTransaction>`);
}

function given(xml: string) {
  const parsed = parseSoap(xml);
  if (!parsed.ok) throw new Error(parsed.rejection.code);
  return parsed.value;
}

function refusalOf(xml: string) {
  const parsed = parseSoap(xml);
  if (parsed.ok) throw new Error('accepted');
  return parsed.rejection;
}

describe('a SOAP 1.1 GetTransaction', () => {
  it('gives its fields as text: empty, blank, escaped and CDATA ones too', () => {
    const xml = transaction(
      '<TXn_ID>1</TXn_ID><Note>a &lt;b&gt; &#65;</Note><PaymentToken_lang>  </PaymentToken_lang><Empty/><C><![CDATA[<x>]]></C>',
    );
    const fields = { TXn_ID: '1', Note: 'a <b> A', PaymentToken_lang: '  ', Empty: '', C: '<x>' };
    expect(given(xml)).toEqual(fieldsOf(Object.entries(fields)));
  });

  it('may have a declaration, a header, comments, and any prefixes', () => {
    const xml =
      `<?xml version="1.0" encoding="UTF-8"?><!-- c --><soap:Envelope xmlns:soap="${soap11}"><soap:Header><a><b>1</b></a></soap:Header>` +
      '<soap:Body><t:GetTransaction xmlns:t="http://tempuri.org/"><t:TXn_ID>1</t:TXn_ID></t:GetTransaction></soap:Body></soap:Envelope>';
    expect(given(xml)).toEqual(fieldsOf([['TXn_ID', '1']]));
  });
});

describe('XML that is refused', () => {
  it.each([
    ['a document type', `<!DOCTYPE s [<!ENTITY e "x">]>${transaction('<Note>&e;</Note>')}`],
    ['an external entity', `<!DOCTYPE s SYSTEM "file:///etc/passwd">${transaction('<TXn_ID>1</TXn_ID>')}`],
    ['an entity nobody declared', transaction('<Note>&e;</Note>')],
    ['an open element', transaction('<TXn_ID>1')],
    ['an unbound prefix', transaction('<x:TXn_ID>1</x:TXn_ID>')],
    ['an encoding that is not UTF-8', `<?xml version="1.0" encoding="utf-16"?>${transaction('')}`],
    ['nothing', ''],
    ['text', 'Proc_Code=360000'],
    ['a second root', `${transaction('')}<a/>`],
    ['a control character', transaction('<Note>&#1;</Note>')],
  ])('holds %s', (_what, xml) => {
    expect(refusalOf(xml)).toEqual({ code: 'NOT_XML', explanation: expect.any(String), errors: [] });
  });

  it.each([
    ['SOAP 1.2', envelope('<GetTransaction xmlns="http://tempuri.org/"/>', 'http://www.w3.org/2003/05/soap-envelope')],
    ['no envelope', '<GetTransaction xmlns="http://tempuri.org/"/>'],
    ['another operation', envelope('<Cut_Off xmlns="http://tempuri.org/"/>')],
    ['another namespace', envelope('<GetTransaction xmlns="http://example.com/"/>')],
    ['an empty body', envelope('')],
    ['two transactions', envelope('<GetTransaction xmlns="http://tempuri.org/"/>'.repeat(2))],
  ])('is %s', (_what, xml) => {
    expect(refusalOf(xml).code).toBe('NOT_SOAP');
  });

  it('nests values or repeats fields, and names them', () => {
    expect(refusalOf(transaction('<Token>1<a>2<b/></a></Token>'))).toMatchObject({
      code: 'NOT_FLAT',
      errors: [{ path: 'Token' }],
    });
    expect(refusalOf(transaction('<Token>1</Token><Token>2</Token>'))).toMatchObject({
      code: 'FIELD_REPEATED',
      errors: [{ path: 'Token' }],
    });
  });

  it.each([
    ['deep', envelope('<a>'.repeat(20_000)), 'NOT_SOAP'],
    ['deep within a field', transaction(`<Note>${'<b>'.repeat(20_000)}`), 'NOT_SOAP'],
    ['broad', transaction('<Note/>'.repeat(20_000)), 'FIELD_REPEATED'],
    [
      'full of attributes',
      transaction(`<Note ${Array.from({ length: 15_000 }, (_, i) => `a${i}=""`).join(' ')}/>`),
      undefined,
    ],
    [
      'full of namespaces',
      transaction(`<Note ${Array.from({ length: 9_000 }, (_, i) => `xmlns:a${i}="u:${i}"`).join(' ')}/>`),
      undefined,
    ],
  ])('is %s, and answered soon', (_what, xml, code) => {
    const began = performance.now();
    const parsed = parseSoap(xml);
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(parsed.ok ? undefined : parsed.rejection.code).toBe(code);
  });
});
