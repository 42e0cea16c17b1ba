/** The JSON the door takes and gives, as JSON Schema: one source for validation, types and the OpenAPI document. */
import { type TProperties, type TSchema, Type } from '@sinclair/typebox';
import {
  deadlinePurposeSymbols,
  networkSymbols,
  noticeKinds,
  noticeStates,
  provisioningOutcomeSymbols,
  provisioningPathSymbols,
  tokenStatusSymbols,
  tokenTypeSymbols,
} from '@tokenline/domain';

/** Symbols of a contract enum, without the one that stands for "not known". */
function known<T extends string>(symbols: readonly T[]): Exclude<T, 'UNKNOWN'>[] {
  return symbols.filter((symbol): symbol is Exclude<T, 'UNKNOWN'> => symbol !== 'UNKNOWN');
}

export function oneOf<const T extends string>(values: readonly T[], description?: string) {
  return Type.Unsafe<T>({ type: 'string', enum: [...values], ...(description !== undefined && { description }) });
}

const text = (description: string) => Type.String({ description });
const optional = (description: string) => Type.Optional(text(description));
const time = (description: string) =>
  Type.String({ format: 'date-time', description, examples: ['2026-11-01T09:30:00.000Z'] });

export const networks = known(networkSymbols);
export const statuses = known(tokenStatusSymbols);
export const paths = known(provisioningPathSymbols);
export const outcomes = known(provisioningOutcomeSymbols);
export const tokenTypes = known(tokenTypeSymbols);
const deadlinePurposes = known(deadlinePurposeSymbols);
export const deadLetterStates = ['OPEN', 'REDRIVEN'] as const;

/** A query: its parameters and no others. */
export function query<P extends TProperties>(properties: P) {
  return Type.Object(properties, { additionalProperties: false });
}

export const limit = Type.Integer({ minimum: 1, maximum: 500, default: 50, description: 'Most items on a page.' });
export const cursor = Type.Optional(
  text('`nextCursor` of the page before. Serves only the list and sort it came from.'),
);

const Device = Type.Object({
  id: optional('Secure element id or wallet-chosen id.'),
  name: optional('Name the wallet reports.'),
  type: optional('Form factor.'),
});

export const Token = Type.Object(
  {
    tokenId: text("Tokenline's id of the token."),
    network: Type.Optional(oneOf(networks, 'Token service provider.')),
    status: oneOf([...statuses, 'UNKNOWN'], 'DELETED is final.'),
    suspendedBy: Type.Array(Type.String(), {
      description: 'Parties holding the token down: CARDHOLDER, ISSUER, TOKEN_REQUESTOR, NETWORK …',
    }),
    provisioning: Type.Object({
      outcome: Type.Optional(oneOf(outcomes, 'How far it came.')),
      path: Type.Optional(oneOf(paths, 'Colour of the decision on the request.')),
      requestedAt: Type.Optional(time('When it was asked for.')),
      onDeviceAt: Type.Optional(time('When the token reached the device.')),
      activatedAt: Type.Optional(time('When it first became active.')),
      completedAt: Type.Optional(time('When provisioning and activation were both done.')),
    }),
    tokenType: Type.Optional(oneOf(tokenTypes, 'Where the token lives.')),
    wallet: optional('Wallet or merchant programme: APPLE, GOOGLE, SAMSUNG …'),
    tokenRequestorId: optional("Network's id of the token requestor."),
    device: Type.Optional(Device),
    bindings: Type.Optional(
      Type.Array(
        Type.Object({
          bindingId: optional("Network's id of the binding: deviceIndex of VTS, bindId of MDES."),
          device: Type.Optional(Device),
          boundAt: time('When it was last bound.'),
        }),
        {
          description:
            'Devices bound to the token, in the order they were bound. Apart from its status and its own device.',
        },
      ),
    ),
    removedFromWalletAt: Type.Optional(
      time('When it was removed from its wallet, unless it has been put there again. It may live on at the network.'),
    ),
    card: Type.Optional(
      Type.Object({ ref: text('Reference of the card, never its number.'), last4: optional('Last four digits.') }),
    ),
    aliases: Type.Array(Type.Object({ kind: text('Kind of name.'), value: text('The name.') }), {
      description: 'Every name seen for the token.',
    }),
    tokenExpiry: optional('YYYY-MM-DD.'),
    firstUsedAt: Type.Optional(time('When it was first paid with, as far as purchases are reported.')),
    mergedInto: optional(
      'Only with asOf, and for a token whose survivor is not known yet: the token this one turned out to be.',
    ),
    version: Type.Integer({ description: 'Number of changes of this token, without gaps.' }),
    updatedAt: time('When the newest fact that shaped this state happened.'),
  },
  { $id: 'Token', description: 'A payment token as it stands.' },
);

