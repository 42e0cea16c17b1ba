import type { DeadLetter } from '@tokenline/domain';
import { type EhiFields, ehiFields, ehiMessages, ehiToken } from '@tokenline/domain/testing';
import { createLogger, readSenders } from '@tokenline/runtime';
import { createSealer, parseKeySet } from '@tokenline/sealing';
import { openStore } from '@tokenline/store';
import { createLog } from '@tokenline/streams';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Deployed, deploy, type Running, readTopic, start } from '../given.js';

const ehi = '/v1/inbound/thredd/ehi';
const token = ehiToken(101);

let deployed: Deployed;
let running: Running;
beforeAll(async () => {
  deployed = await deploy();
  running = await start(deployed, { reading: false });
});
afterAll(async () => {
  await running?.stop();
  await deployed?.drop();
});

const inbound = () => readTopic(deployed, 'tsp.inbound', 'tokenline.inbound.InboundMessage');
const letters = async (): Promise<readonly DeadLetter[]> =>
  (await readTopic(deployed, 'token.dead-letters', 'tokenline.deadletters.DeadLetter')).map(({ value }) => value);
const sealer = () => createSealer(parseKeySet(deployed.config.sealingKeys));

/** As Thredd writes it: numbers as numbers. */
function asJson(fields: EhiFields): string {
  const numbers = [
    'TXn_ID',
    'Token',
    'PaymentToken_id',
    'Message_Why',
    'SendingAttemptCount',
    'PaymentToken_activationMethod',
  ];
  const parts = Object.entries(fields).map(
    ([k, v]) => `${JSON.stringify(k)}:${numbers.includes(k) ? v : JSON.stringify(v)}`,
  );
  return `{${parts.join(',')}}`;
}

function asSoap(fields: EhiFields): string {
  const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const elements = Object.entries(fields).map(([name, value]) => `<${name}>${escaped(value)}</${name}>`);
  return (
    '<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>' +
    `<GetTransaction xmlns="http://tempuri.org/">${elements.join('')}<PaymentToken_activationCode /></GetTransaction></s:Body></s:Envelope>`
  );
}

describe('an EHI message', () => {
  it('in JSON is acknowledged once it lies in the log, sealed, keyed by its strongest name', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const body = asJson(ehiMessages.acn(token, 1001));
    const answer = await running.post(ehi, body, { traceparent, 'x-other': 'dropped' });
    expect(answer.status).toBe(200);
    expect(answer.text).toBe('{"Acknowledgement":"1"}');
    const { value, record } = (await inbound()).find((i) => i.value.fields.TXn_ID === '1001') ?? expect.fail();
    expect(record.key).toBe('threddPaymentTokenId:70000101');
    expect(record.headers).toMatchObject({
      ce_type: 'tokenline.inbound.InboundMessage',
      ce_id: value.inboundId,
      traceparent,
    });
    expect(value).toMatchObject({ source: 'thredd-ehi', contentType: 'application/json', headers: { traceparent } });
    expect(Object.keys(value.sealed).sort()).toEqual([
      'PaymentToken_activationCode',
      'PaymentToken_activationMethodData',
    ]);
    expect(await sealer().open('activation-code', value.sealed.PaymentToken_activationCode as string)).toBe('000123');
    expect(await sealer().open('contact', value.sealed.PaymentToken_activationMethodData as string)).toBe(
      '+447700900123',
    );
    expect(await sealer().open('original', value.original as string)).toBe(body);
  });

  it('in SOAP is acknowledged in SOAP, whatever the media type says when it says nothing', async () => {
    const body = asSoap(ehiMessages.tcn(token, 1002, 'A'));
    for (const type of ['text/xml; charset=utf-8', 'text/plain']) {
      const answer = await running.post(ehi, body, { 'content-type': type });
      expect(answer.status).toBe(200);
      expect(answer.headers['content-type']).toBe('text/xml; charset=utf-8');
      expect(answer.text).toContain('<Acknowledgement>1</Acknowledgement>');
    }
    expect((await inbound()).filter((i) => i.value.fields.TXn_ID === '1002')).toHaveLength(2);
  });

  it('keeps every digit of a number no double holds', async () => {
    const body = asJson(ehiFields(token, 0, { TXn_ID: '9007199254740993' })).replace(
      '{',
      '{"Balance_Sequence":123456789012345678901,',
    );
    expect((await running.post(ehi, body)).status).toBe(200);
    expect((await inbound()).some((i) => i.value.fields.TXn_ID === '9007199254740993')).toBe(true);
  });
});

