/**
 * Building Thredd EHI messages as Thredd sends them: flat JSON without blank fields, or SOAP 1.1 XML with them
 * (visa-vts-and-thredd-ehi.md 5.1 to 5.3 and 9). All data invented: test card numbers, Ofcom's drama telephone numbers, documentation IP addresses.
 */

export type EhiNetwork = 'VISA-T' | 'MC-MDES';
export type EhiKind = 'TAR' | 'ACN' | 'TCN' | 'TEN';

/** PaymentToken_type: secure element, cloud, card on file, browser wallet. */
export type EhiTokenType = 'SE' | 'CL' | 'CF' | 'BW';

/** A token as every message about it describes it. */
export interface EhiToken {
  readonly network: EhiNetwork;
  /** Thredd's id of the payment token; 0 when none came to be. */
  readonly paymentTokenId: number;
  /** Thredd's public token of the card, nine digits. */
  readonly publicToken: number;
  readonly type: EhiTokenType;
  readonly wallet: string;
  readonly deviceType: string;
  readonly deviceId?: string;
  readonly deviceName?: string;
  /** `VIS1-YYYYMMDD-…` or `BNET-YYYYMMDD-…`. */
  readonly trace: string;
  /** The network's reference of the token. */
  readonly reference: string;
  /** Number of the token itself; a secret. */
  readonly dpan?: string;
  /** YYYY-MM-DD */
  readonly expiry: string;
}

/** What one message says of its token. */
export interface EhiEvent {
  readonly kind: EhiKind;
  /** TXn_ID: unique for each message. */
  readonly id: number;
  /** When it happened, epoch ms UTC. */
  readonly at: number;
  /** Zone of Thredd's local stamps. */
  readonly zone: string;
  /** Resp_Code_DE39; 00 when left out. */
  readonly response?: string;
  /** Message_Why */
  readonly why?: number;
  /** PaymentToken_creatorStatus; blank when left out. */
  readonly status?: string;
  /** Message_Source */
  readonly source?: string;
  /** SendingAttemptCount */
  readonly attempt?: number;
  readonly activation?: {
    readonly code: string;
    /** 1 SMS, 2 e-mail, 4 call centre, 6 mobile app … */
    readonly method: number;
    readonly contact: string;
    /** Epoch ms UTC. */
    readonly expiresAt: number;
  };
}

export type EhiMessage = Readonly<Record<string, string | number>>;

const forms: Readonly<Record<EhiKind, { procCode: string; mtid: string; type: string }>> = {
  TAR: { procCode: '330000', mtid: '0100', type: 'A' },
  ACN: { procCode: '340000', mtid: '0120', type: 'J' },
  TCN: { procCode: '350000', mtid: '0620', type: 'J' },
  TEN: { procCode: '360000', mtid: '0620', type: 'J' },
};

/** One message. A request comes before its token: it carries neither the reference nor the token's number and expiry. */
export function ehiMessage(token: EhiToken, event: EhiEvent): EhiMessage {
  const { procCode, mtid, type } = forms[event.kind];
  const known = event.kind !== 'TAR';
  return present({
    Traceid_Message: token.trace,
    traceid_lifecycle: token.trace,
    Acquirer_id_DE32: '06000001',
    Bill_Amt: 0,
    Bill_Ccy: '826',
    MCC_Code: '6012',
    Merch_Name_DE43: token.network === 'VISA-T' ? 'Visa Provisioning Service GB' : 'MASTERCARD TOKENISATION',
    Proc_Code: procCode,
    Resp_Code_DE39: event.response ?? '00',
    Status_Code: '00',
    Token: token.publicToken,
    Txn_Amt: 0,
    Txn_CCy: '826',
    Txn_GPS_Date: localStamp(event.at, event.zone),
    TXn_ID: event.id,
    Txn_Stat_Code: isDecline(event) ? 'I' : 'A',
    TXN_Time_DE07: de07(event.at),
    InstCode: 'PMT',
    ProductID: 9001,
    SendingAttemptCount: event.attempt ?? 0,
    Response_Source_Why: 0,
    MTID: mtid,
    Txn_Type: type,
    Message_Why: event.why ?? 0,
    Message_Source: event.source,
    PaymentToken_creatorStatus: event.status,
    PaymentToken_expdate: known ? token.expiry : undefined,
    TokenUniqueReference: known ? token.reference : undefined,
    PaymentTokenPan: event.kind === 'TEN' ? token.dpan : undefined,
    PaymentToken_activationCode: event.activation?.code,
    PaymentToken_activationExpiry: event.activation && localStamp(event.activation.expiresAt, event.zone),
    PaymentToken_activationMethod: event.activation?.method,
    PaymentToken_activationMethodData: event.activation?.contact,
    PaymentToken_id: token.paymentTokenId,
    PaymentToken_creator: token.network,
    PaymentToken_type: token.type,
    PaymentToken_status: '00',
    PaymentToken_wallet: token.wallet,
    PaymentToken_deviceType: token.deviceType,
    PaymentToken_lang: 'en',
    PaymentToken_deviceTelNum: token.deviceType === 'M' ? '0123' : undefined,
    PaymentToken_deviceIp: '192.0.2.10',
    PaymentToken_deviceId: token.deviceId,
    PaymentToken_deviceName: token.deviceName,
  });
}

/** The message as SOAP 1.1, blank activation elements included, as the XML form sends them. */
export function asSoap(message: EhiMessage): string {
  const blanks = {
    PaymentToken_activationCode: '',
    PaymentToken_activationExpiry: '',
    PaymentToken_activationMethodData: '',
  };
  const elements = Object.entries({ ...blanks, ...message }).map(([name, value]) =>
    value === '' ? `<${name} />` : `<${name}>${escaped(String(value))}</${name}>`,
  );
  return [
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><GetTransaction xmlns="http://tempuri.org/">',
    ...elements,
    '</GetTransaction></s:Body></s:Envelope>',
  ].join('\n');
}

/** `YYYY-MM-DD HH:MM:SS.mmm` in the zone: Txn_GPS_Date. */
export function localStamp(at: number, zone: string): string {
  const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(
    at,
  );
  return `${clock}.${String(at % 1000).padStart(3, '0')}`;
}

/** MMDDhhmmss in UTC: TXN_Time_DE07. */
function de07(at: number): string {
  return new Date(at).toISOString().slice(5, 19).replace(/\D/g, '');
}

function isDecline({ kind, response = '00' }: EhiEvent): boolean {
  return kind === 'TAR' && response !== '00' && response !== '85';
}

function present(fields: Record<string, string | number | undefined>): EhiMessage {
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, string | number] => entry[1] !== undefined),
  );
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
