/**
 * Nothing sensitive in clear: card numbers, token numbers, activation codes, telephone numbers and e-mail addresses go through every door, the
 * bad-input paths included; then every topic, collection, log, metric, answer and local file is read back and searched.
 * Controls that may travel in clear prove for each place that the search would have found something.
 */
import { asSoap, type EhiMessage, ehiMessage, green, yellow } from '@tokenline/cli';
import { passesLuhn } from '@tokenline/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCanaries, type Find, findCanaries } from '../canaries.js';
import { everythingOf } from '../everything.js';
import { type Outsiders, startOutsiders } from '../outsiders.js';
import { type Notice, type System, startSystem } from '../system.js';
import { messagesOfFlow, testToken, untilComplete, zone } from '../traffic.js';
import { until } from '../wait.js';

const canaries = createCanaries();
const control = 'Control device 4711';
const start = Date.UTC(2030, 0, 15, 10, 0, 0);

let outsiders: Outsiders;
let system: System;
/** Every answer any door gave. */
const answers: string[] = [];

beforeAll(async () => {
  outsiders = await startOutsiders();
  system = await startSystem({ env: { TOKENLINE_LOG_LEVEL: 'trace', TOKENLINE_SMTP_URL: outsiders.smtpUrl } });
});
afterAll(async () => {
  await system?.stop();
  await outsiders?.stop();
});

