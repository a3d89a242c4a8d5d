/** Dependencies point one way: contracts <- services/platform <- services/*, projections <- test, bench. */
module.exports = {
  forbidden: [
    {
      name: 'contracts-know-nobody',
      comment: 'Contracts are what parts say to each other; they do no I/O and import nothing of the parts.',
      severity: 'error',
      from: { path: '^contracts/', pathNot: '[.](spec|contract)[.]ts$' },
      to: { path: '^(services|projections|test|bench)/' },
    },
    {
      name: 'contracts-do-no-io',
      severity: 'error',
      from: { path: '^contracts/', pathNot: '([.]spec[.]ts|[.]contract[.]ts|^contracts/time/)' },
      to: { dependencyTypes: ['core', 'npm'], pathNot: '^(node_modules/zod|buffer|node_modules/capnp-es)' },
    },
    {
      name: 'platform-knows-no-service',
      severity: 'error',
      from: { path: '^services/platform/' },
      to: { path: '^(services/(?!platform/)|projections/|test/|bench/)' },
    },
    {
      name: 'services-do-not-import-each-other',
      comment: 'Services talk over NATS. services/cli and services/workers are composition roots.',
      severity: 'error',
      from: { path: '^services/(?!platform/|cli/|workers/)([^/]+)/' },
      to: { path: '^services/(?!platform/)', pathNot: '^services/$1/' },
    },
    {
      name: 'projections-know-no-service',
      severity: 'error',
      from: { path: '^projections/' },
      to: { path: '^(services/(?!platform/)|test/|bench/)' },
    },
    {
      name: 'nobody-imports-tests',
      severity: 'error',
      from: { pathNot: '([.]spec[.]ts$|^test/|^bench/|/testing/|[.]contract[.]ts$)' },
      to: { path: '([.]spec[.]ts$|^test/|/testing/)' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(services/terminal|generated|[.]spec[.]ts$|node_modules)' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default'],
      extensions: ['.ts', '.js', '.json'],
    },
  },
};