export const TimelineEntry = Type.Object(
  {
    at: time('When it happened at the network.'),
    recordedAt: time('When the edge received it.'),
    event: text(
      'TokenChanged, FactNoted, FactIgnored, ProvisioningCompleted, ActivationCodeIssued, DeadlinePassed or TokenMerged.',
    ),
    tokenId: text('The token it was recorded for; another than asked for when that one has merged with it.'),
    factId: text('The fact that caused it.'),
    factKind: text('What the fact asserts.'),
    source: text('Interface that reported the fact.'),
    actor: text('Who caused it.'),
    version: Type.Integer({ description: "Version of the token's state it belongs to." }),
    reasonCode: optional("Source's reason code."),
    late: Type.Optional(Type.Boolean({ description: 'The fact came after a newer one.' })),
    changes: Type.Optional(
      Type.Array(
        Type.Object({
          field: text('Dotted name of the field.'),
          from: optional('Value before.'),
          to: optional('Value after.'),
        }),
      ),
    ),
    reason: optional('Why the fact was ignored: REPEAT, ILLEGAL, LATE, BEYOND_HORIZON or MERGED.'),
    explanation: optional('The same as a sentence.'),
    intoTokenId: optional('TokenMerged: the surviving token.'),
    deadline: Type.Optional(
      Type.Object(
        {
          purpose: oneOf(deadlinePurposes, 'What was waited for.'),
          since: time('When the waiting began: the request, or the completion.'),
          dueAt: time('When it passed.'),
        },
        { description: 'DeadlinePassed: which deadline.' },
      ),
    ),
    eventId: text('Id of the event in token.lifecycle.'),
  },
  { $id: 'TimelineEntry', description: 'One thing that happened to a token, ignored facts included.' },
);

export const Notice = Type.Object(
  {
    noticeId: text('Id of the notice.'),
    tokenId: text('The token.'),
    kind: oneOf(noticeKinds),
    state: oneOf(noticeStates),
    dueAt: time('When it should go out.'),
    deadlineAt: Type.Optional(time('When it must have gone out.')),
    sentAt: Type.Optional(time('When it went out.')),
    deliveredAt: Type.Optional(time('When it arrived.')),
    outcome: Type.Unsafe<'MET' | 'BREACHED' | null>({
      type: ['string', 'null'],
      enum: ['MET', 'BREACHED', null],
      description: 'Whether it went out by its deadline; null while undecided.',
    }),
    channel: optional('Channel it went by.'),
    attempts: Type.Array(
      Type.Object({
        at: time('When.'),
        channel: text('Channel tried.'),
        outcome: text('What became of it.'),
        reason: optional('Why it failed.'),
        providerReference: optional("Provider's id of the message."),
      }),
    ),
    reason: optional('Why it was called off, or cannot be delivered.'),
    causeEventId: text('The lifecycle event it follows from.'),
    cause: Type.Optional(
      Type.Object(
        { topic: text('Topic.'), partition: Type.Integer(), offset: Type.Integer() },
        { description: 'Where the fact lies that caused that event.' },
      ),
    ),
    policy: optional('Rule of the notice policy it was made under: version/name.'),
    terms: Type.Optional(
      Type.Object(
        {
          deadline: optional('Counted from the cause.'),
          staleAfter: optional('A cause that became known later than this was old news.'),
          channels: Type.Optional(Type.Array(Type.String(), { description: 'No others, in this order.' })),
          quietHours: Type.Optional(Type.Object({ from: text('HH:MM'), to: text('HH:MM'), zone: text('IANA zone.') })),
          escalate: Type.Object({
            failures: Type.Integer({ description: 'In a row on one channel, before the next is tried.' }),
            after: text('From this long after the cause on, every failure moves to the next channel.'),
          }),
          alarms: Type.Optional(Type.Array(Type.String(), { description: 'Unsent so long after the cause.' })),
        },
        { description: 'What that rule said then. Durations as in the policy: 30m, 1d.' },
      ),
    ),
    alarms: Type.Optional(
      Type.Array(Type.Object({ after: text('How long after the cause it was due.'), at: time('When it went off.') }), {
        description: 'Alarms that went off while nothing had gone out.',
      }),
    ),
  },
  { $id: 'Notice', description: 'A notice to the cardholder. Holds no contact detail.' },
);

