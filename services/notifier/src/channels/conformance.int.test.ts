/** One suite every channel passes, against a real SMTP server, a real HTTP server and a real folder; then what is particular to each. */
import { createHmac, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noticeText } from '@tokenline/domain';
import { SMTPServer } from 'smtp-server';
import { afterEach, describe, expect, it } from 'vitest';
import { createOutbox } from './outbox.js';
import type { Channel, Contact, Delivery } from './port.js';
import { createPush } from './push.js';
import { createSms } from './sms.js';
import { createSmtp } from './smtp.js';
import { createWebhook } from './webhook.js';

/** How the far side behaves: takes it, cannot now, will never, takes it and dies before it can say so, says nothing. */
type Mood = 'take' | 'busy' | 'refuse' | 'take-and-die' | 'silent';

/** What the far side got: the key it knows a repeat by, and everything as text. */
interface Taken {
  readonly key: string;
  readonly text: string;
}

interface FarSide {
  readonly channel: Channel;
  readonly contact: Contact;
  readonly be: (mood: Mood) => void | Promise<void>;
  readonly taken: () => Promise<readonly Taken[]>;
  /** Ends it, so that nobody is there. */
  readonly leave: () => Promise<void>;
}

const tokenId = '0c2f5ac9-7d5c-5c3e-8a51-4b2f0a5d8a11';
const secrets = ['ana.smith', 'ana.smith@inbox.example', '+447700900123', 'hook-of-ana', 'app-of-ana'];
const clock = { now: () => Date.UTC(2030, 0, 15, 10, 0, 12, 345) };
const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

function delivery(far: FarSide, id = tokenId): Delivery {
  const noticeId = `completion-${id}`;
  const subject = {
    wallet: 'APPLE',
    deviceName: 'Ana’s 📱',
    cardRef: 'threddPublicToken:100000001',
    cardLast4: '1234',
  };
  const dueAt = Date.UTC(2030, 0, 15, 10, 0, 9);
  return {
    noticeId,
    idempotencyKey: `${noticeId}:${far.channel.name}`,
    tokenId: id,
    kind: 'PROVISIONING_COMPLETED',
    dueAt,
    deadlineAt: dueAt + 1_800_000,
    subject,
    contact: far.contact,
    text: (form, brevity) => noticeText('PROVISIONING_COMPLETED', subject, dueAt, form, {}, { brevity }),
  };
}

/** A notice that tells a code, or that hides it when none is given. */
function codeDelivery(far: FarSide, code?: string): Delivery {
  const { subject, dueAt, ...rest } = delivery(far);
  const activation = { method: 'SMS', code, expiresAt: dueAt + 900_000 };
  return {
    ...rest,
    noticeId: 'activation-code-f1',
    kind: 'ACTIVATION_CODE',
    dueAt,
    subject,
    activation,
    text: (form, brevity) => noticeText('ACTIVATION_CODE', subject, dueAt, form, activation, { brevity }),
  };
}

const soon = () => AbortSignal.timeout(5_000);