describe('a refused message', () => {
  it.each([
    ['is not JSON', '{"Proc_Code": ', 400, 'NOT_JSON', undefined],
    ['is empty', '', 400, 'NOT_JSON', undefined],
    ['is not well-formed XML', '<s:Envelope>', 400, 'NOT_XML', undefined],
    ['is XML but no SOAP', '<a/>', 400, 'NOT_SOAP', undefined],
    [
      'lacks its processing code',
      asJson(ehiFields(token, 2001, { Proc_Code: undefined })),
      422,
      'FIELD_MISSING',
      'Proc_Code',
    ],
    [
      'has an unknown creator',
      asJson(ehiFields(token, 2002, { PaymentToken_creator: 'ACME' })),
      422,
      'UNKNOWN_CREATOR',
      'PaymentToken_creator',
    ],
    [
      'carries an impossible date',
      asJson(ehiFields(token, 2003, { Txn_GPS_Date: '2030-02-30 10:00:00.000' })),
      422,
      'IMPOSSIBLE_DATE',
      'Txn_GPS_Date',
    ],
    [
      'is a payment',
      asJson(ehiFields(token, 2004, { Proc_Code: '000000' })),
      422,
      'UNKNOWN_PROCESSING_CODE',
      'Proc_Code',
    ],
    ['holds a nested value', '{"Proc_Code":{"a":1}}', 422, 'NOT_FLAT', 'Proc_Code'],
    ['gives a field twice', '{"Proc_Code":"330000","Proc_Code":"360000"}', 422, 'FIELD_REPEATED', 'Proc_Code'],
  ])('that %s names the fault and lies sealed in dead letters', async (_what, body, status, code, path) => {
    const answer = await running.post(ehi, body, {
      'content-type': body.startsWith('<') ? 'text/xml' : 'application/json',
    });
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toMatchObject({
      type: `urn:tokenline:problem:${code.toLowerCase().replaceAll('_', '-')}`,
      status,
      ...(path !== undefined && { errors: expect.arrayContaining([{ path, message: expect.any(String) }]) }),
    });
    const found: DeadLetter[] = [];
    for (const letter of await letters()) {
      if (letter.reasonCode === code && (await sealer().open('original', letter.original as string)) === body)
        found.push(letter);
    }
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ stage: 'EDGE', source: 'thredd-ehi' });
    if (path !== undefined) expect(found[0]?.errors.map((e) => e.path)).toContain(path);
  });

  it('has the same dead letter each time it is sent', async () => {
    const body = asJson(ehiFields(token, 2100, { Proc_Code: '990000' }));
    await running.post(ehi, body);
    await running.post(ehi, body);
    const same = (await letters()).filter((l) => l.reasonCode === 'UNKNOWN_PROCESSING_CODE').map((l) => l.deadLetterId);
    expect(same).toHaveLength(3);
    expect(new Set(same).size).toBe(2);
  });

  it('that is not text is kept byte by byte', async () => {
    const bytes = Buffer.from([0x7b, 0xff, 0xfe, 0x7d]);
    const answer = await running.post(ehi, bytes);
    expect(answer.status).toBe(400);
    const letter = (await letters()).find((l) => l.contentType?.endsWith('; encoding=base64')) ?? expect.fail();
    expect(Buffer.from(await sealer().open('original', letter.original as string), 'base64')).toEqual(bytes);
  });
});

