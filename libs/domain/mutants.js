/**
 * Runs after `npm run mutate -w libs/domain`: every mutant that no test kills must be explained in mutants.json, and every explanation must be
 * of a mutant that lives. Fails when not; writes the table and the list of MUTANTS.md when so.
 *
 * A mutant is known by its file, the declaration it is in and what it replaces by what: line numbers drift.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const read = (name) => readFileSync(new URL(name, import.meta.url), 'utf8');
const { files } = JSON.parse(read('.stryker/mutants.json'));

const tested = Object.entries(files).flatMap(([file, { source, mutants }]) =>
  mutants.map((mutant) => ({ file, ...mutant, ...described(source.split('\n'), mutant) })),
);
const alive = tested.filter(({ status }) => status !== 'Killed' && status !== 'Timeout');
const explained = JSON.parse(read('mutants.json')).flatMap(({ file, where, mutants, why }) =>
  file in files ? mutants.map((mutant) => ({ file, where, mutant, why })) : [],
);
const unexplained = without(alive, explained);
const outdated = without(explained, alive);
for (const { file, where, mutant, status, location } of unexplained) {
  say(`Not killed, not explained (${status}): ${file}:${location.start.line} ${where}: ${mutant}`);
}
for (const { file, where, mutant } of outdated) say(`Explained, but not alive: ${file} ${where}: ${mutant}`);
say(
  `${tested.length} mutants, ${alive.length} alive: ${unexplained.length} not explained, ${outdated.length} explanations of none.`,
);
if (unexplained.length + outdated.length > 0) process.exitCode = 1;
else {
  const result = `\n${[...table(), '', ...list()].join('\n')}\n\n`;
  const page = read('MUTANTS.md').replace(/(?<=<!-- result:start -->\n)[\s\S]*(?=<!-- result:end -->)/, () => result);
  writeFileSync(new URL('MUTANTS.md', import.meta.url), page);
}

/** What is in `list` more often than in `other`. */
function without(list, other) {
  const left = [...other];
  return list.filter((item) => {
    const at = left.findIndex((b) => item.file === b.file && item.where === b.where && item.mutant === b.mutant);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/** The mutant as `what → replacement` on one line, and the declaration at the margin above it. */
function described(lines, { location: { start, end }, replacement }) {
  const own = lines.slice(start.line - 1, end.line);
  own[own.length - 1] = own[own.length - 1].slice(0, end.column - 1);
  own[0] = own[0].slice(start.column - 1);
  const declaration = /^(?:export )?(?:async )?(?:function\*?|const|class) (\w+)/;
  const above = lines.slice(0, start.line).findLast((line) => declaration.test(line)) ?? '';
  return { where: declaration.exec(above)?.[1] ?? '', mutant: `${brief(own.join('\n'))} → ${brief(replacement)}` };
}

function brief(code) {
  const line = code.replace(/\s+/g, ' ');
  return line.length <= 200 ? line : `${line.slice(0, 120)} … ${line.slice(-70)}`;
}

function table() {
  const folderOf = ({ file }) => file.slice(0, file.lastIndexOf('/') + 1);
  const row = (name, mutants) => {
    const count = (...statuses) => mutants.filter(({ status }) => statuses.includes(status)).length;
    const numbers = [count('Killed'), count('Timeout'), count('Survived'), count('NoCoverage')];
    const score = `${((100 * (numbers[0] + numbers[1])) / mutants.length).toFixed(1)} %`;
    return `| ${[name, mutants.length, ...numbers, score].join(' | ')} |`;
  };
  return [
    '| folder | mutants | killed | timed out | survived | not covered | score |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...[...new Set(tested.map(folderOf))].sort().map((folder) =>
      row(
        `\`${folder}\``,
        tested.filter((mutant) => folderOf(mutant) === folder),
      ),
    ),
    row('all', tested),
  ];
}

/** Every mutant alive, with why: those of one reason together. */
function list() {
  return [...new Set(explained.map(({ why }) => why))].flatMap((why) => [
    ...explained
      .filter((one) => one.why === why)
      .map(({ file, where, mutant }) => `- \`${file}\` ${where}: \`\` ${mutant} \`\``),
    '',
    `  ${why}`,
    '',
  ]);
}

function say(text) {
  process.stdout.write(`${text}\n`);
}
