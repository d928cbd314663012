// Refuses a release that the registry could not trace back: `node scripts/check-publishable.mjs v3.0.0 [package.json]`.
// Prints the dist-tag under which that version is to be published.
import { readFileSync } from 'node:fs';

const [tag, file = new URL('../package.json', import.meta.url)] = process.argv.slice(2);
const { version, ...manifest } = JSON.parse(readFileSync(file, 'utf8'));

const isFilled = (value) => typeof value === 'string' && value.trim() !== '';
const repository = manifest.repository?.url ?? manifest.repository;
const faults = [
  !isFilled(repository) && '`repository` is missing: where the sources are',
  !isFilled(manifest.bugs?.url) && '`bugs.url` is missing: where bugs are reported',
  !isFilled(manifest.bugs?.email) && '`bugs.email` is missing: where vulnerabilities are reported',
  !isFilled(manifest.homepage) && '`homepage` is missing: where the documents are',
  tag !== `v${version}` && `the tag is ${tag}, but the version in package.json is ${version}`,
].filter((fault) => fault !== false);

if (faults.length > 0) {
  console.error(
    `Not published. CONTRIBUTING.md ("Publishing") says what to fill in.\n- ${faults.join('\n- ')}`,
  );
  process.exitCode = 1;
} else {
  console.log(version.includes('-') ? 'next' : 'latest');
}