describe('HTTP around the doors', () => {
  it('refuses more than 256 KiB', async () => {
    const answer = await running.post(ehi, `{"Note":"${'x'.repeat(256 * 1024)}"}`);
    expect([answer.status, answer.json().type]).toEqual([413, 'urn:tokenline:problem:too-large']);
  });

  it.each([
    ['/v1/nothing', {}, 404, 'not-found'],
    ['/v1/inbound/mdes/%zz', {}, 400, 'bad-request'],
    ['/v1/cardholders', {}, 405, 'method-not-allowed'],
    [ehi, { 'content-type': 'image/png' }, 415, 'unsupported-media'],
    [ehi, { 'content-encoding': 'gzip' }, 415, 'unsupported-media'],
    ['/v1/facts', { 'content-type': 'text/xml' }, 415, 'unsupported-media'],
    [ehi, { 'content-type': 'nonsense' }, 415, 'unsupported-media'],
  ])('answers problem+json at %s with %j', async (path, headers, status, type) => {
    const answer = await running.post(path, '<a/>', headers as Record<string, string>);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toMatchObject({ status, type: `urn:tokenline:problem:${type}` });
    if (status === 405) expect(answer.headers.allow).toBe('PUT');
  });

  it('tells a sender of far too much that it is, while it is still sending', async () => {
    const listening = await start(deployed, { reading: false });
    const url = `${await listening.listen()}${ehi}`;
    const body = Buffer.alloc(8_000_000, ' ');
    for (let n = 0; n < 10; n++) {
      const answer = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
      expect(answer.status).toBe(413);
      expect(await answer.json()).toMatchObject({ type: 'urn:tokenline:problem:too-large' });
    }
    await listening.stop();
  });

  it('asks for credentials outside local mode, and keeps the name of the sender', async () => {
    const key = 'a-key-of-sixteen-or-more';
    const guarded = await start(
      {
        ...deployed,
        config: {
          ...deployed.config,
          mode: 'production',
          senders: readSenders({ apiKeys: `thredd=${key}` }, []),
        },
      },
      { reading: false },
    );
    const body = asJson(ehiMessages.tar(token, 3001, '00'));
    expect((await guarded.post(ehi, body)).status).toBe(401);
    expect((await guarded.post(ehi, body, { 'x-api-key': 'wrong' })).status).toBe(403);
    expect((await guarded.post(ehi, body, { authorization: `Bearer ${key}` })).status).toBe(200);
    expect((await guarded.post(ehi, body, { 'x-api-key': key })).status).toBe(200);
    await guarded.stop();
    const senders = (await inbound()).filter((i) => i.value.fields.TXn_ID === '3001').map((i) => i.value.sender);
    expect(senders).toEqual(['thredd', 'thredd']);
  });

  it('answers 503 with Retry-After, soon, while the log cannot be written, and never acknowledges', async () => {
    const nowhere = createLog(
      { brokers: ['127.0.0.1:1'], ssl: false, replicationFactor: 1 },
      deployed.prefix,
      createLogger('test', 'silent'),
      'nowhere',
    );
    const cut = await start(deployed, { reading: false, stream: nowhere });
    for (const body of [asJson(ehiMessages.tar(token, 3002, '00')), '{"not": "a message"}']) {
      const began = Date.now();
      const answer = await cut.post(ehi, body);
      expect(Date.now() - began).toBeLessThan(3_000);
      expect(answer.status).toBe(503);
      expect(answer.headers['retry-after']).toBe('5');
      expect(answer.json().type).toBe('urn:tokenline:problem:log-unavailable');
    }
    const began = Date.now();
    expect((await cut.post(ehi, asJson(ehiMessages.tar(token, 3003, '00')))).status).toBe(503);
    expect(Date.now() - began, 'known trouble is answered at once').toBeLessThan(200);
    await cut.stop();
  });

  it('goes on taking messages while the database is away; what needs it answers 503', async () => {
    const store = openStore('mongodb://127.0.0.1:1/?replicaSet=rs0', 'nothing');
    const cut = await start(deployed, { reading: false, store });
    expect((await cut.post(ehi, asJson(ehiMessages.tar(token, 3004, '00')))).status).toBe(200);
    const began = Date.now();
    const answers = await Promise.all([
      cut.put('/v1/cardholders', { cards: [{ kind: 'panReferenceId', value: 'V-9' }], email: 'a@example.com' }),
      cut.post('/v1/dead-letters/redrive', {}),
    ]);
    expect(Date.now() - began).toBeLessThan(5_000);
    for (const answer of answers) {
      expect(answer.json()).toMatchObject({ status: 503, type: 'urn:tokenline:problem:store-unavailable' });
    }
    await cut.stop();
    await store.close();
  });

  it('counts messages and dead letters', async () => {
    const text = await running.metrics.metrics();
    expect(text).toMatch(/tokenline_ingest_messages_total\{source="thredd-ehi",outcome="accepted"\} [1-9]/);
    expect(text).toMatch(
      /tokenline_ingest_dead_letters_total\{stage="EDGE",source="thredd-ehi",reason="UNKNOWN_CREATOR"\} 1/,
    );
    expect(text).toContain('tokenline_ingest_acknowledgement_seconds_bucket');
  });
});

