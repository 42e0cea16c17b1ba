import { expect, it } from 'vitest';
import { createScreen } from './screen.js';

function shown(isTty: boolean, use: (screen: ReturnType<typeof createScreen>) => void): string {
  let text = '';
  use(
    createScreen((part) => {
      text += part;
    }, isTty),
  );
  return text;
}

it('prints plain lines where there is no terminal, a live line only when it changes', () => {
  const text = shown(false, ({ say, live }) => {
    say('the first');
    live('1 token');
    live('1 token');
    live('2 tokens');
  });
  expect(text).toBe('The first\n1 token\n2 tokens\n');
});

it('rewrites the live line in place on a terminal, and keeps it below what is said', () => {
  const text = shown(true, ({ say, live }) => {
    live('1 token');
    live('2 tokens');
    say('a service ended');
  });
  expect(text).toBe('\r\u001b[K1 token\r\u001b[K2 tokens\r\u001b[KA service ended\n2 tokens');
});

it('takes the live line away when it is over', () => {
  const text = shown(true, ({ say, live, settle }) => {
    live('1 token');
    settle();
    say('stopped');
  });
  expect(text).toBe('\r\u001b[K1 token\r\u001b[KStopped\n');
});
