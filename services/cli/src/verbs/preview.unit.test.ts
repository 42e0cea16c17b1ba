import { describe, expect, it } from 'vitest';
import { createProgram } from '../program.js';

async function tokenline(...args: string[]): Promise<{ out: string; notes: string }> {
  const [out, notes]: [string[], string[]] = [[], []];
  const io = {
    env: {},
    out: (text: string) => void out.push(text),
    note: (text: string) => void notes.push(text),
    isTty: false,
    readStdin: async () => '',
  };
  await createProgram(io).parseAsync(['node', 'tokenline', ...args]);
  return { out: out.join('\n'), notes: notes.join('\n') };
}

const preview = (...args: string[]) => tokenline('notices', 'preview', ...args);

describe('tokenline notices preview', () => {
  it('shows a notice in a language, with nothing running', async () => {
    const { out, notes } = await preview('--kind', 'PROVISIONING_COMPLETED', '--locale', 'de-AT', '--form', 'plain');
    expect(out).toContain(
      '── PROVISIONING_COMPLETED · de · plain\nSubject: Ihre Karte mit der Endung 1234 ist in Apple Pay bereit',
    );
    expect(notes).toContain('Languages: en, de, fr, es; others are told in en.');
  });

  it('counts what a text message costs', async () => {
    const { out } = await preview('--kind', 'ACTIVATION_CODE', '--form', 'sms', '--device', 'Zoë 📱', '--json');
    expect(JSON.parse(out)).toMatchObject({
      kind: 'ACTIVATION_CODE',
      language: 'en',
      previews: [
        { form: 'sms', body: expect.stringContaining('004321 is your code'), sms: { encoding: 'GSM-7', segments: 2 } },
      ],
    });
  });

  it('shows every form unless one is named', async () => {
    const { out } = await preview('--kind', 'TOKEN_UNUSED', '--wallet', 'GOOGLE', '--json');
    const { previews } = JSON.parse(out) as { previews: { form: string; body: string }[] };
    expect(previews.map(({ form }) => form)).toEqual(['plain', 'html', 'sms', 'push', 'webhook']);
  });

  it('says why texts of an issuer cannot be used', async () => {
    await expect(preview('--kind', 'TOKEN_UNUSED', '--templates', '/nowhere/texts.json')).rejects.toThrow(
      'The templates cannot be read (ENOENT)',
    );
  });
});
