// Lays out the pages of the site in .pages/: the documents as they are, a page for each example, and the API reference, which
// typedoc makes of the docstrings. The tree is that of the repository, so that links between the documents hold.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application } from 'typedoc';

const root = fileURLToPath(new URL('..', import.meta.url));
const pages = fileURLToPath(new URL('.pages', import.meta.url));

/** Documents that stand in the root of the repository. */
const documents = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'];

/** The entries of the package, by their folders in `src`. */
function entryPoints() {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const names = Object.keys(exports).filter((name) => name !== './package.json');
  return names.map((name) =>
    join(root, 'src', name === './discovery' ? 'sources.ts' : join(name, 'index.ts')),
  );
}

function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** Readers of a site look for an index where readers of a repository look for a README, and for pages instead of files. */
function withSiteLinks(text) {
  return text
    .replaceAll(/\]\(([^):\s]*)README\.md/g, ']($1index.md')
    .replaceAll(/\]\(((?:\.\.\/)*examples\/[^)\s]+)\.(?:ts|cjs)\)/g, ']($1.md)')
    .replaceAll(/\]\(((?:\.\.\/)*examples)(?:\/[a-z]+)?\/?\)/g, ']($1/index.md)')
    .replaceAll(/^```ts run$/gm, '```ts');
}

function copyDocument(path) {
  const to = path.endsWith('README.md') ? path.replace('README.md', 'index.md') : path;
  const text = withSiteLinks(readFileSync(join(root, path), 'utf8'));
  // Two blocks side by side need the room of the outline.
  write(join(pages, to), text.includes('class="pair"') ? `---\naside: false\n---\n\n${text}` : text);
}

function copyDocuments() {
  for (const name of documents) copyDocument(name);
  for (const name of readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.md')) copyDocument(join('docs', name));
    else if (/\.(svg|png)$/.test(name)) cpSync(join(root, 'docs', name), join(pages, 'docs', name));
  }
}

/** A page for each example, with all of its code. */
function copyExamples() {
  copyDocument(join('examples', 'README.md'));
  for (const name of readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' })) {
    const [, base, language] = /^(.*)\.(ts|cjs|mjs)$/.exec(name) ?? [];
    if (base === undefined) continue;
    const code = readFileSync(join(root, 'examples', name), 'utf8');
    const title = `examples/${name.split(sep).join('/')}`;
    write(
      join(pages, 'examples', `${base}.md`),
      `# ${title}\n\n\`\`\`${language === 'ts' ? 'ts' : 'js'}\n${code}\`\`\`\n`,
    );
  }
}

async function writeReference() {
  const application = await Application.bootstrapWithPlugins({
    entryPoints: entryPoints(),
    tsconfig: fileURLToPath(new URL('tsconfig.json', import.meta.url)),
    skipErrorChecking: true,
    plugin: ['typedoc-plugin-markdown'],
    out: join(pages, 'api'),
    cleanOutputDir: false,
    name: 'API reference',
    readme: 'none',
    router: 'member',
    entryFileName: 'index',
    excludeInternal: true,
    excludePrivate: true,
    excludeProtected: true,
    disableSources: true,
    hideBreadcrumbs: true,
    hidePageHeader: true,
    useCodeBlocks: true,
    expandObjects: false,
    parametersFormat: 'table',
    sort: ['source-order'],
    logLevel: 'Warn',
  });
  const project = await application.convert();
  if (!project) throw new Error('typedoc cannot read the sources');
  // By the names that are imported, not by the folders.
  for (const module of project.children ?? []) {
    if (module.name === 'index') module.name = 'connman';
    if (module.name === 'sources') module.name = 'discovery';
  }
  await application.generateOutputs(project);
}

/** What a document links to that is no page. */
function copyFiles() {
  cpSync(join(root, 'dashboards'), join(pages, 'public', 'dashboards'), { recursive: true });
}

rmSync(pages, { recursive: true, force: true });
copyDocuments();
copyExamples();
copyFiles();
await writeReference();
console.log(`pages in ${relative(root, pages)}`);
