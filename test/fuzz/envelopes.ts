/** The networks' envelopes, whole and broken: other algorithms, other keys, other times, cut short, or another network's altogether. */
import { generateMdesPair, generateVtsPair, makeVtsEnvelope, sealMdes } from '@tokenline/envelopes';
import fc from 'fast-check';

export type Twist =
  | 'none'
  | 'stranger'
  | 'stranger under our name'
  | 'GCM'
  | 'SHA512'
  | 'zero iv'
  | 'cut short'
  | 'bit flipped'
  | 'without a part'
  | 'too old'
  | 'too early'
  | 'timeless'
  | 'unsigned'
  | 'signed twice'
  | 'the other network’s'
  | 'in clear';

export const twist: fc.Arbitrary<Twist> = fc.oneof(
  { weight: 16, arbitrary: fc.constant<Twist>('none') },
  { weight: 2, arbitrary: fc.constantFrom<Twist>('GCM', 'SHA512', 'zero iv') },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Twist>(
      'stranger',
      'stranger under our name',
      'cut short',
      'bit flipped',
      'without a part',
      'too old',
      'too early',
      'timeless',
      'unsigned',
      'signed twice',
      'the other network’s',
      'in clear',
    ),
  },
);

export interface Networks {
  /** What makes a system under test the issuer of both. */
  readonly env: NodeJS.ProcessEnv;
  readonly mdes: (text: string, twist: Twist, at: number) => unknown;
  readonly vts: (text: string, twist: Twist, now: number, at: number) => Promise<unknown>;
}

/** Both networks, with keys of this run. */
export function createNetworks(): Networks {
  const mdesPair = generateMdesPair();
  const vtsPair = generateVtsPair();
  const strangers = { mdes: generateMdesPair().recipient, vts: generateVtsPair().sender };
  return {
    env: { TOKENLINE_MDES_KEYS: mdesPair.keys, TOKENLINE_VTS_KEYS: vtsPair.keys },
    mdes: (text, how, at) => {
      const { recipient } = mdesPair;
      const { publicKey } = strangers.mdes;
      switch (how) {
        case 'stranger':
          return sealMdes(text, strangers.mdes);
        case 'stranger under our name':
          return sealMdes(text, { ...recipient, publicKey });
        case 'GCM':
          return sealMdes(text, { ...recipient, cipherMode: 'GCM' }, { keyBits: 256, aad: Buffer.from('aad') });
        case 'SHA512':
          return sealMdes(text, { ...recipient, oaepHash: 'SHA512' });
        case 'zero iv':
          return sealMdes(text, recipient, { iv: null });
        case 'cut short': {
          const envelope = sealMdes(text, recipient);
          return { ...envelope, encryptedData: envelope.encryptedData.slice(0, at % envelope.encryptedData.length) };
        }
        case 'bit flipped': {
          const envelope = sealMdes(text, recipient);
          return { ...envelope, encryptedData: flipped(envelope.encryptedData, at, '0123456789abcdef') };
        }
        case 'without a part': {
          const parts = Object.entries(sealMdes(text, { ...recipient, cipherMode: at % 2 === 0 ? 'GCM' : 'CBC' }));
          return Object.fromEntries(parts.filter((_part, n) => n !== at % parts.length));
        }
        case 'the other network’s':
          return `eyJhbGciOiJQUzI1NiJ9.${Buffer.from(text).toString('base64url')}.x`;
        case 'in clear':
          return text;
        case 'none':
        case 'too old':
        case 'too early':
        case 'timeless':
        case 'unsigned':
        case 'signed twice':
          return sealMdes(text, recipient);
      }
    },
    vts: async (text, how, now, at) => {
      const { sender } = vtsPair;
      const made = (by = sender, issuedAt = now, inner = text) => makeVtsEnvelope(inner, by, { issuedAt });
      switch (how) {
        case 'stranger':
          return made(strangers.vts);
        case 'stranger under our name':
          return made({ ...sender, recipient: { ...sender.recipient, key: strangers.vts.recipient.key } });
        case 'cut short': {
          const envelope = await made();
          return envelope.slice(0, at % envelope.length);
        }
        case 'bit flipped':
          return flipped(await made(), at, 'ABCDwxyz0189-_.=');
        case 'without a part':
          return (await made())
            .split('.')
            .filter((_part, n) => n !== at % 3)
            .join('.');
        case 'too old':
          return made(sender, now - 2 * 3_600_000);
        case 'too early':
          return made(sender, now + 3_600_000);
        case 'timeless':
          return made(sender, Number.NaN);
        case 'unsigned': {
          const [, payload] = (await made()).split('.');
          const none = Buffer.from('{"alg":"none","kid":"visa-1"}').toString('base64url');
          return `${none}.${payload}.`;
        }
        case 'signed twice':
          return made(sender, now, await made());
        case 'the other network’s':
          return sealMdes(text, mdesPair.recipient);
        case 'in clear':
          return text;
        case 'none':
        case 'GCM':
        case 'SHA512':
        case 'zero iv':
          return made();
      }
    },
  };
}

/** One character put in place of another. */
function flipped(text: string, at: number, alphabet: string): string {
  const place = at % Math.max(text.length, 1);
  return `${text.slice(0, place)}${alphabet[at % alphabet.length]}${text.slice(place + 1)}`;
}
