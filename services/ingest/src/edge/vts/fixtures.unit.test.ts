/**
 * The contract fixtures of fixtures/vts, all of them: each request, wrapped in a real envelope, is answered and understood as its files say.
 * With TOKENLINE_WRITE_FIXTURES=1 the answers and facts are written instead of compared: to be read before they are committed.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { generateVtsPair } from '@tokenline/envelopes';
import { createSealer, parseKeySet } from '@tokenline/sealing';
import type { CardholderDoc } from '@tokenline/store';
import { expect, it } from 'vitest';
import { parsePolicy } from '../../decision/policy.js';
import { sealingKeys, shownFact } from '../given.js';
import { factsOf, startVts } from './given.js';

interface Request {
  /** Behind /v1/inbound/vts/. */
  readonly target: string;
  readonly body: object;
  /** When it came; when it was signed, the same unless given. ISO 8601. */
  readonly receivedAt?: string;
  readonly signedAt?: string;
  /** Whose key it is signed with or encrypted for, where that is not as it should be. */
  readonly signedBy?: 'stranger' | 'unknown key id';
  readonly encryptedFor?: 'stranger';
  /** Characters added to the body. */
  readonly padding?: number;
  readonly unconfigured?: true;
}

const folder = resolve(import.meta.dirname, '../../../fixtures/vts');
const cases = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => basename(path) === 'request.json')
  .map((path) => dirname(path))
  .sort();
const writing = process.env.TOKENLINE_WRITE_FIXTURES === '1';
const stranger = generateVtsPair().sender;
const policy = parsePolicy(readFileSync(join(folder, 'policy.json'), 'utf8'));
const sealer = createSealer(parseKeySet(sealingKeys));

it('there are fixtures for every operation, and negative ones', () => {
  expect(new Set(cases.map((path) => path.split('/')[0]))).toEqual(
    new Set([
      'approveProvisioning',
      'cardMetadataNotification',
      'checkEligibility',
      'deviceBinding',
      'panNotification',
      'pushProvisioningStatus',
      'refused',
      'retrieveStepUpMethods',
      'sendPasscode',
      'tokenChanged',
    ]),
  );
});

it.each(cases)('%s', async (path) => {
  const read = (name: string): unknown => {
    const file = join(folder, path, name);
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  };
  const request = read('request.json') as Request;
  const receivedAt = Date.parse(request.receivedAt ?? '2030-01-16T11:00:00.500Z');
  const edge = startVts({
    policy,
    cardholders: await directory(),
    now: () => receivedAt,
    configured: request.unconfigured !== true,
  });
  const signer = {
    stranger: { ...stranger.signer, kid: edge.sender.signer.kid },
    'unknown key id': { ...edge.sender.signer, kid: 'visa-unheard-of' },
  };
  const body = await edge.sealed(request.body, read('opened.json'), {
    issuedAt: Date.parse(request.signedAt ?? new Date(receivedAt).toISOString()),
    sender: {
      recipient: request.encryptedFor === 'stranger' ? stranger.recipient : edge.sender.recipient,
      signer: request.signedBy === undefined ? edge.sender.signer : signer[request.signedBy],
    },
  });
  const answer = await edge.post(request.target, body + ' '.repeat(request.padding ?? 0));
  const [letter] = edge.letters();
  const response = {
    status: answer.status,
    body: answer.text === '' ? '' : JSON.parse(answer.text),
    ...(letter !== undefined && {
      deadLetter: { operation: letter.operation, reasonCode: letter.reasonCode, errors: letter.errors },
    }),
  };
  const facts = await Promise.all(
    edge
      .messages()
      .flatMap(factsOf)
      .map((fact) => shownFact(fact, sealer)),
  );
  await edge.close();

  expect(edge.letters().length + edge.messages().length, 'taken or put aside, and once').toBeLessThanOrEqual(1);
  for (const [name, is] of Object.entries({ 'response.json': response, 'facts.json': facts })) {
    if (writing) writeFileSync(join(folder, path, name), `${JSON.stringify(is, null, 2)}\n`);
    else expect(is, `${path}/${name}`).toEqual(read(name));
  }
});

/** One cardholder, with phone and e-mail address: the holder of the card every fixture is about. */
async function directory(): Promise<readonly CardholderDoc[]> {
  const { _id, phone, email } = {
    _id: sealer.cardReference('4111111111111111').ref,
    phone: '+447700900123',
    email: 'test.cardholder@example.com',
  };
  return [
    {
      _id,
      phoneSealed: await sealer.seal('contact', phone),
      emailSealed: await sealer.seal('contact', email),
      updatedAt: new Date(0),
    },
  ];
}
