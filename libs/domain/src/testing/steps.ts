/** What sources say of a token, step by step: how its provisioning goes, and what happens to it afterwards. */
import fc from 'fast-check';
import type { DeadlinePurpose } from '../generated/records.js';
import { canonicalLine, deadlineLine, ehiLine, type Saying, type StoryLine } from './story.js';

/** One thing a source says. */
export type Step = (saying: Saying) => StoryLine;
type Fields = Readonly<Record<string, string | undefined>>;

const ehi =
  (fields: Fields): Step =>
  (saying) =>
    ehiLine(saying, fields);
const canonical =
  (fact: Readonly<Record<string, unknown>>): Step =>
  (saying) =>
    canonicalLine(saying, fact);

const status = (letter: string | undefined): Fields => ({ PaymentToken_creatorStatus: letter });
const by = (source: string): Fields => ({ Message_Source: source });

const tar = (code: string): Step => ehi({ Proc_Code: '330000', Message_Why: '71', Resp_Code_DE39: code });
const acn = (letter?: string): Step => ehi({ Proc_Code: '340000', ...status(letter) });
const tcn = (letter?: string, code = '00'): Step =>
  ehi({ Proc_Code: '350000', Resp_Code_DE39: code, ...status(letter) });
const ten = (why: number, letter?: string, more: Fields = {}): Step =>
  ehi({ Message_Why: String(why), ...status(letter), ...more });

const wrongCode = ten(54, 'I', { Resp_Code_DE39: '06' });

/** That so long after something a deadline has passed. */
const passed =
  (purpose: DeadlinePurpose, afterSeconds = 20): Step =>
  (saying) =>
    deadlineLine(saying, purpose, afterSeconds);
const abandoned = passed('TOKEN_ABANDONED', 60);

/** Ways a provisioning goes (visa-vts-and-thredd-ehi.md 5.4; seeds/1, 7.1 to 7.5). */
export const visaDevice: readonly (readonly Step[])[] = [
  [tar('00'), ten(71, 'A'), tcn('A')],
  [tar('00'), ten(71, 'A'), ten(72, 'A')],
  [tar('85'), ten(71, 'I'), acn('I'), tcn('I'), ten(73, 'A')],
  [tar('85'), ten(71, 'I'), tcn('I'), ten(74, 'A')],
  [tar('85'), ten(71, 'I'), tcn('I'), ten(75, 'A')],
  [tar('85'), ten(71, 'I'), acn('I'), tcn('I'), wrongCode],
  [tar('85'), ten(71, 'I'), acn('I'), tcn('I'), ten(53, 'I'), acn('I'), ten(73, 'A')],
  [tar('85'), wrongCode, wrongCode, tar('00'), ten(71, 'A'), tcn('A')],
  [tar('85'), ten(71, 'I'), ten(55, 'I'), tar('05')],
  [tar('85'), ten(71, 'I'), ten(73, 'I'), ten(74, 'I'), abandoned],
  [tar('85'), acn('I'), abandoned, tar('00'), ten(71, 'A'), tcn('A')],
  [tar('05')],
];
export const visaRemote: readonly (readonly Step[])[] = [
  [tar('00'), ten(71, 'A')],
  [tar('85'), ten(71, 'I'), ten(73, 'A')],
  [tar('05')],
];
export const mastercard: readonly (readonly Step[])[] = [
  [tar('00'), tcn()],
  [tar('00'), tcn('A')],
  [tar('85'), acn(), tcn('A')],
  [tar('85'), acn(), ten(54, 'I'), acn(), tcn('A')],
  [tar('00'), tcn(undefined, '06')],
  [tar('05')],
];

const sources = ['ISSUER', 'WALLET', 'CRDHLR', 'VISA-T'];
const parties = ['ISSUER', 'CARDHOLDER', 'TOKEN_REQUESTOR'];
const source = fc.constantFrom(...sources);
const letter = fc.constantFrom(undefined, 'A', 'I', 'S', 'D', 'X', 'N');

/** What happens in a token's later life, and what nobody expects. */
export const laterStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(source, fc.constantFrom(undefined, 'S')).map(([s, l]) => ten(81, l, by(s))) },
  { weight: 4, arbitrary: fc.tuple(source, fc.constantFrom(undefined, 'A', 'S')).map(([s, l]) => ten(80, l, by(s))) },
  { weight: 2, arbitrary: fc.tuple(source, letter).map(([s, l]) => ten(51, l, by(s))) },
  { weight: 1, arbitrary: source.map((s) => ten(82, 'X', by(s))) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom(52, 78, 79, 95),
        fc.constantFrom(undefined, 'A'),
        fc.constantFrom('2034-06-30', '2035-01-31'),
      )
      .map(([why, l, date]) => ten(why, l, { PaymentToken_expdate: date })),
  },
  { weight: 1, arbitrary: fc.constantFrom(76, 84, 85, 86, 91).map((why) => ten(why, 'A')) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('STATUS_REPORTED', 'TOKEN_SUSPENDED', 'TOKEN_RESUMED'), fc.subarray(parties))
      .map(([kind, suspenders]) => canonical({ kind, suspenders })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom('DEVICE_BOUND', 'DEVICE_BOUND', 'DEVICE_UNBOUND'),
        fc.constantFrom(undefined, '1', '2'),
        fc.constantFrom(undefined, { id: 'browser-1' }, { id: 'browser-2', name: 'Desk' }),
      )
      .map(([kind, bindingId, device]) => canonical({ kind, bindingId, device })),
  },
  {
    weight: 1,
    arbitrary: fc.boolean().map((removedFromWallet) => canonical({ kind: 'NOTED', removedFromWallet })),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      abandoned,
      passed('PROVISIONING_UNFINISHED'),
      passed('PROVISIONING_UNFINISHED', 40),
      passed('TOKEN_UNUSED'),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(undefined, 'APPLE', 'GOOGLE').map((wallet) => canonical({ kind: 'TOKEN_USED', wallet })),
  },
  {
    weight: 7,
    arbitrary: fc.constantFrom(
      tar('00'),
      tar('85'),
      tar('05'),
      acn('I'),
      tcn('A'),
      tcn('I'),
      ten(73, 'A'),
      ten(74, 'I'),
      ten(75, 'I'),
      ten(55, 'I'),
      ten(71, 'I'),
      ten(71, 'A'),
    ),
  },
);
