import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { stateDiagram } from './diagram.js';

const readme = new URL('../../README.md', import.meta.url);

describe('the diagram in the README', () => {
  it('is the machine as it stands (UPDATE_GENERATED=1 redraws it)', () => {
    const text = readFileSync(readme, 'utf8');
    const drawn = text.replace(
      /<!-- diagram:start -->[\s\S]*<!-- diagram:end -->/,
      `<!-- diagram:start -->\n\`\`\`mermaid\n${stateDiagram()}\`\`\`\n<!-- diagram:end -->`,
    );
    if (process.env.UPDATE_GENERATED === '1') writeFileSync(readme, drawn);
    expect(readFileSync(readme, 'utf8')).toBe(drawn);
  });
});