async function send(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<number> {
  const door = path.startsWith('/v1/inbound') || method !== 'GET' ? 'ingest' : 'query';
  const response = await fetch(`${system.urls[door]}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body !== undefined && {
      body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
    }),
  });
  answers.push(`${[...response.headers].join('\n')}\n${await response.text()}`);
  return response.status;
}

const ehi = '/v1/inbound/thredd/ehi';
const { card, dpan, code, phone, email, text } = canaries;

/** A yellow flow whose every message carries what such messages carry. */
function tokenWithSecrets(n: number, contact: string, method: number): EhiMessage[] {
  const token = testToken(n, 'VISA-T', { dpan: dpan(`token number of token ${n}`), deviceName: control });
  return messagesOfFlow(token, yellow('VISA-T'), start).map((delivery) => {
    const message = JSON.parse(delivery.text) as EhiMessage;
    if (message.Proc_Code !== '340000')
      return { ...message, PaymentToken_deviceTelNum: phone(`device number of token ${n}`) };
    return {
      ...message,
      PaymentToken_activationCode: code(`activation code of token ${n}`),
      PaymentToken_activationMethod: method,
      PaymentToken_activationMethodData: contact,
    };
  });
}

const base = (n: number): EhiMessage =>
  ehiMessage(testToken(n, 'VISA-T', { deviceName: control }), {
    kind: 'TEN',
    id: 8_000_000_000 + n,
    at: start,
    zone,
    why: 71,
    status: 'A',
  });

/** A card number with one digit too many that is certain to be wrong: one digit in ten would make another card number of it. */
const withWrongDigit = (number: string): string => number + (passesLuhn(`${number}1`) ? '2' : '1');

describe('secrets go', () => {
  it('through the EHI door, JSON and SOAP, in the fields made for them', async () => {
    const contacts = [phone('activation contact'), email('activation contact')];
    for (const [n, contact] of contacts.entries()) {
      for (const message of tokenWithSecrets(1 + n, contact, n + 1)) expect(await send('POST', ehi, message)).toBe(200);
    }
    for (const message of tokenWithSecrets(3, phone('activation contact in SOAP'), 1)) {
      expect(await send('POST', ehi, asSoap(message), { 'content-type': 'text/xml' })).toBe(200);
    }
  });

  it('through the EHI door in fields that were not made for them, and in names of fields', async () => {
    const strays: readonly Record<string, string | number>[] = [
      { PaymentToken_deviceName: `phone of ${email('a device name')}` },
      { Note: `called from ${phone('a note')}` },
      { Note: `card ${card('a note, in groups').replace(/(\d{4})(?=\d)/g, '$1 ')}` },
      { CardNumber: card('an unknown field') },
      { Primary_Account_Number: Number(card('an unknown field, as a number')) },
      { Traceid_Message: card('a trace id') },
      { traceid_lifecycle: card('a lifecycle trace id') },
      { TokenUniqueReference: dpan('a token reference') },
      { PaymentToken_deviceId: card('a device id') },
      { [card('the name of a field')]: 1 },
      { Token: card('the public token') },
      { PaymentToken_wallet: email('a wallet') },
      { Merch_Name_DE43: phone('a merchant name') },
      { Message_Why: card('a reason') },
      { PaymentToken_creatorStatus: email('a status') },
      { PaymentToken_expdate: phone('an expiry date') },
      { PaymentToken_deviceIp: card('an IP address') },
      { PaymentToken_activationMethod: email('an activation method') },
      { PaymentToken_activationExpiry: phone('a code expiry') },
    ];
    for (const [n, stray] of strays.entries()) {
      expect(await send('POST', ehi, { ...base(100 + n), ...stray })).toBeLessThan(500);
      expect(
        await send('POST', ehi, asSoap({ ...base(200 + n), ...stray } as EhiMessage), { 'content-type': 'text/xml' }),
      ).toBeLessThan(500);
    }
  });

  it('through the EHI door in bad messages of every kind', async () => {
    const bad: readonly (readonly [body: unknown, contentType?: string])[] = [
      [`{"PaymentTokenPan": "${dpan('a body that is not JSON')}", `],
      [{ ...base(300), Proc_Code: card('the processing code') }],
      [{ ...base(301), PaymentToken_creator: phone('the creator') }],
      [{ ...base(302), Txn_GPS_Date: email('a date') }],
      [{ ...base(303), TXn_ID: `x${card('a message id')}` }],
      [{ ...base(310), nested: { pan: card('a nested value') } }],
      [`[${card('an array')}]`],
      [`"${card('a bare string')}"`],
      [`<a>${card('XML that is not SOAP')}</a>`, 'text/xml'],
      [`<a>${card('XML that is not well-formed')}`, 'text/xml'],
      [`<!DOCTYPE a [<!ENTITY x "${card('a document type')}">]><a>&x;</a>`, 'text/xml'],
      [`pan=${card('a form')}`, 'application/x-www-form-urlencoded'],
      [`{"x":"${card('a body too large')}${'x'.repeat(300_000)}"}`],
      [Buffer.from([0xff, 0xfe, ...Buffer.from(card('a body that is not UTF-8'))])],
    ];
    for (const [body, contentType = 'application/json'] of bad) {
      const status = await send('POST', ehi, body, { 'content-type': contentType });
      expect(status, typeof body === 'string' ? body.slice(0, 80) : JSON.stringify(body)).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    }
  });

  it('in headers, paths and queries', async () => {
    await send('POST', ehi, base(400), {
      'user-agent': `agent ${card('the user agent')}`,
      traceparent: `00-${card('a traceparent')}`,
      'x-request-id': card('a request id'),
      'x-forwarded-for': phone('a forwarded-for header'),
      soapaction: `"${email('a soapaction')}"`,
      cookie: `contact=${email('a cookie')}`,
    });
    for (const door of [system.urls.ingest, system.urls.query]) {
      for (const path of [
        `/v1/${card('a path')}`,
        `/v1/tokens/${card('a token id')}`,
        `/v1/tokens?alias=${encodeURIComponent(`tokenUniqueReference:${card('an alias asked for')}`)}`,
        `/v1/tokens?cardRef=${card('a card asked for')}`,
        `/v1/tokens?sort=${email('a sort')}`,
        `/v1/tokens?cursor=${phone('a cursor').slice(1)}`,
        `/v1/dead-letters/${card('a dead letter id')}`,
      ]) {
        const response = await fetch(`${door}${path}`);
        // What a client asks for it may see again in the answer's links; never in what lasts.
        expect(response.status).toBeLessThan(500);
      }
    }
  });

  it('through the facts door', async () => {
    const fact = (n: number, more: object) => ({
      factId: `canary-fact-${n}`,
      network: 'VTS',
      kind: 'ACTIVATION_CODE_ISSUED',
      occurredAt: '2030-01-15T10:00:00.000Z',
      source: 'canary-source',
      aliases: [{ kind: 'threddPaymentTokenId', value: String(60_000_000 + n) }],
      device: { name: control },
      ...more,
    });
    const good = [
      { activation: { method: 'SMS', code: code('a fact’s code'), contact: phone('a fact’s contact') } },
      { tokenPan: dpan('a fact’s token number') },
      { card: { pan: card('a fact’s card') } },
      { device: { name: `${email('a fact’s device name')}` } },
    ];
    expect(
      await send(
        'POST',
        '/v1/facts',
        good.map((more, n) => fact(n, more)),
      ),
    ).toBe(202);
    const bad = [
      { wallet: email('a fact’s wallet') },
      { card: { ref: card('a fact’s card reference') } },
      { aliases: [{ kind: 'tokenUniqueReference', value: dpan('a fact’s name') }] },
      { [phone('the name of a fact’s field')]: 1 },
      { occurredAt: card('a fact’s time') },
      { activation: { codeSealed: code('a code said to be sealed') } },
      { tokenPanSealed: dpan('a token number said to be sealed') },
      { kind: email('a fact’s kind') },
    ];
    for (const [n, more] of bad.entries())
      expect(await send('POST', '/v1/facts', fact(100 + n, more))).toBeGreaterThanOrEqual(400);
  });

  it('through the cardholder door, well-formed and not', async () => {
    const holders = [
      {
        cards: [{ kind: 'threddPublicToken', value: '100000001' }],
        email: email('a holder'),
        phone: phone('a holder'),
      },
      {
        cards: [{ kind: 'threddPublicToken', value: '100000002' }],
        webhook: `${outsiders.webhookUrl}/${text('a webhook')}`,
        push: text('a push address'),
      },
      { cards: [{ kind: 'pan', value: card('a holder’s card') }], email: email('a holder by card') },
    ];
    expect(await send('PUT', '/v1/cardholders', holders)).toBe(200);
    const bad = [
      { cards: [{ kind: 'pan', value: withWrongDigit(card('a card with a digit too many')) }] },
      { cards: [{ kind: email('a kind of card'), value: '1' }] },
      { cards: [{ kind: 'threddPublicToken', value: '1' }], phone: `x${phone('a bad phone')}` },
      { cards: [{ kind: 'threddPublicToken', value: '1' }], email: `${email('a bad address')}@` },
      { cards: [{ kind: 'threddPublicToken', value: '1' }], webhook: `ftp://${text('a bad webhook')}` },
      { cards: [{ kind: 'threddPublicToken', value: '1' }], push: `x ${text('a bad push address')}` },
      { cards: [{ kind: 'threddPublicToken', value: '1' }], locale: phone('a locale') },
      { cards: [{ kind: 'threddPublicToken', value: '1' }], [card('the name of a holder’s field')]: 1 },
    ];
    for (const holder of bad) expect(await send('PUT', '/v1/cardholders', holder)).toBeGreaterThanOrEqual(400);
  });

  it('through the redrive door', async () => {
    expect(await send('POST', '/v1/dead-letters/redrive', {})).toBe(200);
    // The answer lists the ids asked for, so this one's is not kept; what lasts of the request is searched all the same.
    await send('POST', '/v1/dead-letters/redrive', { ids: [card('a dead letter id to redrive')] });
    answers.pop();
    await send('POST', '/v1/dead-letters/redrive', { since: phone('a time to redrive since') });
    await send('POST', '/v1/dead-letters/redrive', `{"reason": "${email('a broken redrive request')}`);
  });

  it('out to a mail server and a webhook that quote them when they refuse', async () => {
    for (const n of [1, 2, 3]) {
      const token = testToken(500 + n, 'VISA-T', { publicToken: 100_000_000 + n, deviceName: control });
      for (const message of messagesOfFlow(token, green('VISA-T'), start))
        expect(await send('POST', ehi, message.text)).toBe(200);
      const found = await untilComplete(system, token);
      await until(
        'its notice has been tried',
        async () => {
          const { items } = await system.ask<{ items: (Notice & { attempts: unknown[] })[] }>(
            `/v1/notices?tokenId=${found.tokenId}`,
          );
          return items.some((notice) => notice.attempts.length > 0);
        },
        60_000,
      );
    }
    await until('the mail server has refused', () => outsiders.refused() > 0, 60_000);
    await until('the webhook has taken its second call', () => outsiders.taken().length > 0, 90_000);
  }, 200_000);
});

