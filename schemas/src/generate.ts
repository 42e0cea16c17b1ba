/** `npm run generate`: writes the TypeScript files made from the contracts. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Contracts, loadContracts, schemasRoot } from './load.js';
import { schemasModule, typesModule } from './typescript.js';

/** Generated files by path from the repository root. */
export function generatedFiles(contracts: Contracts): Readonly<Record<string, string>> {
  return {
    'libs/domain/src/generated/records.ts': typesModule(contracts),
    'libs/contracts/src/generated/schemas.ts': schemasModule(contracts),
  };
}

export function writeGenerated(root: string = join(schemasRoot, '..')): void {
  for (const [path, text] of Object.entries(generatedFiles(loadContracts()))) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    console.log(`wrote ${path}`);
  }
}
