import { looksSensitive } from '@tokenline/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskContact, maskEmail, maskPhone, maskUrl } from './mask.js';

describe('masked contacts', () => {
  it('show first letters, country and last three digits', () => {
    expect(maskEmail('ana.smith@inbox.example')).toBe('a***@i***');
    expect(maskPhone('+447700900123')).toBe('+44*****123');
    expect(maskUrl('https://hooks.bank.example/ana?key=1')).toBe('https://h***');
    expect(maskContact({ email: 'a@b.example', phone: '+447700900123' })).toBe('a***@b***, +44*****123');
    expect(maskContact({})).toBeUndefined();
  });

  it('show nothing of what is too short to hide in', () => {
    expect(maskPhone('+4412')).toBe('***');
    expect(maskUrl('hooks')).toBe('***');
  });

  it('say of an app only that there is one', () => {
    expect(maskContact({ push: 'app-of-ana-5f3c' })).toBe('the app');
  });

  it('never look like a contact', { timeout: 30_000 }, () => {
    const phone = fc.stringMatching(/^\+[1-9][0-9]{6,14}$/);
    fc.assert(
      fc.property(fc.emailAddress(), phone, fc.webUrl(), (email, number, webhook) => {
        const masked = maskContact({ email, phone: number, webhook }) as string;
        expect(looksSensitive(masked)).toBe(false);
        expect(masked).not.toContain(email);
      }),
    );
  });
});
