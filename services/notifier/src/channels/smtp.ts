/**
 * E-mail over SMTP, pooled (nodemailer).
 *
 * SMTP has no idempotency of its own: what was accepted in a session that broke before the answer is unknown, and a repeat is a second mail. Its
 * Message-ID is made from the noticeId alone, so mailboxes and relays that look at it (many do) show one.
 *
 * Refused for good: the recipient (5xx to RCPT TO) and the message (5xx to DATA). Everything else, our own login and sender included, is for an
 * operator to put right and may work later.
 */
import { createTransport } from 'nodemailer';
import { shortName } from './names.js';
import { type Channel, type ChannelAnswer, safeReference } from './port.js';

export interface SmtpOptions {
  /** smtp://user:password@host:port, or smtps:// for TLS from the first byte. */
  readonly url: string;
  /** Sender, as in a From header. */
  readonly from: string;
  /** Refuse to send over smtp:// when the server does not offer STARTTLS. */
  readonly requireTls: boolean;
  /** As many as messages are sent at once: one waiting in the pool's own queue would outlast its time there. */
  readonly maxConnections: number;
}

const timeouts = { dnsTimeout: 3_000, connectionTimeout: 4_000, greetingTimeout: 4_000, socketTimeout: 8_000 };

export function createSmtp(options: SmtpOptions): Channel {
  const transport = createTransport({
    ...timeouts,
    url: options.url,
    pool: true,
    maxConnections: options.maxConnections,
    // Once, for a connection the server had closed while it was idle: nothing of the message was sent then. Further tries are the ledger's.
    maxRequeues: 1,
    requireTLS: options.requireTls,
    logger: false,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = /@([A-Za-z0-9.-]+)/.exec(options.from)?.[1] ?? 'tokenline.invalid';
  return {
    name: 'smtp',
    reaches: 'cardholder',
    uses: ['email'],
    send: async (delivery, signal) => {
      const { email } = delivery.contact;
      if (email === undefined || !oneAddress.test(email)) return { outcome: 'REJECTED', reason: 'invalid-address' };
      const plain = delivery.text('plain');
      try {
        const info = await transport.sendMail({
          from: options.from,
          to: { name: '', address: email },
          subject: plain.subject,
          text: plain.body,
          html: delivery.text('html').body,
          messageId: `<${shortName(delivery.noticeId)}@${domain}>`,
          // RFC 3834: keeps holiday notes from answering.
          headers: { 'Auto-Submitted': 'auto-generated' },
          signal,
        });
        return { outcome: 'ACCEPTED', providerReference: queueId(info.response) };
      } catch (error) {
        return answerTo(error as SmtpError);
      }
    },
    close: async () => transport.close(),
  };
}

/** One address and nothing that could make it two, or a header. */
const oneAddress = /^[^\s@<>()[\],;:"\\]{1,64}@[^\s@<>()[\],;:"\\]{1,255}$/;

interface SmtpError {
  readonly code?: string;
  readonly command?: string;
  readonly responseCode?: number;
  readonly response?: string;
}

function answerTo({ code, command, responseCode, response }: SmtpError): ChannelAnswer {
  if (responseCode === undefined) {
    if (code === 'EENVELOPE') return { outcome: 'REJECTED', reason: 'invalid-address' };
    return { outcome: 'FAILED', reason: `smtp-${(code ?? 'error').toLowerCase()}` };
  }
  const enhanced = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(response ?? '')?.[1];
  const reason = `smtp-${responseCode}${enhanced === undefined ? '' : ` ${enhanced}`}`;
  const final = responseCode >= 500 && ((code === 'EENVELOPE' && command === 'RCPT TO') || code === 'EMESSAGE');
  return { outcome: final ? 'REJECTED' : 'FAILED', reason };
}

/** `250 2.0.0 Ok: queued as 4ABCxyz` → `4ABCxyz`, where a server says so. */
function queueId(response: string | undefined): string | undefined {
  return safeReference(/\bqueued as ([A-Za-z0-9._-]+)/i.exec(response ?? '')?.[1]);
}