describe('reading everything back', () => {
  let places: Map<string, Buffer | string>;
  beforeAll(async () => {
    places = await everythingOf(system);
    places.set('answers of the ingest door', answers.join('\n'));
  });
  const holds = (place: string, needle: string): boolean => {
    const content = places.get(place);
    expect(content, `${place} is among what was read`).toBeDefined();
    return findCanaries(place, content ?? '', new Map([[needle, 'control']])).length > 0;
  };

  it.each([
    'topic tsp.inbound',
    'topic token.facts',
    'topic token.lifecycle',
    'topic token.state',
    'topic lifecycle.store',
    'topic cardholder.messages',
    'collection tokens',
    'collection timeline',
    'collection notices',
    'answers of the query door',
  ])('finds the control value in %s', (place) => expect(holds(place, control)).toBe(true));

  it.each([
    ['topic token.dead-letters', 'IMPOSSIBLE_DATE'],
    ['collection deadLetters', 'IMPOSSIBLE_DATE'],
    ['topic cardholder.receipts', 'completion-'],
    ['collection aliases', 'threddPaymentTokenId:70000001'],
    ['collection cardholders', 'threddPublicToken:100000001'],
    ['collection activationCodes', 'activation-code-'],
    ['collection notices', 'activation-code-'],
    ['file logs/ingest.log', 'IMPOSSIBLE_DATE'],
    ['metrics of ingest', 'tokenline_'],
    ['answers of the ingest door', 'Txn_GPS_Date'],
  ])('finds what belongs there in %s', (place, needle) => expect(holds(place, needle)).toBe(true));

  it('finds the sealed values themselves, so they were not simply lost', () => {
    expect(String(places.get('topic tsp.inbound'))).toContain('eyJ');
    expect(String(places.get('collection cardholders'))).toContain('emailSealed');
  });

  it('finds no canary in clear anywhere', () => {
    expect(canaries.all.size).toBeGreaterThan(70);
    const finds: Find[] = [...places].flatMap(([place, content]) => findCanaries(place, content, canaries.all));
    expect(finds).toEqual([]);
  });
});
