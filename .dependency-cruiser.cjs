/**
 * The borders of architecture.md, as rules: services → libs → schemas, libs/domain pure, one library for each outside thing.
 * `npm test` runs them over the tree; test/borders.unit.test.ts plants a violation of each and expects it to be caught.
 */
const tests = '\\.(unit|int|e2e)\\.test\\.ts$';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Modules that need each other are one module.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'An import nothing answers to.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'domain-is-pure',
      comment: 'libs/domain imports nothing but xstate and its own files: no Node, no clock, no I/O.',
      severity: 'error',
      from: { path: '^libs/domain/src/', pathNot: [tests, '^libs/domain/src/testing/'] },
      to: { pathNot: ['^libs/domain/src/', '^node_modules/xstate/'] },
    },
    {
      name: 'domain-test-tools-generate',
      comment:
        'The test tools of libs/domain are as pure; they may generate with fast-check. What ships does not import them.',
      severity: 'error',
      from: { path: '^libs/domain/src/testing/', pathNot: tests },
      to: { pathNot: ['^libs/domain/src/', '^node_modules/(xstate|fast-check)/'] },
    },
    {
      name: 'domain-without-test-tools',
      comment: 'What ships of libs/domain does not import its test tools.',
      severity: 'error',
      from: { path: '^libs/domain/src/(?!testing/)', pathNot: tests },
      to: { path: '^libs/domain/src/testing/' },
    },
    {
      name: 'domain-tests-stay-small',
      comment: 'Tests of the core use the test tools, Node to read fixtures, and the core.',
      severity: 'error',
      from: { path: `^libs/domain/src/.*${tests}` },
      to: { path: '^(services|infra|schemas|test|libs/(?!domain/))' },
    },
    {
      name: 'libs-below-services',
      comment: 'Imports point one way: services → libs → schemas.',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^(services|infra|test)/' },
    },
    {
      name: 'schemas-at-the-bottom',
      comment: 'The schemas and their generator know nothing of what is built on them.',
      severity: 'error',
      from: { path: '^schemas/' },
      to: { path: '^(libs|services|infra|test)/' },
    },
    {
      name: 'infra-stands-alone',
      comment: 'The local stack starts servers; it knows nothing of Tokenline.',
      severity: 'error',
      from: { path: '^infra/' },
      to: { path: '^(libs|services|schemas|test)/' },
    },
    {
      name: 'services-apart',
      comment: 'Services meet on the log, never by import.',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'services-not-on-test',
      comment: 'What ships does not import test tooling.',
      severity: 'error',
      from: { path: '^services/' },
      to: { path: '^test/' },
    },
    {
      name: 'local-stack-for-cli-and-tests',
      comment: 'Only the command line and the tests start servers.',
      severity: 'error',
      from: { path: '^services/(?!cli/)' },
      to: { path: '^infra/' },
    },
    {
      name: 'test-from-outside',
      comment:
        'End-to-end tests treat services as processes; of their code they see only what the command line exports.',
      severity: 'error',
      from: { path: '^test/' },
      to: { path: '^services/(?!cli/src/index\\.ts$)' },
    },
    {
      name: 'through-the-front-door',
      comment: 'Another package is imported by its name, never by a path into its files.',
      severity: 'error',
      from: { path: '^((?:libs|services|infra)/[^/]+|schemas|test)/' },
      to: { path: '^(libs|services|infra|schemas|test)/', pathNot: '^$1/', dependencyTypes: ['local'] },
    },
    {
      name: 'kafkajs-behind-streams',
      comment:
        'kafkajs stays behind libs/streams, so that it can be swapped. What benchmarks compare with is kafkajs by itself.',
      severity: 'error',
      from: { pathNot: '^(libs/streams|test/bench/raw)/' },
      to: { path: '^node_modules/kafkajs/' },
    },
    {
      name: 'registry-client-behind-contracts',
      comment: 'Avro and the registry stay behind libs/contracts (schemas/ checks and generates).',
      severity: 'error',
      from: { pathNot: '^(libs/contracts|schemas)/' },
      to: { path: '^node_modules/(avsc|@kafkajs)/' },
    },
    {
      name: 'sealing-behind-sealing',
      comment: 'One place encrypts for ourselves, one for and from the networks.',
      severity: 'error',
      from: { pathNot: `^libs/(sealing|envelopes)/|${tests}` },
      to: { path: '^node_modules/jose/' },
    },
    {
      name: 'mongodb-behind-store',
      comment:
        'Only libs/store makes connections (infra/local sets up the replica set); services may name the driver’s types.',
      severity: 'error',
      from: { pathNot: `^(libs/store|infra/local)/|${tests}` },
      to: { path: '^node_modules/mongodb/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'declared-dependencies',
      comment:
        'A package imports only what its package.json names; the bare baselines of benchmarks use what the measured packages name.',
      severity: 'error',
      from: { pathNot: `^test/bench/raw/|${tests}|(^|/)vitest\\.config\\.ts$|\\.setup\\.ts$|/src/testing/` },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    exclude: { path: ['/dist/', '/\\.tokenline/'] },
    moduleSystems: ['es6', 'cjs'],
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['tokenline-source', 'import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.cjs', '.json', '.d.ts'],
    },
  },
};