async function mailServer(options: { readonly requireTls?: boolean } = {}): Promise<FarSide> {
  let mood: Mood = 'take';
  const mails: Taken[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onRcptTo: (address, _session, done) => {
      const refusal = (code: number, text: string) => done(Object.assign(new Error(text), { responseCode: code }));
      if (mood === 'busy') refusal(451, `4.7.1 <${address.address}> greylisted, try again`);
      else if (mood === 'refuse') refusal(550, `5.1.1 <${address.address}>: ana.smith unknown here`);
      else done();
    },
    onData: (stream, session, done) => {
      let text = '';
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      stream.on('end', () => {
        if (mood === 'silent') return;
        mails.push({
          key: /^Message-ID: (.+)$/im.exec(text)?.[1] ?? '',
          text: `${JSON.stringify(session.envelope)}\n${text}`,
        });
        if (mood === 'take') done(null, 'OK: queued as 4ABC9');
        else for (const connection of server.connections) connection._socket.destroy();
      });
    },
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.server.address() as AddressInfo;
  const channel = createSmtp({
    url: `smtp://127.0.0.1:${port}`,
    from: 'Card services <cards@bank.example>',
    requireTls: options.requireTls ?? false,
    maxConnections: 3,
  });
  let here = true;
  const leave = async () => {
    if (!here) return;
    here = false;
    for (const connection of server.connections) connection._socket.destroy();
    await new Promise<void>((resolve) => void server.close(() => resolve()));
  };
  ends.push(channel.close, leave);
  return {
    channel,
    contact: { email: 'ana.smith@inbox.example' },
    be: (next) => {
      mood = next;
    },
    taken: async () => mails,
    leave,
  };
}

interface Request {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface HttpFarSide extends FarSide {
  readonly requests: readonly Request[];
  /** Answers with this instead of what the mood says. */
  readonly answerWith: (answer: (response: ServerResponse) => void) => void;
}

/** The channels over HTTP. */
type ByHttp = 'webhook' | 'programme-webhook' | 'sms' | 'push';

function channelTo(url: string, name: ByHttp, secret: string | undefined): Pick<FarSide, 'channel' | 'contact'> {
  if (name === 'sms')
    return { channel: createSms({ url, secret, clock, segments: 3 }), contact: { phone: '+447700900123' } };
  if (name === 'push') return { channel: createPush({ url, secret, clock }), contact: { push: 'app-of-ana-5f3c' } };
  const programmeUrl = name === 'programme-webhook' ? url : undefined;
  return {
    channel: createWebhook({ programmeUrl, secret, allowPlainHttp: true, clock }),
    contact: programmeUrl === undefined ? { webhook: url } : {},
  };
}

async function httpServer(name: ByHttp, secret?: string): Promise<HttpFarSide> {
  let mood: Mood = 'take';
  let answer: ((response: ServerResponse) => void) | undefined;
  const requests: Request[] = [];
  const takenOnes: Taken[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      requests.push({ headers: request.headers, body });
      const take = () => takenOnes.push({ key: String(request.headers['idempotency-key']), text: body });
      if (answer !== undefined) return answer(response);
      if (mood === 'take') {
        take();
        response.writeHead(202, { 'content-type': 'application/json' }).end('{"id":"msg_4ABC9"}');
      } else if (mood === 'take-and-die') {
        take();
        response.destroy();
      } else if (mood !== 'silent') {
        const words = 'cannot reach ana.smith@inbox.example (+447700900123)';
        response.writeHead(mood === 'busy' ? 503 : 422, words.replaceAll('@', ' ')).end(words);
      }
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', () => resolve()));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook-of-ana`;
  const { channel, contact } = channelTo(url, name, secret);
  const leave = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  ends.push(leave);
  return {
    channel,
    contact,
    be: (next) => {
      mood = next;
    },
    taken: async () => takenOnes,
    leave,
    requests,
    answerWith: (next) => {
      answer = next;
    },
  };
}

async function folder(): Promise<FarSide & { readonly path: string }> {
  const home = await mkdtemp(join(tmpdir(), 'tokenline-outbox-'));
  const path = join(home, 'outbox');
  ends.push(() => rm(home, { recursive: true, force: true }));
  const block = async () => {
    await rm(path, { recursive: true, force: true });
    await writeFile(path, 'not a folder');
  };
  return {
    path,
    channel: createOutbox(path),
    contact: { email: 'ana.smith@inbox.example', phone: '+447700900123', webhook: 'https://hook-of-ana.example/x' },
    be: async (mood) => {
      if (mood === 'busy') await block();
      else await rm(path, { recursive: true, force: true });
    },
    taken: async () => {
      const names = await readdir(path).catch(() => []);
      const texts = await Promise.all(names.map((name) => readFile(join(path, name), 'utf8')));
      return texts.map((text) => ({ key: /^Idempotency-Key: (.+)$/m.exec(text)?.[1] ?? '', text }));
    },
    leave: block,
  };
}

interface Features {
  /** It can say that it will never take a message. */
  readonly refuses: boolean;
  /** A repeat replaces what is there. */
  readonly replaces: boolean;
  /** There is a wire that can break or stay silent. */
  readonly wire: boolean;
}

const wired: Features = { refuses: true, replaces: false, wire: true };

describe.each<[string, () => Promise<FarSide>, Features]>([
  ['smtp', mailServer, wired],
  ['sms', () => httpServer('sms', 'a shared secret'), wired],
  ['push', () => httpServer('push', 'a shared secret'), wired],
  ['webhook', () => httpServer('webhook'), wired],
  ['programme-webhook', () => httpServer('programme-webhook', 'a shared secret'), wired],
  ['outbox', folder, { refuses: false, replaces: true, wire: false }],
])('channel %s', (name, make, features) => {
  it('hands the message over, and says by its own name and reference that it did', async () => {
    const far = await make();
    expect(far.channel.name).toBe(name);
    const answer = await far.channel.send(delivery(far), soon());
    expect(answer).toMatchObject({
      outcome: expect.stringMatching(/^(ACCEPTED|DELIVERED)$/),
      providerReference: expect.any(String),
    });
    const taken = await far.taken();
    expect(taken).toHaveLength(1);
    expect(taken[0]?.text).toContain('Apple Pay');
  });

  it('carries one key through every try of a notice, and another for another notice', async () => {
    const far = await make();
    await far.channel.send(delivery(far), soon());
    await far.channel.send(delivery(far), soon());
    await far.channel.send(delivery(far, 'another-token'), soon());
    const keys = (await far.taken()).map((t) => t.key);
    expect(keys).toHaveLength(features.replaces ? 2 : 3);
    expect(new Set(keys).size).toBe(2);
    for (const key of keys) expect(key).toMatch(/completion-/);
  });

  it('answers FAILED when the far side cannot now, and gets through when it can again', async () => {
    const far = await make();
    await far.be('busy');
    expect(await far.channel.send(delivery(far), soon())).toMatchObject({
      outcome: 'FAILED',
      reason: expect.any(String),
    });
    await far.be('take');
    expect((await far.channel.send(delivery(far), soon())).outcome).toMatch(/ACCEPTED|DELIVERED/);
  });

  it('answers FAILED when nobody is there', async () => {
    const far = await make();
    await far.leave();
    expect(await far.channel.send(delivery(far), soon())).toMatchObject({ outcome: 'FAILED' });
  });

  it.runIf(features.refuses)('answers REJECTED when the far side will never take it', async () => {
    const far = await make();
    await far.be('refuse');
    expect(await far.channel.send(delivery(far), soon())).toMatchObject({ outcome: 'REJECTED' });
    expect(await far.taken()).toHaveLength(0);
  });

  it.runIf(features.wire)(
    'answers FAILED, once, when the far side takes it and dies before it can say so; the next try has the same key',
    async () => {
      const far = await make();
      await far.be('take-and-die');
      expect(await far.channel.send(delivery(far), soon())).toMatchObject({ outcome: 'FAILED' });
      expect(await far.taken()).toHaveLength(1);
      await far.be('take');
      expect(await far.channel.send(delivery(far), soon())).toMatchObject({ outcome: 'ACCEPTED' });
      const taken = await far.taken();
      expect(taken).toHaveLength(2);
      expect(taken[1]?.key).toBe(taken[0]?.key);
    },
  );

  it.runIf(features.wire)('gives up when told to, on a far side that stays silent', async () => {
    const far = await make();
    await far.be('silent');
    const answer = await far.channel.send(delivery(far), AbortSignal.timeout(300));
    expect(answer).toMatchObject({ outcome: 'FAILED' });
  });

  it('lets no contact detail into an answer, whatever the far side echoes', async () => {
    const far = await make();
    const answers = [];
    for (const mood of ['take', 'busy', 'refuse'] as const) {
      await far.be(mood);
      answers.push(await far.channel.send(delivery(far), soon()));
    }
    await far.leave();
    answers.push(await far.channel.send(delivery(far), soon()));
    const said = JSON.stringify(answers);
    for (const secret of secrets) expect(said).not.toContain(secret);
    expect(said).not.toContain('127.0.0.1');
  });
});

describe('smtp', () => {
  it('sends one mail to one address, in both forms, under a Message-ID made of the notice', async () => {
    const far = await mailServer();
    await far.channel.send(delivery(far), soon());
    const [mail] = await far.taken();
    expect(mail?.key).toBe(`<completion-${tokenId}@bank.example>`);
    expect(mail?.text).toMatch(/^To: ana\.smith@inbox\.example$/m);
    expect(mail?.text).toMatch(/^Auto-Submitted: auto-generated$/m);
    expect(mail?.text).toMatch(/^Subject: Your card ending 1234 is ready in Apple Pay$/m);
    expect(mail?.text).toContain('text/plain');
    expect(mail?.text).toContain('text/html');
  });

  it('names code and enhanced code of a refusal', async () => {
    const far = await mailServer();
    await far.be('refuse');
    expect(await far.channel.send(delivery(far), soon())).toEqual({ outcome: 'REJECTED', reason: 'smtp-550 5.1.1' });
    await far.be('busy');
    expect(await far.channel.send(delivery(far), soon())).toEqual({ outcome: 'FAILED', reason: 'smtp-451 4.7.1' });
  });

  it.each(['ana@a.example, eve@b.example', 'ana@a.example\r\nBcc: eve@b.example', '<ana@a.example>', 'ana', ''])(
    'refuses what is not exactly one address: %j',
    async (email) => {
      const far = await mailServer();
      const answer = await far.channel.send({ ...delivery(far), contact: { email } }, soon());
      expect(answer).toEqual({ outcome: 'REJECTED', reason: 'invalid-address' });
      expect(await far.taken()).toHaveLength(0);
    },
  );

  it('sends nothing in clear where TLS is required', async () => {
    const far = await mailServer({ requireTls: true });
    expect(await far.channel.send(delivery(far), soon())).toMatchObject({ outcome: 'FAILED' });
    expect(await far.taken()).toHaveLength(0);
  });
});

describe('webhook', () => {
  it('signs as Standard Webhooks does, over exactly the bytes sent', async () => {
    const key = Buffer.from('0123456789abcdef0123456789abcdef');
    const far = await httpServer('programme-webhook', `whsec_${key.toString('base64')}`);
    await far.channel.send(delivery(far), soon());
    const { headers, body } = far.requests[0] as Request;
    expect(headers['webhook-id']).toBe(`completion-${tokenId}`);
    expect(headers['webhook-timestamp']).toBe(String(Date.UTC(2030, 0, 15, 10, 0, 12) / 1_000));
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  });

  it('says all it knows, in the same bytes each time, and no contact', async () => {
    const far = await httpServer('programme-webhook');
    await far.channel.send(delivery(far), soon());
    await far.channel.send(delivery(far), soon());
    const [first, second] = far.requests.map((r) => r.body);
    expect(first).toBe(second);
    expect(far.requests[0]?.headers['webhook-signature']).toBeUndefined();
    expect(JSON.parse(first as string)).toEqual({
      type: 'notice.provisioning_completed',
      timestamp: '2030-01-15T10:00:09.000Z',
      data: {
        noticeId: `completion-${tokenId}`,
        kind: 'PROVISIONING_COMPLETED',
        tokenId,
        dueAt: '2030-01-15T10:00:09.000Z',
        deadlineAt: '2030-01-15T10:30:09.000Z',
        wallet: 'APPLE',
        device: { name: 'Ana’s 📱' },
        card: { ref: 'threddPublicToken:100000001', last4: '1234' },
        subject: 'Your card ending 1234 is ready in Apple Pay',
        body: expect.stringContaining('“Ana’s 📱”'),
      },
    });
  });

  it.each<[number, string]>([
    [301, 'REJECTED'],
    [307, 'REJECTED'],
    [400, 'REJECTED'],
    [401, 'FAILED'],
    [404, 'FAILED'],
    [409, 'FAILED'],
    [410, 'REJECTED'],
    [422, 'REJECTED'],
    [429, 'FAILED'],
    [500, 'FAILED'],
  ])('takes an answer of %i as %s', async (status, outcome) => {
    const far = await httpServer('programme-webhook');
    far.answerWith((response) => response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end('no'));
    expect(await far.channel.send(delivery(far), soon())).toMatchObject({ outcome, reason: `http-${status}` });
    expect(far.requests).toHaveLength(1);
  });

  it('passes on how long to wait', async () => {
    const far = await httpServer('programme-webhook');
    far.answerWith((response) => response.writeHead(429, { 'retry-after': '30' }).end());
    expect(await far.channel.send(delivery(far), soon())).toMatchObject({ retryAfterMs: 30_000 });
  });

  it.each<[string, string, string | undefined]>([
    ['{"id":"m-1","delivered":true}', 'DELIVERED', 'm-1'],
    ['{"id":"ana@inbox.example"}', 'ACCEPTED', undefined],
    ['{"id":"447700900123"}', 'ACCEPTED', undefined],
    ['null', 'ACCEPTED', undefined],
    ['not json', 'ACCEPTED', undefined],
    [JSON.stringify({ id: 'm-2', more: 'x'.repeat(20_000) }), 'ACCEPTED', undefined],
  ])('reads what a taker says, and no more: %.40s', async (body, outcome, providerReference) => {
    const far = await httpServer('programme-webhook');
    far.answerWith((response) => response.writeHead(200).end(body));
    expect(await far.channel.send(delivery(far), soon())).toEqual({ outcome, providerReference });
  });

  it.each(['ftp://x.example/', 'not a url', 'http://user:secret@x.example/', ''])(
    'refuses a cardholder endpoint it may not use: %j',
    async (webhook) => {
      const far = await httpServer('webhook');
      const answer = await far.channel.send({ ...delivery(far), contact: { webhook } }, soon());
      expect(answer).toEqual({ outcome: 'REJECTED', reason: 'invalid-address' });
    },
  );

  it('takes only https from a cardholder outside local mode', async () => {
    const far = await httpServer('webhook');
    const strict = createWebhook({ allowPlainHttp: false, clock });
    expect(await strict.send(delivery(far), soon())).toEqual({ outcome: 'REJECTED', reason: 'invalid-address' });
    expect(far.requests).toHaveLength(0);
  });
});

describe('webhook, with a code', () => {
  it('hands it to a programme that sends by itself, with the method chosen', async () => {
    const far = await httpServer('programme-webhook');
    await far.channel.send(codeDelivery(far, '004321'), soon());
    expect(JSON.parse(far.requests[0]?.body as string)).toMatchObject({
      type: 'notice.activation_code',
      data: {
        activation: { method: 'SMS', code: '004321', expiresAt: '2030-01-15T10:15:09.000Z' },
        subject: expect.not.stringContaining('004321'),
        body: expect.stringContaining('004321 is your code'),
      },
    });
  });

  it('hands it to nobody in clear outside local mode', async () => {
    const far = await httpServer('programme-webhook');
    const strict = createWebhook({ programmeUrl: 'http://127.0.0.1:1/', allowPlainHttp: false, clock });
    const answer = await strict.send(codeDelivery(far, '004321'), soon());
    expect(answer).toEqual({ outcome: 'REJECTED', reason: 'not-https' });
  });
});

describe('sms', () => {
  it('asks the gateway for one paragraph to one number, signed', async () => {
    const key = Buffer.from('0123456789abcdef0123456789abcdef');
    const far = await httpServer('sms', `whsec_${key.toString('base64')}`);
    expect(await far.channel.send(codeDelivery(far, '004321'), soon())).toEqual({
      outcome: 'ACCEPTED',
      providerReference: 'msg_4ABC9',
    });
    const { headers, body } = far.requests[0] as Request;
    expect(JSON.parse(body)).toEqual({
      to: '+447700900123',
      // The emoji would make four segments of it: the name is left out.
      text:
        '004321 is your code for adding your card ending 1234 to Apple Pay. It is good until 15 January 2030 at 10:15 UTC. ' +
        'Never tell it to anybody. Not adding a card? Call the number on the back of your card at once.',
      reference: 'activation-code-f1',
      encoding: 'GSM-7',
      segments: 2,
    });
    const signed = `activation-code-f1.${headers['webhook-timestamp']}.${body}`;
    expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  });

  it.each(['07700900123', '+44 7700 900123', '+44*****0123', '+1234567890123456', '+447700900123,+447700900124', ''])(
    'refuses what is not exactly one number: %j',
    async (phone) => {
      const far = await httpServer('sms');
      const answer = await far.channel.send({ ...delivery(far), contact: { phone } }, soon());
      expect(answer).toEqual({ outcome: 'REJECTED', reason: 'invalid-address' });
      expect(far.requests).toHaveLength(0);
    },
  );
});

describe('push', () => {
  it('asks for title and body on the app, signed', async () => {
    const key = Buffer.from('0123456789abcdef0123456789abcdef');
    const far = await httpServer('push', `whsec_${key.toString('base64')}`);
    expect(await far.channel.send({ ...delivery(far), locale: 'en-GB' }, soon())).toMatchObject({
      outcome: 'ACCEPTED',
    });
    const { headers, body } = far.requests[0] as Request;
    expect(JSON.parse(body)).toEqual({
      device: 'app-of-ana-5f3c',
      title: 'Your card ending 1234 is ready in Apple Pay',
      body: 'Added on “Ana’s 📱” on 15 January 2030 at 10:00 UTC. Not you? Call the number on the back of your card at once.',
      reference: `completion-${tokenId}`,
      data: { kind: 'PROVISIONING_COMPLETED', tokenId, dueAt: '2030-01-15T10:00:09.000Z', locale: 'en-GB' },
    });
    const signed = `completion-${tokenId}.${headers['webhook-timestamp']}.${body}`;
    expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  });

  it.each(['short', 'with a blank in it', 'with\nbreak', ''])('refuses what is no address: %j', async (push) => {
    const far = await httpServer('push');
    const answer = await far.channel.send({ ...delivery(far), contact: { push } }, soon());
    expect(answer).toEqual({ outcome: 'REJECTED', reason: 'invalid-address' });
    expect(far.requests).toHaveLength(0);
  });
});

describe('outbox', () => {
  it('says that a code is hidden', async () => {
    const far = await folder();
    await far.channel.send(codeDelivery(far), soon());
    const [file] = await far.taken();
    expect(file?.text).toContain('\n•••••• is your code for adding your card ending 1234');
    expect(file?.text).toMatch(/\n•••••• stands for the code, which is never written to a file\.\n$/);
  });

  it('keeps one readable file for each notice, with contacts masked', async () => {
    const far = await folder();
    await far.channel.send(delivery(far), soon());
    expect(await readdir(far.path)).toEqual([`completion-${tokenId}.txt`]);
    expect(await readFile(join(far.path, `completion-${tokenId}.txt`), 'utf8')).toBe(
      [
        'To: a***@i***, +44*****123, https://h***',
        'Subject: Your card ending 1234 is ready in Apple Pay',
        `Notice: completion-${tokenId}`,
        `Idempotency-Key: completion-${tokenId}:outbox`,
        'Kind: PROVISIONING_COMPLETED',
        'Due: 2030-01-15T10:00:09.000Z',
        'Deadline: 2030-01-15T10:30:09.000Z',
        '',
        'Your card ending 1234 was added to Apple Pay on “Ana’s 📱” on 15 January 2030 at 10:00 UTC and is ready to pay.',
        '',
        'If this was not you, call the number on the back of your card at once.',
        '',
      ].join('\n'),
    );
  });

  it('leaves no drafts behind when many write the same notice at once', async () => {
    const far = await folder();
    const others = createOutbox(far.path);
    await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? far.channel : others).send(delivery(far), soon())));
    expect(await readdir(far.path)).toEqual([`completion-${tokenId}.txt`]);
  });

  it('clears away drafts that a killed process left, and nothing else', async () => {
    const far = await folder();
    await mkdir(far.path, { recursive: true });
    const [left, fresh] = [`.completion-a.txt.${randomUUID()}`, `.completion-b.txt.${randomUUID()}`];
    for (const name of [left, fresh, '.gitignore']) await writeFile(join(far.path, name), 'half a');
    const before = new Date(Date.now() - 120_000);
    for (const name of [left, '.gitignore']) await utimes(join(far.path, name), before, before);
    await far.channel.send(delivery(far), soon());
    expect((await readdir(far.path)).sort()).toEqual(['.gitignore', fresh, `completion-${tokenId}.txt`].sort());
  });

  it('says when there is no known contact', async () => {
    const far = await folder();
    await far.channel.send({ ...delivery(far), contact: {} }, soon());
    expect((await far.taken())[0]?.text).toMatch(/^To: \(no known contact\)$/m);
  });
});
