#!/usr/bin/env node
// Old syntax throughout: this file must be understood by a Node that is too old for the rest, and say so.
const least = [22, 18];
const has = process.versions.node.split('.').map(Number);
if (has[0] < least[0] || (has[0] === least[0] && has[1] < least[1])) {
  console.error(`whyoom needs Node.js ${least.join('.')} or later; this is ${process.version}. See https://nodejs.org`);
  process.exit(3);
} else {
  import('../dist/compile-cache.js').then(() => import('../dist/cli.js'));
}
