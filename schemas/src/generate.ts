/** `npm run generate`: writes the TypeScript files made from the contracts. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withCatalogue } from './catalogue.js';
import { type Contracts, loadContracts, schemasRoot } from './load.js';
import { schemasModule, typesModule } from './typescript.js';

const readmePath = 'schemas/README.md';

/** Generated files by path from the repository root `root`; of the README, the hand-written part is kept as it stands there. */
export function generatedFiles(
  contracts: Contracts,
  root: string = join(schemasRoot, '..'),
): Readonly<Record<string, string>> {
  return {
    [readmePath]: withCatalogue(readFileSync(join(root, readmePath), 'utf8'), contracts),
    'libs/domain/src/generated/records.ts': typesModule(contracts),
    'libs/contracts/src/generated/schemas.ts': schemasModule(contracts),
  };
}

export function writeGenerated(root: string = join(schemasRoot, '..')): void {
  for (const [path, text] of Object.entries(generatedFiles(loadContracts(), root))) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    console.log(`wrote ${path}`);
  }
}