const deadLetterFields = {
  deadLetterId: text('Id of the dead letter.'),
  stage: text('Where it failed: EDGE, NORMALIZER, LIFECYCLE, PROJECTOR or NOTIFIER.'),
  source: text('Interface it came by.'),
  operation: text('Operation of that interface.'),
  reasonCode: text('Stable code of the reason.'),
  explanation: text('A sentence for a person.'),
  errors: Type.Array(Type.Object({ path: text('Field at fault.'), message: text('What is wrong.') })),
  receivedAt: time('When the edge received it.'),
  failedAt: time('When it failed last.'),
  contentType: optional('Media type of the original.'),
  occurrences: Type.Integer({ description: 'How often the same message failed.' }),
  state: oneOf(deadLetterStates, 'REDRIVEN once it was sent through again and taken.'),
  redrivenAt: Type.Optional(time('When it was last sent through again.')),
  redriveReason: optional('Why the last redrive was refused.'),
};

export const DeadLetter = Type.Object(deadLetterFields, {
  $id: 'DeadLetter',
  description: 'A message or record that could not be processed.',
});

export const DeadLetterDetail = Type.Object(
  {
    ...deadLetterFields,
    headers: Type.Record(Type.String(), Type.String(), { description: 'Transport headers kept.' }),
    original: optional('The message as received, sealed (JWE).'),
  },
  { $id: 'DeadLetterDetail', description: 'A dead letter with its sealed original.' },
);

export const Problem = Type.Object(
  {
    type: text('urn:tokenline:problem:<stable code>.'),
    title: text('What went wrong.'),
    status: Type.Integer(),
    detail: optional('More about this case.'),
    errors: Type.Optional(
      Type.Array(Type.Object({ path: text('Parameter at fault.'), message: text('What is wrong with it.') })),
    ),
  },
  { $id: 'Problem', description: 'RFC 9457 problem details.' },
);

export const components = [Token, TimelineEntry, Notice, DeadLetter, DeadLetterDetail, Problem] as const;

export function ref<T extends TSchema>(schema: T) {
  return Type.Unsafe<T['static']>(Type.Ref(`${schema.$id as string}#`));
}

export function page<T extends TSchema>(item: T) {
  return Type.Object({ items: Type.Array(ref(item)), nextCursor: optional('Present while more follows.') });
}

/** The answers of a route: what it gives, and the problems it may give instead. */
export function answers(description: string, success: TSchema, ...problems: (400 | 404)[]) {
  const because = { 400: 'A parameter cannot be used.', 404: 'There is no such thing.' } as const;
  const failure = (why: string) => ({
    description: why,
    content: { 'application/problem+json': { schema: ref(Problem) } },
  });
  return {
    200: { description, content: { 'application/json': { schema: success } } },
    ...Object.fromEntries(problems.map((status) => [status, failure(because[status])])),
    401: failure('No API key.'),
    403: failure('An API key that is not known.'),
    503: failure('The read models cannot be reached now.'),
  };
}