describe('canonical facts', () => {
  const fact = {
    factId: 'adapter-1',
    kind: 'ACTIVATION_CODE_ISSUED',
    network: 'MDES',
    occurredAt: '2030-01-15T10:00:00Z',
    aliases: [{ kind: 'tokenUniqueReference', value: 'DWSPMC77' }],
    card: { pan: '4111111111111111' },
    tokenPan: '4111110000000013',
    activation: { method: 'SMS', code: '918273', contact: '+447700900123' },
    device: { id: 'd-1', name: 'call +447700900124' },
  };

  it('are sealed by the door and go as messages', async () => {
    const answer = await running.post('/v1/facts', [fact, { ...fact, factId: 'adapter-2' }]);
    expect([answer.status, answer.text]).toEqual([202, '{"accepted":2}']);
    const { value, record } =
      (await inbound()).find((i) => i.value.fields.fact?.includes('adapter-1')) ?? expect.fail();
    expect(record.key).toBe('tokenUniqueReference:DWSPMC77');
    expect(value).toMatchObject({ source: 'canonical', operation: 'TokenFact' });
    expect(JSON.parse(value.fields.fact as string)).toEqual({
      ...fact,
      tokenPan: undefined,
      card: sealer().cardReference('4111111111111111'),
      activation: { method: 'SMS' },
      device: { id: 'd-1' },
    });
    expect(Object.keys(value.sealed)).toEqual(['activation.codeSealed', 'activation.contactSealed', 'tokenPanSealed']);
    expect(await sealer().open('activation-code', value.sealed['activation.codeSealed'] as string)).toBe('918273');
  });

  it('are all taken or none, with the place of each fault', async () => {
    const before = (await inbound()).length;
    const bad = { ...fact, factId: 'adapter-4', occurredAt: 'yesterday', reasonCode: '4111 1111 1111 1111' };
    const answer = await running.post('/v1/facts', [{ ...fact, factId: 'adapter-3' }, 7, bad]);
    expect(answer.status).toBe(422);
    const paths = (answer.json().errors as { path: string }[]).map((e) => e.path);
    expect(paths.sort()).toEqual(['[1]', '[2].occurredAt', '[2].reasonCode']);
    expect(await inbound()).toHaveLength(before);
    expect((await letters()).filter((l) => l.source === 'canonical')).toHaveLength(1);
  });

  it('may bring values sealed by our keys, and no others', async () => {
    const codeSealed = await sealer().seal('activation-code', '112233');
    const ours = { ...fact, factId: 'adapter-5', activation: { codeSealed } };
    expect((await running.post('/v1/facts', ours)).status).toBe(202);
    const foreign = { ...ours, activation: { codeSealed: 'eyJhbGciOiJkaXIifQ..a.b.c' } };
    const answer = await running.post('/v1/facts', foreign);
    expect(answer.json().errors).toEqual([
      { path: 'activation.codeSealed', message: 'is not sealed by a key of this installation' },
    ]);
  });
});

