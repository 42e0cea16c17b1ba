/**
 * The command tree: names, options and help. Each verb's work is in verbs/ (up/ for `up`), loaded when it is asked for: a question to the
 * query door need not wait for the drivers of Kafka and MongoDB.
 */
import { noticeForms, noticeKinds } from '@tokenline/domain';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type Io, processIo } from './io.js';
import { sources } from './sources.js';
import type { ReportName } from './verbs/report.js';

/** The whole command line. `io` is the process's own when left out. */
export function createProgram(io: Io = processIo()): Command {
  const program = new Command('tokenline')
    .description(
      'The life of payment tokens, from the command line. Addresses come from the environment, else from a running `tokenline up`.',
    )
    .showHelpAfterError('(--help shows how)')
    // What follows a verb is that verb's: `notices` and `notices preview` both have a --kind.
    .enablePositionalOptions()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'tokenline: ')) });
  /** A verb; every one takes --json. */
  const verb = (usage: string, description: string, parent: Command = program): Command =>
    parent.command(usage).description(description).option('--json', 'answer as JSON, for programs');

  verb('up', 'start servers and services on this machine, and stay until Ctrl-C')
    .option('--sample', 'play the sample day (the default)', true)
    .option('--no-sample', 'do not play the sample day')
    .option('--fresh', 'begin with empty data directories', false)
    .action(async ({ sample, fresh, json }) => {
      const write = json ? asJsonLines(io) : (text: string) => void process.stdout.write(text);
      const { up } = await import('./up/up.js');
      await up({ env: io.env, write, isTty: io.isTty && !json }, { sample, fresh });
    });
  verb('deploy', 'register schemas, create topics and indexes; says where an existing topic differs').action(
    async ({ json }) => (await import('./verbs/deploy.js')).deploy(io, json === true),
  );
  verb('status', 'ask every service whether it can do its work').action(async ({ json }) =>
    (await import('./verbs/status.js')).status(io, json === true),
  );
  verb(
    'publish <file>',
    'send messages through the ingest door: JSON, JSON array, NDJSON or one SOAP XML; - reads standard input',
  )
    .addOption(
      new Option('--source <source>', 'whose interface they are').choices(Object.keys(sources)).makeOptionMandatory(),
    )
    .option('--rate <n>', 'messages a second', positiveNumber)
    .action(async (file, { source, rate, json }) => {
      const { publish } = await import('./verbs/publish.js');
      await publish(io, file, { source, ...(rate !== undefined && { rate }), json: json === true });
    });
  verb('tail <topic>', 'print records of a topic as they come, decoded')
    .option('--from-start', 'begin with the oldest record', false)
    .option('--no-follow', 'stop at the present end (implies --from-start)')
    .option('--max <n>', 'stop after so many records', wholeNumber)
    .action(async (topic, { fromStart, follow, max, json }) => {
      const { tail } = await import('./verbs/tail.js');
      const most = max !== undefined && { max };
      await tail(io, topic, { fromStart, follow, ...most, json: json === true, signal: untilInterrupted() });
    });
  verb('token <id>', 'show a token by its id or any other name (kind:value, or the value alone)')
    .option('--as-of <time>', 'as it stood then (ISO 8601)')
    .action(async (id, { asOf, json }) => {
      const { token } = await import('./verbs/token.js');
      await token(io, id, { json: json === true, ...(asOf !== undefined && { asOf }) });
    });
  verb('tokens', 'list tokens')
    .option('--alias <kind:value>', 'by any name')
    .option('--status <status>', 'INACTIVE, ACTIVE, SUSPENDED or DELETED')
    .option('--network <network>', 'MDES or VTS')
    .option('--wallet <wallet>', 'APPLE, GOOGLE, SAMSUNG …')
    .option('--path <path>', 'GREEN, YELLOW, ORANGE or RED')
    .option('--card-ref <ref>', 'by card')
    .option('--device-id <id>', 'by device')
    .option('--requested-from <time>', 'requested at or after (ISO 8601)')
    .option('--requested-to <time>', 'requested before (ISO 8601)')
    .option('--sort <order>', 'requestedAt or updatedAt, with - before it for newest first')
    .option('--limit <n>', 'most tokens to list')
    .option('--cursor <cursor>', 'go on where a page ended')
    .action(async ({ json, ...filters }) => (await import('./verbs/tokens.js')).tokens(io, filters, json === true));
  verb('timeline <id>', 'show what happened to a token, late and set-aside facts included').action(
    async (id, { json }) => (await import('./verbs/timeline.js')).timeline(io, id, json === true),
  );
  const noticesVerb = verb(
    'notices',
    'list notices to cardholders, with their text where they went to the local outbox',
  )
    .enablePositionalOptions()
    .option('--token <id>', 'of one token, by id or any other name')
    .option('--kind <kind>', 'for example PROVISIONING_COMPLETED')
    .option('--state <state>', 'PENDING, SENT, DELIVERED, FAILED or CANCELLED')
    .option('--outcome <outcome>', 'MET or BREACHED')
    .option('--wallet <wallet>', 'of tokens in this wallet')
    .option('--network <network>', 'of tokens of this network')
    .option('--from <time>', 'made at or after (ISO 8601)')
    .option('--to <time>', 'made before (ISO 8601)')
    .option('--limit <n>', 'most notices to list')
    .option('--cursor <cursor>', 'go on where a page ended')
    .action(async ({ json, ...filters }) =>
      (await import('./verbs/notices.js')).notices(io, { ...filters, json: json === true }),
    );
  verb('preview', 'show what a cardholder would read; nothing needs to run', noticesVerb)
    .addOption(new Option('--kind <kind>', 'the kind of notice').choices([...noticeKinds]).makeOptionMandatory())
    .addOption(new Option('--form <form>', 'one form instead of each').choices([...noticeForms]))
    .option('--locale <tag>', "the cardholder's language tag, for example fr-CA")
    .option('--wallet <wallet>', 'APPLE, GOOGLE, SAMSUNG or any name', 'APPLE')
    .option('--device <name>', 'what the device is called', 'Test iPhone')
    .option('--last4 <digits>', 'last four digits of the card', '1234')
    .option('--templates <file>', "the issuer's own texts (TOKENLINE_TEMPLATES)")
    .action(async ({ json, ...given }) => {
      const { previewNotice } = await import('./verbs/preview.js');
      previewNotice(io, { ...given, json: json === true }, Date.now());
    });
  const reports = program.command('report').description('counts and durations, over a time and broken down');
  const reportVerb = (name: ReportName, description: string, time: string, dimensions: string): void => {
    verb(name, description, reports)
      .option('--from <time>', `${time} at or after (ISO 8601)`)
      .option('--to <time>', `${time} before (ISO 8601)`)
      .option('--by <dimensions>', `broken down: comma list of ${dimensions}`)
      .option('--csv', 'answer as CSV, durations in milliseconds', false)
      .action(async ({ json, ...asked }) =>
        (await import('./verbs/report.js')).report(io, name, { ...asked, json: json === true }),
      );
  };
  reportVerb('funnel', 'how far provisionings come, and how long they take', 'requested', 'network, wallet, path, day');
  reportVerb(
    'completion-notices',
    'whether completion notices went out by their deadline, and how soon',
    'made',
    'wallet, network, day',
  );
  verb('verify', 'check every invariant of the system, running or stopped; exit code 1 when one is broken')
    .option('--wait <seconds>', 'longest to wait for what is still on its way while it comes no nearer', seconds, 10)
    .action(async ({ wait, json }) => (await import('./verbs/verify.js')).verify(io, { wait, json: json === true }));

  const deadLetters = program.command('dead-letters').description('messages that could not be processed');
  verb('list', 'list them, newest first', deadLetters)
    .option('--reason <code>', 'those with this reason code')
    .option('--source <source>', 'those that came by this interface')
    .option('--state <state>', 'OPEN or REDRIVEN')
    .option('--since <time>', 'those that failed at or after (ISO 8601)')
    .option('--until <time>', 'those that failed before (ISO 8601)')
    .option('--limit <n>', 'most to list')
    .option('--cursor <cursor>', 'go on where a page ended')
    .option('--by-source', 'counts of all by source, stage and reason instead', false)
    .action(async ({ json, bySource, ...page }) => {
      const { countDeadLetters, listDeadLetters } = await import('./verbs/dead-letters.js');
      if (bySource) await countDeadLetters(io, json === true);
      else await listDeadLetters(io, { ...page, json: json === true });
    });
  verb('show <id>', 'show one; its original stays sealed', deadLetters).action(async (id, { json }) =>
    (await import('./verbs/dead-letters.js')).showDeadLetter(io, id, json === true),
  );
  verb(
    'redrive [ids...]',
    'send them through again: by id, or the open ones of a reason, a source or a time, or all; doing it twice changes nothing',
    deadLetters,
  )
    .option('--reason <code>', 'those with this reason code')
    .option('--source <source>', 'those that came by this interface')
    .option('--since <time>', 'those that failed at or after (ISO 8601)')
    .option('--until <time>', 'those that failed before (ISO 8601)')
    .option('--all', 'every open one', false)
    .action(async (ids, { json, ...chosen }) => {
      const { redriveDeadLetters } = await import('./verbs/dead-letters.js');
      await redriveDeadLetters(io, ids, { ...chosen, json: json === true });
    });

  const projected = program
    .command('projections')
    .description('read models kept from the log, in generations: tokens (with their timeline) and dead-letters')
    .addHelpText('after', projectionsHelp);
  verb(
    'list',
    'list them with what is live since when, how far behind it is, and what is under construction',
    projected,
  ).action(async ({ json }) => (await import('./verbs/projections.js')).listProjections(io, json === true));
  verb(
    'rebuild <name>',
    'build a new generation from the beginning of the log beside the live one, compare it with the log, and swap it in; exit code 1 when it differs, and the live one stays',
    projected,
  )
    .option('--previous', 'bring the previous generation back instead, brought up to date and compared', false)
    .option('--wait <seconds>', 'longest to wait while nothing moves', seconds, 30)
    .addHelpText('after', rebuildHelp)
    .action(async (name, { previous, wait, json }) => {
      const { rebuildProjection } = await import('./verbs/projections.js');
      await rebuildProjection(io, name, { previous, wait, json: json === true });
    });
  verb('verify [name]', 'compare one, or each, with the log; exit code 1 when it differs', projected)
    .option('--building', 'the generation under construction instead of the live one', false)
    .option('--wait <seconds>', 'longest to wait for what is still on its way while it comes no nearer', seconds, 10)
    .action(async (name, { building, wait, json }) => {
      const { verifyProjections } = await import('./verbs/projections.js');
      await verifyProjections(io, name, { building, wait, json: json === true });
    });

  const lifecycle = program.command('lifecycle').description('what the lifecycle service remembers and has published');
  verb(
    'check',
    'fold token.facts from nothing and compare with token.state and lifecycle.store; exit code 1 when they differ',
    lifecycle,
  ).action(async ({ json }) => (await import('./verbs/lifecycle.js')).checkLifecycle(io, json === true));
  verb(
    'rebuild',
    'write lifecycle.store, and what is missing of token.state, from token.facts alone; every instance of the lifecycle service must be stopped',
    lifecycle,
  ).action(async ({ json }) => (await import('./verbs/lifecycle.js')).rebuildLifecycle(io, json === true));
  verb(
    'renormalize',
    'replay tsp.inbound through the present mappers and compare with token.facts; names every fact and token that would come out differently, exit code 1 then; writes nothing',
  ).action(async ({ json }) => (await import('./verbs/renormalize.js')).renormalize(io, json === true));

  verb(
    'shuffle <file>',
    'play a capture of EHI messages (JSON, JSON array or NDJSON) in random orders with repeats, on this machine alone, and say whether all end alike; - reads standard input',
  )
    .option('--orders <n>', 'how many orders', wholeNumber, 100)
    .option('--seed <n>', 'play the same orders again', seedNumber)
    .action(async (file, { orders, seed, json }) => {
      const { shuffleFile } = await import('./verbs/shuffle.js');
      await shuffleFile(io, file, { orders, ...(seed !== undefined && { seed }), json: json === true });
    });

  const policy = program
    .command('policy')
    .description(
      'which notices go out, by which channels and when: the rules built in, and an issuer’s own before them',
    );
  verb(
    'check <file>',
    'say what is wrong with a policy document, or that nothing is; - reads standard input',
    policy,
  ).action(async (file, { json }) => (await import('./verbs/policy.js')).checkPolicy(io, file, json === true));
  verb(
    'show',
    'print the rules in force, in the order they are asked: TOKENLINE_NOTICE_POLICY names the file of an issuer’s own',
    policy,
  ).action(async ({ json }) => (await import('./verbs/policy.js')).showPolicy(io, json === true));

  const cardholders = program.command('cardholders').description('where cardholders can be reached');
  verb(
    'load <file>',
    'load entries (JSON, JSON array or NDJSON) into the directory; - reads standard input',
    cardholders,
  ).action(async (file, { json }) => (await import('./verbs/cardholders.js')).loadCardholders(io, file, json === true));
  return program;
}

const projectionsHelp = `
Not projections, and not rebuilt: notices (a ledger of what was sent), aliases and identities (the index that tells which token a name
belongs to), cardholders (contact data).`;

const rebuildHelp = `
The projector service does the building and must be running; what else of Tokenline runs does not matter. Questions are answered from the
live generation until the swap. Interrupted or killed, this command or the projector, the build stands: give the command again to go on.
The generation that was live before is kept until the next rebuild.`;

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0)) throw new InvalidArgumentError('It must be a number of seconds from 0.');
  return value;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number from 1.');
  return value;
}

function seedNumber(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError('It must be a whole number of up to ten digits.');
  return Number(text);
}

/** Aborts on the first Ctrl-C; a second one does what it always does. */
function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}

/** Each line that `up` shows as one JSON object. */
function asJsonLines(io: Io): (text: string) => void {
  return (text) => {
    const message = text.trim();
    if (message !== '') io.out(JSON.stringify({ at: new Date().toISOString(), message }));
  };
}
