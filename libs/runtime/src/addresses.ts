/** Where callers come from: lists of addresses that may knock at a door, and this machine itself. */
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

export interface AddressList {
  /** Whether a socket's remote address is on it. */
  readonly holds: (address: string) => boolean;
}

export type ReadAddresses =
  | { readonly ok: true; readonly list: AddressList }
  /** Places in the list that are no address or network. */
  | { readonly ok: false; readonly wrong: readonly number[] };

interface Lists {
  readonly ipv4: BlockList;
  readonly ipv6: BlockList;
}

/** Reads addresses and networks of IPv4 and IPv6: `203.0.113.7`, `203.0.113.0/24`, `2001:db8::/32`. */
export function readAddresses(texts: readonly unknown[]): ReadAddresses {
  // One for each family: a single one takes every IPv4 address for one of ::/0.
  const lists: Lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  const wrong = texts.flatMap((text, i) => (typeof text === 'string' && add(lists, text.trim()) ? [] : [i]));
  if (wrong.length > 0) return { ok: false, wrong };
  return { ok: true, list: { holds: (address) => isAmong(lists, address) } };
}

/** False when `text` is none. IPv4 written as IPv6 is none: a socket's address is compared as IPv4, whichever way it came. */
function add(lists: Lists, text: string): boolean {
  const [, address = '', bits] = /^([\da-f.:]+)(?:\/(\d{1,3}))?$/i.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0 || (version === 6 && ipv4Of(address) !== undefined)) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const longest = version === 4 ? 32 : 128;
  const list = lists[family];
  if (bits === undefined) list.addAddress(address, family);
  else if (Number(bits) <= longest) list.addSubnet(address, Number(bits), family);
  else return false;
  return true;
}

function isAmong({ ipv4, ipv6 }: Lists, remote: string): boolean {
  const address = ipv4Of(remote) ?? remote.split('%', 1)[0] ?? '';
  if (isIPv4(address)) return ipv4.check(address, 'ipv4');
  return isIPv6(address) && ipv6.check(address, 'ipv6');
}

/** The IPv4 address that a socket on both protocols shows as `::ffff:a.b.c.d`. */
function ipv4Of(address: string): string | undefined {
  const mapped = /^(?:::|(?:0{1,4}:){5})ffff:(.+)$/i.exec(address)?.[1];
  if (mapped === undefined) return undefined;
  if (isIPv4(mapped)) return mapped;
  const [, high, low] = /^([\da-f]{1,4}):([\da-f]{1,4})$/i.exec(mapped) ?? [];
  if (high === undefined || low === undefined) return undefined;
  return [high, low].flatMap((part) => [Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 255]).join('.');
}

/** Whether an address, or the name `localhost`, is of this machine alone. A name that only begins like such an address is not. */
export function isLoopback(host: string): boolean {
  const address = ipv4Of(host) ?? host;
  return host === 'localhost' || host === '::1' || (isIPv4(address) && address.startsWith('127.'));
}