describe('the cardholder directory', () => {
  it('keeps contacts sealed under every reference of a card', async () => {
    const answer = await running.put('/v1/cardholders', {
      cards: [
        { kind: 'threddPublicToken', value: 100000001 },
        { kind: 'pan', value: '4111111111111111' },
      ],
      email: 'someone@example.com',
      phone: '+447700900123',
      webhook: 'http://127.0.0.1:9/hook',
      push: 'app-of-someone-5f3c',
      locale: 'en_GB',
      programme: 'gold.2030',
    });
    expect([answer.status, answer.text]).toEqual([200, '{"stored":1}']);
    const docs = await deployed.collections.cardholders.find().toArray();
    expect(docs.map((d) => d._id).sort()).toEqual([
      sealer().cardReference('4111111111111111').ref,
      'threddPublicToken:100000001',
    ]);
    for (const doc of docs) {
      expect([doc.locale, doc.programme]).toEqual(['en-GB', 'gold.2030']);
      expect(await sealer().open('contact', doc.emailSealed as string)).toBe('someone@example.com');
      expect(await sealer().open('contact', doc.phoneSealed as string)).toBe('+447700900123');
      expect(await sealer().open('contact', doc.pushSealed as string)).toBe('app-of-someone-5f3c');
    }
    expect(JSON.stringify(docs)).not.toMatch(/someone@|447700900123|4111111111111111|app-of-someone/);
  });

  it('replaces an entry as a whole', async () => {
    await running.put('/v1/cardholders', [
      { cards: [{ kind: 'panReferenceId', value: 'V-1' }], email: 'a@example.com' },
    ]);
    await running.put('/v1/cardholders', [
      { cards: [{ kind: 'panReferenceId', value: 'V-1' }], phone: '+447700900123' },
    ]);
    const doc = await deployed.collections.cardholders.findOne({ _id: 'panReferenceId:V-1' });
    expect(Object.keys(doc ?? {}).sort()).toEqual(['_id', 'phoneSealed', 'updatedAt']);
  });

  it.each([
    ['cards', {}],
    ['cards[0].kind', { cards: [{ kind: 'iban', value: '1' }] }],
    ['cards[0].value', { cards: [{ kind: 'pan', value: '4111111111111112' }] }],
    ['cards[0].value', { cards: [{ kind: 'threddPublicToken', value: '4111111111111111' }] }],
    ['email', { cards: [{ kind: 'panReferenceId', value: 'V-2' }], email: 'someone' }],
    ['phone', { cards: [{ kind: 'panReferenceId', value: 'V-2' }], phone: '07700 900123' }],
    ['webhook', { cards: [{ kind: 'panReferenceId', value: 'V-2' }], webhook: 'http://example.com/' }],
    ['push', { cards: [{ kind: 'panReferenceId', value: 'V-2' }], push: 'an app with blanks' }],
    ['locale', { cards: [{ kind: 'panReferenceId', value: 'V-2' }], locale: 'not a language' }],
    ['programme', { cards: [{ kind: 'panReferenceId', value: 'V-2' }], programme: 'gold 2030' }],
    ['programme', { cards: [{ kind: 'panReferenceId', value: 'V-2' }], programme: '447700900123' }],
    ['name', { cards: [{ kind: 'panReferenceId', value: 'V-2' }], name: 'Someone' }],
  ])('refuses a wrong %s', async (path, body) => {
    const answer = await running.put('/v1/cardholders', body);
    expect(answer.status).toBe(422);
    expect((answer.json().errors as { path: string }[]).map((e) => e.path)).toContain(path);
  });
});

