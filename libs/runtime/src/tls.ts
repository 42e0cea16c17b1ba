/**
 * TLS at the HTTP doors: TOKENLINE_TLS_CERT and TOKENLINE_TLS_KEY, PEM or `@file`, turn it on; TOKENLINE_TLS_CLIENT_CA has clients asked for a
 * certificate. A client without one, or with one that CA did not issue, still gets through the handshake and counts as having none: senders that
 * have a key, and probes of health, need no certificate.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { ServerOptions } from 'node:https';
import { TLSSocket } from 'node:tls';

export interface TlsConfig {
  readonly cert: string;
  readonly key: string;
  readonly clientCa?: string;
}

type Name = 'TOKENLINE_TLS_CERT' | 'TOKENLINE_TLS_KEY' | 'TOKENLINE_TLS_CLIENT_CA';

const certificatePattern = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const handshakeMs = 10_000;

/** Reads the three texts; what is wrong goes to `problems`. Undefined without TLS, or when it is unusable. */
export function readTls(text: (name: Name) => string | undefined, problems: string[]): TlsConfig | undefined {
  const [cert, key, clientCa] = (['TOKENLINE_TLS_CERT', 'TOKENLINE_TLS_KEY', 'TOKENLINE_TLS_CLIENT_CA'] as const).map(
    text,
  );
  if (cert === undefined && key === undefined) {
    if (clientCa !== undefined)
      problems.push('TOKENLINE_TLS_CLIENT_CA needs TOKENLINE_TLS_CERT and TOKENLINE_TLS_KEY.');
    return undefined;
  }
  if (cert === undefined || key === undefined) {
    problems.push('TOKENLINE_TLS_CERT and TOKENLINE_TLS_KEY must be set together.');
    return undefined;
  }
  const found = problems.length;
  const [own] = certificatesIn(cert, 'TOKENLINE_TLS_CERT', problems);
  const privateKey = privateKeyIn(key);
  if (privateKey === undefined) problems.push('TOKENLINE_TLS_KEY is not an unencrypted private key in PEM.');
  else if (own?.checkPrivateKey(privateKey) === false) {
    problems.push('TOKENLINE_TLS_KEY is not the key of the first certificate of TOKENLINE_TLS_CERT.');
  }
  if (clientCa !== undefined) certificatesIn(clientCa, 'TOKENLINE_TLS_CLIENT_CA', problems);
  return problems.length > found ? undefined : { cert, key, ...(clientCa !== undefined && { clientCa }) };
}

/**
 * What makes a Fastify server speak TLS; nothing when it is to speak plain HTTP. To Fastify's types an application over TLS is another than one
 * without, so they are not told.
 */
export function httpsOptions(tls: TlsConfig | undefined): object {
  if (tls === undefined) return {};
  const { cert, key, clientCa } = tls;
  const https: ServerOptions = {
    cert,
    key,
    minVersion: 'TLSv1.2',
    handshakeTimeout: handshakeMs,
    ...(clientCa !== undefined && { ca: clientCa, requestCert: true, rejectUnauthorized: false }),
  };
  return { https };
}

/**
 * The client's certificate where the connection has one that was verified. A session that is resumed without one counts as authorized to Node,
 * so it is the certificate that is asked for.
 */
export function clientCertificate(socket: unknown): X509Certificate | undefined {
  return socket instanceof TLSSocket && socket.authorized ? socket.getPeerX509Certificate() : undefined;
}

/** Node takes a text without any certificate for an empty list, and says nothing. */
function certificatesIn(pem: string, name: Name, problems: string[]): readonly X509Certificate[] {
  try {
    const found = (pem.match(certificatePattern) ?? []).map((one) => new X509Certificate(one));
    if (found.length > 0) return found;
  } catch {
    // Said below.
  }
  problems.push(`${name} is not a list of certificates in PEM.`);
  return [];
}

function privateKeyIn(pem: string) {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}
