/** IP addresses in EHI's notations: dotted, dotted with leading zeros, eight hex digits (visa-vts-and-thredd-ehi.md 5.3), and IPv6 as RFC 4291 writes it. */

/** Four numbers to 255, padded or not. */
const dotted = /^(?:(?:25[0-5]|2[0-4]\d|[01]?\d?\d)(?:\.(?!$)|$)){4}$/;
const padding = /\b0+(?=\d)/g;

/** The address in plain notation, or undefined when the text is none. Leading zeros are padding here, never octal. */
export function normaliseIp(text: string): string | undefined {
  if (dotted.test(text)) return text.replace(padding, '');
  if (/^[0-9a-f]{8}$/i.test(text)) {
    return [0, 2, 4, 6].map((at) => Number.parseInt(text.slice(at, at + 2), 16)).join('.');
  }
  return isIpv6(text) ? text.toLowerCase() : undefined;
}

function isIpv6(text: string): boolean {
  const [head, tail, more] = text.split('::');
  if (more !== undefined) return false;
  const groups = [head, tail].flatMap((half) => (half === undefined || half === '' ? [] : half.split(':')));
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false;
  return tail === undefined ? groups.length === 8 : groups.length < 8;
}
