/**
 * EHI in XML: a SOAP 1.1 envelope whose Body holds one GetTransaction of http://tempuri.org/, its fields being elements with text.
 * Parsed strictly and with namespaces; a document type, and so every entity of the sender's own, is refused.
 *
 *   Envelope ▸ Body ▸ GetTransaction ▸ field ▸ text        (depth 1 to 4; what stands in a Header is skipped)
 */
import { type Fault, type Rejection, rejection, rejectionOf } from '@tokenline/domain';
import { SaxesParser } from 'saxes';
import { type Fields, fieldsOf } from './clear-fields.js';
import type { Parsed } from './flat-json.js';

const soap11 = 'http://schemas.xmlsoap.org/soap/envelope/';
const tempuri = 'http://tempuri.org/';

/** Resolving namespaces takes the longer the deeper: 20,000 levels, which fit the size limit, keep the parser busy for 20 s. */
const deepest = 32;

/** Where the parser stands: at a depth of the envelope that is read, or inside something that is skipped. */
interface Place {
  depth: number;
  skippingBelow: number | undefined;
}

export function parseSoap(text: string): Parsed<Fields> {
  const fields = new Map<string, string>();
  const faults: Fault[] = [];
  const place: Place = { depth: 0, skippingBelow: undefined };
  let transactions = 0;
  let field: { readonly name: string; text: string } | undefined;
  const parser = new SaxesParser({ xmlns: true });

  parser.on('error', () => stop('NOT_XML'));
  parser.on('doctype', () => stop('NOT_XML'));
  parser.on('xmldecl', ({ encoding }) => {
    if (encoding !== undefined && !/^(?:utf-8|us-ascii)$/i.test(encoding)) stop('NOT_XML');
  });
  parser.on('opentag', ({ local, uri }) => {
    place.depth += 1;
    if (place.depth > deepest) stop('NOT_SOAP');
    if (place.skippingBelow !== undefined) return;
    switch (place.depth) {
      case 1:
        if (local !== 'Envelope' || uri !== soap11) stop('NOT_SOAP');
        return;
      case 2:
        if (uri !== soap11 || (local !== 'Body' && local !== 'Header')) stop('NOT_SOAP');
        if (local === 'Header') place.skippingBelow = place.depth;
        return;
      case 3:
        transactions += 1;
        if (local !== 'GetTransaction' || uri !== tempuri || transactions > 1) stop('NOT_SOAP');
        return;
      case 4:
        if (fields.has(local)) faults.push({ code: 'FIELD_REPEATED', path: local, message: 'is given twice' });
        field = { name: local, text: '' };
        return;
      default:
        if (field !== undefined) faults.push({ code: 'NOT_FLAT', path: field.name, message: 'holds a nested value' });
        place.skippingBelow = place.depth;
    }
  });
  const takeText = (more: string): void => {
    if (field !== undefined && place.depth === 4) field.text += more;
  };
  parser.on('text', takeText);
  parser.on('cdata', takeText);
  parser.on('closetag', () => {
    if (place.depth === 4 && field !== undefined) {
      fields.set(field.name, field.text);
      field = undefined;
    }
    if (place.skippingBelow === place.depth) place.skippingBelow = undefined;
    place.depth -= 1;
  });

  try {
    parser.write(text).close();
  } catch (error) {
    if (error instanceof Stopped) return { ok: false, rejection: error.rejection };
    return { ok: false, rejection: rejection('NOT_XML') };
  }
  if (transactions === 0) return { ok: false, rejection: rejection('NOT_SOAP') };
  const [first, ...rest] = faults;
  return first === undefined
    ? { ok: true, value: fieldsOf(fields) }
    : { ok: false, rejection: rejectionOf([first, ...rest]) };
}

/** Leaves the parser, whose own messages quote what it read. */
class Stopped extends Error {
  readonly rejection: Rejection;
  constructor(why: Rejection) {
    super(why.code);
    this.rejection = why;
  }
}

function stop(code: 'NOT_XML' | 'NOT_SOAP'): never {
  throw new Stopped(rejection(code));
}

/** The acknowledgement EHI expects over SOAP (visa-vts-and-thredd-ehi.md 9.6). */
export const soapAcknowledgement =
  '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><GetTransactionResponse xmlns="http://tempuri.org/">' +
  '<GetTransactionResult><Responsestatus>00</Responsestatus><Acknowledgement>1</Acknowledgement></GetTransactionResult>' +
  '</GetTransactionResponse></soap:Body></soap:Envelope>';
