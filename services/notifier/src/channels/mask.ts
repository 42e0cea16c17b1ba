/** Contact details as a person may see them: enough to recognise one's own, too little to use. */
import type { Contact } from './port.js';

/** `ana.smith@example.com` → `a***@e***` */
export function maskEmail(email: string): string {
  const [local = '', domain = ''] = [email.slice(0, email.lastIndexOf('@')), email.slice(email.lastIndexOf('@') + 1)];
  return `${first(local)}***@${first(domain)}***`;
}

/** `+447700900123` → `+44*****123` */
export function maskPhone(phone: string): string {
  return phone.length < 9 ? '***' : `${phone.slice(0, 3)}*****${phone.slice(-3)}`;
}

/** `https://hooks.example.com/cards?key=1` → `https://h***` */
export function maskUrl(url: string): string {
  const at = url.indexOf('://');
  return at < 0 ? '***' : `${url.slice(0, at + 3)}${first(url.slice(at + 3))}***`;
}

/** Everything known, masked, in one line; undefined when nothing is. */
export function maskContact({ email, phone, webhook, push }: Contact): string | undefined {
  const parts = [
    ...(email === undefined ? [] : [maskEmail(email)]),
    ...(phone === undefined ? [] : [maskPhone(phone)]),
    ...(webhook === undefined ? [] : [maskUrl(webhook)]),
    ...(push === undefined ? [] : ['the app']),
  ];
  return parts.length === 0 ? undefined : parts.join(', ');
}

function first(text: string): string {
  return [...text][0] ?? '';
}