describe('redriving dead letters', () => {
  /** Stands for the projector, which keeps dead letters in MongoDB. */
  const project = async (letter: DeadLetter, changes = {}) => {
    const {
      deadLetterId: _id,
      receivedAt,
      failedAt,
      origin: _origin,
      contentType = '',
      original = '',
      ...rest
    } = letter;
    await deployed.collections.deadLetters.insertOne({
      _id,
      ...rest,
      contentType,
      original,
      receivedAt: new Date(receivedAt),
      failedAt: new Date(failedAt),
      occurrences: [],
      state: 'OPEN',
      watermarks: {},
      ...changes,
    });
    return _id;
  };
  const letterOf = (body: string, id: string): Promise<DeadLetter> =>
    sealer()
      .seal('original', body)
      .then((original) => ({
        deadLetterId: id,
        stage: 'EDGE' as const,
        source: 'thredd-ehi',
        operation: 'GetTransaction',
        reasonCode: 'UNKNOWN_CREATOR',
        explanation: 'It was not known then.',
        errors: [],
        receivedAt: Date.UTC(2030, 0, 15, 10, 0, 1),
        failedAt: Date.UTC(2030, 0, 15, 10, 0, 2),
        contentType: 'application/json',
        headers: {},
        original,
      }));

  it('sends what can be read now through the same door, with the time it first came, and tells what became of each', async () => {
    const good = await project(await letterOf(asJson(ehiMessages.tar(token, 4001, '00')), 'letter-good'));
    const bad = await project(await letterOf('{}', 'letter-bad'));
    const done = await project(await letterOf('{}', 'letter-done'), { state: 'REDRIVEN' });
    const answer = await running.post('/v1/dead-letters/redrive', { ids: [good, bad, done, 'letter-none'] });
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({ redriven: 1, failed: 2 });
    expect(answer.json().items).toEqual(
      expect.arrayContaining([
        { deadLetterId: good, accepted: true },
        { deadLetterId: bad, accepted: false, reasonCode: 'FIELD_MISSING' },
        { deadLetterId: done, accepted: false, reasonCode: 'ALREADY_REDRIVEN' },
        { deadLetterId: 'letter-none', accepted: false, reasonCode: 'NOT_FOUND' },
      ]),
    );
    const [message] = (await inbound()).filter((i) => i.value.fields.TXn_ID === '4001');
    expect(message?.value).toMatchObject({ receivedAt: Date.UTC(2030, 0, 15, 10, 0, 1), redriveOf: good });
    const records = await readTopic(deployed, 'token.dead-letters', 'tokenline.deadletters.DeadLetterRedriven');
    expect(records.map((r) => r.value)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ deadLetterId: good, accepted: true, inboundId: message?.value.inboundId }),
        expect.objectContaining({ deadLetterId: bad, accepted: false, reasonCode: 'FIELD_MISSING' }),
      ]),
    );
    expect(records.every((r) => r.record.key === r.value.deadLetterId)).toBe(true);
  });

  it('chooses by reason and time, open letters only', async () => {
    await project(await letterOf(asJson(ehiMessages.tar(token, 4002, '00')), 'letter-by-reason'), {
      reasonCode: 'INTERNAL',
    });
    await project(await letterOf('{}', 'letter-old'), { reasonCode: 'INTERNAL', failedAt: new Date(0) });
    const answer = await running.post('/v1/dead-letters/redrive', {
      reason: 'INTERNAL',
      since: '2030-01-01T00:00:00Z',
    });
    expect(answer.json()).toEqual({
      redriven: 1,
      failed: 0,
      items: [{ deadLetterId: 'letter-by-reason', accepted: true }],
    });
  });

  it('sends a letter once more when it is named with force', async () => {
    const id = await project(await letterOf(asJson(ehiMessages.tar(token, 4003, '00')), 'letter-forced'), {
      state: 'REDRIVEN',
    });
    expect((await running.post('/v1/dead-letters/redrive', { ids: [id], force: true })).json()).toMatchObject({
      redriven: 1,
    });
  });

  it('reports letters nothing can be made of', async () => {
    const foreign = { ...(await letterOf('{}', 'letter-foreign')), original: 'not.a.jwe' };
    const record = {
      ...(await letterOf(Buffer.from('rubbish').toString('base64'), 'letter-record')),
      source: 'tsp.inbound',
      contentType: 'application/vnd.confluent.avro; encoding=base64',
    };
    const ids = [await project(foreign), await project(record)];
    expect((await running.post('/v1/dead-letters/redrive', { ids })).json().items).toEqual(
      expect.arrayContaining([
        { deadLetterId: 'letter-foreign', accepted: false, reasonCode: 'NOT_REDRIVABLE' },
        { deadLetterId: 'letter-record', accepted: false, reasonCode: 'UNDECODABLE' },
      ]),
    );
  });

  it('refuses a request it does not understand', async () => {
    const answer = await running.post('/v1/dead-letters/redrive', { ids: 'all', since: 'monday', what: 1 });
    expect((answer.json().errors as { path: string }[]).map((e) => e.path)).toEqual(['ids', 'since', 'what']);
  });
});

it('nothing that came through these doors lies anywhere in clear', async () => {
  const canaries = [
    '4111111111111111',
    '4111110000000013',
    '447700900123',
    '447700900124',
    'someone@example.com',
    '918273',
  ];
  const pan = canaries[0] as string;
  for (const body of [
    `{"${pan}":{"a":1}}`,
    `{"PAN${pan}":"x","Proc_Code":"${pan}","PaymentToken_deviceName":"someone@example.com"}`,
    `{"Note":"${pan}`,
    `<Envelope><${pan}/></Envelope>`,
    asSoap(ehiFields(token, 5001, { Note: `call +447700900123`, Track2: pan })),
    asJson(ehiFields(token, 5002, { Merch_Name_DE43: `x ${pan}`, PaymentTokenPan: '4111110000000013' })),
  ]) {
    const answer = await running.post(ehi, body, { 'content-type': 'text/plain', traceparent: pan, 'x-name': pan });
    for (const canary of canaries) expect(answer.text).not.toContain(canary);
  }
  const kept: string[] = [await running.metrics.metrics()];
  for (const topic of ['tsp.inbound', 'token.dead-letters'] as const) {
    await deployed.stream.scan(topic, ({ key, value, headers }) => {
      kept.push(`${key} ${JSON.stringify(headers)} ${value?.toString('latin1')}`);
    });
  }
  for (const collection of await deployed.store.db.collections()) {
    kept.push(JSON.stringify(await collection.find().toArray()));
  }
  expect(kept.length).toBeGreaterThan(40);
  for (const canary of canaries) expect(kept.filter((text) => text.includes(canary))).toEqual([]);
});
